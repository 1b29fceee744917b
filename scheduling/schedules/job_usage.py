"""Usage of jobs, stages and interviews of plans, for `jobs.hooks.usage`."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from jobs.hooks.usage import Usage
from jobs.models import Job, PlanInterview, Stage
from scheduling.models import Candidate, Interview, Schedule


def count(subject: Job | Stage | PlanInterview) -> Usage:
    """Count what belongs to a job, a stage or an interview of a plan, in two queries at most."""
    if isinstance(subject, PlanInterview):
        return Usage(interviews=Interview.objects.filter(plan_interview=subject).count())
    own = {"job": subject} if isinstance(subject, Job) else {"stage": subject}
    return Usage(Schedule.objects.filter(**own).count(), Candidate.objects.filter(**own).count())


def schedule_total() -> Combinable:
    """The number of schedules of the job `OuterRef("pk")`. A subquery, because two joined counts would multiply."""
    own = Schedule.objects.filter(job=OuterRef("pk")).order_by().values("job")
    return Coalesce(Subquery(own.annotate(total=Count("pk")).values("total")), 0)
