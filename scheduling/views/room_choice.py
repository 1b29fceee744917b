"""The list below "Add a room": rooms for one row of a schedule, free and large enough ones first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from organizations import parameters
from organizations.access import AccessRequest
from organizations.search import is_found, search_key
from scheduling.availability import conflicts
from scheduling.availability.conflict_kinds import Conflict, ConflictKind
from scheduling.models import Room
from scheduling.views.shown_rows import ShownRow

SHOWN = 8
#: After every place of `conflicts.how_free`.
_LAST = 9


@dataclass(frozen=True)
class FoundRoom:
    """A room to choose, with the first conflict at that time, and whether it is large enough."""

    room: Room
    conflict: Conflict | None
    is_small: bool

    @property
    def has_declined(self) -> bool:
        return self.conflict is not None and self.conflict.kind == ConflictKind.ROOM_DECLINED

    @property
    def rank(self) -> tuple[int, bool, int, str]:
        """Its place in the list: free ones first, then those that are large enough, the smallest of them first.

        One that has declined the interview comes last.
        """
        seats = self.room.capacity or conflicts.MANY_SEATS
        return _LAST if self.has_declined else conflicts.how_free(self.conflict), self.is_small, seats, self.room.name


def found_rooms(
    request: AccessRequest, rows: Sequence[ShownRow], zone: str, excluded: Collection[int] = ()
) -> HttpResponse:
    """Show the rooms for the row that `row` names, whose name or place has all words that were typed.

    `excluded`: ids of interviews that keep nobody busy.
    """
    row = next((row for row in rows if row.key == request.POST.get("row", "")), None)
    if row is None:
        return HttpResponse(status=204)
    words = parameters.short_text(request.POST.get(f"{row.prefix}-find-room"))
    chosen = row.form.chosen_room
    matching = [
        room
        for room in row.form.rooms.all()
        if room != chosen and is_found(search_key(room.name, room.location), words)
    ]
    others = [other.planned for other in rows if other.key != row.key]
    against = conflicts.room_conflicts(
        access=request.access, planned=row.planned, others=others, rooms=matching, zone=zone, excluded=excluded
    )
    found = sorted((_found(room, against.get(room.pk, [])) for room in matching), key=lambda one: one.rank)
    context = {
        "row": row,
        "words": words,
        "has_time": row.planned.stretch is not None,
        "found": found[:SHOWN],
        "more": len(found) > SHOWN,
        "zone": zone,
    }
    return render(request, "scheduling/planning/_rooms_found.html", context)


def _found(room: Room, against: Sequence[Conflict]) -> FoundRoom:
    first = next((one for one in against if one.kind != ConflictKind.ROOM_SMALL), None)
    return FoundRoom(room, first, any(one.kind == ConflictKind.ROOM_SMALL for one in against))
