"""Usage: what upper apps keep for a job, a stage or an interview of a plan.

It decides whether a job can be deleted, and whether the removal of another one can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Value
from django.db.models.expressions import Combinable

from jobs.models import Job, PlanInterview, Stage

#: Lists and questions count as far as this, so that they do not read more, the more there is.
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """Numbers of schedules and candidates of a job or a stage; of interviews scheduled from one of a plan.

    Each is counted to one more than `MOST_COUNTED`, and shown as `number_shown` writes it.
    """

    schedules: int = 0
    candidates: int = 0
    interviews: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """`count` is for one of them; `schedule_total` is a subquery for the job `OuterRef("pk")`, for lists.

    The subquery counts to one more than `MOST_COUNTED` and no further.
    """

    count: Callable[[Job | Stage | PlanInterview], Usage]
    schedule_total: Callable[[], Combinable]


SOURCES: list[Source] = []


def number_shown(number: int) -> str:
    """A number of usage as a sentence has it: "17", or "200+" where there is more than was counted."""
    return str(number) if number <= MOST_COUNTED else f"{MOST_COUNTED}+"


def usage_of(subject: Job | Stage | PlanInterview) -> Usage:
    """The usage of a job, a stage or an interview of a plan in all upper apps."""
    found = [source.count(subject) for source in SOURCES]
    return Usage(
        sum(one.schedules for one in found), sum(one.candidates for one in found), sum(one.interviews for one in found)
    )


def schedule_total() -> Combinable:
    """An expression for the number of schedules of each job in a queryset of jobs."""
    total: Combinable = Value(0)
    for source in SOURCES:
        total = total + source.schedule_total()
    return total
