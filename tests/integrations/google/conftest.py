"""Google Calendar against its stand-in: a Workspace's connection, and one person's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from integrations.calendars import EventRequest, Window
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.google.tokens import store
from integrations.google.vendor import person_calendar, workspace_calendar
from integrations.sandbox import Sandbox

IVY, ADMIN, BOB = "ivy@example.com", "admin@example.com", "bob@example.com"
ROOM = "c_1@resource.calendar.google.com"
BERLIN = ZoneInfo("Europe/Berlin")
OUR_ID = "0123456789abcdef0123456789abcdef"
HOUR = timedelta(hours=1)


def at(day: int, hour: float = 9) -> datetime:
    """A moment in January 2027."""
    return datetime(2027, 1, day, tzinfo=UTC) + timedelta(hours=hour)


WINDOW = Window(at(1, 0), at(29, 0))


def event(**changes: object) -> EventRequest:
    """A request for an interview's event."""
    fields: dict[str, object] = {
        "id": OUR_ID,
        "revision": 1,
        "starts_at": at(5, 10),
        "ends_at": at(5, 11),
        "time_zone": "Europe/Berlin",
        "title": "Interview: Backend",
        "description": "With Ada",
        "location": "Room 1",
        "url": "https://panelist.example.com/1/",
        "owner": IVY,
    }
    return EventRequest(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    """A running stand-in with three people and a room, which the settings lead to."""
    store.clear()
    with Sandbox() as running:
        settings.GOOGLE_STAND_IN_URL = running.google.url
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "client", "secret"
        settings.CALENDAR_TIMEOUT = 5
        for address in (IVY, ADMIN, BOB):
            running.calendars.add_person(address, zone="Europe/Berlin")
        running.calendars.add_person(ROOM, "Aurora", "Europe/Berlin", is_room=True)
        yield running


@pytest.fixture
def workspace(sandbox: Sandbox) -> WorkspaceCalendar:
    return workspace_calendar({"service_account": sandbox.google.make_service_account(), "admin": ADMIN})


@pytest.fixture
def own(sandbox: Sandbox) -> PersonCalendar:
    """Ivy's own connection."""
    return person_calendar({"refresh_token": sandbox.google.consent_of(IVY)})
