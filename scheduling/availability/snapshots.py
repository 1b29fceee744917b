"""The snapshot of a member's or room's calendar: read from the vendor when it is due, and kept as rows.

A reader claims the calendar by a conditional UPDATE, commits, calls the vendor, and then writes rows, token and the
next timer in one transaction, if the claim is still its own. A crash leaves a claim whose lease ends: the timer brings
the calendar back. A read that failed changes no row: until it works again the calendar grows old, and then counts as
unknown (`freshness`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from integrations.base import CredentialsRejected, Refused, Retryable, ToolError
from integrations.calendar_calls import call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Calendar, CalendarInfo, Changes, TokenExpired, Window
from integrations.models import CalendarConnection
from organizations.waits import back_off, new_claim
from scheduling.availability import calendar_words, hooks, snapshot_rows
from scheduling.availability.weights import DEFAULT_WORDS
from scheduling.models import MemberCalendar

#: The window: from the beginning of yesterday, until so long after today. It slides each day, by reading anew.
BEFORE, AHEAD = timedelta(days=1), timedelta(weeks=8, days=1)
#: How long a reader may be silent: a long calendar's pages, each of which may wait for the rate limit.
LEASE = timedelta(minutes=5)
#: A change that is announced while a calendar is read is read this much later.
SOON = timedelta(seconds=20)
#: A person has to change something at the vendor: asked again this much later.
AFTER_REFUSAL = timedelta(hours=1)
#: Calendars of a connection that are read at the same moment.
MAX_CLAIMS = 3
#: How long a task reads one calendar after the other before it makes room for others.
TURN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A calendar for one reader; `until`: the end of its lease, by which it tells whether somebody asked for more."""

    calendar: MemberCalendar
    until: datetime


def read(pk: int) -> bool:
    """Read a calendar if it is due. Returns whether its snapshot is as it is at the vendor now."""
    claimed = _claim(pk)
    if claimed is None:
        return False
    return _read(claimed)


def read_due(connection_id: int) -> bool:
    """Read calendars of a connection that are due, one by one. Returns whether some are left."""
    until = timezone.now() + TURN
    while timezone.now() < until:
        if number_of_claims(connection_id) >= MAX_CLAIMS:
            return False
        pk = _due(connection_id)
        if pk is None:
            return False
        read(pk)
    return _due(connection_id) is not None


def due_connections() -> list[int]:
    """Return the connections with something to read, the one that has waited longest first."""
    due = MemberCalendar.objects.filter(due_at__lte=timezone.now(), connection__state="connected", is_read=True)
    rows = due.order_by("due_at", "id").values_list("connection_id", flat=True)[:1000]
    return list(dict.fromkeys(rows))


def mark_due(calendars: Collection[int], *, calm: timedelta = timedelta(0)) -> None:
    """Have calendars read as soon as a worker is free; those that are being read right now, once more after that.

    `calm`: not sooner than this after their last read.
    """
    now = timezone.now()
    just_read = When(claim="", read_at__gt=now - calm, then=Value(now + calm))
    at = Case(just_read, When(claim="", then=Value(now)), default=Value(now + SOON))
    later = MemberCalendar.objects.filter(pk__in=calendars, is_read=True)
    later.filter(due_at__isnull=False).exclude(due_at__lte=now).update(due_at=at)
    later.filter(due_at__isnull=True).update(due_at=now)


def window_of(now: datetime) -> Window:
    """Return the stretch that calendars are read for: it is the same all day, by the clocks of UTC."""
    today = datetime.combine(now.astimezone(UTC).date(), time(0), tzinfo=UTC)
    return Window(today - BEFORE, today + AHEAD)


def number_of_claims(connection_id: int) -> int:
    rows = MemberCalendar.objects.filter(connection=connection_id, due_at__gt=timezone.now()).exclude(claim="")
    return rows.count()


def _due(connection_id: int) -> int | None:
    rows = MemberCalendar.objects.filter(connection=connection_id, due_at__lte=timezone.now(), is_read=True)
    rows = rows.filter(connection__state=CalendarConnection.State.CONNECTED)
    return rows.order_by("due_at", "id").values_list("pk", flat=True).first()


def _claim(pk: int) -> Claimed | None:
    now, token = timezone.now(), new_claim()
    works = CalendarConnection.objects.filter(state=CalendarConnection.State.CONNECTED).order_by().values("pk")
    due = MemberCalendar.objects.filter(pk=pk, due_at__lte=now, is_read=True, connection__in=works)
    if not due.update(claim=token, due_at=now + LEASE):
        return None
    related = ("connection", "membership__user", "room__organization")
    rows = MemberCalendar.objects.select_related(*related).filter(pk=pk, claim=token)
    calendar = rows.first()
    return Claimed(calendar, now + LEASE) if calendar is not None else None


def _read(claimed: Claimed) -> bool:
    calendar, zone = claimed.calendar, _zone_of(claimed.calendar)
    entry = CALENDARS.get(calendar.connection.kind)
    if entry is None:  # its vendor's folder is gone
        _release(claimed, timezone.now() + AFTER_REFUSAL)
        return False
    window = window_of(timezone.now())
    goes_on = (calendar.window_starts_at, calendar.read_zone) == (window.starts_at, zone)
    token = calendar.sync_token if goes_on else ""
    began = timezone.now()
    try:
        changes = _changes(calendar, window, zone, token)
    except ToolError as problem:
        _failed(claimed, problem, entry.info)
        return False
    return _store(claimed, changes, window, zone, began, entry.info)


def _zone_of(calendar: MemberCalendar) -> str:
    """Return the zone of its owner, for whole days; of a room, the organization's."""
    if calendar.membership is not None:
        return calendar.membership.user.time_zone
    return calendar.room.organization.time_zone if calendar.room is not None else "UTC"


def _changes(calendar: MemberCalendar, window: Window, zone: str, token: str) -> Changes:
    def request(vendor: Calendar) -> Changes:
        return vendor.changes(calendar.external_id, window, ZoneInfo(zone), token)

    if token:
        try:
            return call(calendar.connection, request)
        except TokenExpired:
            token = ""
    changes = call(calendar.connection, request)
    if not changes.is_whole:
        raise Refused("answer_unreadable")  # asked for all of it: what is left out would count as free
    return changes


@transaction.atomic
def _store(claimed: Claimed, changes: Changes, window: Window, zone: str, began: datetime, info: CalendarInfo) -> bool:
    calendar = claimed.calendar
    finished = _release(
        claimed,
        began + poll_interval(calendar, info),
        sync_token=changes.token,
        window_starts_at=window.starts_at,
        window_ends_at=window.ends_at,
        read_zone=zone,
        read_at=began,
        failures=0,
        problem_code="",
        problem_params={},
        problem_since=None,
    )
    if not finished:
        return False  # another reader has it, and knows more
    organization, own = DEFAULT_WORDS, None
    if calendar.membership is not None:
        organization, own = calendar_words.words_for(calendar.membership)
    snapshot_rows.store(calendar, changes, window, organization, own)
    for told in hooks.WHEN_READ:
        told(calendar, changes)
    return True


def _failed(claimed: Claimed, problem: ToolError, info: CalendarInfo) -> None:
    """Come back later. The rows stay as they were, and grow old."""
    calendar, failures = claimed.calendar, min(claimed.calendar.failures + 1, 1000)
    wait = back_off(failures)
    if isinstance(problem, CredentialsRejected):
        wait = poll_interval(calendar, info)
    elif isinstance(problem, Refused):
        wait = AFTER_REFUSAL
    elif isinstance(problem, Retryable) and problem.retry_after:
        wait = max(wait, timedelta(seconds=min(problem.retry_after, 3600)))
    now = timezone.now()
    columns = problem.columns() if problem.code else {"problem_code": "trouble", "problem_params": {}}
    since = calendar.problem_since or now
    _release(claimed, now + wait, failures=failures, problem_since=since, **columns)


def poll_interval(calendar: MemberCalendar, info: CalendarInfo) -> timedelta:
    """Return how long after a read the next one is due: longer while the vendor calls at changes."""
    ends_at = calendar.watch_ends_at
    is_watched = bool(calendar.watch_id) and ends_at is not None and ends_at > timezone.now()
    return timedelta(minutes=info.limits.watched_poll_minutes if is_watched else info.limits.poll_minutes)


def _release(claimed: Claimed, at: datetime, **columns: object) -> bool:
    """Give up the claim. False where it was not the reader's any more. A timer that somebody has set since stays."""
    due_at = Case(When(due_at=claimed.until, then=Value(at)), default=F("due_at"))
    rows = MemberCalendar.objects.filter(pk=claimed.calendar.pk, claim=claimed.calendar.claim)
    return bool(rows.update(claim="", due_at=due_at, **columns))
