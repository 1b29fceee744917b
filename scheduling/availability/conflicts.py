"""Conflicts of planned interviews with each other, and with scheduled ones: while they are edited, and at saving.

`find_conflicts` reads the database with at most five queries, however many interviews and people there are. A
conflict carries its message and the key of the interview that it concerns. Its `token` names it, so that a person who
overrides one overrides just that one, and not another that came up since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.models import Membership
from scheduling.availability import busy, conflict_messages
from scheduling.availability.busy import BusyTime, Source
from scheduling.availability.conflict_kinds import Conflict, ConflictKind, Severity
from scheduling.availability.hours import OffDay, is_at_work, is_night, may_be, weekend_day
from scheduling.availability.local_time import AmbiguousTime, NonexistentTime, local_days
from scheduling.availability.planned import ASKED, Known, PlannedInterview, read
from scheduling.availability.stretches import Stretch
from scheduling.models import Candidate, Room
from scheduling.models.calendars import Weight

#: Stands for the seats of a room whose number is not known: it comes last.
MANY_SEATS = 1_000_000
#: How far ahead `next_free` looks, and in which steps.
SEARCHED, STEP = timedelta(days=14), timedelta(minutes=15)


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
    known = read(access, planned, zone, candidate, excluded, people)
    found: list[Conflict] = []
    for one in planned:
        found += _of_people(one, known)
        found += _of_clock(one, zone)
        if (stretch := one.stretch) is None:
            continue
        if stretch.starts_at < now:
            about = stretch.starts_at.isoformat()
            found.append(Conflict(ConflictKind.PAST, one.key, conflict_messages.past(), about))
        found += _of_hours(one, stretch, zone)
        found += _of_candidate(one, stretch, candidate, known)
        for person in dict.fromkeys(one.interviewers):
            if member := known.people.get(person):
                found += _of_interviewer(one, stretch, member, known)
        found += _of_room(one, stretch, known)
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
    known = read(access, [replace(planned, interviewers=tuple(people)), *beside], zone, None, excluded, members)
    found = {}
    for person in people:
        if (member := known.people.get(person)) and (against := _of_interviewer(planned, stretch, member, known)):
            found[person] = against[0]
    return found


def room_conflicts(
    *,
    access: Access,
    planned: PlannedInterview,
    others: Sequence[PlannedInterview],
    rooms: Sequence[Room],
    zone: str,
    excluded: Collection[int] = (),
) -> dict[int, list[Conflict]]:
    """Return what speaks against each of the rooms, by id, for the planned interview. `others` as in `first_conflicts`.

    Two queries, however many rooms; for a saved interview, three.
    """
    if (stretch := planned.stretch) is None:
        return {}
    beside = [replace(other, interviewers=()) for other in others if other.key != planned.key]
    asked = [replace(planned, key=ASKED, room=room, interviewers=()) for room in rooms]
    known = read(access, [*beside, *asked], zone, None, excluded, {})
    return {room.pk: list(_of_room(replace(planned, room=room), stretch, known)) for room in rooms}


def free_rooms(
    *,
    access: Access,
    wanted: Mapping[str, int],
    planned: Sequence[PlannedInterview],
    rooms: Sequence[Room],
    zone: str,
    excluded: Collection[int] = (),
) -> dict[str, Room]:
    """Return a free room for each planned interview whose key is in `wanted`, with the number of its interviewers.

    The smallest that is large enough; no room twice at one time. Two queries, however many rooms and interviews.
    """
    asked = [replace(one, key=ASKED, room=room) for one in planned if one.key in wanted for room in rooms]
    known = read(access, [*(replace(one, interviewers=()) for one in planned), *asked], zone, None, excluded, {})
    found: dict[str, Room] = {}
    for one in planned:
        if one.key not in wanted or (stretch := one.stretch) is None:
            continue
        people = wanted[one.key] + 1
        others = {found[other.key].pk for other in planned if other.key in found and _meet(other, stretch)}
        fits = [room for room in rooms if room.pk not in others and not 0 < room.capacity < people]
        free = (room for room in fits if not list(_of_room(replace(one, room=room, interviewers=()), stretch, known)))
        best = min(free, key=lambda room: (room.capacity or MANY_SEATS, room.name), default=None)
        if best is not None:
            found[one.key] = best
    return found


def _meet(planned: PlannedInterview, stretch: Stretch) -> bool:
    return planned.stretch is not None and planned.stretch.meets(stretch)


def next_free(
    *, access: Access, planned: PlannedInterview, zone: str, now: datetime, candidate: Candidate | None
) -> datetime | None:
    """Return the next full quarter of an hour, after the planned beginning, that suits everyone in the interview.

    One at which a calendar is unknown, or has something that can be booked over, only where there is no better one.
    None where there is none in `SEARCHED`, or nothing is planned yet. Four queries at most.
    """
    if (stretch := planned.stretch) is None:
        return None
    length, first = stretch.ends_at - stretch.starts_at, max(stretch.starts_at, now)
    at = first.replace(minute=0, second=0, microsecond=0)
    last = at + SEARCHED
    known = read(access, [replace(planned, starts_at=at, ends_at=last + length)], zone, candidate)
    unsure: datetime | None = None
    while at < last:
        one = replace(planned, starts_at=at, ends_at=at + length)
        against = list(_against(one, Stretch(at, at + length), candidate, known))
        if at > first and not any(_is_avoided(conflict) for conflict in against):
            if all(conflict.kind not in _UNSURE for conflict in against):
                return at
            unsure = unsure or at
        at += STEP
    return unsure


_UNSURE = {ConflictKind.CALENDAR_SOFT, ConflictKind.CALENDAR_UNKNOWN, ConflictKind.ROOM_UNKNOWN}


def _is_avoided(conflict: Conflict) -> bool:
    """Return whether no time is proposed that has the conflict: a short buffer is a hint, and no proposal has one."""
    return conflict.severity != Severity.HINT or conflict.kind == ConflictKind.SHORT_BUFFER


def _against(
    planned: PlannedInterview, stretch: Stretch, candidate: Candidate | None, known: Known
) -> Iterator[Conflict]:
    """Yield the conflicts of the interview's own hours, the candidate and the interviewers at a time."""
    yield from _of_hours(planned, stretch, known.zone)
    if candidate is not None:
        yield from _of_candidates_day(planned, stretch, candidate)
    yield from _of_candidate(planned, stretch, candidate, known)
    for person in planned.interviewers:
        if member := known.people.get(person):
            yield from _of_interviewer(planned, stretch, member, known)
    yield from _of_room(planned, stretch, known)


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


def _of_people(planned: PlannedInterview, known: Known) -> Iterator[Conflict]:
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


def _of_hours(planned: PlannedInterview, stretch: Stretch, zone: str) -> Iterator[Conflict]:
    """Yield that the time is outside the hours that the plan gives the interview, by clocks in the zone of entry."""
    if planned.plan is not None and not may_be(planned.plan, stretch, zone):
        message = conflict_messages.interview_hours(planned.plan, zone)
        yield Conflict(ConflictKind.INTERVIEW_HOURS, planned.key, message, stretch.starts_at.isoformat())


def _of_candidate(
    planned: PlannedInterview, stretch: Stretch, candidate: Candidate | None, known: Known
) -> Iterator[Conflict]:
    """Yield a conflict for each other interview of the candidate, among planned ones also while nobody is chosen."""
    attendee = busy.candidate_attendee(candidate.pk if candidate else None)
    for time in known.meeting(attendee, planned, stretch):
        message = conflict_messages.candidate_elsewhere(time, known.zone)
        about = f"{time.source}-{time.key}@{stretch.starts_at.isoformat()}"
        yield Conflict(ConflictKind.CANDIDATE_ELSEWHERE, planned.key, message, about)


def _of_interviewer(planned: PlannedInterview, stretch: Stretch, member: Membership, known: Known) -> list[Conflict]:
    """Return what keeps a member busy at the time; then a day off, or else a time outside the member's own hours.

    Hints come last: entries of their calendar that can be booked over, too few minutes before or after, and that the
    calendar is unknown.
    """
    when, attendee = stretch.starts_at.isoformat(), busy.interviewer(member.pk)
    times = list(known.meeting(attendee, planned, stretch))
    found = [_of_time(planned, time, member, known.zone, when) for time in times if time.weight == Weight.HARD]
    off, about = known.days_off.get(member.pk, {}), f"{member.pk}@{when}"
    day = next((day for day in local_days(*stretch, member.user.time_zone) if day in off), None)
    if day is not None:
        found.append(_of_day_off(planned, member, off[day], about))
    elif not is_at_work(member, stretch):
        message, brief = conflict_messages.outside_hours(member, stretch), _("outside hours")
        found.append(
            Conflict(ConflictKind.OUTSIDE_HOURS, planned.key, message, about, user=member.user_id, brief=brief)
        )
    found += [_of_time(planned, time, member, known.zone, when) for time in times if time.weight == Weight.SOFT]
    for time, between, wanted in known.near(attendee, planned, stretch):
        message = conflict_messages.short_buffer(member, time, between, wanted, known.zone)
        beside, brief = f"{member.pk}/{time.source}-{time.key}@{when}", conflict_messages.too_close(between, wanted)
        found.append(
            Conflict(ConflictKind.SHORT_BUFFER, planned.key, message, beside, user=member.user_id, brief=brief)
        )
    if (calendar := known.unknown(member.pk, stretch)) is not None:
        message, brief = conflict_messages.calendar_unknown(member, calendar, known.zone), _("calendar unknown")
        found.append(
            Conflict(ConflictKind.CALENDAR_UNKNOWN, planned.key, message, about, user=member.user_id, brief=brief)
        )
    return found


def _of_day_off(planned: PlannedInterview, member: Membership, off: OffDay, about: str) -> Conflict:
    kind, message, brief = ConflictKind.DAY_OFF, conflict_messages.day_off(member, off), _("day off")
    if off.holiday:
        kind, message, brief = ConflictKind.PUBLIC_HOLIDAY, conflict_messages.public_holiday(member, off), off.holiday
    return Conflict(kind, planned.key, message, about, user=member.user_id, brief=brief)


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


def _of_room(planned: PlannedInterview, stretch: Stretch, known: Known) -> Iterator[Conflict]:
    """Yield what speaks against the room: somebody else has it, it can't be booked, or is too small."""
    room = planned.room
    if room is None:
        return
    when, key = stretch.starts_at.isoformat(), planned.key
    about = f"room-{room.pk}@{when}"
    if known.has_declined(room, planned, stretch):
        message, brief = conflict_messages.room_declined(room), _("declined this time")
        yield Conflict(ConflictKind.ROOM_DECLINED, key, message, about, room=room.pk, brief=brief)
    for time in known.meeting(busy.room_attendee(room.pk), planned, stretch):
        taken = f"room-{room.pk}/{time.source}-{time.key}@{when}"
        if time.source == Source.CALENDAR:
            taken = f"{taken}/{time.starts_at.isoformat()}"
        message, brief = conflict_messages.room_taken(room, time, known.zone), conflict_messages.busy(time, known.zone)
        yield Conflict(ConflictKind.ROOM_TAKEN, key, message, taken, room=room.pk, until=time.ends_at, brief=brief)
    if not room.is_available:
        message = conflict_messages.room_gone(room)
        yield Conflict(ConflictKind.ROOM_GONE, key, message, about, room=room.pk, brief=_("can't be booked"))
    elif (calendar := known.unknown_room(room.pk, stretch)) is not None:
        message = conflict_messages.room_unknown(room, calendar, known.zone)
        yield Conflict(ConflictKind.ROOM_UNKNOWN, key, message, about, room=room.pk, brief=_("calendar unknown"))
    people = len(dict.fromkeys(planned.interviewers)) + 1
    if 0 < room.capacity < people:
        message = conflict_messages.room_small(room, people)
        yield Conflict(ConflictKind.ROOM_SMALL, key, message, about, room=room.pk, brief=_("too small"))


def _of_candidates_day(planned: PlannedInterview, stretch: Stretch, candidate: Candidate) -> Iterator[Conflict]:
    """Yield night and weekend where the candidate is. The row beside it shows the time there."""
    zone, about = candidate.time_zone, stretch.starts_at.isoformat()
    if is_night(stretch, zone):
        yield Conflict(ConflictKind.CANDIDATE_NIGHT, planned.key, conflict_messages.candidate_night(zone), about)
    if day := weekend_day(stretch, zone):
        message = conflict_messages.candidate_weekend(day, zone)
        yield Conflict(ConflictKind.CANDIDATE_WEEKEND, planned.key, message, about)
