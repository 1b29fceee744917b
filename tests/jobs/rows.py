"""Rows that tests of jobs start from."""

from __future__ import annotations

from typing import Any

from integrations.models import Integration
from jobs import services
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from tests.conftest import Team

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


def make_job(team: Team, title: str = "Backend Engineer", **fields: Any) -> Job:
    return Job.objects.create(organization=team.organization, title=title, **fields)


def make_stage(job: Job, name: str = "Technical interviews", *, interviews: list[str] | None = None) -> Stage:
    """Make a stage at the end of the job, with a plan of interviews by name."""
    stage = Stage.objects.create(organization=job.organization, job=job, name=name, position=job.stages.count())
    plan = InterviewPlan.objects.create(organization=job.organization, stage=stage)
    for place, title in enumerate(interviews or []):
        PlanInterview.objects.create(organization=job.organization, plan=plan, name=title, position=place)
    return stage


def make_interview(team: Team, name: str = "Coding", **fields: Any) -> PlanInterview:
    """Make a job with one stage that plans one interview, and return that."""
    stage = make_stage(make_job(team), interviews=[name])
    interview = stage.plan.interviews.get()
    for field, value in fields.items():
        setattr(interview, field, value)
    interview.save()
    return interview


def connect(team: Team, **fields: Any) -> Integration:
    """Make a connected CodeSignal integration with two templates, unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "state": Integration.State.CONNECTED,
        "key_version": 1,
        "templates": [
            {"id": "t1", "name": "Graphs", "default": False},
            {"id": "t2", "name": "Arrays", "default": True},
        ],
    }
    return Integration.objects.create(organization=team.organization, kind="codesignal", **(given | fields))


def order_of(stage: Stage) -> list[str]:
    """Names of the plan's interviews in order. Fails when positions are not 0, 1, 2, ..."""
    rows = list(PlanInterview.objects.filter(plan__stage=stage).order_by("position", "id"))
    assert [row.position for row in rows] == list(range(len(rows)))
    return [row.name for row in rows]


def close(job: Job, team: Team) -> None:
    services.set_job_state(job=job, actor=team.admin.user, state=Job.State.CLOSED)
