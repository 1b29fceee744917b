"""Events that are still in a calendar although they are to be gone: a person decides what becomes of each.

The vendor refused to remove it, its calendar is not connected any more, or a read of a calendar shows one that no row
wants, as after a restore. Its row is CANCELLING without a timer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.calendars import Occurrence
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit
from scheduling.calendar_events.following import is_from_here
from scheduling.models import CalendarEvent, EventState, MemberCalendar

#: Codes of rows: made of an event that was found, and dismissed by a person.
UNKNOWN, LEFT_THERE = "unknown_event", "left_there"


def stopped() -> Q:
    """The condition of rows that wait for a person."""
    return Q(state=EventState.CANCELLING, next_attempt_at=None)


def waiting(events: QuerySet[CalendarEvent], now: datetime | None = None) -> QuerySet[CalendarEvent]:
    """Those of `events` that wait for a person, and are not over, in order of time."""
    coming = Q(ends_at__gt=now or timezone.now()) | Q(ends_at=None)
    return events.filter(stopped(), coming).order_by("starts_at", "id")


def there_are() -> Exists:
    """Whether a membership's organization has any such event, in the past included."""
    rows = CalendarEvent.objects.filter(stopped(), organization=OuterRef("organization"))
    return Exists(rows.order_by())


def is_removing(connection: CalendarConnection) -> bool:
    """Whether workers are removing events with a connection (`integrations.hooks.calendars`)."""
    rows = CalendarEvent.objects.filter(connection=connection, state=EventState.CANCELLING)
    return rows.filter(next_attempt_at__isnull=False).exists()


def try_again(event: CalendarEvent) -> bool:
    """Have a worker remove it once more; False where it does not wait for a person."""
    now = timezone.now()
    asked = CalendarEvent.objects.filter(stopped(), pk=event.pk).update(
        next_attempt_at=now, attempts=0, problem_code="", problem_params={}, changed_at=now
    )
    if asked:
        after_commit("scheduling.write_calendar_event", event.pk)
    return bool(asked)


def dismiss(event: CalendarEvent) -> bool:
    """Leave it in the calendar; False where it does not wait for a person."""
    waits = CalendarEvent.objects.filter(stopped(), pk=event.pk)
    columns = {"problem_code": LEFT_THERE, "problem_params": {}, "changed_at": timezone.now()}
    return bool(waits.update(state=EventState.CANCELLED, **columns))


def found(calendar: MemberCalendar, occurrences: Sequence[Occurrence]) -> None:
    """Take in Panelist's events that are coming in a calendar, in the transaction that stores its snapshot.

    One that was removed, and is there again or arrived late, is removed once more. One that no row knows is left to a
    person, if it was made here: another installation may write into the calendar, too.
    """
    if not occurrences:
        return
    ids = [one.our_id for one in occurrences]
    rows = CalendarEvent.objects.filter(our_id__in=ids)
    live = set(rows.exclude(state=EventState.CANCELLED).values_list("our_id", flat=True))
    removed = {row.our_id: row for row in rows.filter(state=EventState.CANCELLED).order_by("id")}
    for one in occurrences:
        if one.our_id in live:
            continue
        row = removed.get(one.our_id)
        if row is None and is_from_here(one.our_id):
            _insert(calendar, one)
        elif row is not None and row.problem_code != LEFT_THERE and row.sent_at is not None:
            _remove_once_more(calendar, row)


def _insert(calendar: MemberCalendar, one: Occurrence) -> None:
    CalendarEvent.objects.create(
        organization_id=calendar.organization_id,
        membership_id=calendar.membership_id,
        calendar=calendar,
        connection_id=calendar.connection_id,
        calendar_external_id=calendar.external_id,
        our_id=one.our_id,
        state=EventState.CANCELLING,
        next_attempt_at=None,
        sent_at=timezone.now(),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        problem_code=UNKNOWN,
    )


def _remove_once_more(calendar: MemberCalendar, row: CalendarEvent) -> None:
    if (row.connection_id, row.calendar_external_id) != (calendar.connection_id, calendar.external_id):
        return
    again = CalendarEvent.objects.filter(pk=row.pk, state=EventState.CANCELLED)
    if again.update(state=EventState.CANCELLING, next_attempt_at=timezone.now(), attempts=0):
        after_commit("scheduling.write_calendar_event", row.pk)
