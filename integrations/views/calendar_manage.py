"""The page of an organization's connection to a calendar vendor, and what can be done with a connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from integrations import calendar_checks, calendar_connections
from integrations.calendar_registry import CALENDARS, calendar_info
from integrations.calendar_risks import risks_of
from integrations.calendar_texts import calendar_name, calendar_problem, calendar_sentence
from integrations.models import CalendarConnection
from integrations.views.calendar_places import Place, everyones, own
from organizations import htmx, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.models import AuditEvent
from organizations.permissions import Permission
from organizations.trail import Trail

#: A check that has not ended by then is shown as late.
LATE_AFTER = timedelta(seconds=20)
STOP_AFTER = timedelta(seconds=120)


def find(request: AccessRequest, kind: str) -> CalendarConnection:
    """The organization's connection of this kind, connected; 404 otherwise."""
    place = everyones(request.access)
    place.entry(kind)
    found: CalendarConnection | None = place.connections().filter(kind=kind).first()
    if found is None or not found.is_connected:
        raise Http404
    return found


def _page_of_kind(request: AccessRequest, kind: str) -> str:
    return everyones(request.access).page(kind)


def _integrations(request: AccessRequest, kind: str) -> str:  # noqa: ARG001 - the view's arguments
    return request.access.url("settings-integrations")


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_GET
def manage(request: AccessRequest, kind: str) -> HttpResponse:
    """The connection: its state, what is wrong or at risk, and what happened to it. A running check polls."""
    place = everyones(request.access)
    place.entry(kind)
    connection = place.connections().filter(kind=kind).first()
    if connection is None or not connection.is_connected:
        return redirect(place.url("connect", kind=kind))
    context = state_of(connection) | {"info": calendar_info(kind)}
    if htmx.is_asked(request) and context["stage"] == request.GET.get("shown"):
        return htmx.no_content()
    if not htmx.is_asked(request):
        context["activity"] = _activity(request, connection)
    return htmx.render(request, "integrations/calendars/manage.html", context, part="connection")


def state_of(connection: CalendarConnection) -> dict[str, Any]:
    """The context of the pages that show a connection."""
    return {
        "connection": connection,
        "name": calendar_name(connection.kind),
        "stage": stage_of(connection),
        "problem": calendar_problem(connection),
        "risks": risks_of(connection),
        "check_problem": calendar_sentence(
            connection.kind, connection.check_problem_code, connection.check_problem_params
        ),
    }


def stage_of(connection: CalendarConnection) -> str:
    """The stage of a check: empty when none runs, else "checking", "late", or "lost" once it is not waited for."""
    asked, tried = connection.check_asked_at, connection.check_tried_at
    if asked is None or (tried is not None and tried >= asked):
        return ""
    waited = timezone.now() - asked
    if waited > STOP_AFTER:
        return "lost"
    return "late" if waited > LATE_AFTER else "checking"


def _activity(request: AccessRequest, connection: CalendarConnection) -> list[dict[str, object]]:
    """The ten newest events of the connection: `what`, `who` and `at`."""
    events = request.access.all(AuditEvent).filter(subject_type="calendarconnection", subject_id=connection.pk)
    newest = list(events.order_by("-id")[:10])
    trail = Trail(newest)
    return [{"what": trail.sentence(event), "who": trail.actor(event), "at": event.created_at} for event in newest]


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page_of_kind)
def check_now(request: AccessRequest, kind: str) -> HttpResponse:
    calendar_connections.ask_for_check(connection=find(request, kind))
    return redirect(everyones(request.access).page(kind))


@sensitive_variables()
@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_integrations)
@limits.said_on(_integrations)
def try_out(request: AccessRequest, kind: str) -> HttpResponse:
    """Connect the stand-in: checks its credentials like any other. 404 where the installation offers none."""
    place = everyones(request.access)
    trial = place.entry(kind).trial()
    if not trial or place.connections().filter(kind=kind).exclude(state="disconnected").exists():
        raise Http404
    check = calendar_checks.start(
        organization=request.access.organization,
        membership=None,
        kind=kind,
        credentials=trial,
        entered={},
        actor=request.user,
    )
    return redirect(place.url("check", pk=check.pk))


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def disconnect(request: AccessRequest, kind: str) -> HttpResponse:
    """GET: the dialog with what would happen. POST: disconnect."""
    return _disconnect(request, everyones(request.access), find(request, kind))


@allowed(Permission.OWN_PROFILE)
@require_http_methods(["GET", "POST"])
def disconnect_own(request: AccessRequest, pk: int) -> HttpResponse:
    """The same for one's own calendar."""
    place = own(request.access)
    return _disconnect(request, place, place.connection(pk))


def _disconnect(request: AccessRequest, place: Place, connection: CalendarConnection) -> HttpResponse:
    name = calendar_name(connection.kind)
    if request.method == "GET":
        context = {
            "name": name,
            "place": place,
            "connection": connection,
            "is_revoked": CALENDARS[connection.kind].revoke is not None,
            "action": place.url("disconnect", pk=connection.pk)
            if place.is_own
            else place.url("disconnect", kind=connection.kind),
        }
        return render(request, "integrations/calendars/disconnect.html", context)
    calendar_connections.disconnect(connection=connection, actor=request.user)
    messages.success(request, _("%(tool)s is disconnected.") % {"tool": name})
    there = request.access.url("own-calendars" if place.is_own else "settings-integrations")
    return htmx.redirect(request, there)
