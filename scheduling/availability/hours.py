"""Hours at which people can be interviewed, or interview, by the clocks where they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jobs.models import PlanInterview
from organizations.models import DayOff, Membership, Organization
from organizations.public_holidays import holidays_in, named, place_of
from scheduling.availability.local_time import local_days
from scheduling.availability.stretches import Stretch

#: From Monday to Friday, a candidate's interview lies between these.
CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS = time(8), time(20)
#: Saturday and Sunday, everywhere. In some countries the week ends on Friday: there a person overrides the conflict.
CANDIDATE_WEEKEND = frozenset({6, 7})
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class OffDay(NamedTuple):
    """A day off of a member: one that they took, with a `note`, or a public holiday, with its name and its `place`."""

    day: date
    note: str = ""
    holiday: str = ""
    place: str = ""


DaysOff = dict[int, dict[date, OffDay]]


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


def days_off(organization: Organization, members: Collection[Membership], within: Stretch) -> DaysOff:
    """Return the days off near a stretch, by membership and day, in one query; public holidays are in memory.

    A day off that a member took counts before the public holiday of that day. A member's own day may begin up to a day
    before or after the one of UTC.
    """
    near = (within.starts_at.date() - _DAY, within.ends_at.date() + _DAY)
    of_places = {place: _holidays(place, *near) for place in {place_of(one, organization) for one in members}}
    found = {one.pk: dict(days) for one in members if (days := of_places[place_of(one, organization)])}
    for off in DayOff.objects.filter(membership__in=[one.pk for one in members], day__range=near).order_by("id"):
        found.setdefault(off.membership_id, {})[off.day] = OffDay(off.day, off.note)
    return found


def _holidays(place: str, first: date, last: date) -> dict[date, OffDay]:
    found = holidays_in(place, first, last)
    return {day: OffDay(day, holiday=name, place=named(place)) for day, name in found.items()}


def has_hours(plan: PlanInterview) -> bool:
    """Return whether a plan's interview has days or hours of its own."""
    return bool(plan.hours_days or plan.hours_from or plan.hours_until)


def may_be(plan: PlanInterview | None, stretch: Stretch, zone: str) -> bool:
    """Return whether a stretch lies in the hours of a plan's interview, on one of its days, by clocks in `zone`.

    The zone is the schedule's: it is known before there are people, and the one in which times are entered and read.
    """
    if plan is None or not has_hours(plan):
        return True
    place = ZoneInfo(zone)
    first, last = stretch.starts_at.astimezone(place), (stretch.ends_at - _MOMENT).astimezone(place)
    shown = [first, last]
    if first.utcoffset() != last.utcoffset():  # clocks jump on the way, maybe out of the hours and back
        minutes = int((stretch.ends_at - stretch.starts_at).total_seconds() // 60)
        shown += [(stretch.starts_at + timedelta(minutes=one)).astimezone(place) for one in range(minutes)]
    return all(at.date() == first.date() and _is_in_hours(plan, at) for at in shown)


def _is_in_hours(plan: PlanInterview, local: datetime) -> bool:
    if plan.hours_days and str(local.isoweekday()) not in plan.hours_days:
        return False
    is_early = plan.hours_from is not None and local.time() < plan.hours_from
    return not is_early and (plan.hours_until is None or local.time() < plan.hours_until)


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
