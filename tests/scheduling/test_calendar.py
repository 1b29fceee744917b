"""The calendar: whose interviews, in which rows, what is wrong with them, and who may see and move what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import Job, JobCoordinator
from organizations.models import DayOff, Membership, User
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2027, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
Json = dict[str, Any]
Ask = Callable[..., Json]


def book(team: Team, name: str, *people: Membership, at: datetime = TUESDAY, job: Job | None = None) -> Interview:
    candidate, _made = Candidate.objects.get_or_create(
        organization=team.organization, name=name, defaults={"time_zone": "Europe/London"}
    )
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate, job=job)
    interview = Interview.objects.create(
        organization=team.organization, schedule=schedule, name="Coding", starts_at=at, ends_at=at + HOUR
    )
    for person in people:
        InterviewerAssignment.objects.create(interview=interview, membership=person)
    return interview


def data_of(page: str) -> Json:
    found = re.search(r'<script id="calendar-data" type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    data: Json = json.loads(found[1])
    return data


def read(client: Client, team: Team, **asked: str | int) -> Json:
    response = client.get(team.url("calendar/"), {"day": "2027-03-03", **asked})
    assert response.status_code == 200
    return data_of(response.content.decode())


@pytest.fixture
def ask(team: Team, as_recruiter: Client) -> Ask:
    return lambda **asked: read(as_recruiter, team, **asked)


def rows(data: Json) -> list[str]:
    return [row["name"] for row in data["rows"]]


def names(data: Json) -> list[str]:
    return [one["candidate"] for one in data["interviews"]]


def test_a_week_has_a_row_for_each_interviewer(team: Team, ask: Ask) -> None:
    book(team, "Ada", team.interviewer, team.recruiter)
    book(team, "Grace", at=TUESDAY + 2 * HOUR)
    book(team, "Later", team.interviewer, at=TUESDAY + timedelta(days=7))
    cancelled = book(team, "Gone", team.interviewer)
    Interview.objects.filter(pk=cancelled.pk).update(state="cancelled")
    data = ask()
    assert names(data) == ["Ada", "Grace"]
    assert rows(data) == ["No interviewer assigned", "Interviewer Acme", "Recruiter Acme"]
    keys = [row["key"] for row in data["rows"]]
    assert [one["rows"] for one in data["interviews"]] == [keys[1:], keys[:1]]
    assert data["days"][0]["label"] == "Mon 1 Mar"
    assert data["interviews"][1]["problems"] == ["No interviewer assigned"]


def test_a_day_and_candidates(team: Team, ask: Ask) -> None:
    book(team, "Ada", team.interviewer)
    book(team, "Grace", team.interviewer, at=TUESDAY + timedelta(days=1))
    data = ask(scope="day", day="2027-03-02")
    assert names(data) == ["Ada"]
    assert [len(row["days"]) for row in data["rows"]] == [1]
    assert rows(ask(by="candidates")) == ["Ada", "Grace"]


def test_search_and_job(team: Team, ask: Ask) -> None:
    job = Job.objects.create(organization=team.organization, title="Design")
    book(team, "Ada", team.interviewer, job=job)
    book(team, "Grace", team.recruiter)
    assert names(ask(job=job.pk)) == ["Ada"]
    assert names(ask(q="recruiter")) == ["Grace"]
    assert (names(ask(q="admin")), rows(ask(q="admin"))) == ([], ["Admin Acme"])  # free all week
    assert names(ask(q="ada", by="candidates")) == ["Ada"]
    assert names(ask(q="ada")) == []


def test_nonsense_in_the_address_is_left_out(team: Team, as_recruiter: Client) -> None:
    for query in (
        "?day=soon",
        "?scope=year&by=dogs",
        "?job=x",
        "?day=1812-01-01",
        "?day=9999-12-31",
        "?q=%00",
        f"?job={10**30}",
        "?job=%00",
    ):
        assert as_recruiter.get(team.url(f"calendar/{query}")).status_code == 200


def test_what_is_wrong_is_said(team: Team, ask: Ask) -> None:
    book(team, "Ada", team.interviewer)
    book(team, "Grace", team.interviewer, at=TUESDAY + HOUR / 2)
    book(team, "Alone", team.recruiter)
    DayOff.objects.create(membership=team.recruiter, day=date(2027, 3, 2))
    problems = {one["candidate"]: one["problems"] for one in ask()["interviews"]}
    twice = ["Interviewer Acme is booked twice at the same time"]
    plain = {name: [re.sub("[\u2066-\u2069]", "", text) for text in texts] for name, texts in problems.items()}
    assert plain == {"Ada": twice, "Grace": twice, "Alone": ["Recruiter Acme has the day off"]}


def test_interviewers_see_their_own(team: Team) -> None:
    own = book(team, "Ada", team.interviewer, team.recruiter)
    other = book(team, "Grace", team.recruiter)
    client = team.client(team.interviewer)
    data = read(client, team)
    assert (names(data), rows(data)) == (["Ada"], ["Interviewer Acme"])
    assert [one["can_move"] for one in data["interviews"]] == [False]
    assert "Grace" not in client.get(team.url("calendar/?day=2027-03-03")).content.decode()
    card = client.get(team.url(f"interviews/{own.pk}/card/")).content.decode()
    assert "Ada" in card
    assert "Move" not in card
    assert client.get(team.url(f"interviews/{other.pk}/card/")).status_code == 404


def test_read_only_sees_and_moves_nothing(team: Team) -> None:
    interview = book(team, "Ada", team.interviewer)
    client = team.client(team.add("read_only"))
    assert [one["can_move"] for one in read(client, team)["interviews"]] == [False]
    card = client.get(team.url(f"interviews/{interview.pk}/card/")).content.decode()
    assert "Open schedule" in card
    assert "Replace" not in card


def test_a_coordinator_sees_other_jobs_as_busy(team: Team) -> None:
    mine = Job.objects.create(organization=team.organization, title="Mine")
    other = Job.objects.create(organization=team.organization, title="Theirs")
    book(team, "Ada", team.interviewer, job=mine)
    foreign = book(team, "Cem", team.interviewer, at=TUESDAY + 3 * HOUR, job=other)
    coordinator = team.add("coordinator")
    JobCoordinator.objects.create(job=mine, membership=coordinator)
    client = team.client(coordinator)
    page = client.get(team.url("calendar/?day=2027-03-03")).content.decode()
    data = data_of(page)
    assert names(data) == ["Ada"]
    assert [one["starts_at"] for one in data["busy"]] == ["2027-03-02T12:00:00Z"]
    assert [one["can_move"] for one in data["interviews"]] == [True]
    assert "Cem" not in page
    assert "Theirs" not in page
    assert client.get(team.url(f"interviews/{foreign.pk}/card/")).status_code == 404


def test_outsiders_and_visitors(team: Team, other_team: Team) -> None:
    interview = book(team, "Ada", team.interviewer)
    for path in ("calendar/", f"interviews/{interview.pk}/card/"):
        assert other_team.client(other_team.admin).get(team.url(path)).status_code == 404
        assert Client().get(team.url(path)).status_code == 302
    stranger = other_team.client(other_team.admin)
    assert stranger.get(other_team.url(f"interviews/{interview.pk}/card/")).status_code == 404
    assert names(read(stranger, other_team)) == []


def test_a_candidate_who_is_being_deleted_is_not_there(team: Team, ask: Ask) -> None:
    book(team, "Ada", team.interviewer)
    Candidate.objects.filter(name="Ada").update(erase_asked_at=TUESDAY)
    assert names(ask()) == []


def test_it_takes_the_same_queries_for_few_and_many(team: Team, as_recruiter: Client) -> None:
    def count(**asked: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            read(as_recruiter, team, **asked)
        return len(queries)

    book(team, "Ada", team.interviewer)
    few = count()
    for number in range(20):
        user = User.objects.create_user(f"p{number}@acme.example", "demo", name=f"P{number}")
        person = Membership.objects.create(organization=team.organization, user=user, role="interviewer")
        book(team, f"Candidate {number}", person, at=TUESDAY + number * HOUR / 4)
    assert count() == few <= 12
    assert count(q="p1", scope="day") <= 12
