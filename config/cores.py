"""How many processes of a kind to start where no setting says so."""

from __future__ import annotations

import os

#: Each takes memory, a worker 80 MB, and so many web servers serve some hundred people.
MOST = 4


def one_for_each() -> int:
    """One process for each core that this process may use, up to a bound: one process keeps one core busy."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST, cores))
