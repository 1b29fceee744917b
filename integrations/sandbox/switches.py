"""The pages about webhooks and about faults, limits and the clock, and what their forms do."""

from __future__ import annotations

import dataclasses
import enum

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


class Calls(enum.StrEnum):
    """The fate of video calls that are ordered with events; `LATER`: after `PENDING` readings of the event."""

    AT_ONCE = "at_once"
    LATER = "after_a_while"
    NEVER = "never"


PENDING = 5


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
        calls=list(Calls),
        chosen_calls=calls_of(controls),
        requests=controls.requests[: -SHOWN_REQUESTS - 1 : -1],
    )


def rules_in_force(controls: Controls) -> list[object]:
    """The faults of the coding tool, and those of calendar vendors."""
    return [*controls.faults.rules(), *(rule for each in controls.surfaces.values() for rule in each.faults.rules())]


def calls_of(controls: Controls) -> Calls:
    """The fate of video calls now."""
    if controls.google.meetings != "made":
        return Calls.NEVER
    return Calls.LATER if controls.google.meetings_pending else Calls.AT_ONCE


def set_calls(controls: Controls, form: Form) -> None:
    """Choose what becomes of video calls, at each vendor."""
    calls = Calls(form["calls"])
    controls.google.meetings = "failed" if calls is Calls.NEVER else "made"
    controls.microsoft.makes_meetings = calls is not Calls.NEVER
    controls.google.meetings_pending = controls.microsoft.meetings_pending = PENDING if calls is Calls.LATER else 0


def add_fault(controls: Controls, form: Form) -> None:
    """Add a rule. The chance is typed in percent."""
    controls.fault(
        Fault(form["fault"]),
        operation=form["operation"],
        times=int(form["times"]) if form["times"] else None,
        probability=float(form["percent"]) / 100 if form["percent"] else None,
    )
