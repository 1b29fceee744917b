"""What speaks against a set of interviews at their times: found while they are typed, and again when they are saved.

`find` reads the database with at most four queries, however many interviews and people there are. A conflict carries
its own sentence and the key of the row that it concerns. Its `token` names it, so that a person who overrules one
overrules just that one, and not another that came up since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from organizations.bidi import isolated
from organizations.models import DayOff, Membership
from organizations.zones import city
from scheduling.availability.candidate_hours import CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS, is_night, weekend_day
from scheduling.availability.local_time import (
    CLOCK_FORMAT,
    AmbiguousTime,
    NonexistentTime,
    TypedTimeError,
    clock_words,
    span,
)
from scheduling.models import Candidate, Interview, InterviewerAssignment

_MOMENT = timedelta(microseconds=1)
# No interview takes longer (forms allow 600 minutes): what began earlier is over, which the index can use.
_LONGEST = timedelta(days=1)


class Severity(StrEnum):
    """Impossible: can't be saved. Overrulable: saved only knowingly. Hint: said, and saved."""

    IMPOSSIBLE = "impossible"
    OVERRULABLE = "overrulable"
    HINT = "hint"


class Kind(StrEnum):
    NONEXISTENT_TIME = "nonexistent_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    SAME_PERSON_TWICE = "same_person_twice"
    PAST = "past"
    CANDIDATE_ELSEWHERE = "candidate_elsewhere"
    DOUBLE_BOOKED = "double_booked"
    DAY_OFF = "day_off"
    OUTSIDE_HOURS = "outside_hours"
    FEWER_PEOPLE = "fewer_people"
    CANDIDATE_NIGHT = "candidate_night"
    CANDIDATE_WEEKEND = "candidate_weekend"


_SEVERITY = {
    Kind.NONEXISTENT_TIME: Severity.IMPOSSIBLE,
    Kind.AMBIGUOUS_TIME: Severity.IMPOSSIBLE,
    Kind.SAME_PERSON_TWICE: Severity.IMPOSSIBLE,
    Kind.FEWER_PEOPLE: Severity.HINT,
}


@dataclass(frozen=True)
class Conflict:
    """One thing that speaks against one row."""

    kind: Kind
    row: str
    sentence: str
    # What makes it this conflict and no other: ids of people and interviews, and the row's time.
    about: str = ""
    # NONEXISTENT_TIME only: the nearest time that exists, naive, in the zone of entry.
    nearest: datetime | None = None
    # AMBIGUOUS_TIME only: what to choose from, aware.
    readings: tuple[datetime, datetime] | None = None

    @property
    def severity(self) -> Severity:
        return _SEVERITY.get(self.kind, Severity.OVERRULABLE)

    @property
    def token(self) -> str:
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True)
class Row:
    """One interview as it is planned. Without a time (still to be typed) only its people are looked at."""

    key: str
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    interviewers: tuple[int, ...] = ()
    # How many interviewers the plan asks for; 0: it does not say.
    expected: int = 0
    typed_time: TypedTimeError | None = None
    # The interview that this row changes: it does not stand in its own way.
    interview: int | None = None


@dataclass(frozen=True)
class _Booking:
    """A time that is taken: by another row, or by an interview that exists."""

    source: str
    name: str
    candidate: str
    starts_at: datetime
    ends_at: datetime

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass
class _Known:
    """What was read from the database for a set of rows."""

    people: dict[int, Membership] = field(default_factory=dict)
    days_off: dict[tuple[int, date], DayOff] = field(default_factory=dict)
    taken: dict[int, list[_Booking]] = field(default_factory=dict)
    candidate_taken: list[_Booking] = field(default_factory=list)


def find(
    *, access: Access, rows: Sequence[Row], zone: str, now: datetime, candidate: Candidate | None = None
) -> list[Conflict]:
    """All conflicts of the rows with each other and with what is in the database, in the order of the rows.

    `zone` is the one of entry, in which sentences name times. `candidate` is None while nobody is chosen, or for
    somebody new, who can be nowhere else.
    """
    known = _read(access, rows, candidate)
    found: list[Conflict] = []
    for row in rows:
        found += _of_people(row, known)
        found += _of_typed_time(row, zone)
        if row.starts_at is not None and row.ends_at is not None:
            found += _of_time(row, row.starts_at, row.ends_at, rows, known, zone, now, candidate)
    return found


def against(*, access: Access, row: Row, others: Sequence[Row], people: Iterable[int], zone: str) -> dict[int, str]:
    """What speaks against each of `people` (memberships) at the row's time, one sentence; without one they are free.

    `others` are the rows planned beside it. Four queries at most, however many people.
    """
    if row.starts_at is None or row.ends_at is None:
        return {}
    asked = replace(row, interviewers=tuple(people))
    known = _read(access, [asked, *others], None)
    beside = [other for other in others if other.key != row.key]
    found: dict[int, str] = {}
    for person, member in known.people.items():
        for booking in [*_bookings(beside, person), *known.taken.get(person, [])]:
            if booking.meets(row.starts_at, row.ends_at):
                found.setdefault(person, _taken(member, booking, zone))
        for conflict in _of_hours(row, member, row.starts_at, row.ends_at, known):
            found.setdefault(person, conflict.sentence)
    return found


def open_conflicts(found: Iterable[Conflict], accepted: dict[str, set[str]]) -> list[Conflict]:
    """Those that keep the rows from being saved. `accepted` has the overruled tokens by row key."""
    return [
        conflict
        for conflict in found
        if conflict.severity == Severity.IMPOSSIBLE
        or (conflict.severity == Severity.OVERRULABLE and conflict.token not in accepted.get(conflict.row, set()))
    ]


def _read(access: Access, rows: Sequence[Row], candidate: Candidate | None) -> _Known:
    known = _Known()
    ids = {person for row in rows for person in row.interviewers}
    if ids:
        members = access.all(Membership).select_related("user").filter(pk__in=ids)
        known.people = {member.pk: member for member in members}
    timed = [(row.starts_at, row.ends_at) for row in rows if row.starts_at is not None and row.ends_at is not None]
    if not timed:
        return known
    first, last = min(start for start, _end in timed), max(end for _start, end in timed)
    interviews = (
        access.all(Interview)
        .filter(state=Interview.State.SCHEDULED, starts_at__lt=last, starts_at__gt=first - _LONGEST, ends_at__gt=first)
        .exclude(pk__in=[row.interview for row in rows if row.interview is not None])
    )
    if known.people:
        # A member's own day may begin up to a day before or after the one of UTC.
        near = (first.date() - timedelta(days=1), last.date() + timedelta(days=1))
        for off in DayOff.objects.filter(membership__in=known.people, day__range=near).order_by("id"):
            known.days_off[off.membership_id, off.day] = off
        assignments = InterviewerAssignment.objects.filter(membership__in=known.people, interview__in=interviews)
        for assignment in assignments.select_related("interview__schedule__candidate").order_by(
            "interview__starts_at", "id"
        ):
            known.taken.setdefault(assignment.membership_id, []).append(_booking(assignment.interview))
    if candidate is not None and candidate.pk is not None:
        theirs = interviews.filter(schedule__candidate=candidate).select_related("schedule__candidate")
        known.candidate_taken = [_booking(interview) for interview in theirs.order_by("starts_at", "id")]
    return known


def _booking(interview: Interview) -> _Booking:
    return _Booking(
        source=f"i{interview.pk}",
        name=interview.name,
        candidate=interview.schedule.candidate.name,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
    )


def _of_people(row: Row, known: _Known) -> list[Conflict]:
    found = []
    people = list(dict.fromkeys(row.interviewers))
    for person in people:
        if row.interviewers.count(person) > 1 and person in known.people:
            words = _("%(person)s is in this interview twice. Choose somebody else, or leave the second place empty.")
            found.append(
                Conflict(
                    Kind.SAME_PERSON_TWICE,
                    row.key,
                    words % {"person": isolated(known.people[person].user)},
                    f"{person}",
                )
            )
    if len(people) < row.expected:
        found.append(Conflict(Kind.FEWER_PEOPLE, row.key, _fewer(row.expected, len(people))))
    return found


def _fewer(expected: int, chosen: int) -> str:
    wanted = ngettext(
        "The plan asks for %(count)s interviewer.", "The plan asks for %(count)s interviewers.", expected
    ) % {"count": expected}
    if not chosen:
        return wanted + " " + _("None is chosen yet.")
    return wanted + " " + ngettext("%(count)s is chosen.", "%(count)s are chosen.", chosen) % {"count": chosen}


def _of_typed_time(row: Row, zone: str) -> list[Conflict]:
    problem = row.typed_time
    if isinstance(problem, NonexistentTime):
        words = _(
            "That time does not exist in %(zone)s: clocks are put forward over it. The next that does is %(clock)s."
        )
        clock = date_format(problem.nearest, CLOCK_FORMAT)
        return [
            Conflict(
                Kind.NONEXISTENT_TIME,
                row.key,
                words % {"zone": city(zone), "clock": clock},
                problem.nearest.isoformat(),
                nearest=problem.nearest,
            )
        ]
    if isinstance(problem, AmbiguousTime):
        words = _("Clocks in %(zone)s show that time twice on that day. Say which of the two is meant.")
        return [
            Conflict(
                Kind.AMBIGUOUS_TIME,
                row.key,
                words % {"zone": city(zone)},
                problem.first.isoformat(),
                readings=(problem.first, problem.second),
            )
        ]
    return []


def _of_time(
    row: Row,
    starts_at: datetime,
    ends_at: datetime,
    rows: Sequence[Row],
    known: _Known,
    zone: str,
    now: datetime,
    candidate: Candidate | None,
) -> list[Conflict]:
    found = []
    when = starts_at.isoformat()
    if starts_at < now:
        found.append(Conflict(Kind.PAST, row.key, _("This is in the past."), when))
    others = [other for other in rows if other.key != row.key]
    for booking in [*_bookings(others), *known.candidate_taken]:
        if booking.meets(starts_at, ends_at):
            found.append(
                Conflict(Kind.CANDIDATE_ELSEWHERE, row.key, _elsewhere(booking, zone), f"{booking.source}@{when}")
            )
    for person in dict.fromkeys(row.interviewers):
        member = known.people.get(person)
        if member is None:
            continue
        for booking in [*_bookings(others, person), *known.taken.get(person, [])]:
            if booking.meets(starts_at, ends_at):
                about = f"{person}/{booking.source}@{when}"
                found.append(Conflict(Kind.DOUBLE_BOOKED, row.key, _taken(member, booking, zone), about))
        found += _of_hours(row, member, starts_at, ends_at, known)
    if candidate is not None:
        found += _of_candidates_day(row, candidate, starts_at, ends_at)
    return found


def _bookings(rows: Iterable[Row], person: int | None = None) -> list[_Booking]:
    """The times that rows take, or those of them in which `person` interviews."""
    return [
        _Booking(f"r{row.key}", row.name, "", row.starts_at, row.ends_at)
        for row in rows
        if row.starts_at is not None and row.ends_at is not None and (person is None or person in row.interviewers)
    ]


def _elsewhere(booking: _Booking, zone: str) -> str:
    words = _("Overlaps with the candidate’s “%(interview)s” (%(when)s).")
    return words % {"interview": isolated(booking.name), "when": span(booking.starts_at, booking.ends_at, zone)}


def _taken(member: Membership, booking: _Booking, zone: str) -> str:
    values = {
        "person": member.user,
        "interview": booking.name,
        "candidate": booking.candidate,
        "when": span(booking.starts_at, booking.ends_at, zone),
    }
    if booking.candidate:
        return _("%(person)s is in “%(interview)s” with %(candidate)s at that time (%(when)s).") % values
    return _("%(person)s is in “%(interview)s” at that time (%(when)s).") % values


def _of_hours(row: Row, member: Membership, starts_at: datetime, ends_at: datetime, known: _Known) -> list[Conflict]:
    """A day off, or else a time outside the member's hours; both by the clocks where the member is."""
    place = ZoneInfo(member.user.time_zone)
    start, end = starts_at.astimezone(place), ends_at.astimezone(place)
    about = f"{member.pk}@{starts_at.isoformat()}"
    for day in dict.fromkeys((start.date(), (end - _MOMENT).date())):
        off = known.days_off.get((member.pk, day))
        if off is not None:
            words = _("%(person)s is off on %(day)s (%(note)s).") if off.note else _("%(person)s is off on %(day)s.")
            values = {"person": member.user, "day": date_format(day, "j F Y"), "note": off.note}
            return [Conflict(Kind.DAY_OFF, row.key, words % values, about)]
    if _within_hours(member, start.replace(tzinfo=None), end.replace(tzinfo=None)):
        return []
    words = _(
        "Outside %(person)s’s hours: %(from)s–%(until)s in %(zone)s, where this would be %(day)s, %(start)s–%(end)s."
    )
    values = {
        "person": member.user,
        "from": time_format(member.work_from, CLOCK_FORMAT),
        "until": time_format(member.work_until, CLOCK_FORMAT),
        "zone": city(member.user.time_zone),
        "day": date_format(start, "l"),
        "start": clock_words(start),
        "end": clock_words(end),
    }
    return [Conflict(Kind.OUTSIDE_HOURS, row.key, words % values, about)]


def _within_hours(member: Membership, start: datetime, end: datetime) -> bool:
    """Whether a stretch of wall clock lies in one working day; hours may run past midnight."""
    overnight = timedelta(days=1 if member.work_until <= member.work_from else 0)
    for day in (start.date() - timedelta(days=1), start.date()):
        if str(day.isoweekday()) not in member.work_days:
            continue
        begins = datetime.combine(day, member.work_from)
        ends = datetime.combine(day, member.work_until) + overnight
        if begins <= start and end <= ends:
            return True
    return False


def _of_candidates_day(row: Row, candidate: Candidate, starts_at: datetime, ends_at: datetime) -> list[Conflict]:
    """Night and weekend where the candidate is. The row says beside it what time that is."""
    found, place = [], city(candidate.time_zone)
    if is_night(starts_at, ends_at, candidate.time_zone):
        words = _("Outside the candidate’s day: %(from)s–%(until)s in %(city)s.")
        values = {
            "from": time_format(CANDIDATE_DAY_BEGINS, CLOCK_FORMAT),
            "until": time_format(CANDIDATE_DAY_ENDS, CLOCK_FORMAT),
            "city": place,
        }
        found.append((Kind.CANDIDATE_NIGHT, words % values))
    weekend = weekend_day(starts_at, ends_at, candidate.time_zone)
    if weekend is not None:
        words = _("Weekend for the candidate: %(day)s in %(city)s.")
        values = {"day": date_format(weekend, "l"), "city": place}
        found.append((Kind.CANDIDATE_WEEKEND, words % values))
    return [Conflict(kind, row.key, sentence, starts_at.isoformat()) for kind, sentence in found]
