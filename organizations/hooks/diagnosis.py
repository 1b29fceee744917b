"""Checks of an installation that an app adds to `manage.py doctor`, and rows that wait for a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, in a sentence, and what to do about it. `is_serious`: people can't work, or soon can't."""

    text: str
    cure: str
    is_serious: bool = True


#: A check yields what is wrong. It may take seconds: it is never run for a page.
Check = Callable[[], Iterator[Fault]]

#: By name: "Keys".
CHECKS: dict[str, Check] = {}
#: By what waits ("messages"): when the row was due that has waited longest; None where none is due.
WAITING: dict[str, Callable[[datetime], datetime | None]] = {}
