"""Watches of calendars: made where vendors can call, replaced in time, and believed only with their token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from integrations import calendar_health
from integrations.base import Refused, Retryable
from integrations.calendar_connections import disconnect
from integrations.models import CalendarConnection
from scheduling import tasks
from scheduling.availability import watches
from scheduling.models import MemberCalendar
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.scheduling.calendars import Vendor, calendar_for

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADDRESS = "/hooks/calendars/memory"


@pytest.fixture(autouse=True)
def _now(settings: Settings) -> object:
    settings.BASE_URL = "https://panelist.acme.org"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def calendar(team: Team, calendar_vendor: Vendor) -> MemberCalendar:
    """A calendar that is read and watched."""
    calendar = calendar_for(team.interviewer)
    tasks.watch_calendars(calendar.connection_id)
    tasks.read_calendars(calendar.connection_id)
    calendar.refresh_from_db()
    return calendar


def call(vendor: Vendor, calendar: MemberCalendar, **headers: str) -> int:
    given = {"X-Watch": calendar.watch_id, "X-Token": vendor.watches.get(calendar.watch_id, "")} | headers
    return Client().post(ADDRESS, headers=given).status_code


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("https://panelist.acme.org", True),
        ("https://203.0.114.7", True),
        ("http://panelist.acme.org", False),
        ("https://localhost:8000", False),
        ("https://panelist", False),
        ("https://panelist.internal", False),
        ("https://10.1.2.3", False),
    ],
)
def test_vendors_call_only_where_they_can(
    team: Team, calendar_vendor: Vendor, settings: Settings, address: str, reachable: bool
) -> None:
    settings.BASE_URL = address
    calendar = calendar_for(team.interviewer)
    assert (watches.due_connections() == [calendar.connection_id]) == reachable
    tasks.watch_calendars(calendar.connection_id)
    assert bool(calendar_vendor.watches) == reachable


def test_a_watched_calendar_is_read_less_often(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    assert calendar.due_at == NOW + 60 * MINUTE
    assert calendar_vendor.watches[calendar.watch_id] not in str(MemberCalendar.objects.values().get())


def test_a_call_makes_the_calendar_due_and_many_calls_are_one_read(
    calendar: MemberCalendar, calendar_vendor: Vendor
) -> None:
    with time_machine.travel(NOW + 30 * MINUTE, tick=False):
        assert [call(calendar_vendor, calendar) for _ in range(5)] == [202] * 5
        tasks.read_calendars(calendar.connection_id)
        tasks.read_calendars(calendar.connection_id)
        assert calendar_vendor.calls.count("changes") == 1
        assert call(calendar_vendor, calendar) == 202  # right after the read: not again at once
        tasks.read_calendars(calendar.connection_id)
        assert calendar_vendor.calls.count("changes") == 1
    with time_machine.travel(NOW + 31 * MINUTE, tick=False):
        tasks.read_calendars(calendar.connection_id)
    assert calendar_vendor.calls.count("changes") == 2


@pytest.mark.parametrize("headers", [{"X-Token": "wrong"}, {"X-Token": ""}, {"X-Watch": "other"}, {"X-Watch": ""}])
def test_a_call_without_the_token_does_nothing(
    calendar: MemberCalendar, calendar_vendor: Vendor, headers: dict[str, str]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert call(calendar_vendor, calendar, **headers) == 202
    assert len(queries) <= 1
    calendar.refresh_from_db()
    assert calendar.due_at == NOW + 60 * MINUTE


def test_what_the_vendor_wants_to_hear_is_sent_back_as_text(calendar_vendor: Vendor) -> None:
    answer = Client().post(f"{ADDRESS}?echo=%3Cb%3Ehello")
    assert (answer.content, answer.headers["Content-Type"]) == (b"<b>hello", "text/plain; charset=utf-8")


def test_addresses_of_no_vendor_are_not_there(calendar_vendor: Vendor) -> None:
    assert Client().post("/hooks/calendars/nobody").status_code == 404
    assert Client().get(ADDRESS).status_code == 405


def test_a_watch_is_replaced_before_it_ends(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    assert watches.due_connections() == []
    with time_machine.travel(NOW + timedelta(days=6, hours=13), tick=False):
        assert watches.due_connections() == [calendar.connection_id]
        tasks.watch_calendars(calendar.connection_id)
    before = calendar.watch_id
    calendar.refresh_from_db()
    assert list(calendar_vendor.watches) == [calendar.watch_id] != [before]


def test_a_watch_that_the_vendor_ended_is_made_anew(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    call(calendar_vendor, calendar, **{"X-Over": "1"})
    assert watches.due_connections() == [calendar.connection_id]
    tasks.watch_calendars(calendar.connection_id)
    calendar.refresh_from_db()
    assert calendar.watch_id in calendar_vendor.watches


def test_a_calendar_that_can_not_be_watched_is_read_at_intervals(team: Team, calendar_vendor: Vendor) -> None:
    calendar = calendar_for(team.interviewer)
    calendar_vendor.faults = [Refused("address_refused")]
    tasks.watch_calendars(calendar.connection_id)
    tasks.read_calendars(calendar.connection_id)
    calendar.refresh_from_db()
    assert (calendar.watch_id, calendar.due_at) == ("", NOW + 5 * MINUTE)
    assert watches.due_connections() == []  # for some hours
    with time_machine.travel(NOW + timedelta(hours=7), tick=False):
        assert watches.due_connections() == [calendar.connection_id]


def test_watches_are_ended_with_their_connection(
    calendar: MemberCalendar, calendar_vendor: Vendor, team: Team, committed: Work
) -> None:
    with committed():
        disconnect(connection=calendar.connection, actor=team.admin.user)
    assert calendar_vendor.watches == {}
    assert not MemberCalendar.objects.exists()
    assert CalendarConnection.objects.get().credentials == ""


def test_a_watch_that_can_not_be_ended_harms_nothing(
    calendar: MemberCalendar, calendar_vendor: Vendor, team: Team, committed: Work
) -> None:
    """It is tried again within the hour; then the credentials go all the same, and it ends within days."""
    calendar_vendor.faults = [Retryable("timeout"), Refused("refused")]
    with committed():
        disconnect(connection=calendar.connection, actor=team.admin.user)
    row = CalendarConnection.objects.get()
    assert (row.state, bool(row.credentials), len(calendar_vendor.watches)) == ("disconnected", True, 1)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        calendar_health.revoke_waiting()
    row.refresh_from_db()
    assert (row.credentials, row.watches) == ("", [])
