"""Saving a schedule, and changing one on "Edit plan", take the same few queries for two interviews and for eight."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import PlanInterview, Stage
from organizations.once import FIELD, new_token
from scheduling.models import Candidate, CodingLink, InterviewerAssignment, JoinLink, Message, Schedule
from scheduling.planning.form_drafts import FORM, PAGE, SEQUENCE
from tests.conftest import Team
from tests.scheduling.loops import connect
from tests.scheduling.message_steps import colleague
from tests.scheduling.test_plan import opened
from tests.scheduling.test_schedules_new import ada, clock, stage, typed  # noqa: F401

pytestmark = pytest.mark.django_db

MOST = 40


def counted(client: Client, address: str, sent: dict[str, Any]) -> list[str]:
    """Post a form that has to be saved. Return the statements, those of savepoints too."""
    connection.ensure_connection()
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    return [query["sql"] for query in queries]


def loop_of(team: Team, stage: Stage, candidate: str, count: int) -> dict[str, Any]:  # noqa: F811
    """Return the form of `count` interviews, each with somebody else; every second one wants a coding link."""
    PlanInterview.objects.filter(plan=stage.plan).delete()
    for place in range(count):
        PlanInterview.objects.create(
            organization=team.organization,
            plan=stage.plan,
            position=place,
            name=f"Part {place}",
            minutes=30,
            link_tool="codesignal" if place % 2 else "",
        )
    people = [colleague(team, f"Person {place} of {count}", time_zone="Europe/Berlin") for place in range(count)]
    rows = {f"rows-{place}-interviewers": str(person.pk) for place, person in enumerate(people)}
    times = {f"rows-{place}-time": f"{9 + place:02}:00" for place in range(count)}
    draft = {PAGE: "schedule-new", FORM: uuid4().hex, SEQUENCE: "1"}
    return typed(stage, candidate, **rows, **times) | draft | {"rows-count": str(count), FIELD: new_token()}


def made(
    team: Team,
    stage: Stage,  # noqa: F811
    client: Client,
    count: int,
    *,
    is_new: bool = False,
) -> tuple[Schedule, list[str]]:
    name, email = f"Kim {count}", f"kim{count}@example.com"
    if is_new:
        new = {"new-name": name, "new-email": email, "new-time_zone": "Europe/Berlin"}
        queries = counted(client, team.url("schedules/new/"), loop_of(team, stage, "new", count) | new)
    else:
        person = Candidate.objects.create(organization=team.organization, name=name, email=email)
        queries = counted(client, team.url("schedules/new/"), loop_of(team, stage, str(person.pk), count))
    return Schedule.objects.get(candidate__name=name), queries


@pytest.mark.parametrize("is_new", [False, True], ids=["known", "new"])
def test_saving_takes_as_many_queries_for_eight_interviews_as_for_two(
    team: Team,
    stage: Stage,  # noqa: F811
    as_recruiter: Client,
    is_new: bool,
) -> None:
    connect(team)
    _first, few = made(team, stage, as_recruiter, 2, is_new=is_new)
    schedule, many = made(team, stage, as_recruiter, 8, is_new=is_new)
    assert CodingLink.objects.filter(interview__schedule=schedule).count() == 4
    assert InterviewerAssignment.objects.filter(interview__schedule=schedule).count() == 8
    assert JoinLink.objects.filter(interview__schedule=schedule).count() == 16
    assert Message.objects.filter(schedule=schedule).count() == 9
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= MOST, "\n".join(many)


def test_edit_plan_takes_as_many_queries_for_eight_changes_as_for_two(
    team: Team,
    stage: Stage,  # noqa: F811
    as_recruiter: Client,
) -> None:
    connect(team)
    counts = []
    for count in (2, 8):
        schedule, _queries = made(team, stage, as_recruiter, count)
        sent = opened(as_recruiter, team, schedule)
        for place in range(count):
            sent |= {f"rows-{place}-time": f"{10 + place:02}:00", f"rows-{place}-interviewers": ""}
            sent |= {f"rows-{place}-place": "Room 7"}
        sent |= {"reason": "The candidate asked for it", FIELD: new_token()}
        counts.append(counted(as_recruiter, team.url(f"schedules/{schedule.pk}/plan/"), sent))
    few, many = counts
    assert len(many) == len(few), "\n".join(many)
