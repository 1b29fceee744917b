"""Moves all interviews of a schedule in one step: one reason, one line in the history, one round of updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from organizations import audit
from organizations.models import User
from scheduling import coding_links
from scheduling.messages import services as message_services
from scheduling.models import Interview, Schedule
from scheduling.schedules.services import Why, set_span, times_of


@dataclass(frozen=True)
class Move:
    """Where one interview goes. Times are aware; `overruled` are sentences of conflicts, for the trail."""

    interview: Interview
    starts_at: datetime
    ends_at: datetime
    overruled: tuple[str, ...] = ()


@transaction.atomic
def move_schedule(*, schedule: Schedule, moves: Sequence[Move], actor: User, why: Why) -> None:
    """Moves the interviews. What is where it should be already is left alone; without any other nothing is written.

    Refuses a cancelled schedule, or a cancelled interview in it, with ValueError.
    """
    locked = Schedule.objects.select_for_update().select_related("organization").get(pk=schedule.pk)
    rows = {row.pk: row for row in locked.interviews.select_for_update().order_by("id")}
    if locked.state == Schedule.State.CANCELLED or any(rows[move.interview.pk].is_cancelled for move in moves):
        raise ValueError("What is cancelled can't be moved.")
    told: list[dict[str, Any]] = []
    for move in moves:
        row = rows[move.interview.pk]
        if (row.starts_at, row.ends_at) == (move.starts_at, move.ends_at):
            continue
        before = times_of(row)
        row.starts_at, row.ends_at = move.starts_at, move.ends_at
        row.save(update_fields=["starts_at", "ends_at"])
        told.append({"interview": row.pk, "name": row.name, "from": before, "to": times_of(row)})
        coding_links.interview_changed(interview=row, actor=actor)
    if not told:
        return
    set_span(locked)
    overruled = {move.interview.name: list(move.overruled) for move in moves if move.overruled}
    words = ngettext("Moved %(count)d interview", "Moved %(count)d interviews together", len(told))
    audit.record(
        organization=locked.organization,
        actor=actor,
        action="schedule.moved",
        subject=locked,
        summary=words % {"count": len(told)},
        detail={"moves": told} | why.as_detail() | ({"overruled": overruled} if overruled else {}),
    )
    message_services.propose_updates(schedule=locked, actor=actor, reason=why.reason)
