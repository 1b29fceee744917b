"""The command palette finds pages, actions and rows by their names: only what the reader may open, in few queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Job, JobCoordinator
from scheduling.models import InterviewerAssignment, Schedule
from tests.conftest import Team
from tests.scheduling.loops import make_loop

pytestmark = pytest.mark.django_db


def groups(client: Client, team: Team, words: str) -> dict[str, list[str]]:
    """The titles of what is found, by the title of their group."""
    page = client.get(team.url("find/"), {"q": words}, headers={"HX-Request": "true"}).content.decode()
    found: dict[str, list[str]] = {}
    pattern = r'palette-group"[^>]*>([^<]+)<|palette-words">\s*<bdi>([^<]*)<'
    for group, title in re.findall(pattern, page):
        if group:
            found[unescape(group)] = []
        else:
            found[list(found)[-1]].append(unescape(title))
    return found


def a_loop(team: Team, name: str, email: str, job: str) -> Schedule:
    """A candidate of a new job, with one interview."""
    schedule = make_loop(team, "Coding", email=email)
    schedule.job = Job.objects.create(organization=team.organization, title=job)
    schedule.save()
    schedule.candidate.name, schedule.candidate.job = name, schedule.job
    schedule.candidate.save()
    return schedule


def test_without_words_it_shows_what_can_be_done(team: Team, as_recruiter: Client, as_interviewer: Client) -> None:
    assert groups(as_recruiter, team, "") == {
        "Actions": ["New schedule", "Add candidate", "Import candidates", "New job"],
        "Pages": ["Home", "Schedules", "Calendar", "Candidates", "Jobs", "Organization Settings"],
    }
    assert groups(as_interviewer, team, "") == {"Pages": ["Home", "Schedules", "Calendar"]}


def test_pages_of_the_settings_are_found(team: Team, as_admin: Client, as_interviewer: Client) -> None:
    assert groups(as_admin, team, "memb") == {"Pages": ["Members"]}
    assert groups(as_admin, team, "SINGLE sign")["Pages"] == ["Single sign-on"]
    assert groups(as_interviewer, team, "memb") == {}


def test_rows_are_found_by_name_job_and_address(team: Team, other_team: Team, as_recruiter: Client) -> None:
    a_loop(team, "Élodie Martin", "elodie@example.org", "Baker")
    a_loop(other_team, "Elodie Foreign", "foreign@example.org", "Baker of others")
    assert groups(as_recruiter, team, "elodie") == {"Schedules": ["Élodie Martin"], "Candidates": ["Élodie Martin"]}
    assert groups(as_recruiter, team, "baker") == {"Schedules": ["Élodie Martin"], "Jobs": ["Baker"]}
    assert groups(as_recruiter, team, "elodie@example")["Candidates"] == ["Élodie Martin"]
    assert groups(as_recruiter, team, "nobody at all") == {}


def test_coordinators_and_interviewers_find_only_what_is_theirs(team: Team, as_interviewer: Client) -> None:
    mine = a_loop(team, "Ann Mine", "ann.mine@example.org", "Baker")
    a_loop(team, "Ann Other", "ann.other@example.org", "Baker of other shops")
    coordinator = team.add("coordinator")
    assert mine.job is not None
    JobCoordinator.objects.create(job=mine.job, membership=coordinator)
    assert groups(team.client(coordinator), team, "ann") == {"Schedules": ["Ann Mine"], "Candidates": ["Ann Mine"]}
    assert groups(team.client(coordinator), team, "baker") == {"Schedules": ["Ann Mine"], "Jobs": ["Baker"]}
    assert groups(as_interviewer, team, "ann") == {}
    interview = mine.interviews.get()
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    assert groups(as_interviewer, team, "ann") == {"Schedules": ["Ann Mine"]}


def test_the_next_schedule_stands_first(team: Team, as_recruiter: Client) -> None:
    for name, hours in (("Ann Past", -48), ("Ann Later", 72), ("Ann Soon", 24)):
        schedule = make_loop(team, "Coding", hours_ahead=hours, email=f"{hours}@example.org")
        schedule.candidate.name = name
        schedule.candidate.save()
        starts = timezone.now() + timedelta(hours=hours)
        Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=starts, last_ends_at=starts + timedelta(hours=1))
    assert groups(as_recruiter, team, "ann")["Schedules"] == ["Ann Soon", "Ann Later", "Ann Past"]


def test_it_takes_few_queries_and_writes_nothing(team: Team, as_recruiter: Client) -> None:
    for number in range(9):
        a_loop(team, f"Ann {number}", f"ann-{number}@example.org", f"Ann's job {number}")
    with CaptureQueriesContext(connection) as queries:
        found = groups(as_recruiter, team, "ann")
    assert {name: len(titles) for name, titles in found.items()} == {"Schedules": 5, "Candidates": 5, "Jobs": 5}
    assert len(queries) <= 8, [query["sql"] for query in queries]
    assert all(query["sql"].lstrip("(").startswith("SELECT") for query in queries)


def test_what_cannot_be_found_is_an_answer(team: Team, as_recruiter: Client) -> None:
    for words in ("\0", "%", "’", "x" * 5000, "<b>", "_"):
        response = as_recruiter.get(team.url("find/"), {"q": words})
        assert response.status_code == 200
        assert "<b>" not in response.content.decode()
