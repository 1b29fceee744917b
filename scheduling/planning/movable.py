"""Interviews that can still be moved, and the version by which a dialog knows that they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import models
from django.db.models import Prefetch
from django.utils import timezone

from scheduling.models import Interview, InterviewerAssignment, Schedule


def movable(schedule: Schedule) -> list[Interview]:
    """Return the interviews that are neither cancelled nor over, in order of time, with their assignments."""
    due = schedule.interviews.filter(state=Interview.State.SCHEDULED, ends_at__gt=timezone.now())
    return _in_order(due)


def movable_and_fixed(schedule: Schedule) -> tuple[list[Interview], list[Interview]]:
    """Return the `movable` interviews, and those that are cancelled or over, each in order of time."""
    found, now = _in_order(schedule.interviews.all()), timezone.now()
    due = [one for one in found if not one.is_cancelled and one.ends_at > now]
    return due, [one for one in found if one not in due]


def _in_order(interviews: models.QuerySet[Interview]) -> list[Interview]:
    assignments = Prefetch("assignments", InterviewerAssignment.objects.order_by("id"))
    found = interviews.select_related("plan_interview", "room__connection").prefetch_related(assignments)
    return list(found.order_by("starts_at", "id"))


def version_of(interviews: Iterable[Interview]) -> str:
    """Return a short text that differs after any change that people see. Reads the interviews' assignments."""
    seen = [
        (
            one.pk,
            one.name,
            one.kind,
            one.place,
            one.starts_at.isoformat(),
            one.ends_at.isoformat(),
            one.link_tool,
            sorted(assignment.membership_id for assignment in one.assigned),
            one.room_id,
            one.meeting,
        )
        for one in interviews
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
