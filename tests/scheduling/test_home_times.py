"""The home page about times that clash: also those that came about after everything was scheduled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import DayOff
from scheduling.models import Interview, Schedule
from tests.conftest import Team
from tests.scheduling.letters import colleague, seat
from tests.scheduling.loops import make_loop
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def attention(client: Client, team: Team) -> str:
    page = client.get(team.url("home/")).content.decode()
    return text_of(page[: page.index("Today")])


def at(schedule: Schedule, name: str, hour: float, hours: float) -> Interview:
    interview = schedule.interviews.get(name=name)
    interview.starts_at = NOON + timedelta(days=1, hours=hour)
    interview.ends_at = interview.starts_at + timedelta(hours=hours)
    interview.save()
    return interview


def planned(interview: Interview) -> Interview:
    job = Job.objects.create(organization=interview.organization, title="Engineer")
    stage = Stage.objects.create(organization=interview.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=interview.organization, stage=stage)
    interview.plan_interview = PlanInterview.objects.create(
        organization=interview.organization, plan=plan, name=interview.name
    )
    interview.save()
    return interview


def test_a_long_interview_clashes_with_each_that_begins_in_it(team: Team, as_recruiter: Client) -> None:
    loops = [make_loop(team, name) for name in ("Long", "Short", "Late")]
    for loop, (name, hour, hours) in zip(loops, [("Long", 0, 3), ("Short", 0.5, 0.5), ("Late", 2, 0.5)], strict=True):
        seat(at(loop, name, hour, hours), team.interviewer)
    words = attention(as_recruiter, team)
    assert "2 things need attention" in words
    assert "Interviewer Acme is booked twice at the same time Long with Ada Osei and Short with Ada Osei" in words
    assert "Interviewer Acme is booked twice at the same time Long with Ada Osei and Late with Ada Osei" in words


def test_a_candidate_in_two_places_is_said(team: Team, as_recruiter: Client) -> None:
    first, second = make_loop(team, "Coding"), make_loop(team, "Talk")
    Schedule.objects.filter(pk=second.pk).update(candidate=first.candidate)
    at(first, "Coding", 0, 1)
    at(second, "Talk", 0.5, 1)
    words = attention(as_recruiter, team)
    assert "Ada Osei is booked twice at the same time Coding with Ada Osei and Talk with Ada Osei" in words
    at(second, "Talk", 1, 1)  # back to back
    assert "All is well" in attention(as_recruiter, team)


def test_a_day_off_that_came_later_is_said(team: Team, as_recruiter: Client) -> None:
    """Their own day: in Auckland it is the 12th already."""
    person = colleague(team, "Kiri", time_zone="Pacific/Auckland")
    seat(at(make_loop(team, "Coding"), "Coding", 0, 1), person)
    DayOff.objects.create(membership=person, day=date(2027, 3, 11))
    assert "All is well" in attention(as_recruiter, team)
    DayOff.objects.create(membership=person, day=date(2027, 3, 12), note="ill")
    assert "Kiri is off on 12 March 2027 (ill) Coding with Ada Osei" in attention(as_recruiter, team)


def test_an_interview_that_lost_its_last_interviewer_is_said(
    team: Team, as_recruiter: Client, as_admin: Client
) -> None:
    interview = planned(at(make_loop(team, "Coding"), "Coding", 0, 1))
    seat(interview, team.interviewer)
    assert "All is well" in attention(as_recruiter, team)
    as_admin.post(team.url(f"settings/members/{team.interviewer.pk}/remove/"))
    assert "Nobody interviews Coding with Ada Osei" in attention(as_recruiter, team)
    interview.state = Interview.State.CANCELLED
    interview.save()
    assert "Nobody interviews" not in attention(as_recruiter, team)


def test_more_than_fit_are_said(team: Team, as_recruiter: Client) -> None:
    for number in range(12):
        planned(at(make_loop(team, f"Round {number}"), f"Round {number}", number, 0.5))
    words = attention(as_recruiter, team)
    assert words.count("Nobody interviews") == 10
    assert "There are more times that clash." in words


def test_what_is_far_away_or_another_organizations_is_not_said(
    team: Team, other_team: Team, as_recruiter: Client
) -> None:
    planned(at(make_loop(team, "Coding"), "Coding", 24 * 20, 1))
    planned(at(make_loop(other_team, "Coding"), "Coding", 0, 1))
    assert "All is well" in attention(as_recruiter, team)
