"""Calls of each integration by day, for "Integration health": links created, failures by code, and answer times.

A process counts in memory and adds what it has counted to the rows of the day every ten seconds, after a task: however
many calls there are, each integration's row is written once in that time, and no call waits for it. A process that is
killed loses the counts of its last seconds; whether each link works does not depend on them.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from integrations.base import ToolError
from integrations.models import Integration, IntegrationDay

#: Seconds between two times that a process writes what it has counted.
EVERY = 10.0
#: Days that are shown; rows go after twice as many.
SHOWN = 30
#: Upper bounds of answer times in seconds, each a quarter above the last: from 10 ms to a minute.
BOUNDS = [0.01 * 1.25**step for step in range(40)]

log = structlog.get_logger(__name__)


@dataclass
class _Counts:
    made: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)


_lock = threading.Lock()
_counts: dict[int, _Counts] = {}
_written = time.monotonic()


def note(integration_id: int, *, seconds: float, problem: ToolError | None, made_link: bool) -> None:
    """Count a call that has ended. `seconds`: how long the vendor took. Asks the database nothing."""
    with _lock:
        counts = _counts.setdefault(integration_id, _Counts())
        if problem is not None:
            counts.failures[problem.code[:60] or "unknown"] += 1
            return
        counts.made += made_link
        counts.times[bisect_left(BOUNDS, seconds)] += 1


def write_when_due(**_signal: object) -> None:
    """Write what was counted, unless that was done a moment ago. Receives Celery's signals, after each task."""
    if _counts and time.monotonic() - _written >= EVERY:
        write()


def write(**_signal: object) -> None:
    """Add what this process has counted to the rows of today. What can't be written stays for the next time."""
    global _counts, _written
    with _lock:
        taken, _counts, _written = _counts, {}, time.monotonic()
    if not taken:
        return
    try:
        _add(taken)
    except DatabaseError as problem:
        log.warning("calls_not_counted", problem=type(problem).__name__)
        with _lock:
            for pk, counts in taken.items():
                kept = _counts.setdefault(pk, _Counts())
                kept.made += counts.made
                kept.failures += counts.failures
                kept.times += counts.times


@transaction.atomic
def _add(taken: dict[int, _Counts]) -> None:
    """Each integration's row of the day, in one order: two processes could lock crosswise otherwise."""
    known = Integration.objects.filter(pk__in=taken).order_by("pk")
    zones = known.values_list("pk", "organization_id", "organization__time_zone")
    for pk, organization_id, zone in zones:
        today = timezone.localdate(timezone=ZoneInfo(zone))
        row, is_new = IntegrationDay.objects.select_for_update().get_or_create(
            integration_id=pk, day=today, defaults={"organization_id": organization_id}
        )
        counts = taken[pk]
        row.made += counts.made
        row.failures = dict(Counter(row.failures) + counts.failures)
        stored = [*row.times, *[0] * (len(BOUNDS) + 1 - len(row.times))]
        row.times = [number + counts.times[place] for place, number in enumerate(stored)]
        row.save()
        if is_new:
            IntegrationDay.objects.filter(integration_id=pk, day__lt=today - timedelta(days=2 * SHOWN)).delete()


@dataclass(frozen=True)
class Day:
    """The calls of one day, or of several together. Times in seconds; None where no call was answered."""

    day: date | None
    made: int
    failures: Counter[str]
    times: Sequence[int]

    @property
    def failed(self) -> int:
        return self.failures.total()

    @property
    def median(self) -> float | None:
        return quantile(self.times, 0.5)

    @property
    def slowest(self) -> float | None:
        """The time within which 95 of 100 calls were answered."""
        return quantile(self.times, 0.95)


def days_of(rows: Sequence[IntegrationDay], today: date) -> list[Day]:
    """The days that are shown, the newest first, also those without a row."""
    known = {row.day: row for row in rows}
    days = [today - timedelta(days=back) for back in range(SHOWN)]
    return [
        Day(day, row.made, Counter(row.failures), row.times) if (row := known.get(day)) else Day(day, 0, Counter(), [])
        for day in days
    ]


def all_of(days: Sequence[Day]) -> Day:
    """All days as one."""
    failures, times = Counter[str](), Counter[int]()
    for day in days:
        failures += day.failures
        times.update(dict(enumerate(day.times)))
    return Day(None, sum(day.made for day in days), failures, [times[place] for place in range(len(BOUNDS) + 1)])


def quantile(times: Sequence[int], share: float) -> float | None:
    """The time within which this share of calls was answered, at most an eighth off. None without calls."""
    wanted = sum(times) * share
    passed = 0
    for place, number in enumerate(times):
        if number and passed + number >= wanted:
            lower, upper = (BOUNDS[place - 1] if place else 0.0), BOUNDS[min(place, len(BOUNDS) - 1)]
            return lower + (upper - lower) * (wanted - passed) / number
        passed += number
    return None
