"""Interviews that were there before: a calendar that is connected, chosen or switched to receives them at once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from integrations.hooks.calendars import announce
from integrations.models import CalendarConnection
from scheduling import tasks
from scheduling.availability import connected_calendars
from scheduling.models import CalendarEvent, EventState, Interview, MemberCalendar, Schedule
from scheduling.schedules import calendar_events
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.organizations.test_settings import ORGANIZATION
from tests.scheduling.calendars import Vendor, calendar_for, connect_calendars
from tests.scheduling.message_steps import send
from tests.scheduling.test_calendar_events import HOUR, kinds, scheduled, there, work, written

pytestmark = pytest.mark.django_db
MAIN = {"id": "cal-main", "name": "Main", "owner": "", "is_main": True, "can_write": True}
MAILED = ["candidate_invitation", "interviewer_invitation"]


def receives(team: Team) -> MemberCalendar:
    """The interviewer's calendar receives interviews."""
    row = calendar_for(team.interviewer)
    row.is_written = True
    row.save()
    return row


def test_a_connected_calendar_receives_the_interviews_that_are_there(
    team: Team, calendar_vendor: Vendor, committed: Work
) -> None:
    schedule = scheduled(team, team.interviewer)
    assert kinds(schedule) == MAILED
    connect_calendars(team.interviewer, for_all=False)
    CalendarConnection.objects.update(found=[MAIN])
    with committed():
        announce("connected", CalendarConnection.objects.get())
    assert [one.title for one in calendar_vendor.book("cal-main").occurrences.values()] == ["Coding with Ada Osei"]
    assert kinds(schedule) == ["candidate_invitation"], "nobody needs to mail them"
    with committed():
        tasks.follow_calendars(team.organization.pk, team.interviewer.pk)
    assert calendar_vendor.calls.count("put") == 1


def test_so_do_those_of_everybody(team: Team, calendar_vendor: Vendor, committed: Work) -> None:
    scheduled(team, team.interviewer)
    calendar_vendor.people = {team.interviewer.user.email: f"cal-{team.interviewer.pk}"}
    with committed():
        tasks.find_calendars(connect_calendars(team.admin).pk)
    assert len(there(calendar_vendor, team)) == 1


def test_interviews_that_are_over_stay_out(team: Team, calendar_vendor: Vendor, committed: Work) -> None:
    scheduled(team, team.interviewer)
    past = timezone.now() - 2 * HOUR
    Interview.objects.update(starts_at=past, ends_at=past + HOUR)
    Schedule.objects.update(first_starts_at=past, last_ends_at=past + HOUR)
    receives(team)
    with committed():
        tasks.follow_calendars(team.organization.pk)
    assert not CalendarEvent.objects.exists()


def test_those_who_were_invited_by_mail_go_on_with_mails(team: Team, calendar_vendor: Vendor, committed: Work) -> None:
    send(scheduled(team, team.interviewer), team)
    receives(team)
    with committed():
        tasks.follow_calendars(team.organization.pk)
    assert not CalendarEvent.objects.exists()


def test_many_schedules_are_followed_in_slices(
    team: Team, calendar_vendor: Vendor, monkeypatch: pytest.MonkeyPatch, committed: Work
) -> None:
    schedules = sorted(scheduled(team, team.interviewer).pk for _number in range(3))
    receives(team)
    monkeypatch.setattr(calendar_events, "AT_ONCE", 2)
    assert calendar_events.follow_some(team.organization.pk) == schedules[1]
    assert CalendarEvent.objects.count() == 2
    with committed():
        tasks.follow_calendars(team.organization.pk)
    assert CalendarEvent.objects.count() == 3


def test_another_calendar_takes_over_the_interviews(team: Team, calendar_vendor: Vendor, committed: Work) -> None:
    first = receives(team)
    scheduled(team, team.interviewer)
    work()
    other = calendar_for(team.interviewer, connect_calendars(team.interviewer, for_all=False))
    with committed():
        connected_calendars.choose(
            membership=team.interviewer, read=[first.pk], written=None, actor=team.interviewer.user
        )
    assert there(calendar_vendor, team) == []
    MemberCalendar.objects.filter(pk=other.pk).update(external_id="cal-other")
    CalendarConnection.objects.filter(pk=other.connection_id).update(found=[MAIN | {"id": "cal-other"}])
    with committed():
        connected_calendars.choose(
            membership=team.interviewer, read=[first.pk], written=other.pk, actor=team.interviewer.user
        )
    assert len(calendar_vendor.book("cal-other").occurrences) == 1


def test_an_organization_that_switches_to_calendars(
    team: Team, as_admin: Client, calendar_vendor: Vendor, committed: Work
) -> None:
    team.organization.__class__.objects.update(interviewer_invitations="mail")
    team.organization.refresh_from_db()
    receives(team)
    schedule = scheduled(team, team.interviewer)
    assert kinds(schedule) == MAILED
    with committed():
        answer = as_admin.post(team.url("settings/"), ORGANIZATION | {"interviewer_invitations": "calendar"})
    assert answer.status_code == 302
    assert written(team).state == EventState.READY
    assert kinds(schedule) == ["candidate_invitation"]


def test_a_calendar_connected_again_keeps_its_events(team: Team, calendar_vendor: Vendor, committed: Work) -> None:
    """The same calendar is another row then: its event is not removed while it is written."""
    first = receives(team)
    scheduled(team, team.interviewer)
    work()
    MemberCalendar.objects.all().delete()
    again = calendar_for(team.interviewer, first.connection)
    MemberCalendar.objects.filter(pk=again.pk).update(is_written=True)
    with committed():
        tasks.follow_calendars(team.organization.pk, team.interviewer.pk)
    work()
    assert len(there(calendar_vendor, team)) == 1
    assert "delete" not in calendar_vendor.calls
    assert CalendarEvent.objects.get().calendar == again


def test_one_calendar_through_two_connections_keeps_its_event(team: Team, calendar_vendor: Vendor) -> None:
    """The removal through the former connection comes after the event was written through the new one."""
    first = receives(team)
    scheduled(team, team.interviewer)
    work()
    other = calendar_for(team.interviewer, connect_calendars(team.interviewer, for_all=False))
    MemberCalendar.objects.filter(pk=first.pk).update(is_written=False)
    MemberCalendar.objects.filter(pk=other.pk).update(is_written=True)
    tasks.follow_calendars(team.organization.pk, team.interviewer.pk)
    tasks.write_calendar_event(written(team).pk)
    work()
    assert len(there(calendar_vendor, team)) == 1


def test_a_connection_that_works_again_receives_what_it_missed(
    team: Team, calendar_vendor: Vendor, committed: Work
) -> None:
    connection = receives(team).connection
    CalendarConnection.objects.update(state="paused")
    schedule = scheduled(team, team.interviewer)
    assert kinds(schedule) == MAILED
    CalendarConnection.objects.update(state="connected")
    with committed():
        announce("resumed", connection)
    assert len(there(calendar_vendor, team)) == 1
    assert kinds(schedule) == ["candidate_invitation"]
