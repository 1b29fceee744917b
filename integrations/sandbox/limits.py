"""The vendor's rate limit and the log of what arrived."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

WINDOW = 1.0
KEPT_REQUESTS = 200_000


@dataclass(slots=True)
class RequestRecord:
    """One request to /graphql.

    `operation`: the first field asked for, or "invalid". `kind`: "query", "mutation" or "invalid". `arrived`:
    `time.monotonic()` (one clock for all processes of a machine). `key_id`: the key's id, never the key; ""
    when it was not accepted. `answered`: "" while it runs, then "ok", "errors", "invalid", "unauthorized",
    "rate_limited", "stopped" or "fault:<name>". `acted`: whether something was done or read for the caller.
    """

    operation: str
    kind: str
    arrived: float
    key_id: str
    answered: str = ""
    acted: bool = False


class RateLimiter:
    """At most so many requests in any one second, per key and kind. Refused requests do not count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._admitted: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admit(self, key_id: str, kind: str, arrived: float, limit: int) -> bool:
        """Count the request and return True when it fits into the window that ends at `arrived`. 0 means no limit."""
        if limit <= 0:
            return True
        with self._lock:
            times = self._admitted[key_id, kind]
            while times and times[0] <= arrived - WINDOW:
                times.popleft()
            if len(times) >= limit:
                return False
            times.append(arrived)
            return True

    def forget(self) -> None:
        """Start with empty windows."""
        with self._lock:
            self._admitted.clear()


def busiest_second(arrivals: Iterable[float]) -> int:
    """The most arrivals in any window [t, t + 1 s)."""
    times = sorted(arrivals)
    most = start = 0
    for end, moment in enumerate(times):
        while times[start] <= moment - WINDOW:
            start += 1
        most = max(most, end - start + 1)
    return most


class RequestLog:
    """The latest requests, in order of arrival at the log."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._records: deque[RequestRecord] = deque(maxlen=KEPT_REQUESTS)

    def add(self, record: RequestRecord) -> RequestRecord:
        """Keep a request that has just arrived."""
        with self._changed:
            self._records.append(record)
            self._changed.notify_all()
        return record

    def close(self, record: RequestRecord, answered: str, *, acted: bool = False) -> None:
        """Note how the request ended."""
        with self._changed:
            record.answered = answered
            record.acted = acted
            self._changed.notify_all()

    def records(self) -> list[RequestRecord]:
        """A copy of the list."""
        with self._changed:
            return list(self._records)

    def clear(self) -> None:
        """Forget what was logged."""
        with self._changed:
            self._records.clear()

    def wait(self, count: int, operation: str | None = None, *, answered: bool = False, timeout: float = 10.0) -> bool:
        """Wait until `count` requests of the operation (any when None) have arrived, or been answered, since the log
        was last emptied. False after `timeout` seconds.
        """

        def enough() -> bool:
            found = (
                record
                for record in self._records
                if operation in (None, record.operation) and (record.answered or not answered)
            )
            return sum(1 for _ in found) >= count

        with self._changed:
            return self._changed.wait_for(enough, timeout)

    def max_in_any_second(self, kind: str | None = None, key_id: str | None = None) -> int:
        """The most requests that one key sent within any one second, refused ones included."""
        per_key: dict[str, list[float]] = defaultdict(list)
        for record in self.records():
            if kind in (None, record.kind) and key_id in (None, record.key_id):
                per_key[record.key_id].append(record.arrived)
        return max((busiest_second(times) for times in per_key.values()), default=0)

    def refused_by_rate_limit(self) -> int:
        """How many requests the rate limit refused (injected 429s are faults and do not count)."""
        return sum(record.answered == "rate_limited" for record in self.records())


def now() -> float:
    """The clock of `RequestRecord.arrived`."""
    return time.monotonic()
