"""Make another job, or another stage, with the same plan: interviews, minutes, people, coding links and templates.

Schedules, coordinators and the stage that each candidate is at stay with the first one.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.http import Http404

from jobs import services
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.audit import record
from organizations.models import User


@transaction.atomic
def duplicate_job(*, job: Job, actor: User, title: str) -> Job:
    """Make an open job of this title with the stages of another. Raises Http404 when that one is gone."""
    source = Job.objects.select_for_update().filter(pk=job.pk).first()
    if source is None:
        raise Http404
    made = Job.objects.create(organization=source.organization, title=title, location=source.location)
    for stage in source.stages.order_by("position", "id"):
        _copy(stage, made, stage.name, stage.position)
    told = {"source": source.title, "job": made.title}
    record(organization=made.organization, actor=actor, action="job.duplicated", subject=made, detail=told)
    return made


@transaction.atomic
def duplicate_stage(*, stage: Stage, actor: User, name: str) -> Stage:
    """Make a stage of this name with the same plan, right below the one that it is copied from."""
    job = Job.objects.select_for_update().filter(pk=stage.job_id).first()
    source = Stage.objects.filter(pk=stage.pk).first()
    if job is None or source is None:
        raise Http404
    stages = list(job.stages.order_by("position", "id"))
    made = _copy(source, job, name, len(stages))
    place = stages.index(source) + 1
    services.number([*stages[:place], made, *stages[place:]])
    told = {"source": source.name, "stage": made.name}
    record(organization=job.organization, actor=actor, action="stage.duplicated", subject=made, detail=told)
    return made


def _copy(stage: Stage, job: Job, name: str, position: int) -> Stage:
    made = Stage.objects.create(organization=job.organization, job=job, name=name, position=position)
    plan = InterviewPlan.objects.create(organization=job.organization, stage=made)
    PlanInterview.objects.bulk_create(_copies(stage, plan))
    return made


def _copies(stage: Stage, plan: InterviewPlan) -> Iterable[PlanInterview]:
    for interview in PlanInterview.objects.filter(plan__stage=stage).order_by("position", "id"):
        # All columns but these: what a plan gets one day is copied, too.
        interview.pk, interview.plan = None, plan
        interview._state.adding = True
        yield interview
