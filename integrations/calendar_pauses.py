"""Work with a calendar connection pauses when the vendor rejects its credentials, and resumes when they work again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from integrations.calendar_trail import problem_detail, record_calendar
from integrations.hooks.calendars import announce
from integrations.models import CalendarConnection
from integrations.pauses import SAME_OUTAGE
from organizations.enqueue import after_commit

State = CalendarConnection.State


@transaction.atomic
def pause(connection: CalendarConnection, code: str, params: Mapping[str, Any]) -> bool:
    """Stop work with credentials that the vendor rejected. False where they were replaced or paused since they were
    read. A pause soon after a resume is the same outage: nobody is written to again."""
    now = timezone.now()
    row = CalendarConnection.objects.filter(
        pk=connection.pk, credentials_version=connection.credentials_version, state=State.CONNECTED
    )
    before = row.values("resumed_at", "problem_mailed_at").first()
    if before is None:
        return False
    same = before["resumed_at"] is not None and before["resumed_at"] > now - SAME_OUTAGE
    paused = row.update(
        state=State.PAUSED,
        problem_code=(code or "key_rejected")[:60],
        problem_params=params,
        problem_since=now,
        problem_mailed_at=before["problem_mailed_at"] if same else None,
    )
    if paused:
        _tell(connection.pk, "paused")
        after_commit("integrations.check_calendar", connection.pk)
    return bool(paused)


@transaction.atomic
def resume(connection: CalendarConnection) -> bool:
    """Let work go on. False where the credentials were replaced or work was resumed since the row was read."""
    row = CalendarConnection.objects.filter(
        pk=connection.pk, credentials_version=connection.credentials_version, state=State.PAUSED
    )
    resumed = row.update(
        state=State.CONNECTED, problem_code="", problem_params={}, problem_since=None, resumed_at=timezone.now()
    )
    if resumed:
        _tell(connection.pk, "resumed")
    return bool(resumed)


def _tell(pk: int, event: str) -> None:
    connection = CalendarConnection.objects.select_related("organization", "membership").get(pk=pk)
    detail = {"problem": problem_detail(connection)} if event == "paused" else {}
    record_calendar(connection, None, event, **detail)
    announce(event, connection)


def paused_calendars() -> Exists:
    """Whether a membership has a connection of its own that is paused, or its organization one for everybody."""
    theirs = Q(membership=OuterRef("pk")) | Q(membership__isnull=True, organization=OuterRef("organization"))
    return Exists(CalendarConnection.objects.filter(theirs, state=State.PAUSED).order_by())
