"""The page of a server for video calls that the organization runs itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from integrations import server_settings
from integrations.meeting_server_registry import MEETING_SERVERS
from integrations.models import MeetingServer
from integrations.server_forms import MeetingServerForm
from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_http_methods(["GET", "POST"])
@sensitive_variables()
def meeting_server(request: AccessRequest, kind: str) -> HttpResponse:
    """Show the server of a kind, or save it."""
    entry, server = MEETING_SERVERS.get(kind), _find(request, kind)
    if entry is None:
        raise Http404
    form = MeetingServerForm(request.POST if request.method == "POST" else None, server=server)
    if form.is_valid():
        server_settings.save_server(
            organization=request.access.organization, actor=request.access.user, kind=kind, **form.cleaned_data
        )
        messages.success(request, _("%(server)s saved.") % {"server": entry.info.name})
        return redirect(f"{request.access.url('settings-integrations')}#meeting-server-{kind}")
    context = {"info": entry.info, "form": form, "server": server, "has_errors": bool(form.errors)}
    return render(request, "integrations/meeting_server.html", context, status=422 if form.errors else 200)


def _page(request: AccessRequest, kind: str) -> str:
    return request.access.url("settings-meeting-server", kind=kind)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page)
def meeting_server_remove(request: AccessRequest, kind: str) -> HttpResponse:
    """Forget the server of a kind; nothing where it is gone already."""
    server, entry = _find(request, kind), MEETING_SERVERS.get(kind)
    if entry is None:
        raise Http404
    if server is not None:
        server_settings.remove_server(server=server, actor=request.access.user)
        messages.success(request, _("%(server)s removed.") % {"server": entry.info.name})
    return redirect(f"{request.access.url('settings-integrations')}#meeting-server-{kind}")


def _find(request: AccessRequest, kind: str) -> MeetingServer | None:
    found: MeetingServer | None = request.access.all(MeetingServer).filter(kind=kind).first()
    return found
