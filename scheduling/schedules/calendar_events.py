"""Decisions about events in interviewers' calendars."""

from __future__ import annotations

from django.db import transaction

from organizations.models import User
from scheduling.calendar_events.following import rewrite
from scheduling.models import CalendarEvent, EventState
from scheduling.schedules import trail_rows


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
