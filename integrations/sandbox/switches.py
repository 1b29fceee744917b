"""The pages about webhooks and about making trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.sandbox.directory import VendorError
from integrations.sandbox.faults import ANY, OPERATIONS, Fault
from integrations.sandbox.gateway import Answer
from integrations.sandbox.html import Html, badge, button, choice, facts, field, form, h, page, redirect, table, ticks
from integrations.sandbox.model import DEFAULT_COMPANY, EVENTS, RateAnswer, Refusal
from integrations.sandbox.pages import Form, value
from integrations.sandbox.webhooks import MOST_FAILURES, Webhook

if TYPE_CHECKING:
    from integrations.sandbox.sandbox import Sandbox

RATE_WORDS = {
    RateAnswer.RETRY_AFTER: "HTTP 429 with Retry-After",
    RateAnswer.BARE: "HTTP 429 without Retry-After",
    RateAnswer.ERRORS: "HTTP 200 with errors",
}
REFUSAL_WORDS = {
    Refusal.UNAUTHORIZED: "HTTP 401",
    Refusal.FORBIDDEN: "HTTP 403",
    Refusal.ERRORS: "HTTP 200 with errors",
}
SHOWN_REQUESTS = 25


# Webhooks


def webhooks_page(sandbox: Sandbox, *, problem: str = "", typed: Form | None = None) -> Answer:
    """The webhooks, and the form to add one or, after a failed save, to mend it."""
    editing = value(typed or {}, "id")
    cards = [webhook_card(sandbox, hook, typed if editing == hook.id else None) for hook in sandbox.webhooks.all()]
    return page(
        "Manage Webhooks",
        *cards,
        h(
            "section",
            h("h2", "Add a webhook"),
            h(
                "p",
                "When it is saved, its URL gets an empty POST and must answer 200 within 10 seconds.",
                class_="hint",
            ),
            webhook_form(sandbox, None, typed if not editing else None),
        ),
        current="/webhooks",
        problem=problem,
        status=400 if problem else 200,
    )


def webhook_card(sandbox: Sandbox, hook: Webhook, typed: Form | None) -> Html:
    """One webhook with its health."""
    waiting = sandbox.webhooks.waiting(hook.id)
    lines = [
        ("Company", sandbox.vendor.companies[hook.company_id].name),
        ("Events", ", ".join(hook.events)),
        ("Delivered", f"{hook.delivered}, {waiting} waiting"),
    ]
    return h(
        "section",
        h("h2", hook.url),
        h("p", webhook_badge(hook)),
        h("p", webhook_words(sandbox, hook)) if hook.failures else None,
        facts(lines),
        h("details", h("summary", "Change"), webhook_form(sandbox, hook, typed), open=typed is not None),
        form(f"/webhooks/{hook.id}/remove", button("Remove", kind="danger", label=f"Remove the webhook to {hook.url}")),
    )


def webhook_badge(hook: Webhook) -> Html:
    """Healthy, unhealthy or disabled."""
    return {
        "healthy": badge("✓", "Healthy", "good"),
        "unhealthy": badge("!", "Unhealthy", "bad"),
        "disabled": badge("✕", "Disabled", "bad"),
    }[hook.state]


def webhook_words(sandbox: Sandbox, hook: Webhook) -> str:
    """What went wrong and what happens next."""
    if hook.disabled:
        return (
            f"{MOST_FAILURES} attempts failed ({hook.last_problem}), so its queue was cleared. Save it to start again."
        )
    wait = sandbox.webhooks.seconds_until_next(hook.id)
    return f"Attempt {hook.failures} failed: {hook.last_problem}. The next one is in about {wait} seconds."


def webhook_form(sandbox: Sandbox, hook: Webhook | None, typed: Form | None) -> Html:
    """What a webhook needs. Ids of fields carry the webhook's, so that several forms fit on a page."""
    submitted = typed or {}
    mark = f"-{hook.id}" if hook else ""

    def was(name: str, stored: str) -> str:
        return value(submitted, name) if typed is not None else stored

    stored_headers = "\n".join(f"{name}: {words}" for name, words in (hook.headers if hook else {}).items())
    company = sandbox.vendor.companies[hook.company_id].name if hook else DEFAULT_COMPANY
    events = submitted.get("events", []) if typed is not None else (hook.events if hook else EVENTS)
    return form(
        "/webhooks",
        hook and h("input", type="hidden", name="id", value=hook.id),
        field("Endpoint URL", "url", was("url", hook.url if hook else ""), kind="url", required=True, mark=mark),
        field("Company", "company", was("company", company), required=True, maxlength=100, mark=mark),
        ticks("Event types", "events", EVENTS, events),
        field(
            "Secret key", "secret", was("secret", hook.secret if hook else ""), mark=mark, autocomplete="off",
            hint="Leave it empty to have one generated.",
        ),
        field("Owner e-mails", "owners", was("owners", hook.owner_emails if hook else ""), mark=mark),
        field(
            "Custom headers", "headers", was("headers", stored_headers), kind="textarea", mark=mark,
            hint='One a line: "Name: value".',
        ),
        button("Save"),
    )  # fmt: skip


def save_webhook(sandbox: Sandbox, submitted: Form) -> Answer:
    """Saves after the handshake; else the form comes back as it was typed."""
    try:
        if not value(submitted, "company"):
            raise VendorError("Name the company.")
        sandbox.webhooks.save(
            url=value(submitted, "url"),
            company=value(submitted, "company")[:100],
            events=submitted.get("events", []),
            secret=value(submitted, "secret"),
            owner_emails=value(submitted, "owners"),
            headers=headers_from(value(submitted, "headers")),
            webhook_id=value(submitted, "id") or None,
        )
    except VendorError as error:
        return webhooks_page(sandbox, problem=str(error), typed=submitted)
    return redirect("/webhooks")


def headers_from(text: str) -> dict[str, str]:
    """Custom headers as they were typed. Raises VendorError for a line without a colon."""
    headers: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, words = line.partition(":")
        if not colon:
            raise VendorError('Write each custom header as "Name: value", one a line.')
        headers[name.strip()] = words.strip()
    return headers


# Controls


def controls_page(sandbox: Sandbox, *, problem: str = "", typed: Form | None = None) -> Answer:
    """Latency, limits, faults, the clock, and what came in lately."""
    submitted = typed or {}
    return page(
        "Controls",
        h(
            "div",
            h("section", h("h2", "Speed and limits"), settings_form(sandbox, submitted)),
            h("section", h("h2", "Faults"), fault_form(submitted), *rules(sandbox)),
            class_="columns",
        ),
        h("section", h("h2", "The vendor's clock"), clock_form(submitted)),
        h("section", h("h2", "Latest requests"), requests_table(sandbox)),
        current="/controls",
        problem=problem,
        status=400 if problem else 200,
    )


def settings_form(sandbox: Sandbox, typed: Form) -> Html:
    """The switches that stay."""
    now = sandbox.settings
    refusals = [(each.value, words) for each, words in REFUSAL_WORDS.items()]
    rates = [(each.value, words) for each, words in RATE_WORDS.items()]

    def number(label: str, name: str, stored: float, top: int, hint: str = "") -> Html:
        shown = value(typed, name) or f"{stored:g}"
        return field(label, name, shown, kind="number", min=0, max=top, required=True, hint=hint)

    return form(
        "/controls/settings",
        number("Latency in milliseconds", "latency", now.latency * 1000, 60_000),
        number("Queries per second and key", "queries", now.queries_per_second, 10_000, "0 means no limit."),
        number("Mutations per second and key", "mutations", now.mutations_per_second, 10_000, "0 means no limit."),
        choice("Over the limit, answer", "rate_answer", rates, value(typed, "rate_answer") or now.rate_answer),
        choice("To a bad key, answer", "bad_key", refusals, value(typed, "bad_key") or now.bad_key_answer),
        choice("To a missing permission, answer", "denied", refusals, value(typed, "denied") or now.denied_answer),
        button("Save"),
    )


def fault_form(typed: Form) -> Html:
    """One more fault."""
    operations = [(ANY, "Any operation"), *((each, each) for each in OPERATIONS)]
    faults = [(each.value, each.words) for each in Fault]
    often, chance = "Empty: once, or as often as the chance says.", "Empty: each time."
    return form(
        "/controls/faults",
        choice("What happens", "fault", faults, value(typed, "fault")),
        choice("To", "operation", operations, value(typed, "operation")),
        field("How many times", "times", value(typed, "times"), kind="number", min=1, hint=often),
        field("Chance in percent", "percent", value(typed, "percent"), kind="number", min=1, max=100, hint=chance),
        button("Add fault"),
    )


def rules(sandbox: Sandbox) -> list[Html]:
    """The faults in force."""
    rows = [
        (
            rule.fault.words,
            "Any operation" if rule.operation == ANY else rule.operation,
            f"{rule.times - rule.struck} more" if rule.times else "Until cleared",
            f"{rule.probability:.0%}",
        )
        for rule in sandbox.faults.rules()
    ]
    shown = table("Faults in force", ("Fault", "Operation", "Times", "Chance"), rows, empty="No fault is in force.")
    clear = form("/controls/clear", button("Clear all faults", kind="quiet"))
    return [h("h3", "In force"), shown, clear] if rows else [h("h3", "In force"), shown]


def clock_form(typed: Form) -> Html:
    """Time travel, because interviews live for up to 14 days."""
    hint = "Interviews expire as if the time had passed. It cannot be turned back."
    return form(
        "/controls/clock",
        field(
            "Hours ahead", "hours", value(typed, "hours"), kind="number", min=1, max=10_000, required=True, hint=hint
        ),
        button("Move the clock ahead", kind="quiet"),
    )


def requests_table(sandbox: Sandbox) -> Html:
    """What came in, the newest first."""
    rows = [
        (each.operation, h("code", each.key_id or "-"), each.answered or "running", "Yes" if each.acted else "No")
        for each in sandbox.requests[: -SHOWN_REQUESTS - 1 : -1]
    ]
    return table("Latest requests", ("Operation", "Key id", "Answered", "Acted"), rows, empty="Nothing came in yet.")


def change(sandbox: Sandbox, what: str, submitted: Form) -> Answer:
    """Does what one of the forms asks; a bad number brings the page back with what was typed."""
    try:
        if what == "settings":
            sandbox.configure(
                latency=float(value(submitted, "latency")) / 1000,
                queries_per_second=int(value(submitted, "queries")),
                mutations_per_second=int(value(submitted, "mutations")),
                rate_answer=value(submitted, "rate_answer"),
                bad_key_answer=value(submitted, "bad_key"),
                denied_answer=value(submitted, "denied"),
            )
        elif what == "faults":
            add_fault(sandbox, submitted)
        elif what == "clock":
            sandbox.advance(int(value(submitted, "hours")) * 3600)
        else:
            sandbox.clear_faults()
    except ValueError as error:
        sentence = str(error) if str(error).endswith(".") else "Check the numbers and choices below."
        return controls_page(sandbox, problem=sentence, typed=submitted)
    return redirect("/controls")


def add_fault(sandbox: Sandbox, submitted: Form) -> None:
    """Reads the fault form. Raises ValueError."""
    times, percent = value(submitted, "times"), value(submitted, "percent")
    sandbox.fault(
        Fault(value(submitted, "fault")),
        operation=value(submitted, "operation"),
        times=int(times) if times else None,
        probability=float(percent) / 100 if percent else None,
    )
