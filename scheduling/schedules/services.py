"""Everything that changes schedules: each function is one transaction, with its row in the trail.

`scheduling.coding_links` is told in the same transaction and reaches the vendor later, so that no vendor's trouble ever
keeps a schedule from being saved. `scheduling.messages.services` drafts a message for each person concerned; a
recruiter reads and sends it. Times are taken as they come: `scheduling.planning.booking` looks for conflicts first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from jobs.models import Job, PlanInterview, Stage
from organizations import audit
from organizations.fields import clean_columns
from organizations.models import AuditEvent, Membership, Organization, User
from scheduling import coding_links
from scheduling.availability import calendar_tasks
from scheduling.availability.conflicts import Overridden
from scheduling.calendar_events.following import withdraw as withdraw_events
from scheduling.messages import services as message_services
from scheduling.models import Candidate, ChangeReason, Interview, InterviewerAssignment, Schedule
from scheduling.models.change_reasons import reasons_of
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
    # The conflicts that were overridden; they go into the trail.
    overridden: tuple[Overridden, ...] = ()


def lock_people(*, candidate: int | None, members: Collection[int] = ()) -> dict[int, Membership] | None:
    """Make bookings of the same people wait for each other until the transaction ends. None when one of them is gone.

    Returns the memberships by id, with their users. `candidate` is an id (None: nobody yet), `members` are ids of
    memberships. A candidate who is being deleted is gone.
    Called before conflicts are looked up for the last time, so that two recruiters can't book one person at once.
    Everybody locks in this order: candidate, interviewers, schedule, interview.
    """
    if candidate is not None:
        locked = Candidate.objects.select_for_update(no_key=True).filter(pk=candidate, erase_asked_at__isnull=True)
        if not locked.values_list("pk"):
            return None
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    found = {row.pk: row for row in rows.filter(pk__in=set(members)).order_by("pk")}
    return found if len(found) == len(set(members)) else None


@transaction.atomic(savepoint=False)
def create_schedule(
    *,
    organization: Organization,
    actor: User,
    candidate: Candidate,
    job: Job | None,
    stage: Stage | None,
    time_zone: str,
    interviews: Sequence[InterviewDetails],
) -> tuple[Schedule, list[Interview]]:
    """Create a schedule with its interviews, and ask for the coding links that their plan wants.

    Takes the same number of queries for one interview as for many.
    """
    schedule = Schedule(
        organization=organization,
        candidate=candidate,
        job=job,
        stage=stage,
        time_zone=time_zone,
        created_by=actor,
    )
    schedule.first_starts_at = min((details.starts_at for details in interviews), default=None)
    schedule.last_ends_at = max((details.ends_at for details in interviews), default=None)
    schedule.save(force_insert=True)
    rows = _insert(schedule, interviews, 0)
    trail_rows.record(
        schedule,
        actor,
        "schedule.created",
        detail={"count": len(interviews)},
        texts={"interviews": [details.name for details in interviews]},
        overridden=[(details.name, details.overridden) for details in interviews],
    )
    coding_links.request_default_links(schedule=schedule, actor=actor)
    calendar_tasks.enqueue_reading(schedule.pk)
    message_services.propose_updates(schedule=schedule, actor=actor, is_new=True)
    return schedule, rows


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
    interviews = locked.interviews.select_for_update(of=("self",)).select_related("plan_interview")
    rows = {row.pk: row for row in interviews.order_by("id")}
    edits = {rows[one.interview]: one.details for one in changes if one.interview is not None}
    if changes and (locked.state == Schedule.State.CANCELLED or any(row.is_cancelled for row in edits)):
        raise ValueError("A cancelled interview can't be changed.")
    off = [rows[pk] for pk in cancelled if not rows[pk].is_cancelled]
    _cancel(off, actor)
    last = max((row.position for row in rows.values()), default=-1)
    added = iter(_insert(locked, [one.details for one in changes if one.interview is None], last + 1))
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
        interviewers=tuple(assignment.membership for assignment in interview.assignments.all()),
        plan_interview=interview.plan_interview,
        link_tool=interview.link_tool,
    )


def cancel_interview(*, interview: Interview, actor: User, reason: GivenReason) -> None:
    """Cancel one interview. Nothing happens to one that is cancelled already."""
    change_interviews(schedule=interview.schedule, cancelled=[interview.pk], actor=actor, reason=reason)


@transaction.atomic
def cancel_schedule(*, schedule: Schedule, actor: User | None, reason: GivenReason) -> None:
    """Cancel a schedule and all its interviews. Nothing happens to one that is cancelled already."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        return
    due = locked.interviews.select_for_update().filter(state=Interview.State.SCHEDULED)
    interviews = list(due.order_by("starts_at", "id"))
    _cancel(interviews, actor)
    names = [interview.name for interview in interviews]
    locked.state = Schedule.State.CANCELLED
    locked.save(update_fields=["state"])
    trail_rows.record(locked, actor, "schedule.cancelled", texts={"interviews": names}, reason=reason)
    message_services.propose_updates(schedule=locked, actor=actor, reason=reason.text)


class AttendeesNotNotified(Exception):
    """Nothing was deleted: people were invited, and have not been told that it is off. `names` are theirs.

    `cancel_first`: it still takes place; otherwise it is cancelled, and only their messages are missing.
    """

    def __init__(self, names: Sequence[str], *, cancel_first: bool) -> None:
        super().__init__("attendees not notified")
        self.names = list(names)
        self.cancel_first = cancel_first


@transaction.atomic
def delete_schedule(*, schedule: Schedule, actor: User, skip_notification: bool = False) -> None:
    """Delete a schedule with its interviews. Their coding links are cancelled first, so that the vendor's side follows.

    Raises AttendeesNotNotified while people who were invited expect it: nobody can be told of what is deleted.
    `skip_notification` overrides that for a cancelled schedule, where a message can't get through or nobody needs one.
    """
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    expected = message_services.still_invited(Schedule.objects.filter(pk=locked.pk), lock=True).get(locked.pk, [])
    takes_place = locked.state == Schedule.State.SCHEDULED
    if expected and (takes_place or not skip_notification):
        raise AttendeesNotNotified(expected, cancel_first=takes_place)
    _delete(schedule, actor, expected)


@transaction.atomic
def delete_unasked(*, schedule: Schedule, actor: User | None) -> None:
    """Delete a schedule of a candidate who is deleted, whoever expects it: whoever confirms that was asked before."""
    Schedule.objects.select_for_update().get(pk=schedule.pk)
    expected = message_services.still_invited(Schedule.objects.filter(pk=schedule.pk), lock=True)
    _delete(schedule, actor, expected.get(schedule.pk, []))


def _delete(schedule: Schedule, actor: User | None, not_notified: Sequence[str]) -> None:
    interviews = schedule.interviews.select_for_update().order_by("id")
    coding_links.interviews_cancelled(interviews=interviews, actor=actor)
    withdraw_events(schedule)
    told = {"not_notified": len(not_notified)} if not_notified else {}
    trail_rows.record(schedule, actor, "schedule.deleted", detail=told)
    schedule.delete()


@transaction.atomic
def save_reasons(*, organization: Organization, actor: User, texts: Sequence[str]) -> None:
    """Make `texts` (without repetitions) the organization's reasons for changes, in this order."""
    before = reasons_of(organization)
    if before == list(texts):
        return
    ChangeReason.objects.filter(organization=organization).exclude(text__in=texts).delete()
    for position, text in enumerate(texts):
        ChangeReason.objects.update_or_create(organization=organization, text=text, defaults={"position": position})
    audit.record(
        organization=organization,
        actor=actor,
        action="reasons.changed",
        subject=organization,
        detail={"from": before, "to": list(texts)},
    )


def locked_interview(interview: Interview) -> Interview:
    """Lock an interview and return it as it is now. Its schedule is locked first: everybody locks in this order."""
    Schedule.objects.select_for_update().get(pk=interview.schedule_id)
    return Interview.objects.select_for_update(of=("self",)).select_related("schedule").get(pk=interview.pk)


def _insert(schedule: Schedule, interviews: Sequence[InterviewDetails], first: int) -> list[Interview]:
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
    columns = ["name", "kind", "place", "starts_at", "ends_at", "link_tool"]
    for row, details in edits.items():
        for column in columns:
            setattr(row, column, getattr(details, column))
        clean_columns(row, columns)
    Interview.objects.bulk_update(edits, columns)
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


def _cancel(interviews: Sequence[Interview], actor: User | None) -> None:
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
