"""A day or a week of several people, side by side: their working hours, days off and busy times, in one zone.

A day is the stretch between two midnights of that zone: 23, 24 or 25 hours. Everything is a moment in UTC; `ZoneClock`
says how clocks in a zone read over the day, so that a page can show and write times without knowing zones itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from jobs.models import PlanInterview
from organizations.access import Access
from organizations.models import Membership
from organizations.names import first_name
from organizations.zones import city
from scheduling.availability import busy, conflict_messages
from scheduling.availability.buffers import NO_BUFFER, around
from scheduling.availability.busy import BusyTime, BusyTimes
from scheduling.availability.hours import (
    CANDIDATE_DAY_BEGINS,
    CANDIDATE_DAY_ENDS,
    CANDIDATE_WEEKEND,
    DaysOff,
    OffDay,
    days_off,
)
from scheduling.availability.local_time import NonexistentTime, day_starts, format_clock, moment
from scheduling.availability.stretches import Stretch, clipped, gaps, without
from scheduling.models import Candidate, Interview
from scheduling.models.calendars import Weight

CANDIDATE = "candidate"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ZoneClock:
    """A zone's clocks: from each moment on, so many minutes ahead of UTC."""

    zone: str
    offsets: list[tuple[datetime, int]]


@dataclass(frozen=True)
class DayBlock:
    """A stretch of the day that is not free.

    `kind`: away (outside hours), off (a day off), busy, soft (maybe busy), buffer (minutes beside an interview).
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    label: str


@dataclass
class DayColumn:
    """One person's day. `key` is CANDIDATE, or the membership's id; `hours` is a label of when they are there.

    `short_name` and `short_hours` are for the head of a narrow column: `Priya`, `09–17 London`. `is_there` on a
    day with working hours, `is_off` on a day off. `load` is how many interviews the person has in the week, or None for
    the candidate. `unknown` says since when their calendar could not be read; empty where it was, or there is none.
    """

    key: str
    name: str
    role: str
    zone: str
    hours: str
    short_hours: str
    is_there: bool = True
    is_off: bool = False
    load: int | None = None
    unknown: str = ""
    blocks: list[DayBlock] = field(default_factory=list)

    @property
    def short_name(self) -> str:
        return first_name(self.name)


@dataclass(frozen=True)
class Day:
    """A day, from `starts_at` until `ends_at` in UTC, with its columns."""

    day: date
    starts_at: datetime
    ends_at: datetime
    columns: list[DayColumn]


@dataclass(frozen=True)
class DayView:
    """Days one after the other in `clock.zone`. `entry_clock` is of the zone of entry."""

    days: list[Day]
    clock: ZoneClock
    entry_clock: ZoneClock


@dataclass(frozen=True)
class _People:
    """The people of the columns, with what is known of them over all days, read once."""

    candidate: Candidate | None
    members: Sequence[Membership]
    taken: BusyTimes
    off: DaysOff
    week: Stretch


def week_of(day: date) -> list[date]:
    """Return the seven days of the week, from Monday, that a day lies in."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def day_view(
    *,
    access: Access,
    days: Sequence[date],
    zone: str,
    entry_zone: str,
    people: Sequence[Membership],
    candidate: Candidate | None = None,
    excluded: Sequence[Interview] = (),
) -> DayView:
    """Return consecutive days with a column for the candidate, always, and one for each of `people` (users joined in).

    `excluded` are the interviews that are being changed: they keep nobody busy. At most three queries, however many
    days.
    """
    stretches = [Stretch(day_starts(day, zone), day_starts(day + _DAY, zone)) for day in days]
    monday, *_others, sunday = week_of(days[0])
    week = Stretch(day_starts(monday, zone), day_starts(sunday + _DAY, zone))
    ids = [person.pk for person in people]
    taken = busy.busy_times(
        access=access,
        within=week,
        interviewers=ids,
        candidate=candidate.pk if candidate else None,
        excluded=[one.pk for one in excluded],
    )
    known = _People(candidate, people, taken, days_off(access.organization, people, week), week)
    shown = [Day(day, *whole, _columns(known, whole, zone)) for day, whole in zip(days, stretches, strict=True)]
    # Events may begin the day before, and end the day after.
    around = Stretch(stretches[0].starts_at - _DAY, stretches[-1].ends_at + _DAY)
    return DayView(shown, clock_of(zone, around), clock_of(entry_zone, around))


def _columns(known: _People, whole: Stretch, zone: str) -> list[DayColumn]:
    candidate, taken = known.candidate, known.taken
    theirs = taken.get(busy.candidate_attendee(candidate.pk if candidate else None), [])
    columns = [_of_candidate(candidate, theirs, whole, zone)]
    for person in known.members:
        busy_times = taken.get(busy.interviewer(person.pk), [])
        column = member_day(person, known.off.get(person.pk, {}), whole, zone)
        column.load = len([one for one in busy_times if one.is_interview and known.week.meets(one.stretch)])
        column.unknown = unknown_of(taken, person, whole, zone)
        column.blocks += _busy_blocks(busy_times, whole, zone)
        column.blocks += _buffer_blocks(busy_times, whole)
        columns.append(column)
    return columns


def clock_of(zone: str, stretch: Stretch) -> ZoneClock:
    """Return the offsets of a zone over a stretch; the first entry is for its beginning."""
    place = ZoneInfo(zone)
    at, until = stretch
    offsets = [(at, _minutes_ahead(at, place))]
    while at < until:
        after = min(at + timedelta(hours=1), until)
        if _minutes_ahead(after, place) != offsets[-1][1]:
            change = _first_with(_minutes_ahead(after, place), at, after, place)
            offsets.append((change, _minutes_ahead(after, place)))
        at = after
    return ZoneClock(zone, offsets)


def _minutes_ahead(at: datetime, place: ZoneInfo) -> int:
    return int((at.astimezone(place).utcoffset() or timedelta()).total_seconds() // 60)


def _first_with(minutes: int, low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """Return the whole minute after `low`, up to `high`, from which on clocks are `minutes` ahead."""
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=int((high - low).total_seconds() // 120))
        if _minutes_ahead(middle, place) == minutes:
            high = middle
        else:
            low = middle
    return high


def _of_candidate(candidate: Candidate | None, taken: Iterable[BusyTime], whole: Stretch, zone: str) -> DayColumn:
    place = candidate.time_zone if candidate else zone
    days = [
        _stretch(day, CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS, place)
        for day in _days(whole, place)
        if day.isoweekday() not in CANDIDATE_WEEKEND
    ]
    there = clipped(days, whole)
    column = DayColumn(
        CANDIDATE,
        candidate.name if candidate and candidate.name else _("Candidate"),
        _("Candidate"),
        place,
        _("Candidate's day: %(hours)s") % {"hours": _hours(there, zone)} if there else _("Candidate's weekend"),
        _short_hours(there, zone, place) or _("Weekend"),
    )
    column.blocks += [DayBlock("away", *gap, _("Candidate's night or weekend")) for gap in gaps(there, whole)]
    column.blocks += _busy_blocks(taken, whole, zone)
    return column


def member_day(member: Membership, off: dict[date, OffDay], whole: Stretch, zone: str) -> DayColumn:
    """Return a member's hours and days off in a stretch, without busy times. Wants the user joined in."""
    place = member.user.time_zone
    days = _days(whole, place)
    free = [_stretch(day, time(0), time(0), place) for day in days if day in off]
    work = [
        _stretch(day, member.work_from, member.work_until, place)
        for day in days
        if str(day.isoweekday()) in member.work_days
    ]
    there = without(clipped(work, whole), free)
    hours, short = _hours_label(there, zone), _short_hours(there, zone, place)
    column = DayColumn(str(member.pk), str(member.user), _("Interviewer"), place, hours, short or _("Not working"))
    column.is_there = bool(there)
    if not there and clipped(free, whole):
        column.is_off, column.short_hours = True, _off_in_short(off[day] for day in days if day in off)
    for day in days:
        if day in off:
            stretch = clipped([_stretch(day, time(0), time(0), place)], whole)
            column.blocks += [DayBlock("off", *one, _off_label(off[day])) for one in stretch]
    away = without(gaps(there, whole), free)
    column.blocks += [DayBlock("away", *gap, _("Outside hours")) for gap in away]
    return column


def _off_in_short(off: Iterable[OffDay]) -> str:
    return _("Day off") if any(not one.holiday for one in off) else _("Public holiday")


def _off_label(off: OffDay) -> str:
    if off.holiday:
        return _("Public holiday: %(holiday)s (%(place)s)") % {"holiday": off.holiday, "place": off.place}
    return _("Day off: %(note)s") % {"note": off.note} if off.note else _("Day off")


def hours_within(plan: PlanInterview, whole: Stretch, zone: str) -> list[Stretch]:
    """Return the hours in a stretch at which a plan's interview may be, by clocks in `zone`."""
    days = (day for day in _days(whole, zone) if not plan.hours_days or str(day.isoweekday()) in plan.hours_days)
    return clipped(
        (_stretch(day, plan.hours_from or time(0), plan.hours_until or time(0), zone) for day in days), whole
    )


def _hours_label(there: Sequence[Stretch], zone: str) -> str:
    if not there:
        return _("Not working on this day")
    return _("Working hours: %(hours)s") % {"hours": _hours(there, zone)}


def _busy_blocks(taken: Iterable[BusyTime], whole: Stretch, zone: str) -> list[DayBlock]:
    """Return blocks of what keeps a person busy, and of what may be booked over where nothing else is."""
    times = list(taken)
    hard = [one for one in times if one.weight == Weight.HARD]
    soft = [one for one in times if one.weight == Weight.SOFT]
    blocks = clipped((one.stretch for one in hard), whole)
    rest = without(clipped((one.stretch for one in soft), whole), blocks)
    return [DayBlock("busy", *one, _busy_label(one, hard, zone)) for one in blocks] + [
        DayBlock("soft", *one, _soft_label(one, soft, zone)) for one in rest
    ]


def _buffer_blocks(taken: Iterable[BusyTime], whole: Stretch) -> list[DayBlock]:
    """Return blocks of the minutes before and after a person's interviews in which nothing keeps them busy."""
    beside = [part for one in taken if one.buffer != NO_BUFFER for part in around(one.stretch, one.buffer)]
    free = without(clipped(beside, whole), (one.stretch for one in taken if one.weight == Weight.HARD))
    return [DayBlock("buffer", *one, _("Buffer")) for one in free]


def _busy_label(stretch: Stretch, times: Iterable[BusyTime], zone: str) -> str:
    titles = _titles(stretch, times)
    label = _("Busy %(hours)s: %(titles)s") if titles else _("Busy %(hours)s")
    return label % {"hours": _hours([stretch], zone), "titles": titles}


def _soft_label(stretch: Stretch, times: Iterable[BusyTime], zone: str) -> str:
    titles = _titles(stretch, times)
    label = _("Maybe busy %(hours)s: %(titles)s") if titles else _("Maybe busy %(hours)s")
    return label % {"hours": _hours([stretch], zone), "titles": titles}


def _titles(stretch: Stretch, times: Iterable[BusyTime]) -> str:
    """Return the titles of calendars' entries in a stretch, as far as the reader may see them."""
    found = [one.name for one in times if not one.is_interview and one.name and one.stretch.meets(stretch)]
    return ", ".join(dict.fromkeys(found))


def unknown_of(taken: BusyTimes, person: Membership, whole: Stretch, zone: str) -> str:
    """Return since when a member's calendar could not be read, or from when on it is not known; empty where it is."""
    calendar = taken.unknown.get(person.pk)
    if calendar is None or (calendar.ends_at is not None and calendar.ends_at >= whole.ends_at):
        return ""
    return conflict_messages.calendar_unknown(person, calendar, zone)


def _hours(stretches: Iterable[Stretch], zone: str) -> str:
    """Return `09:00–12:00, 13:00–17:00`, by the clocks of the zone; a midnight at the end is 24:00."""
    place = ZoneInfo(zone)
    hours = []
    for stretch in stretches:
        first, last = (at.astimezone(place) for at in stretch)
        until = "24:00" if last.time() == time(0) and last.date() > first.date() else format_clock(last)
        hours.append(f"{format_clock(first)}–{until}")
    return ", ".join(hours)


def _short_hours(there: Sequence[Stretch], zone: str, place: str) -> str:
    """Return `09–17 London`, or `04:30–12:30 Kolkata`: hours by the clocks of the zone, and the person's own city."""
    if not there:
        return ""
    hours = _hours(there, zone)
    hours = hours.replace(":00", "") if all(at.minute == 0 for stretch in there for at in stretch) else hours
    return _("%(hours)s %(city)s") % {"hours": hours, "city": city(place)}


def _days(whole: Stretch, zone: str) -> list[date]:
    """Return the days that touch the stretch in a zone, and the one before, whose hours may pass midnight."""
    place = ZoneInfo(zone)
    first, last = whole.starts_at.astimezone(place).date() - _DAY, whole.ends_at.astimezone(place).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _stretch(day: date, begins: time, ends: time, zone: str) -> Stretch:
    """Return the stretch between two clock times; the second is on the next day when it is not later."""
    return Stretch(_at(day, begins, zone, 0), _at(day + _DAY if ends <= begins else day, ends, zone, 1))


def _at(day: date, clock: time, zone: str, fold: int) -> datetime:
    """Return the moment of a clock time, also where clocks skip or repeat it: as the widest reading of the hours."""
    try:
        return moment(day, clock, zone, fold=0 if clock == time(0) else fold)
    except NonexistentTime as jump:
        return moment(jump.nearest.date(), jump.nearest.time(), zone, fold=0)
