"""From busy times to a removed event over a vendor's real requests: its stand-in answers in place of a fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from integrations import transport
from integrations.microsoft import tokens
from integrations.microsoft.calendar import microsoft_trial_credentials
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Entry
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.models import CalendarEvent, CalendarTime, EventState, MemberCalendar
from scheduling.schedules import services
from tests.conftest import Team
from tests.scheduling.test_calendar_events import HOUR, NO_REASON, later, move, scheduled, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def graph(socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, team: Team) -> Iterator[Sandbox]:
    """The interviewer has a calendar there, which is read and receives interviews."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    tokens.forget_all()
    with Sandbox() as running:
        running.calendars.add_person(team.interviewer.user.email, zone="Europe/Berlin")
        settings.MICROSOFT_GRAPH_URL = running.microsoft.graph_url
        settings.MICROSOFT_LOGIN_URL = running.microsoft.login_url
        settings.MICROSOFT_TRIAL_SECRET = running.microsoft.make_secret()
        connection = CalendarConnection.objects.create(
            organization=team.organization,
            kind="microsoft_365",
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps(dict(microsoft_trial_credentials())),
            credentials_version=1,
            write_ceiling=100,
            read_ceiling=100,
            write_rate=100,
            read_rate=100,
        )
        MemberCalendar.objects.create(
            organization=team.organization,
            connection=connection,
            membership=team.interviewer,
            external_id=team.interviewer.user.email,
            is_written=True,
        )
        yield running
    tokens.forget_all()


def ours(graph: Sandbox, team: Team) -> list[Entry]:
    return [one for one in graph.calendars.live(team.interviewer.user.email) if one.made_by]


def read() -> CalendarEvent:
    """Read the calendar as a worker would, and return the one event."""
    calendar = MemberCalendar.objects.get()
    assert snapshots.read(calendar.pk)
    return CalendarEvent.objects.get()


def test_from_busy_times_to_a_removed_event(team: Team, graph: Sandbox) -> None:
    address = team.interviewer.user.email
    interview = scheduled(team, team.interviewer).interviews.get()
    graph.calendars.add(address, "Dentist", interview.ends_at, interview.ends_at + HOUR)
    work()
    (entry,) = ours(graph, team)
    assert (entry.starts_at, entry.title) == (interview.starts_at, "Coding with Ada Osei")
    assert read().state == EventState.READY
    rows = CalendarTime.objects.order_by("starts_at")
    assert [(row.title, row.is_ours) for row in rows] == [("", True), ("Dentist", False)]

    graph.calendars.decline(address, entry.id)
    assert read_again().answer == "declined"
    graph.calendars.move(address, entry.id, entry.starts_at + 2 * HOUR, entry.ends_at + 2 * HOUR)
    assert read_again().moved_starts_at == entry.starts_at + 2 * HOUR

    move(interview, team, 3 * HOUR)
    later()
    work()
    assert [one.starts_at for one in ours(graph, team)] == [interview.starts_at + 3 * HOUR]
    services.cancel_schedule(schedule=interview.schedule, actor=team.recruiter.user, reason=NO_REASON)
    later()
    work()
    assert ours(graph, team) == []
    assert [one.title for one in graph.calendars.live(address)] == ["Dentist"]


def read_again() -> CalendarEvent:
    MemberCalendar.objects.update(due_at=MemberCalendar.objects.get().created_at - timedelta(days=1))
    tasks.check_calendar_event(read().pk)
    return CalendarEvent.objects.get()
