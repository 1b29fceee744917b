"""Conflicts of planned interviews with each other, and with scheduled ones: while they are edited, and at saving.

`find_conflicts` reads the database with at most four queries, however many interviews and people there are. A
conflict carries its message and the key of the interview that it concerns. Its `token` names it, so that a person who
overrides one overrides just that one, and not another that came up since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.models import Membership
from scheduling.availability import busy, conflict_messages
from scheduling.availability.busy import Attendee, BusyTime, BusyTimes, InterviewTime, Source
from scheduling.availability.calendar_times import Unknown
from scheduling.availability.hours import DaysOff, days_off, is_at_work, is_night, weekend_day
from scheduling.availability.local_time import AmbiguousTime, NonexistentTime, WallClockError, local_days
from scheduling.availability.stretches import Stretch
from scheduling.models import Candidate
from scheduling.models.calendars import Weight

#: How far ahead `next_free` looks, and in which steps.
SEARCHED, STEP = timedelta(days=14), timedelta(minutes=15)


class Severity(StrEnum):
    """Impossible: can't be saved. Overridable: saved only when a person says so. Hint: shown, and saved."""

    IMPOSSIBLE = "impossible"
    OVERRIDABLE = "overridable"
    HINT = "hint"


class ConflictKind(StrEnum):
    NONEXISTENT_TIME = "nonexistent_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    SAME_PERSON_TWICE = "same_person_twice"
    PAST = "past"
    CANDIDATE_ELSEWHERE = "candidate_elsewhere"
    DOUBLE_BOOKED = "double_booked"
    CALENDAR_BUSY = "calendar_busy"
    CALENDAR_SOFT = "calendar_soft"
    CALENDAR_UNKNOWN = "calendar_unknown"
    DAY_OFF = "day_off"
    OUTSIDE_HOURS = "outside_hours"
    FEWER_PEOPLE = "fewer_people"
    CANDIDATE_NIGHT = "candidate_night"
    CANDIDATE_WEEKEND = "candidate_weekend"


_SEVERITY = {
    ConflictKind.NONEXISTENT_TIME: Severity.IMPOSSIBLE,
    ConflictKind.AMBIGUOUS_TIME: Severity.IMPOSSIBLE,
    ConflictKind.SAME_PERSON_TWICE: Severity.IMPOSSIBLE,
    ConflictKind.FEWER_PEOPLE: Severity.HINT,
    ConflictKind.CALENDAR_SOFT: Severity.HINT,
    ConflictKind.CALENDAR_UNKNOWN: Severity.HINT,
}


@dataclass(frozen=True)
class Conflict:
    """One reason against the planned interview with the key `planned`."""

    kind: ConflictKind
    planned: str
    message: str
    # Makes it this conflict and no other: ids of people and interviews, and the planned time.
    about: str = ""
    # NONEXISTENT_TIME only: the nearest time that exists, naive, in the zone of entry.
    nearest: datetime | None = None
    # AMBIGUOUS_TIME only: what to choose from, aware.
    readings: tuple[datetime, datetime] | None = None
    # The account of the interviewer concerned.
    user: int | None = None
    # An interviewer's only: the message in two or three words, beside the person's name.
    brief: str = ""

    @property
    def severity(self) -> Severity:
        return _SEVERITY.get(self.kind, Severity.OVERRIDABLE)

    @property
    def token(self) -> str:
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True)
class Overridden:
    """A conflict that a person has overridden, for the trail: it names an account, and nobody. `reason` may be ""."""

    kind: ConflictKind
    user: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class PlannedInterview:
    """One interview as it is planned. Without a time (none is entered yet) only its people are looked at."""

    key: str
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    # Ids of memberships, each as often as it is chosen.
    interviewers: tuple[int, ...] = ()
    # How many interviewers the plan asks for; 0: it does not say.
    expected: int = 0
    # The date and time that were entered name no moment, or two.
    clock_error: WallClockError | None = None
    # The interview that this changes: it does not stand in its own way.
    interview: int | None = None

    @property
    def stretch(self) -> Stretch | None:
        if self.starts_at is None or self.ends_at is None:
            return None
        return Stretch(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class _Known:
    """The data that planned interviews are checked against. `zone` is the one of entry."""

    zone: str
    people: dict[int, Membership]
    days_off: DaysOff
    busy: BusyTimes

    def meeting(self, attendee: Attendee, planned: PlannedInterview, stretch: Stretch) -> Iterator[BusyTime]:
        """Yield the person's times that share a moment with the stretch, without the planned interview itself."""
        for time in self.busy.get(attendee, []):
            is_itself = time.source == Source.PLANNED and time.key == planned.key
            if not is_itself and time.stretch.meets(stretch):
                yield time

    def unknown(self, member: int, stretch: Stretch) -> Unknown | None:
        """The member's calendar where it does not tell of the stretch: not read lately, or not so far ahead."""
        calendar = self.busy.unknown.get(member)
        if calendar is None or (calendar.ends_at is not None and calendar.ends_at >= stretch.ends_at):
            return None
        return calendar


def find_conflicts(
    *,
    access: Access,
    planned: Sequence[PlannedInterview],
    zone: str,
    now: datetime,
    candidate: Candidate | None = None,
    excluded: Collection[int] = (),
    people: Mapping[int, Membership] | None = None,
) -> list[Conflict]:
    """Return all conflicts, in the order of the planned interviews. Messages name times in `zone`.

    `candidate` is None while nobody is chosen; one who is not saved yet can be nowhere else. `excluded` are ids of
    interviews that are cancelled together with this plan: they keep nobody busy. `people` are all members by id, users
    joined in, where the caller has read them.
    """
    known = _read(access, planned, zone, candidate, excluded, people)
    found: list[Conflict] = []
    for one in planned:
        found += _of_people(one, known)
        found += _of_clock(one, zone)
        if (stretch := one.stretch) is None:
            continue
        if stretch.starts_at < now:
            about = stretch.starts_at.isoformat()
            found.append(Conflict(ConflictKind.PAST, one.key, conflict_messages.past(), about))
        found += _of_candidate(one, stretch, candidate, known)
        for person in dict.fromkeys(one.interviewers):
            if member := known.people.get(person):
                found += _of_interviewer(one, stretch, member, known)
        if candidate is not None:
            found += _of_candidates_day(one, stretch, candidate)
    return found


def first_conflicts(
    *,
    access: Access,
    planned: PlannedInterview,
    others: Sequence[PlannedInterview],
    people: Collection[int],
    zone: str,
    excluded: Collection[int] = (),
    members: Mapping[int, Membership] | None = None,
) -> dict[int, Conflict]:
    """Return the first conflict of each of `people` (memberships) who has one at the planned time.

    `others` are planned beside it; `excluded` are as in `find_conflicts`. `members` are those of all, by id, where the
    caller has them with their users. Four queries at most, however many people.
    """
    if (stretch := planned.stretch) is None:
        return {}
    beside = [other for other in others if other.key != planned.key]
    known = _read(access, [replace(planned, interviewers=tuple(people)), *beside], zone, None, excluded, members)
    found = {}
    for person in people:
        if (member := known.people.get(person)) and (against := _of_interviewer(planned, stretch, member, known)):
            found[person] = against[0]
    return found


def next_free(
    *, access: Access, planned: PlannedInterview, zone: str, now: datetime, candidate: Candidate | None
) -> datetime | None:
    """Return the next full quarter of an hour, after the planned beginning, that suits everyone in the interview.

    None where there is none in `SEARCHED`, or nothing is planned yet. Four queries at most.
    """
    if (stretch := planned.stretch) is None:
        return None
    length, first = stretch.ends_at - stretch.starts_at, max(stretch.starts_at, now)
    at = first.replace(minute=0, second=0, microsecond=0)
    last = at + SEARCHED
    known = _read(access, [replace(planned, starts_at=at, ends_at=last + length)], zone, candidate)
    while at < last:
        one = replace(planned, starts_at=at, ends_at=at + length)
        against = _against(one, Stretch(at, at + length), candidate, known)
        if at > first and not any(conflict.severity != Severity.HINT for conflict in against):
            return at
        at += STEP
    return None


def _against(
    planned: PlannedInterview, stretch: Stretch, candidate: Candidate | None, known: _Known
) -> Iterator[Conflict]:
    """Yield the conflicts of the candidate and the interviewers at a time."""
    if candidate is not None:
        yield from _of_candidates_day(planned, stretch, candidate)
    yield from _of_candidate(planned, stretch, candidate, known)
    for person in planned.interviewers:
        if member := known.people.get(person):
            yield from _of_interviewer(planned, stretch, member, known)


def how_free(conflict: Conflict | None) -> int:
    """Return the place of somebody among people to choose from: 0 for the free, 1 with a hint, 2 with a conflict."""
    if conflict is None:
        return 0
    return 1 if conflict.severity == Severity.HINT else 2


def undecided(found: Iterable[Conflict], overrides: Mapping[str, Collection[str]]) -> list[Conflict]:
    """Return the conflicts that keep interviews from being saved. `overrides` has overridden tokens by planned key."""
    return [
        conflict
        for conflict in found
        if conflict.severity == Severity.IMPOSSIBLE
        or (conflict.severity == Severity.OVERRIDABLE and conflict.token not in overrides.get(conflict.planned, ()))
    ]


def _read(
    access: Access,
    planned: Sequence[PlannedInterview],
    zone: str,
    candidate: Candidate | None,
    excluded: Collection[int] = (),
    members: Mapping[int, Membership] | None = None,
) -> _Known:
    ids = {person for one in planned for person in one.interviewers}
    if members is None:
        found = access.all(Membership).select_related("user").filter(pk__in=ids) if ids else []
        members = {member.pk: member for member in found}
    people = {pk: members[pk] for pk in sorted(ids) if pk in members}
    stretches = [stretch for one in planned if (stretch := one.stretch) is not None]
    if not stretches:
        return _Known(zone, people, {}, BusyTimes())
    within = Stretch(min(one.starts_at for one in stretches), max(one.ends_at for one in stretches))
    attendee = busy.candidate_attendee(candidate.pk if candidate else None)
    times = busy.of_interviews(_times_of(planned, attendee))
    scheduled = busy.busy_times(
        access=access,
        within=within,
        interviewers=people,
        candidate=candidate.pk if candidate else None,
        excluded=[*(one.interview for one in planned if one.interview is not None), *excluded],
    )
    for person, theirs in scheduled.items():
        times.setdefault(person, []).extend(theirs)
    times.unknown = scheduled.unknown
    return _Known(zone, people, days_off(people, within) if people else {}, times)


def _times_of(planned: Iterable[PlannedInterview], candidate: Attendee) -> Iterator[InterviewTime]:
    for one in planned:
        if (stretch := one.stretch) is not None:
            yield InterviewTime(
                key=one.key,
                name=one.name,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
                candidate=candidate,
                interviewers=one.interviewers,
                source=Source.PLANNED,
            )


def _of_people(planned: PlannedInterview, known: _Known) -> Iterator[Conflict]:
    people = list(dict.fromkeys(planned.interviewers))
    for person in people:
        if planned.interviewers.count(person) > 1 and person in known.people:
            message = conflict_messages.chosen_twice(known.people[person])
            yield Conflict(ConflictKind.SAME_PERSON_TWICE, planned.key, message, f"{person}")
    if len(people) < planned.expected:
        message = conflict_messages.fewer_people(planned.expected, len(people))
        yield Conflict(ConflictKind.FEWER_PEOPLE, planned.key, message)


def _of_clock(planned: PlannedInterview, zone: str) -> Iterator[Conflict]:
    error = planned.clock_error
    if isinstance(error, NonexistentTime):
        message, about = conflict_messages.nonexistent_time(error.nearest, zone), error.nearest.isoformat()
        yield Conflict(ConflictKind.NONEXISTENT_TIME, planned.key, message, about, nearest=error.nearest)
    elif isinstance(error, AmbiguousTime):
        message, about = conflict_messages.ambiguous_time(zone), error.first.isoformat()
        readings = (error.first, error.second)
        yield Conflict(ConflictKind.AMBIGUOUS_TIME, planned.key, message, about, readings=readings)


def _of_candidate(
    planned: PlannedInterview, stretch: Stretch, candidate: Candidate | None, known: _Known
) -> Iterator[Conflict]:
    """Yield a conflict for each other interview of the candidate, among planned ones also while nobody is chosen."""
    attendee = busy.candidate_attendee(candidate.pk if candidate else None)
    for time in known.meeting(attendee, planned, stretch):
        message = conflict_messages.candidate_elsewhere(time, known.zone)
        about = f"{time.source}-{time.key}@{stretch.starts_at.isoformat()}"
        yield Conflict(ConflictKind.CANDIDATE_ELSEWHERE, planned.key, message, about)


def _of_interviewer(planned: PlannedInterview, stretch: Stretch, member: Membership, known: _Known) -> list[Conflict]:
    """Return what keeps a member busy at the time; then a day off, or else a time outside the member's own hours.

    Hints come last: entries of their calendar that can be booked over, and that the calendar is unknown.
    """
    when = stretch.starts_at.isoformat()
    times = list(known.meeting(busy.interviewer(member.pk), planned, stretch))
    found = [_of_time(planned, time, member, known.zone, when) for time in times if time.weight == Weight.HARD]
    off, about = known.days_off.get(member.pk, {}), f"{member.pk}@{when}"
    day = next((day for day in local_days(*stretch, member.user.time_zone) if day in off), None)
    if day is not None:
        message, brief = conflict_messages.day_off(member, off[day]), _("day off")
        found.append(Conflict(ConflictKind.DAY_OFF, planned.key, message, about, user=member.user_id, brief=brief))
    elif not is_at_work(member, stretch):
        message, brief = conflict_messages.outside_hours(member, stretch), _("outside hours")
        found.append(
            Conflict(ConflictKind.OUTSIDE_HOURS, planned.key, message, about, user=member.user_id, brief=brief)
        )
    found += [_of_time(planned, time, member, known.zone, when) for time in times if time.weight == Weight.SOFT]
    if (calendar := known.unknown(member.pk, stretch)) is not None:
        message, brief = conflict_messages.calendar_unknown(member, calendar, known.zone), _("calendar unknown")
        found.append(
            Conflict(ConflictKind.CALENDAR_UNKNOWN, planned.key, message, about, user=member.user_id, brief=brief)
        )
    return found


def _of_time(planned: PlannedInterview, time: BusyTime, member: Membership, zone: str, when: str) -> Conflict:
    """Return the conflict with an interview of the member's, or with an entry of their calendar."""
    kind, message = ConflictKind.DOUBLE_BOOKED, conflict_messages.double_booked(member, time, zone)
    about, brief = f"{member.pk}/{time.source}-{time.key}@{when}", conflict_messages.busy(time, zone)
    if time.source == Source.CALENDAR:
        kind, about = ConflictKind.CALENDAR_BUSY, f"{about}/{time.starts_at.isoformat()}"
        if time.weight == Weight.SOFT:
            kind, brief = ConflictKind.CALENDAR_SOFT, conflict_messages.maybe_busy(time, zone)
            message = conflict_messages.may_be_booked_over(member, time, zone)
    return Conflict(kind, planned.key, message, about, user=member.user_id, brief=brief)


def _of_candidates_day(planned: PlannedInterview, stretch: Stretch, candidate: Candidate) -> Iterator[Conflict]:
    """Yield night and weekend where the candidate is. The row beside it shows the time there."""
    zone, about = candidate.time_zone, stretch.starts_at.isoformat()
    if is_night(stretch, zone):
        yield Conflict(ConflictKind.CANDIDATE_NIGHT, planned.key, conflict_messages.candidate_night(zone), about)
    if day := weekend_day(stretch, zone):
        message = conflict_messages.candidate_weekend(day, zone)
        yield Conflict(ConflictKind.CANDIDATE_WEEKEND, planned.key, message, about)
