"""Usage of jobs, stages and interviews of plans, for `jobs.hooks.usage`."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet
from django.db.models.expressions import Combinable

from jobs.hooks.usage import MOST_COUNTED, Usage
from jobs.models import Job, PlanInterview, Stage
from organizations.lists import NumberOf
from scheduling.models import Candidate, Interview, Schedule


def count(subject: Job | Stage | PlanInterview) -> Usage:
    """Count what belongs to a job, a stage or an interview of a plan, in two queries at most."""
    if isinstance(subject, PlanInterview):
        return Usage(interviews=_some(Interview.objects.filter(plan_interview=subject)).count())
    own = {"job": subject} if isinstance(subject, Job) else {"stage": subject}
    return Usage(_some(Schedule.objects.filter(**own)).count(), _some(Candidate.objects.filter(**own)).count())


def _some(rows: QuerySet[Any]) -> QuerySet[Any]:
    """As many of the rows as are counted: one more than `MOST_COUNTED` at most."""
    return rows.order_by().values("pk")[: MOST_COUNTED + 1]


def schedule_total() -> Combinable:
    """The number of schedules of the job `OuterRef("pk")`, at most one more than `MOST_COUNTED`.

    A subquery, because two joined counts would multiply.
    """
    return NumberOf(_some(Schedule.objects.filter(job=OuterRef("pk"))))
