"""Calls of coding tools that have ended, for whoever measures them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A call as `/metrics` counts it. `code`: of its error; "" where there was none. `seconds`: without waiting."""

    tool: str
    operation: str
    outcome: str
    code: str
    seconds: float


#: Run on the thread that made the call, as soon as it has ended. They may take no time.
LISTENERS: list[Callable[[Call], None]] = []
