"""One rate limit per API key, for all processes and machines together.

The next free moment of each kind of request, its slot, stands in the row of the integration or calendar connection:
functions here take its id, and its model as `of` where it is no integration. Whoever wants to call the vendor takes
that slot and moves it on, in a short transaction of its own, and then waits for it outside any transaction.

Where several rows have the very same key they share one budget: the slot is moved on in all of their rows. The faster
of their ceilings is then the most that they send together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from integrations.base import Operation
from integrations.models import Integration, RateLimited
from organizations.compiled import Compiled, CompiledUpdate, among

OPERATIONS: tuple[Operation, ...] = ("write", "read")
Rows = type[RateLimited]
# Slots are this much further apart than the limit asks, so that a late sender does not crowd the next second.
SPACING = 1.02
# After so long a rest a key's first request may leave late: connections are made, threads start. The slot after it is
# further away by as much as that takes.
REST, COLD_START = timedelta(seconds=1), timedelta(seconds=0.05)
# A sender later than this many seconds moves all later slots by its delay, instead of crowding them.
ON_TIME_SECONDS = 0.008
# Requests per second below which "too fast" throttles no further.
MIN_RATE = 0.2
RECOVER_AFTER = timedelta(seconds=10)


@sensitive_variables()
def budget_of(api_key: str) -> str:
    """Return what is equal for equal keys and says nothing else: 64 characters, useless without SECRET_KEY."""
    return salted_hmac("integrations.budget", api_key, algorithm="sha256").hexdigest()


class NoSlot(Exception):
    """The next free slot is further away than the caller may wait. `at`: when to come back."""

    def __init__(self, at: datetime) -> None:
        super().__init__("no slot")
        self.at = at


def wait_for_slot(
    row_id: int,
    operation: Operation,
    *,
    max_wait: float,
    taken: Callable[[datetime], None] | None = None,
    of: Rows = Integration,
) -> None:
    """Return at the moment the request may be sent. Raises NoSlot when that is over `max_wait` seconds away.

    `taken` is called with each slot before it is waited for.
    """
    slot = reserve(row_id, operation, max_wait=max_wait, of=of)
    wait_until(row_id, operation, slot, max_wait=max_wait, taken=taken, of=of)


def wait_until(
    row_id: int,
    operation: Operation,
    slot: datetime,
    *,
    max_wait: float,
    taken: Callable[[datetime], None] | None = None,
    of: Rows = Integration,
) -> timedelta:
    """Wait for a slot from `reserve`: the second half of `wait_for_slot`, for callers with work in between.

    A missed slot is used late, or given up for a new one. Raises NoSlot when that is over `max_wait` seconds away.
    Returns by how much the free slots were moved on for a late sender, who has to move its own later ones as well.
    """
    while True:
        if taken is not None:
            taken(slot)
        pause = (slot - timezone.now()).total_seconds()
        if pause > 0:
            time.sleep(pause)
        late = timezone.now() - slot
        if late.total_seconds() <= ON_TIME_SECONDS:
            return timedelta(0)
        if _delay_later_slots(row_id, operation, slot, late, of):
            return late
        slot = reserve(row_id, operation, max_wait=max_wait, of=of)


def _delay_later_slots(row_id: int, operation: Operation, slot: datetime, late: timedelta, of: Rows) -> bool:
    """Move the free slots on by a sender's delay.

    False when others have taken slots so far ahead that those, which can't be moved, would crowd a second with this
    sender's request: its slot is then given up for a new one.
    """
    with transaction.atomic():
        row, rows = _locked(row_id, of)
        free = _next_free(rows, operation)
        # At a slow rate the next slot is over a second away although nobody has taken one ahead.
        nobody_ahead = _gap(row, operation) + COLD_START + timedelta(milliseconds=1)
        if free - slot > max(timedelta(seconds=1), nobody_ahead):
            return False
        _save(rows, operation, free + late)
    return True


def _gap(row: RateLimited, operation: Operation) -> timedelta:
    return timedelta(seconds=SPACING / float(getattr(row, f"{operation}_rate")))


def _locked(row_id: int, of: Rows) -> tuple[RateLimited, list[RateLimited]]:
    """Lock the row and all rows with the same key. Read the columns of the rate limit, and nothing encrypted."""
    rows = _locking(of).all(row_id)
    row = next((row for row in rows if row.pk == row_id), None)
    if row is None:
        raise of.DoesNotExist
    return row, rows


@cache
def _locking(of: Rows) -> Compiled[RateLimited]:
    def build(row_id: int) -> QuerySet[RateLimited]:
        columns = ["write_ceiling", "read_ceiling", "write_rate", "read_rate"]
        columns += ["next_write_at", "next_read_at", "throttled_at"]
        this = of._default_manager.filter(pk=row_id).exclude(budget="").values("budget")
        together = of._default_manager.filter(Q(pk=row_id) | Q(budget__in=this))
        # In one order, or two could lock crosswise.
        return together.select_for_update().only(*columns).order_by("pk")

    return Compiled(build, int)


def _next_free(rows: list[RateLimited], operation: Operation) -> datetime:
    free: datetime = max(getattr(row, f"next_{operation}_at") for row in rows)
    return free


def _save(rows: list[RateLimited], operation: Operation, free: datetime, *changed: str) -> None:
    """Store the next free slot of all, and the columns that `changed`."""
    if not changed:
        _saving(type(rows[0]), operation).run([row.pk for row in rows], free)
        return
    for row in rows:
        setattr(row, f"next_{operation}_at", free)
        row.save(update_fields=[f"next_{operation}_at", *changed])


@cache
def _saving(of: Rows, operation: Operation) -> CompiledUpdate:
    def build(pks: list[int], free: datetime) -> tuple[QuerySet[RateLimited], dict[str, Any]]:
        return of._default_manager.filter(among("pk", pks)), {f"next_{operation}_at": free}

    return CompiledUpdate(build, list, datetime)


def reserve(row_id: int, operation: Operation, *, max_wait: float, of: Rows = Integration) -> datetime:
    """Take the next free slot, an aware moment. Raises NoSlot, and takes nothing, when it is too far away."""
    return reserve_several(row_id, operation, 1, max_wait=max_wait, of=of)[0]


def reserve_several(
    row_id: int, operation: Operation, most: int, *, max_wait: float, of: Rows = Integration
) -> list[datetime]:
    """Take the next free slots that come within `max_wait` seconds, `most` of them, in their order.

    Raises NoSlot, and takes nothing, when the first one is too far away.
    """
    with transaction.atomic():
        row, rows = _locked(row_id, of)
        now = timezone.now()
        free = _next_free(rows, operation)
        first = max(free, now)
        if (first - now).total_seconds() > max_wait:
            raise NoSlot(first)
        changed = _recover(row, now)
        gap, slots = _gap(row, operation), [first]
        following = first + gap + (COLD_START if now - free > REST else timedelta(0))
        while len(slots) < most and (following - now).total_seconds() <= max_wait:
            slots.append(following)
            following += gap
        _save(rows, operation, following, *changed)
    return slots


def slots_within(integration: RateLimited, operation: Operation, seconds: float) -> int:
    """How many slots of a key, as it was read, are free from now until so many `seconds` from now."""
    ahead = max(0.0, (getattr(integration, f"next_{operation}_at") - timezone.now()).total_seconds())
    return max(0, int((seconds - ahead) / _gap(integration, operation).total_seconds()) + 1) if ahead <= seconds else 0


def _recover(row: RateLimited, now: datetime) -> list[str]:
    """Raise a throttled rate towards its ceiling, by a step every 10 s. A lowered ceiling counts at once.

    Returns the columns that changed.
    """
    changed = []
    rested = row.throttled_at is not None and now - row.throttled_at >= RECOVER_AFTER
    for operation in OPERATIONS:
        rate, ceiling = getattr(row, f"{operation}_rate"), getattr(row, f"{operation}_ceiling")
        wanted = min(ceiling, rate * 1.5) if rested or row.throttled_at is None else min(ceiling, rate)
        if wanted != rate:
            setattr(row, f"{operation}_rate", wanted)
            changed.append(f"{operation}_rate")
    if rested:
        full = row.write_rate >= row.write_ceiling and row.read_rate >= row.read_ceiling
        row.throttled_at = None if full else now
        changed.append("throttled_at")
    return changed


def throttle(row_id: int, operation: Operation, *, retry_after: float | None, of: Rows = Integration) -> datetime:
    """Halve the rate after the vendor said "too fast". No request of this kind is sent for `retry_after` seconds.

    Without a `retry_after` that is a second; it is at most an hour. Returns when the next request may be sent.
    """
    with transaction.atomic():
        _row, rows = _locked(row_id, of)
        now = timezone.now()
        rest = min(max(retry_after if retry_after is not None else 1.0, 0.1), 3600.0)
        at = max(_next_free(rows, operation), now + timedelta(seconds=rest))
        for row in rows:
            # Several requests of one burst are refused together: that is one lesson, not several.
            if row.throttled_at is None or (now - row.throttled_at).total_seconds() > 1:
                setattr(row, f"{operation}_rate", max(MIN_RATE, float(getattr(row, f"{operation}_rate")) / 2))
            row.throttled_at = now
        _save(rows, operation, at, f"{operation}_rate", "throttled_at")
    return at
