"""Events that are to leave a calendar: gone in the end, or a person is told that one is still there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from integrations import transport
from integrations.base import Refused
from integrations.calendar_connections import disconnect
from integrations.google.tokens import store
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from organizations.erasure import closing
from organizations.hooks import erasures
from organizations.models import AuditEvent, Organization
from scheduling import tasks
from scheduling.calendar_events import writing
from scheduling.models import CalendarEvent, EventState, MemberCalendar, Schedule
from scheduling.schedules import services
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.scheduling.calendars import Vendor
from tests.scheduling.test_calendar_events import NO_REASON, calendar, home_of, later, scheduled, there, work, written

__all__ = ["calendar"]
pytestmark = pytest.mark.django_db
STILL = "“Coding” is still in the calendar of Interviewer Acme"


def cancel(schedule: Schedule, team: Team) -> None:
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)


def refused(team: Team, calendar: Vendor) -> Schedule:
    """An interview that was cancelled, and whose event the vendor does not let go."""
    schedule = scheduled(team, team.interviewer)
    work()
    cancel(schedule, team)
    calendar.faults = [Refused("read_only")]
    work()
    return schedule


def removal(event: CalendarEvent, what: str, team: Team) -> str:
    return team.url(f"calendar-events/{event.pk}/{what}/")


def test_a_refused_deletion_is_on_home_until_it_succeeds(team: Team, calendar: Vendor) -> None:
    refused(team, calendar)
    assert STILL in home_of(team)
    assert team.client(team.recruiter).post(removal(written(team), "remove", team)).status_code == 302
    work()
    assert there(calendar, team) == []
    assert written(team).state == EventState.CANCELLED
    assert STILL not in home_of(team)


def test_a_refused_deletion_can_be_dismissed(team: Team, calendar: Vendor) -> None:
    schedule = refused(team, calendar)
    team.client(team.recruiter).post(removal(written(team), "leave", team))
    later()
    work()
    assert STILL not in home_of(team)
    assert len(there(calendar, team)) == 1
    assert AuditEvent.objects.filter(action="calendar_event.left_there").count() == 1
    assert schedule.interviews.count() == 1


def test_it_is_said_also_after_the_schedule_is_deleted(team: Team, calendar: Vendor) -> None:
    schedule = refused(team, calendar)
    services.delete_schedule(schedule=schedule, actor=team.recruiter.user)
    home = home_of(team)
    assert "A removed interview is still in the calendar of Interviewer Acme" in home
    assert "Ada" not in home
    event = written(team)
    assert team.client(team.recruiter).post(removal(event, "remove", team)).status_code == 302
    work()
    assert there(calendar, team) == []


@pytest.mark.parametrize("what", ["remove", "leave"])
def test_only_those_who_change_schedules(team: Team, other_team: Team, calendar: Vendor, what: str) -> None:
    refused(team, calendar)
    event = written(team)
    assert team.client(team.interviewer).post(removal(event, what, team)).status_code == 403
    assert other_team.client(other_team.admin).post(removal(event, what, team)).status_code == 404
    assert STILL in home_of(team)


def test_an_event_of_a_disconnected_calendar_is_said(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    with committed():
        disconnect(connection=CalendarConnection.objects.get(), actor=team.admin.user)
    with committed():
        cancel(schedule, team)
    home = home_of(team)
    assert STILL in home
    assert ">Try again</button>" not in home
    assert ">Dismiss</button>" in home


def test_one_that_was_never_sent_is_not_said(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = scheduled(team, team.interviewer)
    disconnect(connection=CalendarConnection.objects.get(), actor=team.admin.user)
    cancel(schedule, team)
    work()
    assert written(team).state == EventState.CANCELLED


def test_removed_events_are_forgotten_after_their_time(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    cancel(schedule, team)
    services.delete_schedule(schedule=schedule, actor=team.recruiter.user)
    work()
    kept = scheduled(team, team.interviewer)
    cancel(kept, team)
    tasks.forget_old_events()
    assert CalendarEvent.objects.count() == 2
    with time_machine.travel(timezone.now() + writing.KEPT + timedelta(days=1)):
        tasks.forget_old_events()
    assert [event.interview for event in CalendarEvent.objects.all()] == [kept.interviews.get()]


def test_one_that_is_still_there_is_forgotten_once_it_is_over(team: Team, calendar: Vendor) -> None:
    schedule = refused(team, calendar)
    services.delete_schedule(schedule=schedule, actor=team.recruiter.user)
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert "still in the calendar" not in home_of(team)
    with time_machine.travel(timezone.now() + writing.KEPT + timedelta(days=20)):
        tasks.forget_old_events()
    assert not CalendarEvent.objects.exists()


# --- an organization's end ----------------------------------------------------------------------------------------


def close(team: Team) -> None:
    """The organization is to be deleted now."""
    closing.plan(organization=team.organization, actor=team.admin.user, tell=False, at=timezone.now())


def test_a_closing_organization_leaves_no_event(team: Team, calendar: Vendor, committed: Work) -> None:
    scheduled(team, team.interviewer)
    work()
    close(team)
    for _round in range(6):
        with committed():
            closing.sweep()
        work()
    assert there(calendar, team) == []
    assert not Organization.objects.filter(pk=team.organization.pk).exists()


def test_a_closing_organization_waits_for_its_calendars(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    work()
    close(team)
    for _round in range(3):
        closing.sweep()
    assert CalendarConnection.objects.get().is_connected
    calendar.faults = [Refused("read_only")]
    work()
    [event] = CalendarEvent.objects.all()
    assert event.state == EventState.CANCELLING
    assert erasures.left_at_vendors(team.organization) == ["1 event in Memory Calendar"]
    for _round in range(4):
        closing.sweep()
    assert not Organization.objects.filter(pk=team.organization.pk).exists()


# --- a create that is slow ----------------------------------------------------------------------------------------


@pytest.fixture
def google(socket_enabled: None, team: Team, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The interviewer's calendar at the stand-in of Google."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    store.clear()
    address = team.interviewer.user.email
    with Sandbox() as running:
        settings.GOOGLE_STAND_IN_URL = running.google.url
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "client", "secret"
        running.calendars.add_person(address, zone="Europe/Berlin")
        rates = dict.fromkeys(("write_ceiling", "read_ceiling", "write_rate", "read_rate"), 100)
        connection = CalendarConnection.objects.create(
            organization=team.organization,
            membership=team.interviewer,
            kind="google",
            account_id=address,
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps({"refresh_token": running.google.consent_of(address)}),
            credentials_version=1,
            found=[{"id": address, "name": "", "owner": address, "is_main": True, "can_write": True}],
            **rates,
        )
        MemberCalendar.objects.create(
            organization=team.organization,
            connection=connection,
            membership=team.interviewer,
            external_id=address,
            is_written=True,
        )
        yield running
    store.clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_event_that_lands_after_its_removal_is_removed(team: Team, google: Sandbox, settings: Settings) -> None:
    """Its create is given up before the vendor gets to it, and the removal looks before that, too."""
    address = team.interviewer.user.email
    schedule = scheduled(team, team.interviewer)
    tasks.read_calendars(CalendarConnection.objects.get().pk)  # from now on it has a token
    settings.CALENDAR_TIMEOUT = 0.3
    google.configure(latency=1.5)
    later()
    tasks.write_calendar_event(written(team).pk)
    google.configure(latency=0)
    settings.CALENDAR_TIMEOUT = 5
    cancel(schedule, team)
    later()
    tasks.write_calendar_event(written(team).pk)
    assert google.calendars.live(address) == [], "it has not landed yet"
    assert google.google.log.wait(1, "events.insert", answered=True)
    assert len(google.calendars.live(address)) == 1
    assert written(team).state == EventState.CANCELLING, "it is looked for once more"
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        work()
    assert google.calendars.live(address) == []
    assert written(team).state == EventState.CANCELLED
