"""Calendar entries in the database: UIDs and SEQUENCEs are used up when a mail is queued, whatever becomes of it."""

from __future__ import annotations

from scheduling.calendar_events import reply_addresses
from scheduling.calendar_events.changes import CalendarChange
from scheduling.calendar_events.ics import Event, Method
from scheduling.models import CalendarEntry, Message


def record_change(message: Message, change: CalendarChange) -> None:
    """Store the UID, the SEQUENCE and the interviews of a change that `message` or a part of it carries."""
    reply_addresses.make_missing(_recorded(message, change), change.event)


def _recorded(message: Message, change: CalendarChange) -> CalendarEntry:
    entry = change.entry
    if entry is None:
        return CalendarEntry.objects.create(
            organization_id=message.organization_id,
            schedule_id=message.schedule_id,
            audience=message.audience,
            membership_id=message.membership_id,
            uid=change.event.uid,
            sequence=change.event.sequence,
            interview_ids=list(change.interview_ids),
        )
    entry.sequence = change.event.sequence
    entry.cancelled = change.method is Method.CANCEL
    entry.interview_ids = list(change.interview_ids) or entry.interview_ids
    entry.save(update_fields=["sequence", "cancelled", "interview_ids"])
    return entry


def record_cancellation(schedule_id: int, event: Event) -> int:
    """Store that an event is cancelled and return the SEQUENCE of its CANCEL. Raises CalendarEntry.DoesNotExist."""
    entry = CalendarEntry.objects.get(schedule=schedule_id, uid=event.uid)
    entry.sequence += 1
    entry.cancelled = True
    entry.save(update_fields=["sequence", "cancelled"])
    return entry.sequence
