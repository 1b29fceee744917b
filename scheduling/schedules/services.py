"""Everything that changes schedules: each function is one transaction, with its row in the trail.

`scheduling.coding_links` is told in the same transaction and reaches the vendor later, so that no vendor's trouble ever
keeps a schedule from being saved. `scheduling.messages.services` drafts a message for each person concerned; a
recruiter reads and sends it. Times are taken as they come: `scheduling.planning.booking` looks for conflicts first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min

from jobs.models import Job, PlanInterview, Stage
from organizations import audit
from organizations.models import Membership, Organization, User
from scheduling import coding_links
from scheduling.availability.conflicts import Overridden
from scheduling.messages import services as message_services
from scheduling.models import Candidate, ChangeReason, Interview, InterviewerAssignment, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.schedules import trail_rows
from scheduling.schedules.trail_rows import GivenReason, changes, shown, times_of


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
    # The conflicts that were overridden; they go into the trail.
    overridden: tuple[Overridden, ...] = ()


def lock_people(*, candidate: int | None, members: Collection[int] = ()) -> bool:
    """Make bookings of the same people wait for each other until the transaction ends. False when one of them is gone.

    `candidate` is an id (None: nobody yet), `members` are ids of memberships. A candidate who is being deleted is gone.
    Called before conflicts are looked up for the last time, so that two recruiters can't book one person at once.
    Everybody locks in this order: candidate, interviewers, schedule, interview.
    """
    is_there = True
    if candidate is not None:
        locked = Candidate.objects.select_for_update(no_key=True).filter(pk=candidate, erase_asked_at__isnull=True)
        is_there = bool(locked.values_list("pk"))
    ids = set(members)
    memberships = Membership.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return len(memberships.values_list("pk")) == len(ids) and is_there


@transaction.atomic
def create_schedule(
    *,
    organization: Organization,
    actor: User,
    candidate: Candidate,
    job: Job | None,
    stage: Stage | None,
    time_zone: str,
    interviews: Sequence[InterviewDetails],
) -> Schedule:
    """Create a schedule with its interviews, and ask for the coding links that their plan wants."""
    schedule = Schedule.objects.create(
        organization=organization,
        candidate=candidate,
        job=job,
        stage=stage,
        time_zone=time_zone,
        created_by=actor,
    )
    for position, details in enumerate(interviews):
        _add(schedule, details, position)
    set_span(schedule)
    trail_rows.record(
        schedule,
        actor,
        "schedule.created",
        detail={"count": len(interviews)},
        texts={"interviews": [details.name for details in interviews]},
        overridden=[(details.name, details.overridden) for details in interviews],
    )
    coding_links.request_default_links(schedule=schedule, actor=actor)
    message_services.propose_updates(schedule=schedule, actor=actor)
    return schedule


@transaction.atomic
def add_interview(
    *, schedule: Schedule, details: InterviewDetails, actor: User, drafts_messages: bool = True
) -> Interview:
    """Add an interview to a schedule. Raises ValueError when that is cancelled.

    Without `drafts_messages` the caller proposes the messages, once for several changes.
    """
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        raise ValueError("Schedule cancelled.")
    last = locked.interviews.aggregate(last=Max("position"))["last"]
    interview = _add(locked, details, 0 if last is None else last + 1)
    set_span(locked)
    trail_rows.record(
        locked,
        actor,
        "interview.added",
        interview=interview,
        detail={"to": times_of(interview)},
        overridden=[(interview.name, details.overridden)],
    )
    if drafts_messages:
        message_services.propose_updates(schedule=locked, actor=actor)
    return interview


@transaction.atomic
def edit_interview(
    *,
    interview: Interview,
    details: InterviewDetails,
    actor: User,
    reason: GivenReason,
    drafts_messages: bool = True,
) -> Interview:
    """Move or change an interview. Raises ValueError when it is cancelled. Writes nothing when nothing changes.

    Without `drafts_messages` the caller proposes the messages, once for several changes.
    """
    locked = locked_interview(interview)
    if locked.is_cancelled:
        raise ValueError("The interview is cancelled.")
    before, old_times = shown(locked), times_of(locked)
    moved = (locked.starts_at, locked.ends_at) != (details.starts_at, details.ends_at)
    locked.name, locked.kind, locked.place = details.name, details.kind, details.place
    locked.starts_at, locked.ends_at = details.starts_at, details.ends_at
    locked.save()
    _assign(locked, details.interviewers)
    changed, changed_texts = changes(before, shown(locked))
    if not (changed or changed_texts or moved):
        return locked
    set_span(locked.schedule)
    trail_rows.record(
        locked.schedule,
        actor,
        "interview.moved" if moved else "interview.changed",
        interview=locked,
        detail=changed | ({"from": old_times, "to": times_of(locked)} if moved else {}),
        texts=changed_texts,
        reason=reason,
        overridden=[(locked.name, details.overridden)],
    )
    if moved:
        coding_links.interview_changed(interview=locked, actor=actor)
    if drafts_messages:
        message_services.propose_updates(schedule=locked.schedule, actor=actor, reason=reason.text)
    return locked


@transaction.atomic
def cancel_interview(*, interview: Interview, actor: User, reason: GivenReason, drafts_messages: bool = True) -> None:
    """Cancel one interview. Nothing happens to one that is cancelled already.

    Without `drafts_messages` the caller proposes the messages, once for several changes.
    """
    locked = locked_interview(interview)
    if locked.is_cancelled:
        return
    _cancel(locked, actor)
    set_span(locked.schedule)
    trail_rows.record(
        locked.schedule,
        actor,
        "interview.cancelled",
        interview=locked,
        detail={"from": times_of(locked)},
        reason=reason,
    )
    if drafts_messages:
        message_services.propose_updates(schedule=locked.schedule, actor=actor, reason=reason.text)


@transaction.atomic
def cancel_schedule(*, schedule: Schedule, actor: User | None, reason: GivenReason) -> None:
    """Cancel a schedule and all its interviews. Nothing happens to one that is cancelled already."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        return
    due = locked.interviews.select_for_update().filter(state=Interview.State.SCHEDULED)
    names = []
    for interview in due.order_by("starts_at", "id"):
        _cancel(interview, actor)
        names.append(interview.name)
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
    for interview in schedule.interviews.select_for_update().order_by("id"):
        coding_links.interview_cancelled(interview=interview, actor=actor)
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


def _add(schedule: Schedule, details: InterviewDetails, position: int) -> Interview:
    interview = Interview.objects.create(
        organization=schedule.organization,
        schedule=schedule,
        plan_interview=details.plan_interview,
        position=position,
        name=details.name,
        kind=details.kind,
        place=details.place,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
    )
    _assign(interview, details.interviewers)
    return interview


def _assign(interview: Interview, people: Sequence[Membership]) -> None:
    wanted = {person.pk for person in people}
    interview.assignments.exclude(membership__in=wanted).delete()
    there = set(interview.assignments.values_list("membership", flat=True))
    InterviewerAssignment.objects.bulk_create(
        InterviewerAssignment(interview=interview, membership=person) for person in people if person.pk not in there
    )


def _cancel(interview: Interview, actor: User | None) -> None:
    interview.state = Interview.State.CANCELLED
    interview.save(update_fields=["state"])
    coding_links.interview_cancelled(interview=interview, actor=actor)


def set_span(schedule: Schedule) -> None:
    """Set the times that the list shows: of the interviews that are not cancelled or, when all are, of all."""
    interviews = schedule.interviews.filter(state=Interview.State.SCHEDULED)
    ends = interviews.aggregate(first=Min("starts_at"), last=Max("ends_at"))
    if ends["first"] is None:
        ends = schedule.interviews.aggregate(first=Min("starts_at"), last=Max("ends_at"))
    schedule.first_starts_at, schedule.last_ends_at = ends["first"], ends["last"]
    schedule.save(update_fields=["first_starts_at", "last_ends_at"])
