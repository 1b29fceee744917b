"""Everything that changes schedules as a whole: each function is one transaction, with its row in the trail.

`scheduling.coding_links` is told in the same transaction and reaches the vendor later, so that no vendor's trouble ever
keeps a schedule from being saved. `scheduling.messages.services` drafts a message for each person concerned; a
recruiter reads and sends it. Times are taken as they come: `scheduling.planning.booking` looks for conflicts first.
What is in a schedule is changed by `interviews`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from jobs.models import Job, Stage
from organizations import audit
from organizations.models import Membership, Organization, User
from scheduling import coding_links
from scheduling.availability import calendar_tasks
from scheduling.calendar_events.following import withdraw as withdraw_events
from scheduling.messages import services as message_services
from scheduling.models import Candidate, ChangeReason, Interview, Room, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.schedules import trail_rows
from scheduling.schedules.interviews import InterviewDetails, insert, mark_cancelled
from scheduling.schedules.trail_rows import GivenReason


def lock_people(*, candidate: int | None, members: Collection[int] = ()) -> dict[int, Membership] | None:
    """Make bookings of the same people wait for each other until the transaction ends. None when one of them is gone.

    Returns the memberships by id, with their users. `candidate` is an id (None: nobody yet), `members` are ids of
    memberships. A candidate who is being deleted is gone.
    Called before conflicts are looked up for the last time, so that two recruiters can't book one person at once.
    Everybody locks in this order: candidate, interviewers, rooms, schedule, interview.
    """
    if candidate is not None:
        locked = Candidate.objects.select_for_update(no_key=True).filter(pk=candidate, erase_asked_at__isnull=True)
        if not locked.values_list("pk"):
            return None
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    found = {row.pk: row for row in rows.filter(pk__in=set(members)).order_by("pk")}
    return found if len(found) == len(set(members)) else None


def lock_rooms(rooms: Collection[int]) -> bool:
    """Make bookings of the same rooms (ids) wait for each other, likewise. False when one of them is gone."""
    if not rooms:
        return True
    locked = Room.objects.select_for_update(no_key=True).filter(pk__in=set(rooms)).order_by("pk")
    return len(locked.values_list("pk")) == len(set(rooms))


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
    rows = insert(schedule, interviews, 0)
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


@transaction.atomic
def cancel_schedule(*, schedule: Schedule, actor: User | None, reason: GivenReason) -> None:
    """Cancel a schedule and all its interviews. Nothing happens to one that is cancelled already."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        return
    due = locked.interviews.select_for_update().filter(state=Interview.State.SCHEDULED)
    interviews = list(due.order_by("starts_at", "id"))
    mark_cancelled(interviews, actor)
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
