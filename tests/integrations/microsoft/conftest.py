"""Microsoft Graph on loopback, and calendars that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from integrations import transport
from integrations.calendars import EventRequest, Window
from integrations.microsoft import tokens
from integrations.microsoft.calendar import (
    MicrosoftCalendar,
    microsoft_trial_credentials,
    organization_calendar,
    person_calendar,
)
from integrations.sandbox import Sandbox
from integrations.sandbox.microsoft import CLIENT

IVY, TOM, ROOM = "ivy@example.com", "tom@example.com", "room-aurora@example.com"
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
WINDOW = Window(MONDAY, MONDAY + timedelta(days=28))
OUR_ID = "0123456789abcdef0123456789abcdef"


def at(hour: float, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def wanted(our_id: str = OUR_ID, hour: float = 10, **changes: object) -> EventRequest:
    fields: dict[str, object] = {
        "id": our_id,
        "revision": 1,
        "starts_at": at(hour),
        "ends_at": at(hour + 1),
        "time_zone": "Europe/Berlin",
        "title": "System design with Ada",
        "description": "Bring questions.",
        "url": "https://panelist.example.com/join/1",
    }
    return EventRequest(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def graph(socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Sandbox]:
    """The stand-in with two people and a room. Tests that use it allow 127.0.0.1."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    tokens.forget_all()
    with Sandbox() as running:
        running.configure(hold=2.0)
        for address in (IVY, TOM):
            running.calendars.add_person(address, zone="Europe/Berlin")
        running.calendars.add_person(ROOM, "Aurora", "Europe/Berlin", is_room=True)
        settings.MICROSOFT_GRAPH_URL = running.microsoft.graph_url
        settings.MICROSOFT_LOGIN_URL = running.microsoft.login_url
        settings.MICROSOFT_TRIAL_SECRET = running.microsoft.make_secret()
        settings.MICROSOFT_CLIENT_ID = CLIENT
        settings.MICROSOFT_CLIENT_SECRET = settings.MICROSOFT_TRIAL_SECRET
        settings.CALENDAR_TIMEOUT = 5.0
        yield running
    tokens.forget_all()


@pytest.fixture
def office(graph: Sandbox) -> MicrosoftCalendar:
    """An app that reaches the whole organization."""
    return organization_calendar(microsoft_trial_credentials())


@pytest.fixture
def ivys(graph: Sandbox) -> MicrosoftCalendar:
    """Ivy's own consent."""
    return person_calendar({"refresh_token": graph.microsoft.consent_of(IVY)})
