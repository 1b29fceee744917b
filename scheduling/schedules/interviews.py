"""Everything that changes interviews of a schedule: each function is one transaction, with its rows in the trail.

Times are taken as they come: `scheduling.planning.booking` looks for conflicts first. What else happens in the
transaction stands in `services`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from jobs.models import PlanInterview
from organizations import audit
from organizations.fields import clean_columns
from organizations.models import AuditEvent, Membership, User
from scheduling import coding_links
from scheduling.availability import calendar_tasks
from scheduling.availability.conflict_kinds import Overridden
from scheduling.messages import services as message_services
from scheduling.models import Interview, InterviewerAssignment, Room, Schedule
from scheduling.schedules import trail_rows
from scheduling.schedules.trail_rows import GivenReason, differences, times_of


@dataclass(frozen=True)
class InterviewDetails:
    """One interview as it shall be. Times are aware; `interviewers` are memberships of the organization."""

    name: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    interviewers: tuple[Membership, ...] = ()
    plan_interview: PlanInterview | None = None
    # As `Interview.link_tool`. `removes_link`: where it is switched off, a link that is there is removed as well.
    link_tool: str | None = None
    removes_link: bool = False
    # The kind of video call, as `Interview.meeting`.
    meeting: str = ""
    # The conflicts that were overridden; they go into the trail.
    overridden: tuple[Overridden, ...] = ()
    # With its connection joined in, where conflicts are looked up for it.
    room: Room | None = None


@dataclass(frozen=True)
class Change:
    """The details of one interview; `interview` is its id, None where it is added."""

    details: InterviewDetails
    interview: int | None = None


@transaction.atomic
def change_interviews(
    *,
    schedule: Schedule,
    changes: Sequence[Change] = (),
    cancelled: Collection[int] = (),
    actor: User,
    reason: GivenReason,
) -> list[Interview]:
    """Add, move or change interviews of a schedule and cancel others (ids), for one reason. Writes only what differs.

    Returns the rows of `changes`. Everybody concerned gets one draft, made after the last change. Takes the same number
    of queries for one as for many, but for links that are removed or replaced. One that is cancelled already is left
    alone; ValueError where one to change is, or the schedule.
    """
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("organization").get(pk=schedule.pk)
    interviews = locked.interviews.select_for_update(of=("self",)).select_related("plan_interview", "room")
    rows = {row.pk: row for row in interviews.order_by("id")}
    edits = {rows[one.interview]: one.details for one in changes if one.interview is not None}
    if changes and (locked.state == Schedule.State.CANCELLED or any(row.is_cancelled for row in edits)):
        raise ValueError("A cancelled interview can't be changed.")
    off = [rows[pk] for pk in cancelled if not rows[pk].is_cancelled]
    mark_cancelled(off, actor)
    last = max((row.position for row in rows.values()), default=-1)
    added = iter(insert(locked, [one.details for one in changes if one.interview is None], last + 1))
    saved = [(rows[one.interview] if one.interview is not None else next(added), one) for one in changes]
    asked_before = {row.pk: row.asked_tool for row in edits}
    edited, moved = _edit(edits, locked, actor, reason)
    told = [_told_of_cancelled(locked, row, actor, reason) for row in off]
    for row, one in saved:
        told += [_told_of_added(locked, row, one.details, actor)] if one.interview is None else edited.get(row.pk, [])
    if not told:
        return [row for row, _one in saved]
    set_span(locked, [*rows.values(), *(row for row, _one in saved)])
    audit.record_all(told)
    coding_links.interviews_changed(interviews=moved, actor=actor)
    calendar_tasks.enqueue_reading(locked.pk)
    _follow_switches(locked, [(row, one.details, asked_before.get(row.pk, "")) for row, one in saved], actor)
    message_services.propose_updates(schedule=locked, actor=actor, reason=reason.text)
    return [row for row, _one in saved]


def add_interview(*, schedule: Schedule, details: InterviewDetails, actor: User) -> Interview:
    """Add an interview to a schedule. Raises ValueError when that is cancelled."""
    changes = [Change(details)]
    return change_interviews(schedule=schedule, changes=changes, actor=actor, reason=GivenReason())[0]


def edit_interview(*, interview: Interview, details: InterviewDetails, actor: User, reason: GivenReason) -> Interview:
    """Move or change an interview. Raises ValueError when it is cancelled. Writes nothing when nothing changes."""
    changes = [Change(details, interview.pk)]
    return change_interviews(schedule=interview.schedule, changes=changes, actor=actor, reason=reason)[0]


@transaction.atomic
def switch_link(*, interview: Interview, tool: str, actor: User, removes_link: bool = False) -> Interview:
    """Switch the coding link of one interview on, with the tool of kind `tool`, or off (""), whatever its plan says.

    Switched on, it gets its link at once, as a new schedule's interviews do. Switched off, it keeps a link that is
    there, unless `removes_link`. Raises ValueError for a cancelled one.
    """
    locked = locked_interview(interview)
    plan = locked.plan_interview.link_tool if locked.plan_interview else ""
    setting = None if tool == plan else tool
    details = replace(details_of(locked), link_tool=setting, removes_link=removes_link)
    return edit_interview(interview=locked, details=details, actor=actor, reason=GivenReason())


def details_of(interview: Interview) -> InterviewDetails:
    """Return an interview as it is. Its assignments, with their memberships and users, are best prefetched."""
    return InterviewDetails(
        name=interview.name,
        kind=interview.kind,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        place=interview.place,
        meeting=interview.meeting,
        room=interview.room,
        interviewers=tuple(assignment.membership for assignment in interview.assignments.all()),
        plan_interview=interview.plan_interview,
        link_tool=interview.link_tool,
    )


def cancel_interview(*, interview: Interview, actor: User, reason: GivenReason) -> None:
    """Cancel one interview. Nothing happens to one that is cancelled already."""
    change_interviews(schedule=interview.schedule, cancelled=[interview.pk], actor=actor, reason=reason)


def locked_interview(interview: Interview) -> Interview:
    """Lock an interview and return it as it is now. Its schedule is locked first: everybody locks in this order."""
    Schedule.objects.select_for_update().get(pk=interview.schedule_id)
    return Interview.objects.select_for_update(of=("self",)).select_related("schedule").get(pk=interview.pk)


def insert(schedule: Schedule, interviews: Sequence[InterviewDetails], first: int) -> list[Interview]:
    """Insert interviews with their people; `first` is the position of the first."""
    rows = [_row_of(schedule, details, position) for position, details in enumerate(interviews, start=first)]
    Interview.objects.bulk_create(rows)
    InterviewerAssignment.objects.bulk_create(
        InterviewerAssignment(interview=row, membership=person)
        for row, details in zip(rows, interviews, strict=True)
        for person in details.interviewers
    )
    return rows


def _row_of(schedule: Schedule, details: InterviewDetails, position: int) -> Interview:
    return Interview(
        organization=schedule.organization,
        schedule=schedule,
        plan_interview=details.plan_interview,
        link_tool=details.link_tool,
        position=position,
        name=details.name,
        kind=details.kind,
        place=details.place,
        meeting=details.meeting,
        room=details.room,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
    )


def _edit(
    edits: Mapping[Interview, InterviewDetails], schedule: Schedule, actor: User, reason: GivenReason
) -> tuple[dict[int, list[AuditEvent]], list[Interview]]:
    """Write the details of interviews. Return the trail of those that differ now, by id; and those that moved."""
    if not edits:
        return {}, []
    before, old_times = trail_rows.shown(edits), {row.pk: times_of(row) for row in edits}
    asked = {row.pk: row.asked_tool for row in edits}
    columns = ["name", "kind", "place", "meeting", "starts_at", "ends_at", "link_tool"]
    for row, details in edits.items():
        for column in columns:
            setattr(row, column, getattr(details, column))
        clean_columns(row, columns)
        row.room = details.room
    Interview.objects.bulk_update(edits, [*columns, "room"])
    _assign(edits)
    after = trail_rows.shown(edits)
    moved = [row for row in edits if times_of(row) != old_times[row.pk]]
    told = {}
    for row, details in edits.items():
        detail, texts = differences(before[row.pk], after[row.pk])
        if row in moved:
            detail |= {"from": old_times[row.pk], "to": times_of(row)}
        if detail or texts:
            told[row.pk] = [
                trail_rows.event(
                    schedule,
                    actor,
                    "interview.moved" if row in moved else "interview.changed",
                    interview=row,
                    detail=detail,
                    texts=texts,
                    reason=reason,
                    overridden=[(row.name, details.overridden)],
                )
            ]
        if row.asked_tool != asked[row.pk]:
            action = "interview.link_switched_on" if row.asked_tool else "interview.link_switched_off"
            told.setdefault(row.pk, []).append(trail_rows.event(schedule, actor, action, interview=row, reason=reason))
    return told, moved


def _follow_switches(schedule: Schedule, rows: Sequence[tuple[Interview, InterviewDetails, str]], actor: User) -> None:
    """Request the links of interviews that ask for another tool than before, or are added; remove those to remove.

    `rows` are interviews with their details and the kind of tool that they asked for before.
    """
    on = [row.pk for row, _details, before in rows if row.asked_tool not in {"", before}]
    off = [row.pk for row, details, before in rows if before and not row.asked_tool and details.removes_link]
    if on:
        coding_links.request_default_links(schedule=schedule, actor=actor, interviews=on)
    if off:
        coding_links.remove_links(interviews=off, actor=actor)


def _told_of_added(schedule: Schedule, row: Interview, details: InterviewDetails, actor: User) -> AuditEvent:
    return trail_rows.event(
        schedule,
        actor,
        "interview.added",
        interview=row,
        detail={"to": times_of(row)},
        overridden=[(row.name, details.overridden)],
    )


def _told_of_cancelled(schedule: Schedule, row: Interview, actor: User, reason: GivenReason) -> AuditEvent:
    detail = {"from": times_of(row)}
    return trail_rows.event(schedule, actor, "interview.cancelled", interview=row, detail=detail, reason=reason)


def _assign(wanted: Mapping[Interview, InterviewDetails]) -> None:
    """Make the people of each interview those of its details."""
    pairs = {(row.pk, person.pk) for row, details in wanted.items() for person in details.interviewers}
    found = InterviewerAssignment.objects.filter(interview__in=[row.pk for row in wanted])
    there = {(interview, person): pk for pk, interview, person in found.values_list("pk", "interview", "membership")}
    InterviewerAssignment.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in pairs]).delete()
    InterviewerAssignment.objects.bulk_create(
        InterviewerAssignment(interview=row, membership=person)
        for row, details in wanted.items()
        for person in details.interviewers
        if (row.pk, person.pk) not in there
    )


def mark_cancelled(interviews: Sequence[Interview], actor: User | None) -> None:
    """Mark locked interviews as cancelled, and have their links removed."""
    if not interviews:
        return
    for interview in interviews:
        interview.state = Interview.State.CANCELLED
    Interview.objects.filter(pk__in=[one.pk for one in interviews]).update(state=Interview.State.CANCELLED)
    coding_links.interviews_cancelled(interviews=interviews, actor=actor)


def set_span(schedule: Schedule, interviews: Iterable[Interview]) -> None:
    """Store the times that the list shows of a schedule with these interviews."""
    schedule.first_starts_at, schedule.last_ends_at = _span_of(list(interviews))
    schedule.save(update_fields=["first_starts_at", "last_ends_at"])


def _span_of(interviews: Sequence[Interview]) -> tuple[datetime | None, datetime | None]:
    """Return begin and end of the interviews that are not cancelled or, when all are, of all."""
    shown = [one for one in interviews if not one.is_cancelled] or interviews
    return min((one.starts_at for one in shown), default=None), max((one.ends_at for one in shown), default=None)
