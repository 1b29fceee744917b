"""Default times for a plan's interviews, for a person to change.

Times lie in the organization's working hours and, where these meet, in the candidate's day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.availability.hours import is_fine
from scheduling.availability.stretches import Stretch

DAY_BEGINS, DAY_ENDS = time(10), time(17)
#: For candidates far away, whose day meets the organization's for few hours only.
EARLY_BEGIN = time(9)
BREAK = timedelta(minutes=15)
_STEP = timedelta(minutes=15)
_WEEKEND = {6, 7}
#: So many working days are searched: a candidate who fits on none of them fits on no other.
_DAYS = 5


@dataclass(frozen=True)
class PlanZones:
    """The zones whose hours count: the organization's, and the candidate's, empty while nobody is chosen."""

    home: str
    candidate: str = ""


def next_working_day(after: date) -> date:
    """Return the first day later than `after` from Monday to Friday."""
    day = after + timedelta(days=1)
    while day.isoweekday() in _WEEKEND:
        day += timedelta(days=1)
    return day


def propose(minutes: Sequence[int], zones: PlanZones, now: datetime) -> list[datetime]:
    """Return a beginning for each length: from the organization's next working day at 10:00, with breaks between.

    An interview that would end after 17:00 moves to the working day after, unless it is too long for any day. For a
    candidate far away the day may begin at 9:00; where no hour suits both, the candidate's zone is ignored.
    """
    day = next_working_day(now.astimezone(ZoneInfo(zones.home)).date())
    at = datetime.combine(day, time(0))
    proposed = []
    for length in minutes:
        begin = _next_fit(at, length, zones)
        proposed.append(begin.replace(tzinfo=ZoneInfo(zones.home)).astimezone(UTC))
        at = begin + timedelta(minutes=length) + BREAK
        if at.date() != begin.date():
            at = datetime.combine(next_working_day(begin.date()), time(0))
    return proposed


def propose_after(starts_at: datetime, minutes: int, length: int, zones: PlanZones) -> datetime:
    """Return a beginning for an interview of `length`: a break after one that begins then and takes `minutes`.

    It is on the next working day when it gets late.
    """
    local = starts_at.astimezone(ZoneInfo(zones.home)).replace(tzinfo=None)
    at = local + timedelta(minutes=minutes) + BREAK
    if at.date() != local.date() or at.time() >= DAY_ENDS:
        at = datetime.combine(next_working_day(local.date()), time(0))
    return _next_fit(at, length, zones).replace(tzinfo=ZoneInfo(zones.home)).astimezone(UTC)


def _next_fit(at: datetime, length: int, zones: PlanZones) -> datetime:
    """Return the first local time from `at` on, naive, that fits into the organization's day and the candidate's."""
    begins = DAY_BEGINS if _meets_all_day(at, zones) else EARLY_BEGIN
    day = at.date()
    for _day in range(_DAYS):
        start = max(at, datetime.combine(day, begins))
        while _fits(start, length, day):
            if _is_fine(start, length, zones):
                return start
            start += _STEP
        day = next_working_day(day)
    return _plain_fit(at, length)


def _plain_fit(at: datetime, length: int) -> datetime:
    """Return the first that fits into the organization's day; its beginning for an interview too long for any day."""
    start = max(at, datetime.combine(at.date(), DAY_BEGINS))
    if start.time() == DAY_BEGINS or _fits(start, length, at.date()):
        return start
    return datetime.combine(next_working_day(at.date()), DAY_BEGINS)


def _fits(start: datetime, length: int, day: date) -> bool:
    return start + timedelta(minutes=length) <= datetime.combine(day, DAY_ENDS)


def _is_fine(start: datetime, length: int, zones: PlanZones) -> bool:
    if not zones.candidate:
        return True
    begin = start.replace(tzinfo=ZoneInfo(zones.home))
    return is_fine(Stretch(begin, begin + timedelta(minutes=length)), zones.candidate)


def _meets_all_day(at: datetime, zones: PlanZones) -> bool:
    """Return whether all of the organization's day is fine for the candidate."""
    day = datetime.combine(at.date(), DAY_BEGINS)
    length = (datetime.combine(at.date(), DAY_ENDS) - day) // timedelta(minutes=1)
    return _is_fine(day, length, zones)
