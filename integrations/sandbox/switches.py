"""The pages about webhooks and about faults, limits and the clock, and what their forms do."""

from __future__ import annotations

import dataclasses

from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.calendars.pages import operations as calendar_operations
from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.faults import ANY, OPERATIONS, Fault
from integrations.sandbox.gateway import Answer
from integrations.sandbox.model import DEFAULT_COMPANY, EVENTS, RateAnswer, Refusal
from integrations.sandbox.rendering import Form, page
from integrations.sandbox.webhooks import Webhook

SHOWN_REQUESTS = 25


def webhooks_page(controls: Controls, form: Form, problem: str) -> Answer:
    """The webhooks, and the form to add one or, after a failed save, to correct it."""
    new = {"company": DEFAULT_COMPANY, "events": EVENTS}
    return page(
        "webhooks.html",
        "Manage Webhooks",
        problem,
        hooks=[shown_webhook(controls, hook, form) for hook in controls.webhooks.all()],
        new=typed_webhook(form) if form and not form["id"] else new,
        events=EVENTS,
    )


def shown_webhook(controls: Controls, hook: Webhook, form: Form) -> dict[str, object]:
    """A webhook with its health, and its form as it was typed or as it is stored."""
    stored = {
        **dataclasses.asdict(hook),
        "company": controls.vendor.companies[hook.company_id].name,
        "headers": "\n".join(f"{name}: {words}" for name, words in hook.headers.items()),
    }
    editing = form["id"] == hook.id
    return {
        **stored,
        "state": hook.state,
        "waiting": controls.webhooks.waiting(hook.id),
        "seconds": controls.webhooks.seconds_until_next(hook.id),
        "editing": editing,
        "form": typed_webhook(form) if editing else stored,
    }


def typed_webhook(form: Form) -> dict[str, object]:
    return {**form, "events": form["events"].split()}


def save_webhook(controls: Controls, form: Form) -> None:
    """Add or change a webhook, after the handshake."""
    if not form["company"]:
        raise VendorError("Enter a company.")
    lines = [line.partition(":") for line in form["headers"].splitlines() if line.strip()]
    if not all(colon for _, colon, _ in lines):
        raise VendorError('Write each custom header as "Name: value", one per line.')
    controls.webhooks.save(
        form["url"],
        company=form["company"][:100],
        events=form["events"].split(),
        secret=form["secret"],
        owner_emails=form["owner_emails"],
        headers={name.strip(): words.strip() for name, _, words in lines},
        webhook_id=form["id"],
    )


def controls_page(controls: Controls, form: Form, problem: str) -> Answer:
    """Latency, limits, faults, the clock, and the latest requests."""
    return page(
        "controls.html",
        "Controls",
        problem,
        typed={**dataclasses.asdict(controls.settings), **form},
        rate_answers=list(RateAnswer),
        refusals=list(Refusal),
        faults=list(Fault),
        operations=(ANY, *OPERATIONS),
        rules=rules_in_force(controls),
        calendar_faults=list(CalendarFault),
        calendar_operations=calendar_operations(controls),
        requests=controls.requests[: -SHOWN_REQUESTS - 1 : -1],
    )


def rules_in_force(controls: Controls) -> list[object]:
    """The faults of the coding tool, and those of calendar vendors."""
    return [*controls.faults.rules(), *(rule for each in controls.surfaces.values() for rule in each.faults.rules())]


def add_fault(controls: Controls, form: Form) -> None:
    """Add a rule. The chance is typed in percent."""
    controls.fault(
        Fault(form["fault"]),
        operation=form["operation"],
        times=int(form["times"]) if form["times"] else None,
        probability=float(form["percent"]) / 100 if form["percent"] else None,
    )
