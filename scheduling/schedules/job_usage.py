"""Schedules and candidates of a job or a stage, for `jobs.hooks.usage`."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from jobs.hooks.usage import Usage
from jobs.models import Job, Stage
from scheduling.models import Candidate, Schedule


def count(subject: Job | Stage) -> Usage:
    """Count what belongs to a job or a stage, in two queries."""
    own = {"job": subject} if isinstance(subject, Job) else {"stage": subject}
    return Usage(Schedule.objects.filter(**own).count(), Candidate.objects.filter(**own).count())


def schedule_total() -> Combinable:
    """The number of schedules of the job `OuterRef("pk")`. A subquery, because two joined counts would multiply."""
    own = Schedule.objects.filter(job=OuterRef("pk")).order_by().values("job")
    return Coalesce(Subquery(own.annotate(total=Count("pk")).values("total")), 0)
