"""Removals from a plan are undone, where nothing depended on what was removed; else a question comes first."""

from __future__ import annotations

import json
import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs.models import PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, Interview, Schedule
from tests.conftest import Team
from tests.jobs.rows import HTMX, make_job, make_stage, order_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(team: Team) -> Stage:
    job = make_job(team)
    made = make_stage(job, "Phone", interviews=["Talk", "Coding", "Design"])
    PlanInterview.objects.filter(name="Coding").update(
        minutes=90, interviewer_count=2, link_tool="codesignal", template_id="t1", template_name="Graphs",
        hours_days="24", hours_from=time(9), buffer_after=15,
    )  # fmt: skip
    make_stage(job, "On site", interviews=["Lunch"])
    return made


def remove(client: Client, team: Team, address: str) -> dict[str, Any]:
    """Remove at once, and return the way back that the notice offers."""
    answer = client.post(team.url(f"jobs/{address}/remove/"), **HTMX)
    assert answer.status_code == 200
    undo = json.loads(answer["HX-Trigger"])["notice"]["undo"]
    state = re.findall(rf'id="{undo["kept_in"]}"\s+data-state="([^"]+)"', answer.content.decode())
    assert len(state) == 1
    return {"address": undo["address"], "values": {"state": state[0]}}


def all_rows() -> list[Any]:
    return [*Stage.objects.order_by("pk").values(), *PlanInterview.objects.order_by("pk").values()]


def test_an_interview_comes_back_as_it_was(as_recruiter: Client, team: Team, stage: Stage) -> None:
    before = all_rows()
    undo = remove(as_recruiter, team, f"interviews/{PlanInterview.objects.get(name='Coding').pk}")
    assert order_of(stage) == ["Talk", "Design"]
    answer = as_recruiter.post(undo["address"], undo["values"], **HTMX)
    assert answer.status_code == 200 and 'id="stages"' in answer.content.decode()
    assert all_rows() == before
    as_recruiter.post(undo["address"], undo["values"], **HTMX)  # a second click
    assert all_rows() == before
    events = AuditEvent.objects.order_by("id").values_list("action", "detail")
    assert list(events) == [
        ("plan_interview.removed", {"interview": "Coding"}),
        ("plan_interview.restored", {"interview": "Coding", "stage": "Phone"}),
    ]


def test_a_stage_comes_back_with_its_plan(as_recruiter: Client, team: Team, stage: Stage) -> None:
    before = list(PlanInterview.objects.order_by("pk").values("pk", "name", "minutes", "position", "link_tool"))
    undo = remove(as_recruiter, team, f"stages/{stage.pk}")
    assert [one.name for one in Stage.objects.all()] == ["On site"]
    as_recruiter.post(undo["address"], undo["values"], **HTMX)
    as_recruiter.post(undo["address"], undo["values"], **HTMX)
    stages = Stage.objects.order_by("position").values_list("name", "position")
    assert list(stages) == [("Phone", 0), ("On site", 1)]
    assert list(PlanInterview.objects.order_by("pk").values("pk", "name", "minutes", "position", "link_tool")) == before
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "stage.removed",
        "stage.restored",
    ]


def test_it_comes_back_into_what_changed_since(as_recruiter: Client, team: Team, stage: Stage) -> None:
    undo = remove(as_recruiter, team, f"interviews/{PlanInterview.objects.get(name='Design').pk}")
    remove(as_recruiter, team, f"interviews/{PlanInterview.objects.get(name='Talk').pk}")
    as_recruiter.post(undo["address"], undo["values"], **HTMX)
    assert order_of(stage) == ["Coding", "Design"]


def test_too_late_says_so(as_recruiter: Client, team: Team, stage: Stage) -> None:
    undo = remove(as_recruiter, team, f"stages/{stage.pk}")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = as_recruiter.post(undo["address"], undo["values"], **HTMX)
    assert answer.status_code == 422
    assert "It is too late to undo this." in json.loads(answer["HX-Trigger"])["notice"]
    assert not Stage.objects.filter(pk=stage.pk).exists()


@pytest.mark.parametrize("token", [None, "", "nonsense", "\x00", "a:b:c"])
def test_what_is_no_notice_brings_nothing_back(
    as_recruiter: Client, team: Team, stage: Stage, token: str | None
) -> None:
    before = all_rows()
    sent = {} if token is None else {"state": token}
    assert as_recruiter.post(team.url(f"jobs/{stage.job_id}/restore/"), sent, **HTMX).status_code == 422
    assert all_rows() == before


def test_a_notice_is_of_one_person_and_one_job(
    as_recruiter: Client, as_admin: Client, as_outsider: Client, team: Team, stage: Stage
) -> None:
    other = make_job(team, "Other")
    taken = [
        remove(as_recruiter, team, f"interviews/{PlanInterview.objects.get(name='Coding').pk}"),
        remove(as_recruiter, team, f"stages/{stage.pk}"),
    ]
    before = all_rows()
    for undo in taken:
        assert as_admin.post(undo["address"], undo["values"], **HTMX).status_code == 422
        assert as_recruiter.post(team.url(f"jobs/{other.pk}/restore/"), undo["values"], **HTMX).status_code == 404
        assert as_outsider.post(undo["address"], undo["values"], **HTMX).status_code == 404
    # Its stage is gone, too.
    assert as_recruiter.post(taken[0]["address"], taken[0]["values"], **HTMX).status_code == 404
    assert all_rows() == before


def scheduled(team: Team, stage: Stage) -> Interview:
    candidate = Candidate.objects.create(organization=team.organization, name="Ada")
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate, job=stage.job, stage=stage)
    start = timezone.now()
    return Interview.objects.create(
        organization=team.organization,
        schedule=schedule,
        plan_interview=stage.plan.interviews.get(name="Coding"),
        name="Coding",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )


def test_what_is_scheduled_is_asked_about_first(as_recruiter: Client, team: Team, stage: Stage) -> None:
    interview = scheduled(team, stage)
    planned = interview.plan_interview_id
    for address, words in (
        (f"interviews/{planned}", "Scheduled interviews stay, with their coding links."),
        (f"stages/{stage.pk}", "1 schedule stays with its coding links, without a stage."),
    ):
        answer = as_recruiter.post(team.url(f"jobs/{address}/remove/"), **HTMX)
        page = answer.content.decode()
        assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog-content")
        assert words in page and 'name="confirmed"' in page
    assert not AuditEvent.objects.exists()
    answer = as_recruiter.post(team.url(f"jobs/interviews/{planned}/remove/"), {"confirmed": "1"}, **HTMX)
    assert "undo" not in json.loads(answer["HX-Trigger"])["notice"]
    assert order_of(stage) == ["Talk", "Design"]
    interview.refresh_from_db()
    assert interview.plan_interview is None


def test_a_candidate_at_a_stage_is_asked_about_first(as_recruiter: Client, team: Team, stage: Stage) -> None:
    Candidate.objects.create(organization=team.organization, name="Ada", job=stage.job, stage=stage)
    answer = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/remove/"), **HTMX)
    assert answer.status_code == 422
    assert "1 candidate stays with the job, without a stage." in answer.content.decode()


def test_a_long_plan_comes_back_too(as_recruiter: Client, team: Team) -> None:
    names = [f"{number} {'äßµ€' * 20}{number * 7919}" for number in range(60)]
    stage = make_stage(make_job(team), "Endless", interviews=names)
    undo = remove(as_recruiter, team, f"stages/{stage.pk}")
    answer = as_recruiter.post(undo["address"], undo["values"], **HTMX)
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#stages", "outerHTML")
    assert order_of(stage) == names
