"""Usage: what upper apps keep for a job or a stage, which decides whether it can be deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Value
from django.db.models.expressions import Combinable

from jobs.models import Job, Stage


@dataclass(frozen=True, slots=True)
class Usage:
    """Numbers of schedules and candidates of a job or a stage."""

    schedules: int = 0
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """`count` is for one job or stage; `schedule_total` is a subquery for the job `OuterRef("pk")`, for lists."""

    count: Callable[[Job | Stage], Usage]
    schedule_total: Callable[[], Combinable]


SOURCES: list[Source] = []


def usage_of(subject: Job | Stage) -> Usage:
    """The usage of a job or a stage in all upper apps."""
    found = [source.count(subject) for source in SOURCES]
    return Usage(sum(one.schedules for one in found), sum(one.candidates for one in found))


def schedule_total() -> Combinable:
    """An expression for the number of schedules of each job in a queryset of jobs."""
    total: Combinable = Value(0)
    for source in SOURCES:
        total = total + source.schedule_total()
    return total
