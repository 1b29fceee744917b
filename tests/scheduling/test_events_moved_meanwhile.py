"""An event that its owner changes while the interview changes too, before any read of the calendar shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduling.models import CalendarEvent, EventState, Interview
from scheduling.schedules.interviews import details_of, edit_interview
from tests.conftest import Team
from tests.scheduling.stand_ins import KINDS, StandIn, read_all
from tests.scheduling.test_calendar_events import HOUR, NO_REASON, home_of, later, move, scheduled, work, written

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("vendor", KINDS, indirect=True),
]


def booked(team: Team) -> Interview:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    read_all()
    return interview


def rename(interview: Interview, team: Team) -> None:
    details = replace(details_of(interview), name="Pairing")
    edit_interview(interview=interview, details=details, actor=team.recruiter.user, reason=NO_REASON)


def by_owner(vendor: StandIn, team: Team, what: str) -> None:
    [entry] = vendor.ours(team.interviewer)
    calendars, address = vendor.sandbox.calendars, team.interviewer.user.email
    if what == "moves":
        calendars.move(address, entry.id, entry.starts_at + HOUR, entry.ends_at + HOUR)
    elif what == "moves back":
        calendars.move(address, entry.id, entry.starts_at - HOUR, entry.ends_at - HOUR)
    elif what == "deletes":
        calendars.delete(address, entry.id)
    else:
        calendars.decline(address, entry.id)


def work_and_look() -> None:
    later()
    work()
    read_all()
    later()
    work()


def test_a_move_by_its_owner_is_not_written_over(team: Team, vendor: StandIn) -> None:
    interview = booked(team)
    by_owner(vendor, team, "moves")
    rename(interview, team)
    work_and_look()
    [entry] = vendor.ours(team.interviewer)
    assert (entry.starts_at, entry.title) == (interview.starts_at + HOUR, "Coding with Ada Osei")
    assert written(team).moved_starts_at == entry.starts_at
    assert "moved “Pairing”" in home_of(team)
    team.client(team.recruiter).post(team.url(f"calendar-events/{written(team).pk}/restore/"))
    work_and_look()
    [entry] = vendor.ours(team.interviewer)
    assert (entry.starts_at, entry.title) == (interview.starts_at, "Pairing with Ada Osei")
    assert "moved “" not in home_of(team)


@pytest.mark.usefixtures("committed")
def test_what_was_kept_back_is_written_once_the_owner_moves_it_back(team: Team, vendor: StandIn) -> None:
    """Tasks run at once here: the read leads to the look at the event, and this to writing it."""
    interview = booked(team)
    by_owner(vendor, team, "moves")
    rename(interview, team)
    assert written(team).moved_starts_at == interview.starts_at + HOUR
    by_owner(vendor, team, "moves back")
    read_all()
    [entry] = vendor.ours(team.interviewer)
    assert (entry.starts_at, entry.title) == (interview.starts_at, "Pairing with Ada Osei")
    assert written(team).moved_starts_at is None


def test_a_deletion_by_its_owner_is_asked_about(team: Team, vendor: StandIn) -> None:
    interview = booked(team)
    by_owner(vendor, team, "deletes")
    rename(interview, team)
    work_and_look()
    assert vendor.ours(team.interviewer) == []
    assert "deleted “Pairing”" in home_of(team)


def test_a_new_time_of_the_interview_wins(team: Team, vendor: StandIn) -> None:
    interview = booked(team)
    by_owner(vendor, team, "moves")
    move(interview, team, 3 * HOUR)
    work_and_look()
    interview.refresh_from_db()
    assert [one.starts_at for one in vendor.ours(team.interviewer)] == [interview.starts_at]
    event = CalendarEvent.objects.get()
    assert (event.state, event.moved_starts_at) == (EventState.READY, None)


def test_an_answer_is_no_reason_to_keep_a_title_back(team: Team, vendor: StandIn) -> None:
    interview = booked(team)
    by_owner(vendor, team, "declines")
    rename(interview, team)
    work_and_look()
    assert [one.title for one in vendor.ours(team.interviewer)] == ["Pairing with Ada Osei"]
    assert written(team).answer == "declined"
