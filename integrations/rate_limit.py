"""One budget per API key, for all processes and machines together.

The next free moment of each kind of request stands in the integration's row. Whoever wants to call the vendor takes
that moment and moves it on, in a short transaction of its own, and then waits for it outside any transaction.

Where several integrations have the very same key, the moment is moved on in all of their rows. The faster of their
ceilings is then the most that they send together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from integrations.models import Integration

Operation = Literal["mutation", "query"]

# Slots are this much further apart than the limit asks, so that a late sender does not crowd the next second.
STRETCH = 1.02
# Who comes later than this many seconds to a slot moves all later ones by as much, instead of crowding them.
LATE = 0.008
SLOWEST = 0.2
RECOVER_AFTER = timedelta(seconds=10)


@sensitive_variables()
def budget_of(api_key: str) -> str:
    """What tells that two keys are the same, and nothing else about them: 64 characters, no use without SECRET_KEY."""
    return salted_hmac("integrations.budget", api_key, algorithm="sha256").hexdigest()


class NoSlot(Exception):
    """The next free moment is further away than the caller may hold a worker. `at`: when to come back."""

    def __init__(self, at: datetime) -> None:
        super().__init__("no slot")
        self.at = at


def wait_for_slot(
    integration_id: int, operation: Operation, *, patience: float, taken: Callable[[datetime], None] | None = None
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
    taken: Callable[[datetime], None] | None = None,
) -> None:
    """The second half of `wait_for_slot`, for who has something to do between taking the slot and using it.

    A slot that was missed is used late, or given up for a new one; raises NoSlot when that one is too far away.
    """
    while True:
        if taken is not None:
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
        row, rows = _locked(integration_id)
        free = _free(rows, operation)
        # At a slow pace the next slot is over a second away although nobody has one ahead.
        alone = _gap(row, operation) + timedelta(milliseconds=1)
        if free - slot > max(timedelta(seconds=1), alone):
            return False
        _save(rows, operation, free + late)
    return True


def _gap(row: Integration, operation: Operation) -> timedelta:
    return timedelta(seconds=STRETCH / float(getattr(row, f"{operation}_rate")))


def _locked(integration_id: int) -> tuple[Integration, list[Integration]]:
    """The row, and all rows with the same key: the columns of the budget, and nothing that had to be decrypted."""
    columns = ["mutation_ceiling", "query_ceiling", "mutation_rate", "query_rate"]
    columns += ["next_mutation_at", "next_query_at", "slowed_at"]
    this = Integration.objects.filter(pk=integration_id).exclude(budget="").values("budget")
    together = Integration.objects.filter(Q(pk=integration_id) | Q(budget__in=this))
    rows = list(together.select_for_update().only(*columns).order_by("pk"))  # in one order, or two could lock crosswise
    row = next((row for row in rows if row.pk == integration_id), None)
    if row is None:
        raise Integration.DoesNotExist
    return row, rows


def _free(rows: list[Integration], operation: Operation) -> datetime:
    free: datetime = max(getattr(row, f"next_{operation}_at") for row in rows)
    return free


def _save(rows: list[Integration], operation: Operation, free: datetime, *changed: str) -> None:
    """The next free moment of all, and the columns that changed."""
    for row in rows:
        setattr(row, f"next_{operation}_at", free)
        row.save(update_fields=[f"next_{operation}_at", *changed])


def reserve(integration_id: int, operation: Operation, *, patience: float) -> datetime:
    """Takes the next free moment, aware. Raises NoSlot, and takes nothing, when it is too far away."""
    with transaction.atomic():
        row, rows = _locked(integration_id)
        now = timezone.now()
        slot = max(_free(rows, operation), now)
        if (slot - now).total_seconds() > patience:
            raise NoSlot(slot)
        changed = _recover(row, now)
        _save(rows, operation, slot + _gap(row, operation), *changed)
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
        _row, rows = _locked(integration_id)
        now = timezone.now()
        rest = min(max(retry_after if retry_after is not None else 1.0, 0.1), 3600.0)
        at = max(_free(rows, operation), now + timedelta(seconds=rest))
        for row in rows:
            # Several requests of one burst are refused together: that is one lesson, not several.
            if row.slowed_at is None or (now - row.slowed_at).total_seconds() > 1:
                setattr(row, f"{operation}_rate", max(SLOWEST, float(getattr(row, f"{operation}_rate")) / 2))
            row.slowed_at = now
        _save(rows, operation, at, f"{operation}_rate", "slowed_at")
    return at
