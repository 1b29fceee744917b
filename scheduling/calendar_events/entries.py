"""Calendar entries in the database: UIDs and SEQUENCEs are used up when a mail is queued, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

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


def asked_anew(schedule_id: int, event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return an event, as `Message.calendar` keeps it, with its entry's next SEQUENCE.

    So calendars ask for an answer again. A cancellation stays as it is. In the caller's transaction, with the schedule
    locked.
    """
    entries = CalendarEntry.objects.filter(schedule=schedule_id, uid=event["uid"])
    if event["method"] != Method.REQUEST.value or not entries.update(sequence=F("sequence") + 1):
        return dict(event)
    sequence = entries.values_list("sequence", flat=True).get()
    return {**event, "sequence": sequence, "stamped_at": now.isoformat()}
