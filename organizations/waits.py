"""Waits between tries, and what a worker claims a row with: the same for everything that is called outside."""

from __future__ import annotations

import random
import secrets
from datetime import timedelta

LONGEST = timedelta(minutes=10)


def back_off(attempts: int) -> timedelta:
    """Return 2, 4, 8 ... seconds, at most ten minutes; a random half of that is left out."""
    return min(LONGEST, timedelta(seconds=2.0 ** min(attempts, 20))) * random.uniform(0.5, 1)  # noqa: S311


def new_claim() -> str:
    return secrets.token_hex(8)
