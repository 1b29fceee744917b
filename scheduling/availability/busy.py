"""Busy times of people: the one answer for conflicts, the search for interviewers, the day view and the home page.

An interview that is not cancelled keeps its candidate and its interviewers busy. `busy_times` reads the interviews of a
stretch; `of_interviews` does the same for interviews that are already loaded, or only planned. Anything else that keeps
people busy is one more `Source`, read in `busy_times`: entries of people's calendars, as their snapshots have them
(`calendar_times`). Whose calendar is not known, because it could not be read, is in `BusyTimes.unknown`: never free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db.models import BigIntegerField, BooleanField, Case, QuerySet, Value, When
from django.db.models.functions import Cast

from organizations.access import Access
from organizations.models import Organization
from scheduling.availability import calendar_times
from scheduling.availability.buffers import NO_BUFFER, Buffer, buffer_of
from scheduling.availability.calendar_times import Unknown
from scheduling.availability.stretches import Stretch
from scheduling.models import CalendarEvent, EventState, Interview, InterviewerAssignment
from scheduling.models.calendars import Weight

#: No interview takes longer (forms allow 600 minutes): what began earlier is over, which the index can use.
LONGEST = timedelta(days=1)


class Source(StrEnum):
    """The origin of a busy time: an interview that is scheduled, or one only planned, or an entry of a calendar."""

    INTERVIEW = "interview"
    PLANNED = "planned"
    CALENDAR = "calendar"


class Attendee(NamedTuple):
    """A member, a candidate or a room, by the id of the membership, the candidate or the room."""

    is_candidate: bool
    pk: int
    is_room: bool = False


# PostgreSQL takes a bare NULL in a union for a text.
_NOBODY = Cast(Value(None), BigIntegerField())
_NOT_MOVED = Value(False, output_field=BooleanField())
#: What is read of an interview.
_COLUMNS = (
    *("name", "starts_at", "ends_at", "schedule__candidate_id", "schedule__candidate__name"),
    *("plan_interview__buffer_before", "plan_interview__buffer_after"),
)
#: A candidate who is not saved yet, and so is busy only with the interviews being planned.
NEW_CANDIDATE = Attendee(is_candidate=True, pk=0)


def interviewer(membership: int) -> Attendee:
    return Attendee(is_candidate=False, pk=membership)


def candidate_attendee(pk: int | None) -> Attendee:
    return NEW_CANDIDATE if pk is None else Attendee(is_candidate=True, pk=pk)


def room_attendee(pk: int) -> Attendee:
    return Attendee(is_candidate=False, pk=pk, is_room=True)


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A time at which a person is busy, with the interview's `name` and its candidate's (empty when that is not known).

    `key` is the interview's id, the key of a planned one, or the id of a calendar's entry, as `source` says; `name` is
    then the entry's title. `is_private`: it is none of the reader's business what keeps the person busy, and both names
    are empty. `weight`: an entry of a calendar may be one that can be booked over. `buffer`: an interviewer's minutes
    before and after an interview, which are not part of its time.
    """

    attendee: Attendee
    starts_at: datetime
    ends_at: datetime
    name: str
    candidate: str
    source: Source
    key: str
    is_private: bool = False
    weight: Weight = Weight.HARD
    buffer: Buffer = NO_BUFFER

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.starts_at, self.ends_at)

    @property
    def is_interview(self) -> bool:
        return self.source != Source.CALENDAR


class BusyTimes(dict[Attendee, list[BusyTime]]):
    """Busy times by person. `unknown`: memberships whose calendar is not known for the stretch, or not any more;
    `unknown_rooms`: rooms likewise.

    `read_at` is how fresh the rest is: when the oldest of the calendars was read; None where there are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unknown: dict[int, Unknown] = {}
        self.unknown_rooms: dict[int, Unknown] = {}
        self.read_at: datetime | None = None

    def add(self, times: Iterable[BusyTime]) -> None:
        """Add times, and put those of each person concerned in the order of their beginning."""
        changed = set()
        for time in times:
            self.setdefault(time.attendee, []).append(time)
            changed.add(time.attendee)
        for attendee in changed:
            self[attendee].sort(key=lambda time: time.starts_at)


@dataclass(frozen=True, slots=True)
class InterviewTime:
    """An interview's time with the people whom it keeps busy."""

    key: str
    name: str
    starts_at: datetime
    ends_at: datetime
    candidate: Attendee
    candidate_name: str = ""
    interviewers: Collection[int] = ()
    room: int | None = None
    source: Source = Source.INTERVIEW
    is_private: bool = False
    buffer: Buffer = NO_BUFFER

    def busy(self, attendee: Attendee) -> BusyTime:
        names = ("", "") if self.is_private else (self.name, self.candidate_name)
        span, buffer = (self.starts_at, self.ends_at), NO_BUFFER if attendee.is_candidate else self.buffer
        return BusyTime(attendee, *span, *names, self.source, self.key, self.is_private, buffer=buffer)


def of_interviews(interviews: Iterable[InterviewTime]) -> BusyTimes:
    """Return the times at which the interviews keep their people busy, in the order of the interviews."""
    found = BusyTimes()
    for interview in interviews:
        rooms = () if interview.room is None else (room_attendee(interview.room),)
        for attendee in (interview.candidate, *map(interviewer, dict.fromkeys(interview.interviewers)), *rooms):
            found.setdefault(attendee, []).append(interview.busy(attendee))
    return found


def busy_times(
    *,
    access: Access,
    within: Stretch,
    interviewers: Collection[int] = (),
    candidate: int | None = None,
    rooms: Collection[int] = (),
    excluded: Collection[int] = (),
) -> BusyTimes:
    """Return the times within a stretch at which memberships, a candidate and rooms are busy, by their beginning.

    Interviews of all jobs count, also for a coordinator of some; what those of others are about is private. `excluded`
    interviews keep nobody busy: they are being changed. Entries of calendars count as their snapshots have them; one
    that Panelist wrote does not count beside its interview, unless its owner moved it. Two queries, however many
    people; with rooms, three.
    """
    found = BusyTimes()
    interviews = _going_on(access, within).exclude(pk__in=excluded)
    parts = []
    if interviewers:
        parts += [_of_members(access, interviews, interviewers), _moved(access, within, interviewers, excluded)]
    if candidate is not None:
        parts.append(_of_candidate(access, interviews, candidate))
    if rooms:
        parts.append(_of_rooms(access, interviews, rooms))
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else next(iter(parts), ())
    found.add(_times_of(rows, candidate, access.organization))
    if interviewers:
        _add_calendars(found, access, within, interviewers)
    if rooms:
        _add_rooms(found, access, within, rooms)
    return found


class _Timed(Protocol):
    """A busy time, or an interview."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


TimedT = TypeVar("TimedT", bound=_Timed)


def overlapping(times: Iterable[TimedT]) -> Iterator[tuple[TimedT, TimedT]]:
    """Yield each time that begins during an earlier one, after that one. Wants them in order of their beginning."""
    longest: TimedT | None = None
    for time in times:
        if longest is not None and longest.starts_at < time.ends_at and time.starts_at < longest.ends_at:
            yield longest, time
        if longest is None or time.ends_at > longest.ends_at:
            longest = time


def _add_calendars(found: BusyTimes, access: Access, within: Stretch, interviewers: Collection[int]) -> None:
    """Add the entries of calendars, and whose are unknown."""
    calendars = calendar_times.read(access, within, interviewers)
    found.unknown, found.read_at = calendars.unknown, calendars.read_at
    found.add(
        BusyTime(
            interviewer(one.owner), one.starts_at, one.ends_at, one.title, "", Source.CALENDAR, str(one.pk),
            is_private=not one.title, weight=one.weight,
        )
        for one in calendars.entries
    )  # fmt: skip


def _add_rooms(found: BusyTimes, access: Access, within: Stretch, rooms: Collection[int]) -> None:
    """Add the entries of rooms' calendars, and which of them are unknown."""
    calendars = calendar_times.read_rooms(access, within, rooms)
    found.unknown_rooms = calendars.unknown
    found.add(
        BusyTime(
            room_attendee(one.owner), one.starts_at, one.ends_at, "", "", Source.CALENDAR, str(one.pk),
            is_private=True, weight=one.weight,
        )
        for one in calendars.entries
    )  # fmt: skip


def _going_on(access: Access, within: Stretch) -> QuerySet[Interview]:
    return access.whole(Interview).filter(
        state=Interview.State.SCHEDULED,
        starts_at__lt=within.ends_at,
        starts_at__gt=within.starts_at - LONGEST,
        ends_at__gt=within.starts_at,
    )


def _is_private(access: Access, interview: str) -> Case:
    """Whether an interview, whose id is at this path, is none of the reader's: one of a coordinator's other jobs."""
    if not access.is_limited:
        return Case(default=False, output_field=BooleanField())
    theirs = access.all(Interview).order_by().values("pk")
    return Case(When(**{f"{interview}__in": theirs}, then=False), default=True, output_field=BooleanField())


def _of_members(access: Access, interviews: QuerySet[Interview], memberships: Collection[int]) -> QuerySet[Any, Any]:
    rows = InterviewerAssignment.objects.filter(membership__in=memberships, interview__in=interviews)
    rows = rows.annotate(is_private=_is_private(access, "interview")).order_by()
    rows = rows.annotate(no_room=_NOBODY, is_moved=_NOT_MOVED)
    columns = (f"interview__{name}" for name in _COLUMNS)
    return rows.values_list("membership_id", "no_room", "is_private", "is_moved", "interview_id", *columns)


def _moved(
    access: Access, within: Stretch, memberships: Collection[int], excluded: Collection[int]
) -> QuerySet[Any, Any]:
    """The times to which members moved interviews in their calendars, beside the times that these still have here.

    Nobody has decided yet which one counts: until then their owner is free at neither.
    """
    rows = CalendarEvent.objects.filter(
        organization=access.organization,
        membership__in=memberships,
        state=EventState.READY,
        interview__state=Interview.State.SCHEDULED,
        moved_starts_at__lt=within.ends_at,
        moved_ends_at__gt=within.starts_at,
    )
    rows = rows.exclude(interview__in=excluded).annotate(is_private=_is_private(access, "interview")).order_by()
    rows = rows.annotate(no_room=_NOBODY, is_moved=Value(True, output_field=BooleanField()))
    times = {"starts_at": "moved_starts_at", "ends_at": "moved_ends_at"}
    columns = (times.get(name, f"interview__{name}") for name in _COLUMNS)
    return rows.values_list("membership_id", "no_room", "is_private", "is_moved", "pk", *columns)


def _of_candidate(access: Access, interviews: QuerySet[Interview], candidate: int) -> QuerySet[Any, Any]:
    rows = interviews.filter(schedule__candidate=candidate).order_by()
    rows = rows.annotate(nobody=_NOBODY, no_room=_NOBODY, is_moved=_NOT_MOVED, is_private=_is_private(access, "pk"))
    return rows.values_list("nobody", "no_room", "is_private", "is_moved", "pk", *_COLUMNS)


def _of_rooms(access: Access, interviews: QuerySet[Interview], rooms: Collection[int]) -> QuerySet[Any, Any]:
    found = interviews.filter(room__in=rooms).order_by()
    found = found.annotate(nobody=_NOBODY, is_moved=_NOT_MOVED, is_private=_is_private(access, "pk"))
    return found.values_list("nobody", "room_id", "is_private", "is_moved", "pk", *_COLUMNS)


def _times_of(rows: Iterable[Any], candidate: int | None, organization: Organization) -> Iterator[BusyTime]:
    for member, room, is_private, is_moved, pk, name, starts_at, ends_at, theirs, candidate_name, *own in sorted(
        rows, key=itemgetter(3, 4)
    ):
        interview = InterviewTime(
            key=str(pk),
            name=name,
            starts_at=starts_at,
            ends_at=ends_at,
            candidate=candidate_attendee(theirs),
            candidate_name=candidate_name,
            source=Source.CALENDAR if is_moved else Source.INTERVIEW,
            is_private=bool(is_private),
            buffer=NO_BUFFER if is_moved else buffer_of(organization, *own),
        )
        if room is not None:
            yield interview.busy(room_attendee(room))
        else:
            yield interview.busy(candidate_attendee(candidate) if member is None else interviewer(member))
