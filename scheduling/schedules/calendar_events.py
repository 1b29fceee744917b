"""Decisions about events in interviewers' calendars, and interviews that a calendar is to receive afterwards."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from organizations import audit
from organizations.models import User
from scheduling.calendar_events import left, meetings
from scheduling.calendar_events.following import rewrite
from scheduling.messages import services as message_services
from scheduling.models import CalendarEvent, EventState, Interview, InterviewerAssignment, Schedule
from scheduling.schedules import trail_rows

#: Schedules that one task looks at; the next one goes on.
AT_ONCE = 20


def follow_some(organization_id: int, membership_id: int = 0, after: int = 0) -> int | None:
    """Bring events of schedules with coming interviews up to date, as their next change would.

    Of one member's schedules, or of all. `after`: the last schedule that was looked at. Returns the one to go on
    after, None when all were. People who were invited by mail go on getting mails.
    """
    rows = Schedule.objects.filter(
        organization=organization_id,
        state=Schedule.State.SCHEDULED,
        last_ends_at__gt=timezone.now(),
        pk__gt=after,
    )
    if membership_id:
        theirs = InterviewerAssignment.objects.filter(membership=membership_id).order_by()
        rows = rows.filter(pk__in=theirs.values("interview__schedule"))
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    for schedule_id in some:
        message_services.propose_again(schedule_id)
    return some[-1] if len(some) == AT_ONCE else None


@transaction.atomic
def put_back(*, event: CalendarEvent, actor: User) -> bool:
    """Have an event written as the schedule has it, whatever its owner did to it; False where it is on its way.

    Wants the event's interview, with its schedule and organization, and its membership.
    """
    locked = CalendarEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if locked.state != EventState.READY or event.interview is None:
        return False
    rewrite(locked)
    trail_rows.record(
        event.interview.schedule,
        actor,
        "interview.event_restored",
        interview=event.interview,
        detail={"user": event.membership.user_id if event.membership else None},
    )
    return True


@transaction.atomic
def put_call_back(*, interview: Interview, actor: User) -> CalendarEvent | None:
    """Have the video call made again that somebody took out of its event; None where nothing has to be done.

    Wants the interview's schedule, with its organization.
    """
    Schedule.objects.select_for_update().get(pk=interview.schedule_id)
    if (event := meetings.order_again(interview)) is None:
        return None
    rewrite(event, keeps_answer=True)
    trail_rows.record(interview.schedule, actor, "interview.call_restored", interview=interview)
    return event


@transaction.atomic
def remove_again(*, event: CalendarEvent, actor: User) -> bool:
    """Have an event removed whose removal the vendor refused; False where nobody has to decide any more."""
    return left.try_again(event) and _recorded(event, actor, "calendar_event.tried_again")


@transaction.atomic
def leave_there(*, event: CalendarEvent, actor: User) -> bool:
    """Leave an event in the calendar that can't be removed from it; False where nobody has to decide any more."""
    return left.dismiss(event) and _recorded(event, actor, "calendar_event.left_there")


def _recorded(event: CalendarEvent, actor: User, action: str) -> bool:
    person = None if event.membership is None else audit.Person("user", event.membership.user_id)
    detail = {} if person is None else {"user": person.pk}
    audit.record(
        organization=event.organization,
        actor=actor,
        action=action,
        subject=event.organization,
        person=person,
        detail=detail,
    )
    return True
