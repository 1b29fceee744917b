"""Vendors' stand-ins with members' calendars in them: the engine of events over real requests, and their faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations import transport
from integrations.google.tokens import store
from integrations.microsoft import tokens
from integrations.microsoft.calendar import microsoft_trial_credentials
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Entry
from integrations.sandbox.calendars.faults import CalendarFault as Fault
from organizations.models import Membership
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.models import CalendarEvent, MemberCalendar
from tests.scheduling.test_calendar_events import later, work

KINDS = ("google_workspace", "microsoft_365")
#: The vendors' names of their requests.
STEPS = {
    "google_workspace": {
        "list": "events.list",
        "look": "events.get",
        "put": "events.insert",
        "change": "events.patch",
        "delete": "events.delete",
    },
    "microsoft_365": {
        "list": "delta",
        "look": "findEvent",
        "put": "createEvent",
        "change": "changeEvent",
        "delete": "deleteEvent",
    },
}


@dataclass
class StandIn:
    """A running vendor of one kind, whose connection serves everybody."""

    kind: str
    sandbox: Sandbox

    @property
    def surface(self) -> Any:
        return self.sandbox.google if self.kind == "google_workspace" else self.sandbox.microsoft

    def spoil(self, fault: Fault, step: str, **options: Any) -> None:
        """Plan a fault at the next request for a step; a token that is not accepted is refused twice."""
        times = {} if "probability" in options else {"times": 2 if fault is Fault.UNAUTHORIZED else 1}
        self.surface.fault(fault, operation=STEPS[self.kind][step], **times, **options)

    def ours(self, member: Membership) -> list[Entry]:
        return [one for one in self.sandbox.calendars.live(member.user.email) if one.made_by]

    def foreign(self, member: Membership) -> list[Entry]:
        return [one for one in self.sandbox.calendars.live(member.user.email) if not one.made_by]

    def calm(self) -> None:
        """End the faults and what they led to, as time and the check of the connection would."""
        self.surface.faults.clear()
        resume()

    def settle(self) -> None:
        """Do all that is due, and what follows from it."""
        for _round in range(4):
            resume()
            later()
            work()
            read_all()


def resume() -> None:
    """End pauses and waiting times of all connections."""
    now = timezone.now()
    CalendarConnection.objects.filter(state="paused").update(state="connected", problem_code="", problem_since=None)
    CalendarConnection.objects.update(
        throttled_at=None, next_read_at=now, next_write_at=now, read_rate=100, write_rate=100
    )


def read_all() -> None:
    """Read all calendars, and look up what that shows; each look-up as if its time had come."""
    calendars = list(MemberCalendar.objects.order_by("pk").values_list("pk", flat=True))
    MemberCalendar.objects.update(due_at=timezone.now())
    for pk in calendars:
        snapshots.read(pk)
        resume()
    for pk in CalendarEvent.objects.filter(check_at__isnull=False).order_by("pk").values_list("pk", flat=True):
        tasks.check_calendar_event(pk)
        resume()


@contextmanager
def stand_in(kind: str, settings: Settings, *members: Membership) -> Iterator[StandIn]:
    """Run the vendor, with a calendar of each member that is read and receives interviews."""
    tokens.forget_all()
    store.clear()
    settings.CALENDAR_TIMEOUT = 5
    with pytest.MonkeyPatch.context() as patch, Sandbox() as running:
        patch.setattr(transport, "connections", transport.Connections())  # none stays to one that is gone
        connection = CalendarConnection.objects.create(
            organization=members[0].organization,
            kind=kind,
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps(credentials_of(kind, running, settings)),
            credentials_version=1,
            write_ceiling=100,
            read_ceiling=100,
            write_rate=100,
            read_rate=100,
        )
        for member in members:
            running.calendars.add_person(member.user.email, zone="Europe/Berlin")
            MemberCalendar.objects.create(
                organization=member.organization,
                connection=connection,
                membership=member,
                external_id=member.user.email,
                is_written=True,
            )
        yield StandIn(kind, running)
    tokens.forget_all()
    store.clear()


def credentials_of(kind: str, running: Sandbox, settings: Settings) -> dict[str, Any]:
    if kind == "microsoft_365":
        settings.MICROSOFT_GRAPH_URL = running.microsoft.graph_url
        settings.MICROSOFT_LOGIN_URL = running.microsoft.login_url
        settings.MICROSOFT_TRIAL_SECRET = running.microsoft.make_secret()
        return dict(microsoft_trial_credentials())
    settings.GOOGLE_STAND_IN_URL = running.google.url
    running.calendars.add_person("admin@acme.example")
    return {"service_account": running.google.make_service_account(), "admin": "admin@acme.example"}
