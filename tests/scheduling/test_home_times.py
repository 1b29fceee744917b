"""The home page about times that clash: also those that came about after everything was scheduled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from organizations.models import DayOff, Membership, Organization
from scheduling.models import Interview, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import NOTHING, page_of, section, words_of
from tests.scheduling.loops import make_loop
from tests.scheduling.message_steps import assign, colleague

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def at(schedule: Schedule, name: str, hour: float, hours: float) -> Interview:
    interview = schedule.interviews.get(name=name)
    interview.starts_at = NOON + timedelta(days=1, hours=hour)
    interview.ends_at = interview.starts_at + timedelta(hours=hours)
    interview.save()
    return interview


def test_a_long_interview_clashes_with_each_that_begins_in_it(team: Team, as_recruiter: Client) -> None:
    loops = [make_loop(team, name) for name in ("Long", "Short", "Late")]
    for loop, (name, hour, hours) in zip(loops, [("Long", 0, 3), ("Short", 0.5, 0.5), ("Late", 2, 0.5)], strict=True):
        assign(at(loop, name, hour, hours), team.interviewer)
    words = words_of(as_recruiter, team)
    twice = "Interviewer Acme is booked twice at the same time"
    assert f"{twice} “Long” with Ada Osei and “Short” with Ada Osei" in words
    assert f"{twice} “Long” with Ada Osei and “Late” with Ada Osei" in words


def test_a_candidate_in_two_places_is_said(team: Team, as_recruiter: Client) -> None:
    first, second = make_loop(team, "Coding"), make_loop(team, "Talk")
    Schedule.objects.filter(pk=second.pk).update(candidate=first.candidate)
    at(first, "Coding", 0, 1)
    at(second, "Talk", 0.5, 1)
    twice = "Ada Osei is booked twice at the same time"
    assert f"{twice} “Coding” with Ada Osei and “Talk” with Ada Osei" in words_of(as_recruiter, team)
    at(second, "Talk", 1, 1)  # back to back
    assert twice not in words_of(as_recruiter, team)


def test_a_day_off_that_came_later_is_said(team: Team, as_recruiter: Client) -> None:
    """Their own day: in Auckland it is the 12th already."""
    person = colleague(team, "Kiri", time_zone="Pacific/Auckland")
    assign(at(make_loop(team, "Coding"), "Coding", 0, 1), person)
    DayOff.objects.create(membership=person, day=date(2027, 3, 11))
    assert "Kiri is off" not in words_of(as_recruiter, team)
    DayOff.objects.create(membership=person, day=date(2027, 3, 12), note="ill")
    assert "Kiri is off on Fri 12 Mar (ill) “Coding” Replace interviewer" in words_of(as_recruiter, team)


def test_a_public_holiday_is_said_like_a_day_off(team: Team, as_recruiter: Client) -> None:
    """The country may be chosen after the interviews were scheduled."""
    coding = at(make_loop(team, "Coding"), "Coding", 6 * 24, 1)  # St. Patrick's Day
    assign(coding, team.interviewer)
    assert "is off" not in words_of(as_recruiter, team)
    Organization.objects.update(holidays_of="IE")
    words = words_of(as_recruiter, team)
    assert "Interviewer Acme is off on Wed 17 Mar (Saint Patrick's Day) “Coding” Replace interviewer" in words
    Membership.objects.filter(pk=team.interviewer.pk).update(holidays_of="none")
    assert "is off" not in words_of(as_recruiter, team)
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 17), note="ill")
    Membership.objects.filter(pk=team.interviewer.pk).update(holidays_of="")
    assert "Interviewer Acme is off on Wed 17 Mar (ill)" in words_of(as_recruiter, team)


def test_one_day_off_is_one_line_for_all_interviews_of_a_schedule(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Talk")
    for interview in schedule.interviews.all():
        assign(interview, team.interviewer)
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 11))
    words = words_of(as_recruiter, team)
    assert "Interviewer Acme is off on Thu 11 Mar “Coding” and “Talk” Replace interviewer" in words
    assert words.count("is off on") == 1


def test_an_interview_that_lost_its_last_interviewer_is_said(
    team: Team, as_recruiter: Client, as_admin: Client
) -> None:
    interview = at(make_loop(team, "Coding"), "Coding", 0, 1)
    assign(interview, team.interviewer)
    assert "no interviewer" not in words_of(as_recruiter, team)
    as_admin.post(team.url(f"settings/members/{team.interviewer.pk}/remove/"))
    assert "“Coding” has no interviewer Add interviewer" in words_of(as_recruiter, team)
    interview.state = Interview.State.CANCELLED
    interview.save()
    assert "no interviewer" not in words_of(as_recruiter, team)


def test_an_interview_is_opened_where_it_stands(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    page = section(page_of(as_recruiter, team))
    address = team.url(f"interviews/{interview.pk}/person/")
    assert f'href="{address}">Add interviewer</a>' in page
    assert f'hx-get="{address}"' in page
    Interview.objects.filter(pk=interview.pk).update(place="")
    page = section(page_of(as_recruiter, team))
    assert f'href="{team.url(f"schedules/{schedule.pk}/")}#edit-{interview.pk}">Add meeting link</a>' in page
    assert f'hx-get="{team.url(f"interviews/{interview.pk}/edit/")}"' in page
    assert f'id="edit-{interview.pk}"' in as_recruiter.get(team.url(f"schedules/{schedule.pk}/")).content.decode()


def test_several_interviews_with_the_same_trouble_are_one_line(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, *(f"Part {number}" for number in range(6)))
    schedule.interviews.filter(position__lt=2).update(place="")
    words = words_of(as_recruiter, team)
    assert "6 interviews have no interviewer “Part 0”, “Part 1”, “Part 2”, “Part 3” and 2 more Open schedule" in words
    assert "2 video calls have no meeting link “Part 0” and “Part 1” Open schedule" in words
    assert words.count("Part 0") == 2


def test_what_is_far_away_or_another_organizations_is_not_said(
    team: Team, other_team: Team, as_recruiter: Client
) -> None:
    at(make_loop(team, "Coding"), "Coding", 24 * 20, 1)
    at(make_loop(other_team, "Coding"), "Coding", 0, 1)
    assert NOTHING in words_of(as_recruiter, team)
