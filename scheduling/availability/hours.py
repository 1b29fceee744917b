"""Hours at which people can be interviewed, or interview, by the clocks where they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from organizations.models import DayOff, Membership
from scheduling.availability.local_time import local_days
from scheduling.availability.stretches import Stretch

#: From Monday to Friday, a candidate's interview lies between these.
CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS = time(8), time(20)
#: Saturday and Sunday, everywhere. In some countries the week ends on Friday: there a person overrides the conflict.
CANDIDATE_WEEKEND = frozenset({6, 7})
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)

DaysOff = dict[int, dict[date, DayOff]]


def is_night(stretch: Stretch, zone: str) -> bool:
    """Return whether a part of the stretch is earlier or later than a candidate's day."""
    place = ZoneInfo(zone)
    first, last = stretch.starts_at.astimezone(place), (stretch.ends_at - _MOMENT).astimezone(place)
    same_day = first.date() == last.date()
    return not (same_day and first.time() >= CANDIDATE_DAY_BEGINS and last.time() < CANDIDATE_DAY_ENDS)


def weekend_day(stretch: Stretch, zone: str) -> date | None:
    """Return the first day of the stretch that is a candidate's weekend."""
    return next((day for day in local_days(*stretch, zone) if day.isoweekday() in CANDIDATE_WEEKEND), None)


def is_fine(stretch: Stretch, zone: str) -> bool:
    """Return whether the stretch is within a candidate's day, and not on a weekend."""
    return not is_night(stretch, zone) and weekend_day(stretch, zone) is None


def days_off(memberships: Collection[int], within: Stretch) -> DaysOff:
    """Return the days off near a stretch, by membership and day, in one query.

    A member's own day may begin up to a day before or after the one of UTC.
    """
    near = (within.starts_at.date() - _DAY, within.ends_at.date() + _DAY)
    found: DaysOff = {}
    for off in DayOff.objects.filter(membership__in=memberships, day__range=near).order_by("id"):
        found.setdefault(off.membership_id, {})[off.day] = off
    return found


def is_at_work(member: Membership, stretch: Stretch) -> bool:
    """Return whether a stretch lies in one working day of a member, whose hours may run past midnight."""
    place = ZoneInfo(member.user.time_zone)
    start, end = (at.astimezone(place).replace(tzinfo=None) for at in stretch)
    overnight = timedelta(days=1 if member.work_until <= member.work_from else 0)
    for day in (start.date() - _DAY, start.date()):
        if str(day.isoweekday()) not in member.work_days:
            continue
        begins = datetime.combine(day, member.work_from)
        ends = datetime.combine(day, member.work_until) + overnight
        if begins <= start and end <= ends:
            return True
    return False
