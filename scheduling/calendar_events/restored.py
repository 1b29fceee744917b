"""Calendar events after a restore: calendars went on since the backup, and are asked before anything is believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from scheduling.models import CalendarEvent, EventState, MemberCalendar


def after_restore(made_at: datetime) -> Iterator[str]:
    """Release all claims, have every coming event looked up, and every calendar read anew.

    What differs is on Home, as if its owner had changed it. Events that were made since are found by the read, and are
    on Home, too (`answers.noticed`). One that waited may have been written since: writing it again makes no second one.
    """
    now = timezone.now()
    MemberCalendar.objects.update(
        claim="", sync_token="", due_at=now, watch_id="", watch_resource="", watch_token_hash="", watch_ends_at=None
    )
    events = CalendarEvent.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now))
    CalendarEvent.objects.exclude(claim="").update(claim="", claimed_at=None)
    events.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=now, sent_at=Coalesce("sent_at", Value(made_at))
    )
    count = events.filter(state=EventState.READY).update(check_at=now)
    if count:
        yield f"{count} events are compared with the calendars that they are in. What differs is on Home."
