"""A first proposal of times for a plan's interviews, for a person to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(10), time(17)
BREAK = timedelta(minutes=15)
_WEEKEND = {6, 7}


def next_working_day(after: date) -> date:
    """The first day later than `after` from Monday to Friday."""
    day = after + timedelta(days=1)
    while day.isoweekday() in _WEEKEND:
        day += timedelta(days=1)
    return day


def propose(minutes: Sequence[int], zone: str, now: datetime) -> list[tuple[date, time]]:
    """Days and clock times in `zone`, one per length: from the next working day at 10:00, with breaks between.

    What would end after 17:00 moves to the working day after, unless it is too long for any day.
    """
    at = datetime.combine(next_working_day(now.astimezone(ZoneInfo(zone)).date()), DAY_BEGINS)
    proposed = []
    for length in minutes:
        ends = at + timedelta(minutes=length)
        if ends > datetime.combine(at.date(), DAY_ENDS) and at.time() != DAY_BEGINS:
            at = datetime.combine(next_working_day(at.date()), DAY_BEGINS)
            ends = at + timedelta(minutes=length)
        proposed.append((at.date(), at.time()))
        at = ends + BREAK
        if at.date() != proposed[-1][0]:
            at = datetime.combine(next_working_day(proposed[-1][0]), DAY_BEGINS)
    return proposed


def propose_after(day: date, clock: time, minutes: int) -> tuple[date, time]:
    """A break after an interview that begins then and takes that long; the next working day when it gets late."""
    at = datetime.combine(day, clock) + timedelta(minutes=minutes) + BREAK
    if at.date() != day or at.time() >= DAY_ENDS:
        return next_working_day(day), DAY_BEGINS
    return at.date(), at.time()
