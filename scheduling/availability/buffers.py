"""Minutes that interviewers have before and after their interviews, to prepare and to write down what they heard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from jobs.models import PlanInterview
from organizations.models import MOST_BUFFER, Organization
from scheduling.availability.stretches import Stretch

#: How far an interview can be from what comes too soon before or after it: both may have the longest buffer.
FARTHEST = 2 * timedelta(minutes=MOST_BUFFER)


class Buffer(NamedTuple):
    """Minutes before and after an interview."""

    before: int = 0
    after: int = 0


NO_BUFFER = Buffer()


def buffer_of(organization: Organization, before: int | None, after: int | None) -> Buffer:
    """Return the buffer of an interview whose plan has these minutes; None: the plan leaves them to the organization.

    The plan's own count in place of the organization's, also when they are fewer: an informal talk may need none.
    """
    return Buffer(
        organization.buffer_before if before is None else before, organization.buffer_after if after is None else after
    )


def planned_buffer(organization: Organization, plan: PlanInterview | None) -> Buffer:
    """Return the buffer of an interview of a plan, or of none."""
    return buffer_of(organization, *((plan.buffer_before, plan.buffer_after) if plan else (None, None)))


def missing(one: Stretch, buffer: Buffer, other: Stretch, beside: Buffer) -> tuple[int, int] | None:
    """Return the minutes between two times of an interviewer and those that there should be; None where they suffice.

    Buffers of neighbours stack: between two interviews lie the first one's minutes after and the second one's before,
    one after the other. Those after serve to write the feedback, those before to read the next CV: minutes that counted
    for both would leave time for one of them. An entry of a calendar has no buffer, so beside it the interview's counts
    alone. A buffer may lie outside working hours, and over what can be booked over. None also for times that overlap:
    that is another conflict.
    """
    first, wanted = (one, buffer.after + beside.before) if one < other else (other, beside.after + buffer.before)
    second = other if first is one else one
    between = second.starts_at - first.ends_at
    if between < timedelta() or between >= timedelta(minutes=wanted):
        return None
    return between // timedelta(minutes=1), wanted


def around(stretch: Stretch, buffer: Buffer) -> tuple[Stretch, Stretch]:
    """Return the minutes before and after a stretch."""
    return (
        Stretch(_later(stretch.starts_at, -buffer.before), stretch.starts_at),
        Stretch(stretch.ends_at, _later(stretch.ends_at, buffer.after)),
    )


def _later(at: datetime, minutes: int) -> datetime:
    return at + timedelta(minutes=minutes)
