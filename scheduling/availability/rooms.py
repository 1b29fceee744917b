"""Rooms: found at the vendor that serves everybody, switched on by an admin, and read like people's calendars.

A room that is switched on has a calendar (`MemberCalendar`) whose snapshot says when it is busy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from integrations.base import ToolError
from integrations.calendar_calls import call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import CalendarRef
from integrations.models import CalendarConnection
from organizations import text
from organizations.access import Access
from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import User
from scheduling.models import MemberCalendar, Room

NAME_LENGTH = 200


def find_rooms(connection_id: int) -> None:
    """List the rooms of a connection that serves an organization, and keep them. A failed list changes nothing."""
    connection = CalendarConnection.objects.filter(pk=connection_id, membership=None).first()
    if connection is None or connection.state != CalendarConnection.State.CONNECTED or not are_readable(connection):
        return
    try:
        found = call(connection, lambda vendor: vendor.list_rooms())
    except ToolError:
        return  # asked again within the hour
    _store(connection, found)


def are_readable(connection: CalendarConnection) -> bool:
    """Whether the vendor may be asked for its rooms, as far as is known."""
    entry = CALENDARS.get(connection.kind)
    scope = entry.info.room_scope if entry else ""
    return not scope or connection.permissions.get(scope) != "no"


@transaction.atomic
def _store(connection: CalendarConnection, found: list[CalendarRef]) -> None:
    """Keep what the vendor lists. A room that it lists no more stays, so that its interviews can say so."""
    now = timezone.now()
    rows = {row.external_id: row for row in Room.objects.select_for_update().filter(connection=connection)}
    for one in found:
        row = rows.pop(one.id, None) or Room(
            organization_id=connection.organization_id, connection=connection, external_id=one.id
        )
        name = text.line(one.name)[:NAME_LENGTH].strip() or one.id[:NAME_LENGTH]
        told = (name, one.capacity, text.line(one.place)[:NAME_LENGTH].strip(), None)
        if row.pk is None or (row.name, row.capacity, row.location, row.missing_since) != told:
            row.name, row.capacity, row.location, row.missing_since = told
            row.save()
    for row in rows.values():
        if row.missing_since is None:
            Room.objects.filter(pk=row.pk).update(missing_since=now)
    follow_calendars(connection)


def follow_calendars(connection: CalendarConnection) -> None:
    """Have the calendars of the rooms that are switched on read, and no others. In the caller's transaction."""
    calendars = MemberCalendar.objects.filter(connection=connection, room__isnull=False)
    calendars.filter(room__is_on=False).delete()
    calendars.filter(room__missing_since__isnull=False).delete()
    theirs = MemberCalendar.objects.filter(room=OuterRef("pk"))
    lacking = Room.objects.filter(~Exists(theirs), connection=connection, is_on=True, missing_since=None)
    made = MemberCalendar.objects.bulk_create(
        MemberCalendar(
            organization_id=room.organization_id,
            connection=connection,
            room=room,
            external_id=room.external_id,
            name=room.name,
        )
        for room in lacking.order_by("pk")
    )
    if made:
        after_commit("scheduling.read_calendars", connection.pk)


@transaction.atomic
def switch(*, access: Access, on: Collection[int], shown: Collection[int], actor: User) -> bool:
    """Switch those of the `shown` rooms (ids) on that are in `on`, and the others off. False where nothing changed."""
    rows = list(access.whole(Room).select_for_update(of=("self",)).filter(pk__in=shown).order_by("pk"))
    changed = [row for row in rows if row.is_on != (row.pk in on)]
    for row in changed:
        row.is_on = row.pk in on
    if not changed:
        return False
    Room.objects.bulk_update(changed, ["is_on"])
    pks = {row.connection_id for row in changed}
    for connection in CalendarConnection.objects.filter(pk__in=pks).order_by("pk"):
        follow_calendars(connection)
    record(
        organization=access.organization,
        actor=actor,
        action="rooms.chosen",
        subject=access.organization,
        detail={"count": len(changed)},
    )
    return True


def are_any() -> Exists:
    """Return the condition that a membership's organization has a room to book, for queries of memberships."""
    return Exists(Room.objects.filter(organization=OuterRef("organization"), is_on=True, missing_since=None))


class Rooms:
    """The rooms to choose from: those that can be booked, and the `known` ones, which interviews have now.

    They are read, once, when somebody wants to see them or names another one. `are_any`: whether that may find one.
    """

    def __init__(self, access: Access, known: Iterable[Room] = (), *, are_any: bool = False) -> None:
        self._access, self._known = access, {room.pk: room for room in known}
        self._are_any = are_any
        self._read: dict[int, Room] | None = None

    def __bool__(self) -> bool:
        return self._are_any or bool(self._known)

    def get(self, pk: int) -> Room | None:
        """The room with this id; None for one that can't be chosen."""
        return self._known.get(pk) or self._to_book().get(pk)

    def all(self) -> list[Room]:
        """All of them, by name."""
        return sorted({**self._to_book(), **self._known}.values(), key=lambda room: (room.name, room.pk))

    def _to_book(self) -> dict[int, Room]:
        if self._read is None:
            rows = self._access.whole(Room).filter(is_on=True).select_related("connection") if self._are_any else ()
            self._read = {row.pk: row for row in rows if row.is_available}
        return self._read
