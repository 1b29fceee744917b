"""Move several interviews of a schedule in one step: one reason, one line in the history, one round of updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from organizations.models import User
from scheduling import coding_links
from scheduling.availability import calendar_tasks
from scheduling.messages import services as message_services
from scheduling.models import Interview, Schedule
from scheduling.schedules import trail_rows
from scheduling.schedules.interviews import set_span
from scheduling.schedules.trail_rows import GivenReason, NamedConflicts, times_of


@dataclass(frozen=True)
class Move:
    """New times of one interview, aware; `overrides` has the reason for each overridden conflict, by its token."""

    interview: Interview
    starts_at: datetime
    ends_at: datetime
    overrides: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def reschedule(
    *,
    schedule: Schedule,
    moves: Sequence[Move],
    actor: User,
    reason: GivenReason,
    overridden: NamedConflicts,
) -> None:
    """Move the interviews. One that is at its new time already is left alone; without any other nothing is written.

    `overridden` has the overridden conflicts by the interview's name, for the trail. Raises ValueError when the
    schedule, or one of the interviews, is cancelled.
    """
    locked = Schedule.objects.select_for_update().select_related("organization").get(pk=schedule.pk)
    rows = {row.pk: row for row in locked.interviews.select_for_update().order_by("id")}
    if locked.state == Schedule.State.CANCELLED or any(rows[move.interview.pk].is_cancelled for move in moves):
        raise ValueError("A cancelled interview can't be moved.")
    moved: list[Interview] = []
    told: list[dict[str, Any]] = []
    for move in moves:
        row = rows[move.interview.pk]
        if (row.starts_at, row.ends_at) == (move.starts_at, move.ends_at):
            continue
        before = times_of(row)
        row.starts_at, row.ends_at = move.starts_at, move.ends_at
        moved.append(row)
        told.append({"interview": row.pk, "from": before, "to": times_of(row)})
    if not moved:
        return
    Interview.objects.bulk_update(moved, ["starts_at", "ends_at"])
    coding_links.interviews_changed(interviews=moved, actor=actor)
    calendar_tasks.enqueue_reading(locked.pk)
    set_span(locked, rows.values())
    trail_rows.record(
        locked,
        actor,
        "schedule.moved",
        detail={"count": len(moved), "moves": told},
        texts={"moves": [row.name for row in moved]},
        reason=reason,
        overridden=overridden,
    )
    message_services.propose_updates(schedule=locked, actor=actor, reason=reason.text)
