"""Book interviews: the one way in which they get their times and people.

Each function locks the people, so that two bookings of one person wait for each other; looks for conflicts; and saves,
or returns the conflicts that need a decision. It knows neither forms nor requests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from jobs.models import Job, PlanInterview, Stage
from organizations.access import Access
from organizations.models import Membership
from scheduling.availability.conflict_kinds import Conflict, Overridden, Severity
from scheduling.availability.conflicts import find_conflicts, undecided
from scheduling.availability.planned import PlannedInterview
from scheduling.candidates.services import add_candidate
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from scheduling.planning.movable import movable, version_of
from scheduling.schedules import interviews as interview_services
from scheduling.schedules import rescheduling
from scheduling.schedules import services as schedule_services
from scheduling.schedules.interviews import Change, InterviewDetails
from scheduling.schedules.rescheduling import Move
from scheduling.schedules.trail_rows import GivenReason

#: The reason for each overridden conflict, by its token; it may be empty.
Overrides = Mapping[str, str]


@dataclass(frozen=True)
class Booking:
    """One interview to book, and the conflicts that are overridden for it."""

    details: InterviewDetails
    overrides: Overrides = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedRow:
    """One interview of a schedule that is planned anew: `interview` is its id, or None where it is added.

    One that is not `is_changed` stays as it is, and the others are checked against it.
    """

    booking: Booking
    interview: int | None = None
    is_changed: bool = True


@dataclass(frozen=True)
class Booked:
    """The saved rows."""

    schedule: Schedule
    interviews: tuple[Interview, ...]


@dataclass(frozen=True)
class Undecided:
    """Nothing is saved: some conflicts are impossible, or not overridden yet.

    `found` has all conflicts; their `planned` is the number of the booking or move, from "0" on.
    """

    found: list[Conflict]


class NotBooked(Exception):
    """Nothing was saved: the rows are not as the caller knew them."""


class Missing(NotBooked):
    """The candidate, an interviewer, the job, the stage or the schedule is gone."""


class Cancelled(NotBooked):
    """The schedule or the interview is cancelled; or, for a move, over."""


class ChangedSince(NotBooked):
    """The interviews are not at the version that the caller knew. `current` has them as they are now."""

    def __init__(self, current: Sequence[Interview]) -> None:
        super().__init__("changed since")
        self.current = list(current)


def book_schedule(
    *,
    access: Access,
    candidate: Candidate,
    job: Job | None,
    stage: Stage | None,
    time_zone: str,
    bookings: Sequence[Booking],
) -> Booked | Undecided:
    """Book a new schedule. A candidate without an id is saved too. Raises Missing, before anything is written.

    Takes the same number of queries for one interview as for many.
    """
    # Without a savepoint: it is raised outside, so that the caller's transaction can go on.
    with transaction.atomic(savepoint=False):
        members = [person.pk for one in bookings for person in one.details.interviewers]
        people = schedule_services.lock_people(candidate=candidate.pk, members=members)
        if people is not None and not schedule_services.lock_rooms(_rooms_of(one.details for one in bookings)):
            raise Missing
        if people is not None and _are_there(access, job, stage, *(one.details.plan_interview for one in bookings)):
            planned = [planned_of(str(number), one.details) for number, one in enumerate(bookings)]
            found = _find(access, planned, time_zone, candidate, people=people)
            if undecided(found, _tokens(bookings)):
                return Undecided(found)
            if candidate.pk is None:
                add_candidate(candidate=candidate, actor=access.user)
            schedule, interviews = schedule_services.create_schedule(
                organization=access.organization,
                actor=access.user,
                candidate=candidate,
                job=job,
                stage=stage,
                time_zone=time_zone,
                interviews=[
                    replace(one.details, overridden=_overridden(found, str(number), one.overrides))
                    for number, one in enumerate(bookings)
                ],
            )
            return Booked(schedule, tuple(interviews))
    raise Missing


@transaction.atomic
def book_interview(*, access: Access, schedule: Schedule, booking: Booking) -> Booked | Undecided:
    """Book one more interview of a schedule. Raises Missing and Cancelled."""
    details = booking.details
    _lock(schedule.candidate_id, [person.pk for person in details.interviewers], _rooms_of([details]))
    locked = _lock_schedule(schedule)
    if locked.state == Schedule.State.CANCELLED:
        raise Cancelled
    found = _find(access, [planned_of("0", details)], locked.time_zone, schedule.candidate)
    if undecided(found, _tokens([booking])):
        return Undecided(found)
    details = replace(details, overridden=_overridden(found, "0", booking.overrides))
    interview = interview_services.add_interview(schedule=locked, details=details, actor=access.user)
    return Booked(locked, (interview,))


@transaction.atomic
def change_interview(
    *, access: Access, interview: Interview, booking: Booking, reason: GivenReason, version: str = ""
) -> Booked | Undecided:
    """Give an interview other details. Raises NotBooked.

    `version` is the `version_of` the interview that the caller knows; without one, any is overwritten.
    """
    details, schedule = booking.details, interview.schedule
    _lock(schedule.candidate_id, [person.pk for person in details.interviewers], _rooms_of([details]))
    _lock_schedule(schedule)
    current = interview_services.locked_interview(interview)
    if current.is_cancelled:
        raise Cancelled
    if version and version != version_of([current]):
        raise ChangedSince([current])
    planned = planned_of("0", details, current)
    found = _find(access, [planned], schedule.time_zone, schedule.candidate)
    if undecided(found, _tokens([booking])):
        return Undecided(found)
    details = replace(details, overridden=_overridden(found, "0", booking.overrides))
    saved = interview_services.edit_interview(interview=current, details=details, actor=access.user, reason=reason)
    return Booked(schedule, (saved,))


@transaction.atomic
def reschedule(
    *, access: Access, schedule: Schedule, moves: Sequence[Move], reason: GivenReason, version: str = ""
) -> Booked | Undecided:
    """Move interviews of a schedule together, for one reason. Raises NotBooked.

    `version` is the `version_of` the `movable` interviews that the caller knows; without one, any are moved.
    """
    moved = [move.interview.pk for move in moves]
    assigned = InterviewerAssignment.objects.filter(interview__in=moved).order_by("id")
    taken = [move.interview.room_id for move in moves if move.interview.room_id is not None]
    _lock(schedule.candidate_id, list(assigned.values_list("membership", flat=True)), taken)
    locked = _lock_schedule(schedule)
    current = {interview.pk: interview for interview in movable(locked)}
    if locked.state == Schedule.State.CANCELLED or not current:
        raise Cancelled
    if version and version != version_of(current.values()):
        raise ChangedSince(list(current.values()))
    if not current.keys() >= set(moved):
        raise Cancelled
    planned = [_moved(str(number), move, current[move.interview.pk]) for number, move in enumerate(moves)]
    found = _find(access, planned, locked.time_zone, schedule.candidate)
    if undecided(found, _tokens(moves)):
        return Undecided(found)
    named = [
        (move.interview.name, _overridden(found, str(number), move.overrides)) for number, move in enumerate(moves)
    ]
    rescheduling.reschedule(
        schedule=locked,
        moves=moves,
        actor=access.user,
        reason=reason,
        overridden=[(name, conflicts) for name, conflicts in named if conflicts],
    )
    return Booked(locked, tuple(locked.interviews.filter(pk__in=moved).order_by("starts_at", "id")))


@transaction.atomic
def replan(
    *,
    access: Access,
    schedule: Schedule,
    rows: Sequence[PlannedRow],
    removed: Collection[int],
    reason: GivenReason,
    version: str,
) -> Booked | Undecided:
    """Change, add and cancel interviews of a schedule together, for one reason: all of it or nothing. Raises NotBooked.

    `removed` are the ids of those to cancel. `version` is the `version_of` the `movable` interviews that the caller
    knows. Everybody concerned gets one draft, made after the last change.
    """
    changed = {str(number): row for number, row in enumerate(rows) if row.is_changed}
    people = {person.pk for row in changed.values() for person in row.booking.details.interviewers}
    taken = _rooms_of(row.booking.details for row in changed.values())
    _lock(schedule.candidate_id, sorted(people), taken)
    locked = _lock_schedule(schedule)
    if locked.state == Schedule.State.CANCELLED:
        raise Cancelled
    current = {interview.pk: interview for interview in movable(locked)}
    named = {row.interview for row in rows if row.interview is not None} | set(removed)
    if version != version_of(current.values()) or not current.keys() >= named:
        raise ChangedSince(list(current.values()))
    planned = [
        planned_of(str(number), row.booking.details, current[row.interview] if row.interview is not None else None)
        for number, row in enumerate(rows)
    ]
    found = _find(access, planned, locked.time_zone, schedule.candidate, removed)
    # One that stays as it is meets only what has the conflict as well.
    if undecided([one for one in found if one.planned in changed], _tokens([row.booking for row in rows])):
        return Undecided(found)
    changes = [
        Change(replace(row.booking.details, overridden=_overridden(found, key, row.booking.overrides)), row.interview)
        for key, row in changed.items()
    ]
    saved = interview_services.change_interviews(
        schedule=locked, changes=changes, cancelled=sorted(removed), actor=access.user, reason=reason
    )
    return Booked(locked, tuple(saved))


def conflicts_of(*, access: Access, details: InterviewDetails, interview: Interview) -> list[Conflict]:
    """Return the conflicts that an interview would have with these details. Its schedule is joined in."""
    schedule = interview.schedule
    return _find(access, [planned_of("0", details, interview)], schedule.time_zone, schedule.candidate)


def conflicts_of_moves(
    *, access: Access, schedule: Schedule, moves: Sequence[Move], excluded: Collection[int] = ()
) -> list[Conflict]:
    """Return the conflicts that moves of `movable` interviews would have; `excluded` ones keep nobody busy."""
    planned = [_moved(str(number), move, move.interview) for number, move in enumerate(moves)]
    return _find(access, planned, schedule.time_zone, schedule.candidate, excluded)


def this_minute() -> datetime:
    """Return the beginning of this minute: an interview that starts then is not in the past."""
    return timezone.now().replace(second=0, microsecond=0)


def _lock(candidate: int | None, members: Sequence[int], rooms: Collection[int]) -> None:
    """Lock the people, then the rooms. Raises Missing."""
    if schedule_services.lock_people(candidate=candidate, members=members) is None:
        raise Missing
    if not schedule_services.lock_rooms(rooms):
        raise Missing


def _rooms_of(details: Iterable[InterviewDetails]) -> set[int]:
    return {one.room.pk for one in details if one.room is not None}


def _lock_schedule(schedule: Schedule) -> Schedule:
    locked = Schedule.objects.select_for_update().select_related("organization").filter(pk=schedule.pk).first()
    if locked is None:
        raise Missing
    return locked


def _are_there(access: Access, *rows: models.Model | None) -> bool:
    """Return whether all of the rows are in the database still."""
    wanted: dict[type[models.Model], set[int]] = {}
    for row in rows:
        if row is not None:
            wanted.setdefault(type(row), set()).add(row.pk)
    found = [access.all(model).filter(pk__in=ids).order_by().values_list("pk") for model, ids in wanted.items()]
    return not found or len(found[0].union(*found[1:], all=True)) == sum(map(len, wanted.values()))


def planned_of(key: str, details: InterviewDetails, changes: Interview | None = None) -> PlannedInterview:
    """Return an interview as conflicts are looked up for it; `changes` is the one that it takes the place of."""
    return PlannedInterview(
        key=key,
        name=details.name,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        interviewers=tuple(person.pk for person in details.interviewers),
        expected=_expected(details.plan_interview),
        room=details.room,
        interview=changes.pk if changes else None,
        plan=details.plan_interview,
    )


def _moved(key: str, move: Move, interview: Interview) -> PlannedInterview:
    return PlannedInterview(
        key=key,
        name=interview.name,
        starts_at=move.starts_at,
        ends_at=move.ends_at,
        interviewers=tuple(assignment.membership_id for assignment in interview.assignments.all()),
        expected=_expected(interview.plan_interview),
        interview=interview.pk,
        plan=interview.plan_interview,
        room=interview.room,
    )


def _expected(plan: PlanInterview | None) -> int:
    return plan.interviewer_count if plan else 0


def _find(
    access: Access,
    planned: Sequence[PlannedInterview],
    zone: str,
    candidate: Candidate,
    excluded: Collection[int] = (),
    people: Mapping[int, Membership] | None = None,
) -> list[Conflict]:
    return find_conflicts(
        access=access,
        planned=planned,
        zone=zone,
        now=this_minute(),
        candidate=candidate,
        excluded=excluded,
        people=people,
    )


def _tokens(bookings: Sequence[Booking | Move]) -> dict[str, Overrides]:
    return {str(number): one.overrides for number, one in enumerate(bookings)}


def _overridden(found: Iterable[Conflict], key: str, overrides: Overrides) -> tuple[Overridden, ...]:
    """Return the overridden conflicts, each with its reason, for the trail."""
    return tuple(
        Overridden(one.kind, one.user, overrides[one.token])
        for one in found
        if one.planned == key and one.severity == Severity.OVERRIDABLE and one.token in overrides
    )
