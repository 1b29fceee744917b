"""The page "Rooms": those that the vendors list, each switched on or off for booking."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from integrations.calendar_registry import CALENDARS
from integrations.calendar_texts import calendar_name, calendar_sentence
from integrations.models import CalendarConnection
from organizations.access import Access, AccessRequest, allowed
from organizations.parameters import row_id
from organizations.permissions import Permission
from scheduling.availability.rooms import are_readable, switch
from scheduling.models import Room

#: Rooms on the page: as many as a vendor lists.
MOST = 500


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_http_methods(["GET", "POST"])
def rooms(request: AccessRequest) -> HttpResponse:
    """GET: the rooms, by name, with what is known of their calendars. POST: save which of them can be booked."""
    if request.method == "POST":
        shown, on = (
            {pk for value in request.POST.getlist(name) if (pk := row_id(value)) is not None}
            for name in ("shown", "on")
        )
        if switch(access=request.access, on=on, shown=shown, actor=request.user):
            messages.success(request, _("Changes saved."))
        return redirect("settings-rooms", organization=request.access.organization.slug)
    rows = request.access.all(Room).select_related("connection", "calendar")
    rows = rows.filter(Q(missing_since=None) | Q(is_on=True)).order_by("name", "pk")
    found = list(rows[:MOST])
    count = sum(row.is_on for row in found)
    return render(
        request,
        "scheduling/calendars/rooms.html",
        {
            "rooms": [(row, _state(row)) for row in found],
            "counted": ngettext("%(count)d room can be booked.", "%(count)d rooms can be booked.", count)
            % {"count": count},
            "denied": _denied(request.access),
            "is_connected": _connections(request.access).exists(),
        },
    )


def _connections(access: Access) -> QuerySet[CalendarConnection]:
    rows = access.all(CalendarConnection).filter(membership=None)
    return rows.exclude(state=CalendarConnection.State.DISCONNECTED)


def _denied(access: Access) -> list[tuple[str, str]]:
    """Return the names of vendors that may not be asked for rooms, each with the permission that is missing."""
    return [
        (calendar_name(one.kind), CALENDARS[one.kind].info.room_scope)
        for one in _connections(access).order_by("kind")
        if one.kind in CALENDARS and not are_readable(one)
    ]


def _state(room: Room) -> str:
    """Return what is known of a room that is switched on; empty where its calendar was read."""
    if not room.is_on:
        return ""
    if room.missing_since is not None:
        return _("%(tool)s no longer lists it.") % {"tool": calendar_name(room.connection.kind)}
    if not room.connection.is_connected:
        return _("%(tool)s is not connected.") % {"tool": calendar_name(room.connection.kind)}
    calendar = getattr(room, "calendar", None)
    if calendar is not None and calendar.problem_code:
        return calendar_sentence(room.connection.kind, calendar.problem_code, calendar.problem_params)
    return _("Its calendar is being read.") if calendar is None or calendar.read_at is None else ""
