"""A new schedule takes few queries, however much there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import Stage
from scheduling.models import Candidate, Interview, Schedule
from tests.conftest import Team
from tests.scheduling.test_schedules_new import NOW, ada, clock, stage, typed  # noqa: F401

pytestmark = pytest.mark.django_db


def test_the_page_takes_the_same_queries_for_few_and_many_rows(
    team: Team,
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    people = {"rows-0-interviewers": [str(team.interviewer.pk)]}
    sent = typed(stage, str(ada.pk), **people) | {"part": "conflicts"}
    with CaptureQueriesContext(connection) as few:
        as_recruiter.post(team.url("schedules/new/"), sent)
    for index in range(2, 20):
        for name in ("name", "kind", "minutes", "date", "time"):
            sent[f"rows-{index}-{name}"] = sent[f"rows-0-{name}"]
        sent[f"rows-{index}-interviewers"] = [str(team.interviewer.pk), str(team.admin.pk)]
    sent["rows-count"] = "20"
    for number in range(30):
        start = NOW + timedelta(days=3, hours=number % 5)
        schedule = Schedule.objects.create(organization=team.organization, candidate=ada)
        interview = Interview.objects.create(
            organization=team.organization,
            schedule=schedule,
            name=f"Old {number}",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )
        interview.assignments.create(membership=team.interviewer)
    with CaptureQueriesContext(connection) as many:
        as_recruiter.post(team.url("schedules/new/"), sent)
    assert len(many) == len(few)
    assert len(many) <= 14


def test_the_page_for_a_candidate_of_a_stage_stays_within_twelve_queries(
    team: Team,
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    ada.job, ada.stage = stage.job, stage
    ada.save()
    with CaptureQueriesContext(connection) as queries:
        page = as_recruiter.get(team.url("schedules/new/"), {"candidate": ada.pk}).content.decode()
    assert 'value="Coding"' in page
    assert len(queries) <= 12, [query["sql"] for query in queries]
