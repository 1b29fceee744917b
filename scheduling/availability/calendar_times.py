"""Entries of calendars in a stretch, from their snapshots, and whose calendars are unknown: in one query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.calendars import Answer
from integrations.models import CalendarConnection
from organizations.access import Access
from scheduling.availability.freshness import is_fresh
from scheduling.availability.stretches import Stretch
from scheduling.models import CalendarEvent, MemberCalendar
from scheduling.models.calendars import Weight

#: What is read of a calendar, and of each entry in it.
_CALENDAR = (
    *("connection__kind", "connection__state"),
    *("read_at", "failures", "window_ends_at", "watch_id", "watch_ends_at"),
)
_ENTRY = ("entry__id", "entry__starts_at", "entry__ends_at", "entry__title", "entry__weight")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An entry that keeps its owner busy: a membership or a room, by id. `title` is empty where the reader may not see
    it, or there is none."""

    pk: int
    owner: int
    starts_at: datetime
    ends_at: datetime
    title: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class Unknown:
    """A calendar whose times are not known: too long ago or never read (`read_at`), or read only until `ends_at`.

    One whose connection is paused is not known at once, however lately it was read.
    """

    read_at: datetime | None
    ends_at: datetime | None = None


@dataclass
class CalendarTimes:
    """Entries in order of their beginning; whose calendar is unknown; when the oldest one was read."""

    entries: list[CalendarEntry] = field(default_factory=list)
    unknown: dict[int, Unknown] = field(default_factory=dict)
    read_at: datetime | None = None


def read(access: Access, within: Stretch, memberships: Collection[int]) -> CalendarTimes:
    """Return the entries in a stretch that count, of calendars that are read. One query, however many people."""
    return _collected(_rows(access, within, memberships), within, lambda member: may_see_titles(access, member))


def read_rooms(access: Access, within: Stretch, rooms: Collection[int]) -> CalendarTimes:
    """Return the same of rooms, without titles. One query.

    The room's copy of an event that Panelist wrote has nothing that tells so, but its times, or those to which its
    owner moved the event: it does not count beside its interview, unless the room declined it. Then somebody else has
    the room.
    """
    return _collected(_rows_of_rooms(access, within, rooms), within, lambda _room: False)


def _collected(rows: Iterable[Any], within: Stretch, may_see: Callable[[int], bool]) -> CalendarTimes:
    now, found = timezone.now(), CalendarTimes()
    seen: set[int] = set()
    for row in rows:
        calendar, owner, kind, state, read_at, failures, window_ends_at, watch_id, watched_until, *entry = row
        if calendar not in seen:
            seen.add(calendar)
            # While reads fail, the vendor's calls at changes lead to nothing.
            is_watched = bool(watch_id) and watched_until is not None and watched_until > now and not failures
            works = state == CalendarConnection.State.CONNECTED
            if not works or not is_fresh(kind, read_at, is_watched=is_watched, now=now):
                found.unknown[owner] = Unknown(read_at)
            elif within.ends_at > window_ends_at:
                found.unknown.setdefault(owner, Unknown(read_at, window_ends_at))
            if read_at is not None:
                found.read_at = min(found.read_at or read_at, read_at)
        pk, starts_at, ends_at, title, weight = entry
        if pk is not None:
            title = title if may_see(owner) else ""
            found.entries.append(CalendarEntry(pk, owner, starts_at, ends_at, title, Weight(weight)))
    return found


def may_see_titles(access: Access, membership: int) -> bool:
    """Whether the reader sees what keeps a member busy: those who schedule do, and everybody of themselves."""
    return access.may.change_schedules or membership == access.membership.pk


def _rows(access: Access, within: Stretch, memberships: Collection[int]) -> QuerySet[Any, Any]:
    entries = FilteredRelation(
        "times",
        condition=Q(
            # By the member, whose entries the index has in order of time.
            times__membership=F("membership"),
            times__ends_at__gt=within.starts_at,
            times__starts_at__lt=within.ends_at,
            times__weight__in=[Weight.HARD, Weight.SOFT],
            times__is_ours=False,
        ),
    )
    calendars = access.whole(MemberCalendar).filter(membership__in=list(memberships), is_read=True)
    calendars = calendars.exclude(connection__state=CalendarConnection.State.DISCONNECTED)
    return (
        calendars.annotate(entry=entries)
        .order_by("entry__starts_at", "entry__id", "id")
        .values_list("pk", "membership_id", *_CALENDAR, *_ENTRY)
    )


def _rows_of_rooms(access: Access, within: Stretch, rooms: Collection[int]) -> Iterator[Any]:
    """Yield rows as `_rows` has them. An entry that Panelist wrote is left out, its calendar is not."""
    entries = FilteredRelation(
        "times",
        condition=Q(
            times__ends_at__gt=within.starts_at,
            times__starts_at__lt=within.ends_at,
            times__weight__in=[Weight.HARD, Weight.SOFT],
            times__is_ours=False,
        ),
    )
    bringing = CalendarEvent.objects.filter(connection=OuterRef("connection"), room_address=OuterRef("external_id"))
    bringing = bringing.exclude(room_answer=Answer.DECLINED).order_by()
    times = {"starts_at": OuterRef("entry__starts_at"), "ends_at": OuterRef("entry__ends_at")}
    moved = {f"moved_{name}": value for name, value in times.items()}
    written = Exists(bringing.filter(**times)) | Exists(bringing.filter(**moved))
    calendars = access.whole(MemberCalendar).filter(room__in=list(rooms), is_read=True)
    calendars = calendars.exclude(connection__state=CalendarConnection.State.DISCONNECTED)
    found = (
        calendars.annotate(entry=entries)
        .annotate(is_written_by_us=written)
        .order_by("entry__starts_at", "entry__id", "id")
        .values_list("pk", "room_id", *_CALENDAR, *_ENTRY, "is_written_by_us")
    )
    for *calendar, pk, starts_at, ends_at, title, weight, is_ours in found:
        yield (*calendar, None if is_ours else pk, starts_at, ends_at, title, weight)
