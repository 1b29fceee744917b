"""Default times for a plan's interviews, for a person to change.

Times lie in the organization's working hours, on no public holiday of its, in the hours of the plan's interview, and
in the candidate's day: the last two as far as there is such a time. People are chosen later, so that what keeps them
busy is not looked at; but each interview has its buffer, whoever it will be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobs.models import PlanInterview
from organizations.public_holidays import is_holiday
from scheduling.availability.buffers import NO_BUFFER, Buffer
from scheduling.availability.hours import has_hours, is_fine, may_be
from scheduling.availability.stretches import Stretch

DAY_BEGINS, DAY_ENDS = time(10), time(17)
#: For candidates far away, whose day meets the organization's for few hours only.
EARLY_BEGIN = time(9)
BREAK = timedelta(minutes=15)
#: For an interview whose own hours are not among these: rather early or late than in the night.
_WIDE, _ANY = (time(7), time(21)), (time(0), time(23, 59))
_STEP = timedelta(minutes=15)
_WEEKEND = {6, 7}
#: So many working days are searched: a candidate who fits on none of them fits on no other.
_DAYS = 5


@dataclass(frozen=True)
class PlanZones:
    """The zones whose hours count: the organization's, and the candidate's, empty while nobody is chosen.

    `entry` is the schedule's, by whose clocks a plan's interview has its hours; empty for the organization's. On public
    holidays of the place `holidays_of` nothing is proposed.
    """

    home: str
    candidate: str = ""
    entry: str = ""
    holidays_of: str = ""


@dataclass(frozen=True)
class Length:
    """The minutes of an interview, with its buffer, and the plan's interview whose hours it has."""

    minutes: int
    buffer: Buffer = NO_BUFFER
    plan: PlanInterview | None = None

    @property
    def time(self) -> timedelta:
        return timedelta(minutes=self.minutes)


def next_working_day(after: date, holidays_of: str = "") -> date:
    """Return the first day later than `after` from Monday to Friday that is no public holiday of a place."""
    day = after + timedelta(days=1)
    while day.isoweekday() in _WEEKEND or is_holiday(holidays_of, day):
        day += timedelta(days=1)
    return day


def propose(lengths: Sequence[Length], zones: PlanZones, now: datetime) -> list[datetime]:
    """Return a beginning for each length: from the organization's next working day at 10:00, with breaks between.

    An interview that would end after 17:00 moves to the working day after, unless it is too long for any day. For a
    candidate far away the day may begin at 9:00; where no hour suits both, the candidate's zone is ignored, and where
    none suits the interview's own hours, these are, too. A break is as long as the buffers that it has room for.
    """
    day = next_working_day(now.astimezone(ZoneInfo(zones.home)).date(), zones.holidays_of)
    at, before = datetime.combine(day, time(0)), None
    proposed = []
    for length in lengths:
        if before is not None:
            at += max(BREAK, timedelta(minutes=before.buffer.after + length.buffer.before))
            if at.date() != day:
                at = datetime.combine(next_working_day(day, zones.holidays_of), time(0))
        begin = _next_fit(at, length, zones)
        proposed.append(begin.replace(tzinfo=ZoneInfo(zones.home)).astimezone(UTC))
        day, at, before = begin.date(), begin + length.time, length
    return proposed


def propose_after(starts_at: datetime, last: Length, length: Length, zones: PlanZones) -> datetime:
    """Return a beginning for an interview of `length`: a break after the `last` one, which begins then.

    It is on the next working day when it gets late.
    """
    local = starts_at.astimezone(ZoneInfo(zones.home)).replace(tzinfo=None)
    at = local + last.time + max(BREAK, timedelta(minutes=last.buffer.after + length.buffer.before))
    if at.date() != local.date() or at.time() >= DAY_ENDS:
        at = datetime.combine(next_working_day(local.date(), zones.holidays_of), time(0))
    return _next_fit(at, length, zones).replace(tzinfo=ZoneInfo(zones.home)).astimezone(UTC)


def _next_fit(at: datetime, length: Length, zones: PlanZones) -> datetime:
    """Return the first local time from `at` on, naive, that fits into the organization's day and suits the interview.

    An interview with hours of its own, which may be earlier or later than that day, is at any time of them rather than
    outside, and there rather in the candidate's night than not at all.
    """
    usual = (DAY_BEGINS if _meets_all_day(at, zones) else EARLY_BEGIN, DAY_ENDS)
    tries = [(zones, usual)]
    if length.plan is not None and has_hours(length.plan):
        here = replace(zones, candidate="")
        tries += [(zones, _WIDE), (here, usual), (here, _WIDE), (here, _ANY)]
    found = (_first_fine(at, length, whose, between) for whose, between in tries)
    return next(filter(None, found), None) or _plain_fit(at, length, zones)


def _first_fine(at: datetime, length: Length, zones: PlanZones, between: tuple[time, time]) -> datetime | None:
    """Return the first time on `_DAYS` working days between two clock times."""
    day = at.date()
    for _day in range(_DAYS):
        start = max(at, datetime.combine(day, between[0]))
        while start + length.time <= datetime.combine(day, between[1]):
            if _is_fine(start, length, zones):
                return start
            start += _STEP
        day = next_working_day(day, zones.holidays_of)
    return None


def _plain_fit(at: datetime, length: Length, zones: PlanZones) -> datetime:
    """Return the first that fits into the organization's day; its beginning for an interview too long for any day."""
    start = max(at, datetime.combine(at.date(), DAY_BEGINS))
    if start.time() == DAY_BEGINS or start + length.time <= datetime.combine(at.date(), DAY_ENDS):
        return start
    return datetime.combine(next_working_day(at.date(), zones.holidays_of), DAY_BEGINS)


def _is_fine(start: datetime, length: Length, zones: PlanZones) -> bool:
    begin = start.replace(tzinfo=ZoneInfo(zones.home))
    stretch = Stretch(begin, begin + length.time)
    is_day = not zones.candidate or is_fine(stretch, zones.candidate)
    return is_day and may_be(length.plan, stretch, zones.entry or zones.home)


def _meets_all_day(at: datetime, zones: PlanZones) -> bool:
    """Return whether all of the organization's day is fine for the candidate."""
    day = datetime.combine(at.date(), DAY_BEGINS)
    minutes = (datetime.combine(at.date(), DAY_ENDS) - day) // timedelta(minutes=1)
    return _is_fine(day, Length(minutes), zones)
