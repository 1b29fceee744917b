"""Copies of a job and of a stage: the whole plan, and nothing of candidates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.jobs.rows import HTMX, close, make_job, make_stage, order_of

pytestmark = pytest.mark.django_db

#: All that an interview of a plan has, but its ids. A new column of it is copied, too.
COLUMNS = sorted({field.attname for field in PlanInterview._meta.concrete_fields} - {"id", "plan_id"})


def plan_of(stage: Stage) -> list[dict[str, Any]]:
    return list(PlanInterview.objects.filter(plan__stage=stage).order_by("position").values(*COLUMNS))


@pytest.fixture
def job(team: Team) -> Job:
    job = make_job(team, "Backend Engineer", location="Berlin")
    make_stage(job, "Phone", interviews=["Talk"])
    onsite = make_stage(job, "On site", interviews=["Coding", "Design"])
    onsite.plan.interviews.filter(name="Coding").update(
        minutes=90,
        interviewer_count=3,
        kind="phone",
        link_tool="codesignal",
        template_id="t1",
        template_name="Graphs",
        template_locked=True,
    )
    Stage.objects.create(organization=team.organization, job=job, name="Bare", position=2)
    return job


def test_the_dialog_proposes_a_title(as_recruiter: Client, team: Team, job: Job) -> None:
    page = as_recruiter.get(team.url(f"jobs/{job.pk}/duplicate/"), **HTMX).content.decode()
    assert 'value="Backend Engineer (copy)"' in page and "data-selected" in page
    assert "Schedules and candidates stay here." in page
    long = make_job(team, "x" * 200)
    page = as_recruiter.get(team.url(f"jobs/{long.pk}/duplicate/"), **HTMX).content.decode()
    assert f'value="{"x" * 193} (copy)"' in page


def test_a_copy_has_the_whole_plan_and_nothing_of_candidates(as_recruiter: Client, team: Team, job: Job) -> None:
    candidate = Candidate.objects.create(organization=team.organization, name="Ada", job=job)
    Schedule.objects.create(organization=team.organization, candidate=candidate, job=job, stage=job.stages.all()[0])
    JobCoordinator.objects.create(job=job, membership=team.interviewer)
    before = {stage.name: plan_of(stage) for stage in job.stages.all()}
    answer = as_recruiter.post(team.url(f"jobs/{job.pk}/duplicate/"), {"title": "Data Engineer"})
    made = Job.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == team.url(f"jobs/{made.pk}/")
    assert (made.title, made.location, made.state, made.organization) == (
        "Data Engineer",
        "Berlin",
        "open",
        team.organization,
    )
    assert [(stage.name, stage.position) for stage in made.stages.all()] == [("Phone", 0), ("On site", 1), ("Bare", 2)]
    assert {stage.name: plan_of(stage) for stage in made.stages.all()} == before
    assert {stage.name: plan_of(stage) for stage in job.stages.all()} == before
    assert InterviewPlan.objects.filter(stage__job=made).count() == 3
    assert (Schedule.objects.filter(job=made).count(), Candidate.objects.filter(job=made).count()) == (0, 0)
    assert not JobCoordinator.objects.filter(job=made).exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("job.duplicated", made.pk)
    assert event.detail == {"source": "Backend Engineer", "job": "Data Engineer"}


def test_a_copy_of_a_closed_job_is_open(as_recruiter: Client, team: Team, job: Job) -> None:
    close(job, team)
    as_recruiter.post(team.url(f"jobs/{job.pk}/duplicate/"), {"title": "Again"})
    assert Job.objects.get(title="Again").state == "open"


@pytest.mark.parametrize("title", ["", " ", "x" * 201])
def test_a_copy_needs_a_title(as_recruiter: Client, team: Team, job: Job, title: str) -> None:
    answer = as_recruiter.post(team.url(f"jobs/{job.pk}/duplicate/"), {"title": title}, **HTMX)
    assert answer.status_code == 422 and answer["HX-Retarget"] == "#dialog-content"
    assert Job.objects.count() == 1 and not AuditEvent.objects.exists()


def test_the_list_and_the_page_offer_it_to_whoever_may_create_jobs(
    as_recruiter: Client, as_admin: Client, team: Team, job: Job
) -> None:
    address = team.url(f"jobs/{job.pk}/duplicate/")
    # The menu of the list's rows stands there once, for a job 0.
    pages = {team.url("jobs/"): team.url("jobs/0/duplicate/"), team.url(f"jobs/{job.pk}/"): address}
    for page, offered in pages.items():
        assert offered in as_recruiter.get(page).content.decode()
        assert offered in as_admin.get(page).content.decode()
    coordinator = team.interviewer
    coordinator.role = "coordinator"
    coordinator.save()
    JobCoordinator.objects.create(job=job, membership=coordinator)
    client = team.client(coordinator)
    for page, offered in pages.items():
        answer = client.get(page)
        assert answer.status_code == 200 and offered not in answer.content.decode()
    assert client.post(address, {"title": "Mine"}).status_code == 403
    assert Job.objects.count() == 1


def test_a_copied_stage_stands_below_its_original(as_recruiter: Client, team: Team, job: Job) -> None:
    phone = job.stages.get(name="Phone")
    answer = as_recruiter.post(team.url(f"jobs/stages/{phone.pk}/duplicate/"), **HTMX)
    assert "“Phone (copy)” added." in json.loads(answer["HX-Trigger"])["notice"]
    names = ["Phone", "Phone (copy)", "On site", "Bare"]
    assert [(stage.name, stage.position) for stage in job.stages.all()] == list(zip(names, range(4), strict=True))
    made = job.stages.get(name="Phone (copy)")
    assert plan_of(made) == plan_of(phone) and order_of(made) == ["Talk"]
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("stage.duplicated", made.pk)


def test_a_stage_with_the_longest_name_can_be_copied(as_recruiter: Client, team: Team, job: Job) -> None:
    long = make_stage(job, "y" * 120)
    as_recruiter.post(team.url(f"jobs/stages/{long.pk}/duplicate/"))
    assert job.stages.filter(name="y" * 113 + " (copy)").exists()
