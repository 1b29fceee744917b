"""The pages about webhooks and about faults, limits and the clock."""

from __future__ import annotations

from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.faults import ANY, OPERATIONS, Fault
from integrations.sandbox.gateway import Answer
from integrations.sandbox.model import DEFAULT_COMPANY, EVENTS, RateAnswer, Refusal
from integrations.sandbox.rendering import Form, badge, page, part, redirect, typed_values, value
from integrations.sandbox.webhooks import MOST_FAILURES, Webhook

RATE_LABELS = {
    RateAnswer.RETRY_AFTER: "HTTP 429 with Retry-After",
    RateAnswer.BARE: "HTTP 429 without Retry-After",
    RateAnswer.ERRORS: "HTTP 200 with errors",
}
REFUSAL_LABELS = {
    Refusal.UNAUTHORIZED: "HTTP 401",
    Refusal.FORBIDDEN: "HTTP 403",
    Refusal.ERRORS: "HTTP 200 with errors",
}
WEBHOOK_STATES = {
    "healthy": ("✓", "Healthy", "good"),
    "unhealthy": ("!", "Unhealthy", "bad"),
    "disabled": ("✕", "Disabled", "bad"),
}
SHOWN_REQUESTS = 25
RULE_COLUMNS = ("Fault", "Operation", "Times", "Chance")
REQUEST_COLUMNS = ("Operation", "Key id", "Answered", "Acted")


# Webhooks


def webhooks_page(controls: Controls, *, problem: str = "", typed: Form | None = None) -> Answer:
    """The webhooks, and the form to add one or, after a failed save, to correct it."""
    edited = value(typed or {}, "id")
    return page(
        "webhooks.html",
        "Manage Webhooks",
        problem=problem,
        current="/webhooks",
        hooks=[shown_webhook(controls, hook, typed if hook.id == edited else None) for hook in controls.webhooks.all()],
        new=typed_form(typed) if typed and not edited else {"company": DEFAULT_COMPANY, "events": EVENTS},
        events=EVENTS,
    )


def shown_webhook(controls: Controls, hook: Webhook, typed: Form | None) -> dict[str, object]:
    """A webhook with its health, and its form. Ids of fields carry the webhook's, so that several fit on a page."""
    company = controls.vendor.companies[hook.company_id].name
    stored = {
        "url": hook.url,
        "company": company,
        "events": hook.events,
        "secret": hook.secret,
        "owners": hook.owner_emails,
        "headers": "\n".join(f"{name}: {words}" for name, words in hook.headers.items()),
    }
    return {
        "url": hook.url,
        "badge": badge(*WEBHOOK_STATES[hook.state]),
        "problem": problem_of(controls, hook) if hook.failures else "",
        "details": [
            ("Company", company),
            ("Events", ", ".join(hook.events)),
            ("Delivered", f"{hook.delivered}, {controls.webhooks.waiting(hook.id)} waiting"),
        ],
        "editing": typed is not None,
        "form": {**(typed_form(typed) if typed else stored), "id": hook.id, "mark": f"-{hook.id}"},
    }


def typed_form(typed: Form) -> dict[str, object]:
    return {**typed_values(typed), "events": typed.get("events", [])}


def problem_of(controls: Controls, hook: Webhook) -> str:
    """Describe the last failed delivery, and when the next attempt comes."""
    if hook.disabled:
        return (
            f"{MOST_FAILURES} attempts failed ({hook.last_problem}), so its queue was cleared. Save it to start again."
        )
    wait = controls.webhooks.seconds_until_next(hook.id)
    return f"Attempt {hook.failures} failed: {hook.last_problem}. The next one is in about {wait} seconds."


def save_webhook(controls: Controls, submitted: Form) -> Answer:
    """Save after the handshake; else the form comes back as it was typed."""
    try:
        if not value(submitted, "company"):
            raise VendorError("Enter a company.")
        controls.webhooks.save(
            value(submitted, "url"),
            company=value(submitted, "company")[:100],
            events=submitted.get("events", []),
            secret=value(submitted, "secret"),
            owner_emails=value(submitted, "owners"),
            headers=headers_from(value(submitted, "headers")),
            webhook_id=value(submitted, "id") or None,
        )
    except VendorError as error:
        return webhooks_page(controls, problem=str(error), typed=submitted)
    return redirect("/webhooks")


def headers_from(text: str) -> dict[str, str]:
    """Custom headers as they were typed. Raises VendorError for a line without a colon."""
    headers: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, words = line.partition(":")
        if not colon:
            raise VendorError('Write each custom header as "Name: value", one per line.')
        headers[name.strip()] = words.strip()
    return headers


# Controls


def controls_page(controls: Controls, *, problem: str = "", typed: Form | None = None) -> Answer:
    """Latency, limits, faults, the clock, and the latest requests."""
    settings = controls.settings
    stored = {
        "latency": f"{settings.latency * 1000:g}",
        "queries": str(settings.queries_per_second),
        "mutations": str(settings.mutations_per_second),
        "rate_answer": settings.rate_answer,
        "bad_key": settings.bad_key_answer,
        "denied": settings.denied_answer,
    }
    written = typed_values(typed)
    return page(
        "controls.html",
        "Controls",
        problem=problem,
        current="/controls",
        typed=written,
        now={name: written.get(name) or words for name, words in stored.items()},
        rate_answers=list(RATE_LABELS.items()),
        refusals=list(REFUSAL_LABELS.items()),
        faults=[(each.value, each.label) for each in Fault],
        operations=[(ANY, "Any operation"), *((each, each) for each in OPERATIONS)],
        rules=[
            (
                rule.fault.label,
                "Any operation" if rule.operation == ANY else rule.operation,
                f"{rule.times - rule.applied} more" if rule.times else "Until cleared",
                f"{rule.probability:.0%}",
            )
            for rule in controls.faults.rules()
        ],
        rule_columns=RULE_COLUMNS,
        requests=[
            (
                each.operation,
                part("code.html", words=each.key_id or "-"),
                each.answered or "running",
                "Yes" if each.acted else "No",
            )
            for each in controls.requests[: -SHOWN_REQUESTS - 1 : -1]
        ],
        request_columns=REQUEST_COLUMNS,
    )


def change(controls: Controls, what: str, submitted: Form) -> Answer:
    """Carry out one of the forms; a bad number brings the page back with what was typed."""
    try:
        if what == "settings":
            controls.configure(
                latency=float(value(submitted, "latency")) / 1000,
                queries_per_second=int(value(submitted, "queries")),
                mutations_per_second=int(value(submitted, "mutations")),
                rate_answer=value(submitted, "rate_answer"),
                bad_key_answer=value(submitted, "bad_key"),
                denied_answer=value(submitted, "denied"),
            )
        elif what == "faults":
            add_fault(controls, submitted)
        elif what == "clock":
            controls.advance(int(value(submitted, "hours")) * 3600)
        else:
            controls.clear_faults()
    except ValueError as error:
        problem = str(error) if str(error).endswith(".") else "Check the numbers and choices below."
        return controls_page(controls, problem=problem, typed=submitted)
    return redirect("/controls")


def add_fault(controls: Controls, submitted: Form) -> None:
    """Read the fault form. Raises ValueError."""
    times, percent = value(submitted, "times"), value(submitted, "percent")
    controls.fault(
        Fault(value(submitted, "fault")),
        operation=value(submitted, "operation"),
        times=int(times) if times else None,
        probability=float(percent) / 100 if percent else None,
    )
