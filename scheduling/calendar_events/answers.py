"""News of events that came back from a calendar: answers, other times, deletions.

The list of a calendar's changes says that something happened to an event (`noticed`); `check` then asks the vendor for
that one event, and believes only this.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.base import ToolError
from integrations.calendar_calls import call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Answer, Changes, Occurrence, VendorEvent
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit
from scheduling.models import CalendarEvent, EventState, MemberCalendar


def noticed(calendar: MemberCalendar, changes: Changes) -> None:
    """Have those events checked that a read of their calendar shows otherwise than they were written.

    Called in the transaction that stores the snapshot (`availability.hooks`).
    """
    ours = {one.our_id: one for one in changes.occurrences if one.our_id}
    rows = CalendarEvent.objects.filter(calendar=calendar, state=EventState.READY, ends_at__gt=timezone.now())
    if changes.is_whole:
        rows = rows.filter(starts_at__lt=calendar.window_ends_at or timezone.now())
    elif ours or changes.removed:
        rows = rows.filter(Q(our_id__in=list(ours)) | Q(external_id__in=list(changes.removed)))
    else:
        return
    for event in rows.order_by("id"):
        if _differs(event, ours.get(event.our_id)):
            after_commit("scheduling.check_calendar_event", event.pk)


def _differs(event: CalendarEvent, seen: Occurrence | None) -> bool:
    if seen is None:
        return event.deleted_at is None
    times = (event.moved_starts_at or event.starts_at, event.moved_ends_at or event.ends_at)
    answer_differs = seen.answer != Answer.NONE and seen.answer != event.answer
    return times != (seen.starts_at, seen.ends_at) or answer_differs or event.deleted_at is not None


def check(event_id: int) -> None:
    """Ask the vendor how one event is now, and store what has become of it. A failed look-up changes nothing."""
    rows = CalendarEvent.objects.select_related("connection").filter(state=EventState.READY)
    event = rows.filter(pk=event_id).first()
    if event is None or event.connection is None:
        return
    connection, place, our_id = event.connection, event.calendar_external_id, event.our_id
    if connection.state != CalendarConnection.State.CONNECTED or connection.kind not in CALENDARS:
        return
    try:
        seen = call(connection, lambda vendor: vendor.fetch_event(place, our_id))
    except ToolError:
        return
    answered(event, seen)


@transaction.atomic
def answered(event: CalendarEvent, seen: VendorEvent | None) -> None:
    """Store how an event is in its calendar; None: it is not there. Nothing where it was written again since."""
    rows = CalendarEvent.objects.select_for_update(of=("self",))
    current = rows.filter(pk=event.pk, written_revision=event.written_revision).first()
    if current is None or current.state != EventState.READY:
        return
    now = timezone.now()
    if seen is None:
        columns: dict[str, Any] = {"deleted_at": current.deleted_at or now}
    else:
        is_moved = (seen.starts_at, seen.ends_at) != (current.starts_at, current.ends_at)
        is_news = (seen.answer, seen.comment) != (current.answer, str(current.comment))
        columns = {
            "answer": seen.answer,
            "comment": seen.comment[:1000],
            "answered_at": now if is_news and seen.answer != Answer.NONE else current.answered_at,
            "moved_starts_at": seen.starts_at if is_moved else None,
            "moved_ends_at": seen.ends_at if is_moved else None,
            "proposed_starts_at": seen.proposed_starts_at,
            "proposed_ends_at": seen.proposed_ends_at,
            "deleted_at": None,
            "version": seen.version,
        }
    if any(getattr(current, name) != value for name, value in columns.items()):
        CalendarEvent.objects.filter(pk=current.pk).update(**columns, changed_at=now)
