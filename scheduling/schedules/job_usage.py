"""Usage of jobs, stages and interviews of plans, for `jobs.hooks.usage`."""

from __future__ import annotations

from django.db.models import IntegerField, OuterRef, Subquery
from django.db.models.expressions import Combinable

from jobs.hooks.usage import MOST_COUNTED, Usage
from jobs.models import Job, PlanInterview, Stage
from scheduling.models import Candidate, Interview, Schedule


def count(subject: Job | Stage | PlanInterview) -> Usage:
    """Count what belongs to a job, a stage or an interview of a plan, in two queries at most."""
    if isinstance(subject, PlanInterview):
        return Usage(interviews=Interview.objects.filter(plan_interview=subject).count())
    own = {"job": subject} if isinstance(subject, Job) else {"stage": subject}
    return Usage(Schedule.objects.filter(**own).count(), Candidate.objects.filter(**own).count())


class _Number(Subquery):
    """The number of rows that a query finds."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def schedule_total() -> Combinable:
    """The number of schedules of the job `OuterRef("pk")`, at most one more than `MOST_COUNTED`.

    A subquery, because two joined counts would multiply.
    """
    return _Number(Schedule.objects.filter(job=OuterRef("pk")).order_by().values("pk")[: MOST_COUNTED + 1])
