"""One budget per API key, for all processes and machines together.

The next free moment of each kind of request stands in the integration's row. Whoever wants to call the vendor takes
that moment and moves it on, in a short transaction of its own, and then waits for it outside any transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.utils import timezone

from integrations.models import Integration

Operation = Literal["mutation", "query"]

# Slots are this much further apart than the limit asks, so that a late sender does not crowd the next second.
STRETCH = 1.02
# Who comes later than this many seconds to a slot moves all later ones by as much, instead of crowding them.
LATE = 0.008
SLOWEST = 0.2
RECOVER_AFTER = timedelta(seconds=10)


class NoSlot(Exception):
    """The next free moment is further away than the caller may hold a worker. `at`: when to come back."""

    def __init__(self, at: datetime) -> None:
        super().__init__("no slot")
        self.at = at


def _nothing(_slot: datetime) -> None:
    """For who has nothing to do while it waits."""


def wait_for_slot(
    integration_id: int, operation: Operation, *, patience: float, taken: Callable[[datetime], None] = _nothing
) -> None:
    """Returns at the moment the request may be sent. Raises NoSlot when that is over `patience` seconds away.

    `taken` is called with each slot before it is waited for.
    """
    slot = reserve(integration_id, operation, patience=patience)
    wait_until(integration_id, operation, slot, patience=patience, taken=taken)


def wait_until(
    integration_id: int,
    operation: Operation,
    slot: datetime,
    *,
    patience: float,
    taken: Callable[[datetime], None] = _nothing,
) -> None:
    """The second half of `wait_for_slot`, for who has something to do between taking the slot and using it.

    A slot that was missed is used late, or given up for a new one; raises NoSlot when that one is too far away.
    """
    while True:
        taken(slot)
        pause = (slot - timezone.now()).total_seconds()
        if pause > 0:
            time.sleep(pause)
        late = timezone.now() - slot
        if late.total_seconds() <= LATE or _make_up(integration_id, operation, slot, late):
            return
        slot = reserve(integration_id, operation, patience=patience)


def _make_up(integration_id: int, operation: Operation, slot: datetime, late: timedelta) -> bool:
    """Moves the free slots on by what a sender is late. False when others have taken slots so far ahead that those, not
    moved, would crowd a second with this sender's: then the slot is given up for a new one."""
    with transaction.atomic():
        row = _locked(integration_id)
        free: datetime = getattr(row, f"next_{operation}_at")
        # At a slow pace the next slot is over a second away although nobody has one ahead.
        alone = _gap(row, operation) + timedelta(milliseconds=1)
        if free - slot > max(timedelta(seconds=1), alone):
            return False
        setattr(row, f"next_{operation}_at", free + late)
        row.save(update_fields=[f"next_{operation}_at"])
    return True


def _gap(row: Integration, operation: Operation) -> timedelta:
    return timedelta(seconds=STRETCH / float(getattr(row, f"{operation}_rate")))


def _locked(integration_id: int) -> Integration:
    """The columns of the budget, and nothing that would have to be decrypted."""
    columns = ["mutation_ceiling", "query_ceiling", "mutation_rate", "query_rate"]
    columns += ["next_mutation_at", "next_query_at", "slowed_at"]
    return Integration.objects.select_for_update().only(*columns).get(pk=integration_id)


def reserve(integration_id: int, operation: Operation, *, patience: float) -> datetime:
    """Takes the next free moment, aware. Raises NoSlot, and takes nothing, when it is too far away."""
    with transaction.atomic():
        row = _locked(integration_id)
        now = timezone.now()
        slot: datetime = max(getattr(row, f"next_{operation}_at"), now)
        if (slot - now).total_seconds() > patience:
            raise NoSlot(slot)
        changed = _recover(row, now)
        setattr(row, f"next_{operation}_at", slot + _gap(row, operation))
        row.save(update_fields=[f"next_{operation}_at", *changed])
    return slot


def _recover(row: Integration, now: datetime) -> list[str]:
    """A while after it was told to slow down, the pace rises to its ceiling by steps; a lower ceiling counts now."""
    changed = []
    rested = row.slowed_at is not None and now - row.slowed_at >= RECOVER_AFTER
    for operation in ("mutation", "query"):
        rate, ceiling = getattr(row, f"{operation}_rate"), getattr(row, f"{operation}_ceiling")
        wanted = min(ceiling, rate * 1.5) if rested or row.slowed_at is None else min(ceiling, rate)
        if wanted != rate:
            setattr(row, f"{operation}_rate", wanted)
            changed.append(f"{operation}_rate")
    if rested:
        full = row.mutation_rate >= row.mutation_ceiling and row.query_rate >= row.query_ceiling
        row.slowed_at = None if full else now
        changed.append("slowed_at")
    return changed


def slow_down(integration_id: int, operation: Operation, *, retry_after: float | None) -> datetime:
    """The vendor said "too fast": halves the pace, and lets nothing of this kind go before `retry_after` seconds.

    Returns when the next request may go.
    """
    with transaction.atomic():
        row = _locked(integration_id)
        now = timezone.now()
        # Several requests of one burst are refused together: that is one lesson, not several.
        fresh = row.slowed_at is None or (now - row.slowed_at).total_seconds() > 1
        if fresh:
            setattr(row, f"{operation}_rate", max(SLOWEST, float(getattr(row, f"{operation}_rate")) / 2))
        rest = min(max(retry_after if retry_after is not None else 1.0, 0.1), 3600.0)
        at: datetime = max(getattr(row, f"next_{operation}_at"), now + timedelta(seconds=rest))
        setattr(row, f"next_{operation}_at", at)
        row.slowed_at = now
        row.save(update_fields=[f"{operation}_rate", f"next_{operation}_at", "slowed_at"])
    return at
