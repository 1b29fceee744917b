"""When interviews are fine for candidates, by the clocks where they are."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

#: From Monday to Friday, an interview lies between these.
CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS = time(8), time(20)
#: Saturday and Sunday, everywhere. In some countries the week ends on Friday: who knows better overrules the conflict.
CANDIDATE_WEEKEND = frozenset({6, 7})
_MOMENT = timedelta(microseconds=1)


def is_night(starts_at: datetime, ends_at: datetime, zone: str) -> bool:
    """Whether a part of it is earlier or later than the candidate's day."""
    first, last = starts_at.astimezone(ZoneInfo(zone)), (ends_at - _MOMENT).astimezone(ZoneInfo(zone))
    same_day = first.date() == last.date()
    return not (same_day and first.time() >= CANDIDATE_DAY_BEGINS and last.time() < CANDIDATE_DAY_ENDS)


def weekend_day(starts_at: datetime, ends_at: datetime, zone: str) -> datetime | None:
    """The first moment of it that is on the candidate's weekend, as clocks show it there."""
    for at in (starts_at, ends_at - _MOMENT):
        local = at.astimezone(ZoneInfo(zone))
        if local.isoweekday() in CANDIDATE_WEEKEND:
            return local
    return None


def is_fine(starts_at: datetime, ends_at: datetime, zone: str) -> bool:
    return not is_night(starts_at, ends_at, zone) and weekend_day(starts_at, ends_at, zone) is None
