"""How fresh a calendar's snapshot is. One that is too old, or was never read, is unknown: never is it free."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.calendar_registry import CALENDARS

#: A read that is so much overdue was missed: the vendor, or the work in the background, is away.
OVERDUE = timedelta(minutes=30)


def is_fresh(kind: str, read_at: datetime | None, *, is_watched: bool, now: datetime) -> bool:
    """Whether a calendar that was last read then still tells the truth: it missed no more than one read."""
    entry = CALENDARS.get(kind)
    if entry is None or read_at is None:
        return False
    limits = entry.info.limits
    minutes = limits.watched_poll_minutes if is_watched else limits.poll_minutes
    return read_at > now - 2 * timedelta(minutes=minutes) - OVERDUE
