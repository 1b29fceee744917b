"""One day of some people, side by side: when each is at work, what each is busy with, in one zone.

A day is the stretch between two midnights of that zone: 23, 24 or 25 hours. Everything is a moment in UTC; `Clock`
says how clocks in a zone read over the day, so that a page can show and write times without knowing zones itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.models import DayOff, Membership
from scheduling.availability.candidate_hours import CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS, CANDIDATE_WEEKEND
from scheduling.availability.local_time import NonexistentTime, clock_words, day_starts, moment
from scheduling.models import Candidate, Interview, InterviewerAssignment

CANDIDATE = "candidate"
_DAY = timedelta(days=1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Clock:
    """How clocks read in a zone: from each moment on, so many minutes ahead of UTC."""

    zone: str
    offsets: list[tuple[datetime, int]]


@dataclass(frozen=True)
class Block:
    """A stretch of the day that is not free. `kind`: away (outside hours), off (a day off), busy."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    words: str


@dataclass
class Column:
    """One person's day. `key` is CANDIDATE, or the membership's id; `hours` says in words when they are there."""

    key: str
    name: str
    role: str
    zone: str
    hours: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """The day in `clock.zone`, from `starts_at` until `ends_at`, in UTC. `typed` is the clock of the zone of entry."""

    day: date
    starts_at: datetime
    ends_at: datetime
    clock: Clock
    typed: Clock
    columns: list[Column]


def day_of(
    *,
    access: Access,
    day: date,
    zone: str,
    typed_zone: str,
    people: Sequence[Membership],
    candidate: Candidate | None = None,
    without: Interview | None = None,
) -> Day:
    """The day with a column for the candidate, always, and one for each of `people` (users joined in).

    `without` is the interview that is being changed: it keeps nobody busy. At most three queries.
    """
    whole = (day_starts(day, zone), day_starts(day + _DAY, zone))
    busy = _Busy(access, whole, without)
    columns = [_of_candidate(candidate, whole, zone, busy)]
    off = _days_off(people, whole)
    taken = busy.of_people(people)
    columns += [_of_member(person, off.get(person.pk, {}), taken.get(person.pk, []), whole, zone) for person in people]
    # Events may begin the day before, and end the day after.
    around = (whole[0] - _DAY, whole[1] + _DAY)
    return Day(day, *whole, clock_of(zone, around), clock_of(typed_zone, around), columns)


def clock_of(zone: str, stretch: Stretch) -> Clock:
    """The offsets of a zone over a stretch; the first entry is for its beginning."""
    place = ZoneInfo(zone)
    at, until = stretch
    offsets = [(at, _minutes_ahead(at, place))]
    while at < until:
        after = min(at + timedelta(hours=1), until)
        if _minutes_ahead(after, place) != offsets[-1][1]:
            change = _first_with(_minutes_ahead(after, place), at, after, place)
            offsets.append((change, _minutes_ahead(after, place)))
        at = after
    return Clock(zone, offsets)


def _minutes_ahead(at: datetime, place: ZoneInfo) -> int:
    return int((at.astimezone(place).utcoffset() or timedelta()).total_seconds() // 60)


def _first_with(minutes: int, low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """The whole minute after `low`, up to `high`, from which on clocks are `minutes` ahead."""
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=int((high - low).total_seconds() // 120))
        if _minutes_ahead(middle, place) == minutes:
            high = middle
        else:
            low = middle
    return high


class _Busy:
    """Interviews that keep people busy in a stretch."""

    def __init__(self, access: Access, whole: Stretch, without: Interview | None) -> None:
        self.interviews = access.all(Interview).filter(
            state=Interview.State.SCHEDULED, starts_at__lt=whole[1], ends_at__gt=whole[0]
        )
        if without is not None:
            self.interviews = self.interviews.exclude(pk=without.pk)

    def of_candidate(self, candidate: Candidate) -> list[Stretch]:
        rows = self.interviews.filter(schedule__candidate=candidate).order_by("starts_at", "id")
        return list(rows.values_list("starts_at", "ends_at"))

    def of_people(self, people: Sequence[Membership]) -> dict[int, list[Stretch]]:
        assignments = InterviewerAssignment.objects.filter(membership__in=people, interview__in=self.interviews)
        found: dict[int, list[Stretch]] = {}
        rows = assignments.order_by("interview__starts_at", "id")
        for person, start, end in rows.values_list("membership_id", "interview__starts_at", "interview__ends_at"):
            found.setdefault(person, []).append((start, end))
        return found


def _days_off(people: Sequence[Membership], whole: Stretch) -> dict[int, dict[date, DayOff]]:
    """By person and day; a member's own day may begin up to a day before or after the one of UTC."""
    near = (whole[0].date() - _DAY, whole[1].date() + _DAY)
    found: dict[int, dict[date, DayOff]] = {}
    for off in DayOff.objects.filter(membership__in=people, day__range=near).order_by("id"):
        found.setdefault(off.membership_id, {})[off.day] = off
    return found


def _of_candidate(candidate: Candidate | None, whole: Stretch, zone: str, busy: _Busy) -> Column:
    place = candidate.time_zone if candidate else zone
    days = [
        _stretch(day, CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS, place)
        for day in _days(whole, place)
        if day.isoweekday() not in CANDIDATE_WEEKEND
    ]
    there = _clipped(days, whole)
    column = Column(
        CANDIDATE,
        candidate.name if candidate and candidate.name else _("Candidate"),
        _("Candidate"),
        place,
        _("Day there: %(hours)s") % {"hours": _in_words(there, zone)} if there else _("Weekend there"),
    )
    column.blocks += [Block("away", *gap, _("Night or weekend there")) for gap in _gaps(there, whole)]
    if candidate is not None and candidate.pk is not None:
        column.blocks += _busy_blocks(busy.of_candidate(candidate), whole, zone)
    return column


def _of_member(member: Membership, off: dict[date, DayOff], taken: list[Stretch], whole: Stretch, zone: str) -> Column:
    place = member.user.time_zone
    days = _days(whole, place)
    free = [_stretch(day, time(0), time(0), place) for day in days if day in off]
    work = [
        _stretch(day, member.work_from, member.work_until, place)
        for day in days
        if str(day.isoweekday()) in member.work_days
    ]
    there = _without(_clipped(work, whole), free)
    column = Column(str(member.pk), str(member.user), _("Interviewer"), place, _hours_words(there, zone))
    for day in days:
        if day in off:
            stretch = _clipped([_stretch(day, time(0), time(0), place)], whole)
            words = _("Day off: %(note)s") % {"note": off[day].note} if off[day].note else _("Day off")
            column.blocks += [Block("off", *one, words) for one in stretch]
    gaps = _without(_gaps(there, whole), free)
    column.blocks += [Block("away", *gap, _("Outside hours")) for gap in gaps]
    column.blocks += _busy_blocks(taken, whole, zone)
    return column


def _hours_words(there: Sequence[Stretch], zone: str) -> str:
    if not there:
        return _("Not at work on this day")
    return _("At work: %(hours)s") % {"hours": _in_words(there, zone)}


def _busy_blocks(taken: Iterable[Stretch], whole: Stretch, zone: str) -> list[Block]:
    words = _("Busy %(hours)s")
    return [Block("busy", *one, words % {"hours": _in_words([one], zone)}) for one in _clipped(taken, whole)]


def _in_words(stretches: Iterable[Stretch], zone: str) -> str:
    """`09:00–12:00, 13:00–17:00`, by the clocks of the zone; a midnight at the end is 24:00."""
    place = ZoneInfo(zone)
    words = []
    for start, end in stretches:
        first, last = start.astimezone(place), end.astimezone(place)
        until = "24:00" if last.time() == time(0) and last.date() > first.date() else clock_words(last)
        words.append(f"{clock_words(first)}–{until}")
    return ", ".join(words)


def _days(whole: Stretch, zone: str) -> list[date]:
    """The days that touch the stretch by the clocks of a zone, and the one before, whose hours may pass midnight."""
    place = ZoneInfo(zone)
    first, last = whole[0].astimezone(place).date() - _DAY, whole[1].astimezone(place).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _stretch(day: date, begins: time, ends: time, zone: str) -> Stretch:
    """From one clock time until the other, which is on the next day when it is not later."""
    return _at(day, begins, zone, 0), _at(day + _DAY if ends <= begins else day, ends, zone, 1)


def _at(day: date, clock: time, zone: str, fold: int) -> datetime:
    """Also where clocks jump over it, or show it twice: the widest reading of somebody's hours."""
    try:
        return moment(day, clock, zone, fold=0 if clock == time(0) else fold)
    except NonexistentTime as jump:
        return moment(jump.nearest.date(), jump.nearest.time(), zone, fold=0)


def _clipped(stretches: Iterable[Stretch], whole: Stretch) -> list[Stretch]:
    """The parts that lie in the day, in order, with those joined that touch."""
    joined: list[Stretch] = []
    for start, end in sorted((max(start, whole[0]), min(end, whole[1])) for start, end in stretches):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _gaps(there: Sequence[Stretch], whole: Stretch) -> list[Stretch]:
    """What is left of the day. `there` is in order, and does not overlap."""
    edges = [whole[0], *(edge for stretch in there for edge in stretch), whole[1]]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What of the stretches is not taken."""
    left = list(stretches)
    for start, end in taken:
        left = [part for one in left for part in _cut(one, start, end)]
    return left


def _cut(stretch: Stretch, start: datetime, end: datetime) -> Iterator[Stretch]:
    for part in ((stretch[0], min(stretch[1], start)), (max(stretch[0], end), stretch[1])):
        if part[0] < part[1]:
            yield part
