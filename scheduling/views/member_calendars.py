"""The pages "Calendars": one's own under "Your profile", and everybody's for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_filters import ChoiceFilter

from integrations.calendar_connections import ask_for_check
from integrations.calendar_registry import CALENDARS
from integrations.calendar_texts import calendar_name, calendar_problem, calendar_sentence
from integrations.models import CalendarConnection
from integrations.views.calendar_manage import state_of
from integrations.views.calendar_places import own
from organizations import htmx
from organizations.access import Access, AccessRequest, allowed
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.lists import Column
from organizations.models import Membership
from organizations.parameters import row_id
from organizations.permissions import Permission
from scheduling.availability.connected_calendars import can_write, choose
from scheduling.coding_links.display import admins_in_words
from scheduling.models import MemberCalendar


@dataclass(frozen=True, slots=True)
class Shown:
    """A calendar as its row on a page shows it."""

    row: MemberCalendar
    name: str
    can_write: bool
    is_live: bool
    problem: str


@allowed(Permission.OWN_PROFILE)
@never_cache
@require_http_methods(["GET", "POST"])
def own_calendars(request: AccessRequest) -> HttpResponse:
    """GET: one's connections, the calendars in them, and the ways to connect more.

    POST: save which calendars count, or have a connection checked.
    """
    membership = request.access.membership
    if request.method == "POST" and "check" in request.POST:
        pk = row_id(request.POST["check"])
        if pk is not None:
            ask_for_check(connection=own(request.access).connection(pk))
        return redirect("own-calendars", organization=request.access.organization.slug)
    if request.method == "POST":
        offered, read = (
            {pk for value in request.POST.getlist(name) if (pk := row_id(value)) is not None}
            for name in ("shown", "read")
        )
        written = row_id(request.POST.get("written", ""))
        choose(membership=membership, shown=offered or None, read=read, written=written, actor=request.user)
        messages.success(request, _("Changes saved."))
        return redirect("own-calendars", organization=request.access.organization.slug)
    shown = [_shown(row) for row in _calendars_of(membership)]
    place = own(request.access)
    connections = [
        state_of(row)
        | {
            "info": CALENDARS[row.kind].info,
            "calendars": [one for one in shown if one.row.connection_id == row.pk],
            "again": f"{place.url('connect', kind=row.kind)}?connection={row.pk}",
        }
        for row in place.connections().exclude(state=CalendarConnection.State.DISCONNECTED)
        if row.kind in CALENDARS
    ]
    context = {
        "connections": connections,
        "calendars": shown,
        "for_everyone": [one for one in shown if _is_for_everyone(one.row)],
        "paused": _paused(request.access, shown),
        "is_written": any(one.row.is_written for one in shown),
        "is_waiting": any(one.row.is_read and one.row.read_at is None and not one.problem for one in shown)
        or any(one["stage"] for one in connections),
        "ways": [
            {"info": entry.info, "is_ready": is_ready}
            for entry in CALENDARS.values()
            if place.offers(entry)
            for is_ready in [entry.person_form is not None or bool(entry.consent and entry.consent.is_offered())]
            if is_ready or request.access.may.manage_integrations
        ],
    }
    return htmx.render(request, "scheduling/calendars/own.html", context, part="connections")


def _is_for_everyone(row: MemberCalendar) -> bool:
    return row.connection.membership_id is None


def _paused(access: Access, shown: Sequence[Shown]) -> list[dict[str, str]]:
    """The organization's paused connections: `tool`, what to do, and for those who can do it the `address`."""
    rows = {one.row.connection_id: one.row.connection for one in shown if _is_for_everyone(one.row)}
    paused = [row for row in rows.values() if row.state == CalendarConnection.State.PAUSED]
    if not access.may.manage_integrations:
        step = _("Ask %(admins)s to fix it.") % {"admins": admins_in_words(access)} if paused else ""
        return [{"tool": calendar_name(row.kind), "step": step} for row in paused]
    return [
        {
            "tool": calendar_name(row.kind),
            "step": calendar_problem(row),
            "address": access.url("settings-calendar", kind=row.kind),
        }
        for row in paused
    ]


def _calendars_of(membership: Membership) -> QuerySet[MemberCalendar]:
    rows = MemberCalendar.objects.select_related("connection").filter(membership=membership)
    return rows.order_by("connection__kind", "connection_id", "pk")


def _shown(row: MemberCalendar) -> Shown:
    kind = row.connection.kind
    entry = CALENDARS.get(kind)
    # It is said above its calendars that a connection is paused, and why.
    is_paused = _is_for_everyone(row) and row.connection.state == CalendarConnection.State.PAUSED
    problem = _("Paused") if is_paused else calendar_sentence(kind, row.problem_code, row.problem_params)
    # Vendors may leave a calendar without a name.
    return Shown(
        row, row.name or calendar_name(kind), can_write(row), entry is not None and entry.info.is_live, problem
    )


COLUMNS = {
    "name": Column(_lazy("Name"), ["user__search_key"]),
    "calendars": Column(_lazy("Calendars")),
    "read": Column(_lazy("Last read")),
}


class CalendarsFilter(ListFilter):
    """Members by name, and by what there is to know of their calendars."""

    q = SearchFilter("user__search_key", label=_lazy("Search"), max_length=None)
    calendars = ChoiceFilter(
        label=_lazy("Calendars"),
        method="narrow",
        empty_label=_lazy("All members"),
        choices=[("none", _lazy("No calendar")), ("problem", _lazy("With a problem"))],
    )
    order = OrderFilter(COLUMNS, "name")

    def narrow(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:  # noqa: ARG002
        theirs = MemberCalendar.objects.filter(membership=OuterRef("pk"), is_read=True)
        if value == "none":
            return rows.filter(~Exists(theirs))
        return rows.filter(Exists(theirs.filter(~Q(problem_code="") | ~Q(connection__state="connected"))))


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_GET
def overview(request: AccessRequest) -> HttpResponse:
    """The list of members with their calendars: since when they are read, and problems. No titles and no times."""
    members = request.access.all(Membership).select_related("user")
    found = CalendarsFilter.of(request, members)
    page = found.page()
    context: dict[str, Any] = {
        "page": page,
        "listed": _lines(list(page.object_list)),
        "form": found.form,
        "heads": found.heads,
    }
    return render(request, "scheduling/calendars/overview.html", context)


@dataclass(slots=True)
class Line:
    """A member in the overview. `read_at`: of the calendar that was read longest ago; None where one never was."""

    membership: Membership
    names: list[str]
    read_at: Any
    problem: str


def _lines(members: list[Membership]) -> list[Line]:
    rows = MemberCalendar.objects.select_related("connection").filter(membership__in=members, is_read=True)
    by_member: dict[int, list[MemberCalendar]] = {}
    for row in rows.order_by("pk"):
        if row.membership_id is not None:
            by_member.setdefault(row.membership_id, []).append(row)
    return [_line(member, by_member.get(member.pk, [])) for member in members]


def _line(member: Membership, rows: list[MemberCalendar]) -> Line:
    names = list(dict.fromkeys(calendar_name(row.connection.kind) for row in rows))
    never = any(row.read_at is None for row in rows)
    read_at = None if never or not rows else min(row.read_at for row in rows if row.read_at is not None)
    return Line(member, names, read_at, next(filter(None, map(_problem, rows)), ""))


def _problem(row: MemberCalendar) -> str:
    connection = row.connection
    if connection.state == CalendarConnection.State.PAUSED:
        return calendar_sentence(connection.kind, connection.problem_code, connection.problem_params)
    return calendar_sentence(connection.kind, row.problem_code, row.problem_params)
