"""News of events that came back from a calendar: answers, other times, deletions.

The list of a calendar's changes says that something happened to an event (`noticed`); `check` then asks the vendor for
that one event, and believes only this. A deletion is believed where both say so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.base import Retryable, ToolError
from integrations.calendar_calls import call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Answer, Changes, Occurrence, VendorEvent
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit, send
from scheduling.availability import snapshot_rows, snapshots
from scheduling.availability.snapshots import window_of
from scheduling.calendar_events import left, meetings
from scheduling.calendar_events.said import stored
from scheduling.calendar_events.writing import GRACE, PAUSED_WAIT, SWEEP_AT_MOST
from scheduling.models import CalendarEvent, CalendarTime, EventState, MemberCalendar

#: A look-up that failed is repeated after this time.
CHECK_AGAIN = timedelta(minutes=1)


def noticed(calendar: MemberCalendar, changes: Changes) -> None:
    """Have those events checked that a read of their calendar shows otherwise than they were written.

    A list tells of no video calls, and not what people write beside an answer: events with either are looked at after
    each change of them.
    Called in the transaction that stores the snapshot (`availability.hooks`).
    """
    ours = {one.our_id: one for one in changes.occurrences if one.our_id}
    left.found(calendar, [one for one in ours.values() if one.ends_at > timezone.now()])
    rows = CalendarEvent.objects.filter(calendar=calendar, state=EventState.READY, ends_at__gt=timezone.now())
    if changes.is_whole:
        rows = rows.filter(starts_at__lt=window_of(timezone.now()).ends_at)
    elif ours or changes.removed:
        rows = rows.filter(Q(our_id__in=list(ours)) | Q(external_id__in=list(changes.removed)))
    else:
        return
    differing = [event.pk for event in rows.order_by("id") if _is_news(event, ours.get(event.our_id), changes)]
    CalendarEvent.objects.filter(pk__in=differing).update(check_at=timezone.now())
    for pk in differing:
        after_commit("scheduling.check_calendar_event", pk)


def _is_news(event: CalendarEvent, seen: Occurrence | None, changes: Changes) -> bool:
    has_changed = seen is not None and not changes.is_whole
    return _differs(event, seen) or (has_changed and (event.meeting != "" or event.answer != Answer.NONE))


def _differs(event: CalendarEvent, seen: Occurrence | None) -> bool:
    if seen is None:
        return event.deleted_at is None
    times = (event.moved_starts_at or event.starts_at, event.moved_ends_at or event.ends_at)
    answer_differs = seen.answer != Answer.NONE and seen.answer != event.answer
    # A list may tell nothing of rooms, which answer some seconds after they are invited.
    room_differs = bool(event.room_address) and (
        seen.room_answer == Answer.NONE or seen.room_answer != event.room_answer
    )
    return times != (seen.starts_at, seen.ends_at) or answer_differs or room_differs or event.deleted_at is not None


def check(event_id: int) -> None:
    """Ask the vendor how one event is now, and store what has become of it. A failed look-up is repeated later."""
    mine = CalendarEvent.objects.filter(pk=event_id)
    event = mine.select_related("connection").filter(state=EventState.READY).first()
    if event is None or event.connection is None or event.connection.kind not in CALENDARS:
        mine.update(check_at=None)  # it is being written anew, or there is nobody to ask
        return
    connection, place, our_id = event.connection, event.calendar_external_id, event.our_id
    if connection.state != CalendarConnection.State.CONNECTED:
        mine.filter(check_at__isnull=False).update(check_at=timezone.now() + PAUSED_WAIT)
        return
    try:
        seen = call(connection, lambda vendor: vendor.fetch_event(place, our_id))
    except ToolError as problem:
        wait = timedelta(seconds=problem.retry_after or 0) if isinstance(problem, Retryable) else PAUSED_WAIT
        mine.filter(check_at__isnull=False).update(check_at=timezone.now() + max(wait, CHECK_AGAIN))
        return
    if seen is None and _is_listed(event):
        # Only a list without it makes a deletion believed: that one answer may be wrong, or newer than the list.
        mine.filter(check_at__isnull=False).update(check_at=timezone.now() + PAUSED_WAIT)
        snapshots.mark_due([pk for pk in (event.calendar_id,) if pk is not None])
        return
    mine.filter(check_at=event.check_at).update(check_at=None)
    answered(event, seen)
    if seen is not None and event.meeting:
        meetings.made(event, seen)


def _is_listed(event: CalendarEvent) -> bool:
    """Whether the calendar had the event when it was read last."""
    times = CalendarTime.objects.filter(calendar=event.calendar_id, key=snapshot_rows.hashed(event.external_id))
    return times.exists()


def sweep() -> None:
    """Enqueue look-ups that failed, or whose task was lost. Called by beat."""
    due = CalendarEvent.objects.filter(check_at__lte=timezone.now() - GRACE).order_by("check_at", "id")
    for pk in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        send("scheduling.check_calendar_event", pk)


@transaction.atomic
def answered(event: CalendarEvent, seen: VendorEvent | None) -> None:
    """Store how an event is in its calendar; None: it is not there. Nothing where it was written again since."""
    rows = CalendarEvent.objects.select_for_update(of=("self",))
    current = rows.filter(pk=event.pk, written_revision=event.written_revision).first()
    if current is None or current.state != EventState.READY:
        return
    now, is_moved = timezone.now(), False
    if seen is None:
        columns: dict[str, Any] = {"deleted_at": current.deleted_at or now}
    else:
        is_moved = (seen.starts_at, seen.ends_at) != (current.starts_at, current.ends_at)
        comment = stored(seen.comment)
        is_news = (seen.answer, comment) != (current.answer, str(current.comment))
        columns = {
            "answer": seen.answer,
            "comment": comment,
            "answered_at": now if is_news and seen.answer != Answer.NONE else current.answered_at,
            "moved_starts_at": seen.starts_at if is_moved else None,
            "moved_ends_at": seen.ends_at if is_moved else None,
            "proposed_starts_at": seen.proposed_starts_at,
            "proposed_ends_at": seen.proposed_ends_at,
            "deleted_at": None,
            "room_answer": seen.room_answer,
            "version": seen.version,
        }
    if any(getattr(current, name) != value for name, value in columns.items()):
        CalendarEvent.objects.filter(pk=current.pk).update(**columns, changed_at=now)
    if seen is not None and not is_moved and _was_left(current) and current.interview is not None:
        after_commit("scheduling.propose_updates", current.interview.schedule_id)


def _was_left(event: CalendarEvent) -> bool:
    """Whether changes of the interview were not written, because its owner had moved or deleted the event."""
    return event.revision != event.written_revision or event.moved_starts_at is not None or event.deleted_at is not None
