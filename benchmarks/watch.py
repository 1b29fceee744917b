"""Watch the links' rows while things break: how long one stands still, and whether anything committed is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils import timezone

from scheduling.models import CodingLink, LinkEvent, LinkState

BUSY = (LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.CANCELLING)
LOOK_EVERY = 0.2
# Fields of which one changes whenever a worker claims a row or releases it.
Marks = tuple[str, str, datetime | None]


@dataclass
class Standing:
    """A row that is due or claimed, as first seen so, and for how many seconds since then a worker was there."""

    marks: Marks
    seconds: float = 0.0
    stale: bool = False


class Watch:
    """The observer of the rows. `worker_is_there()` says whether a worker is there, and the services that it needs."""

    def __init__(self, worker_is_there: Callable[[], bool]) -> None:
        self._worker_is_there = worker_is_there
        self._standing: dict[int, Standing] = {}
        self._looked: float | None = None
        self._mark = False
        self._events: dict[int, str] = {}
        # Seconds, of rows that something had happened to, and of all.
        self.stale: list[float] = []
        self.longest = 0.0

    def damaged(self) -> None:
        """Note that something was killed or lost just now: rows that are due or claimed count as stale from here."""
        self._mark = True

    def rest(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Watch for so many seconds, or until a condition holds. Return whether it does."""
        end = time.monotonic() + seconds
        while not (done := until()) and time.monotonic() < end:
            self.look()
            time.sleep(LOOK_EVERY)
        return done

    def look(self) -> None:
        """Read the rows once. While the database is away nothing is noted; earlier commits are checked afterwards."""
        now = time.monotonic()
        passed = now - self._looked if self._looked is not None and self._worker_is_there() else 0.0
        self._looked = now
        try:
            self._take(passed)
            last = max(self._events, default=0)
            self._events |= dict(LinkEvent.objects.filter(pk__gt=last).values_list("pk", "code"))
        except DatabaseError:
            connection.close()

    def _take(self, passed: float) -> None:
        at = timezone.now()
        rows = CodingLink.objects.filter(state__in=BUSY).values_list(
            "pk", "state", "claim", "next_attempt_at", "problem_code"
        )
        waiting: dict[int, Marks] = {
            pk: (state, claim, due)
            for pk, state, claim, due, problem in rows
            if (claim or (due is not None and due <= at)) and problem != "ambiguous"
        }
        for pk, one in list(self._standing.items()):
            one.seconds += passed
            self.longest = max(self.longest, one.seconds)
            if waiting.get(pk) != one.marks:
                self.stale += [one.seconds] if one.stale else []
                del self._standing[pk]
        for pk, marks in waiting.items():
            one = self._standing.setdefault(pk, Standing(marks))
            if self._mark and not one.stale:
                one.stale, one.seconds = True, 0.0
        self._mark = False

    def lost(self) -> list[int]:
        """Ids of link events that had been committed and are gone."""
        there = dict(LinkEvent.objects.values_list("pk", "code"))
        return [pk for pk, code in self._events.items() if there.get(pk) != code]

    @property
    def still_standing(self) -> list[float]:
        """Seconds for which each row that is due or claimed has stood still until now."""
        return [one.seconds for one in self._standing.values()]
