"""The "Security" page of the settings: the audit trail of the whole organization."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission
from organizations.trail import Trail, icon
from organizations.trail_filters import TrailFilter

PAGE_SIZE = 50


@allowed(Permission.SEE_TRAIL)
@require_GET
def security(request: AccessRequest) -> HttpResponse:
    """List what happened in the organization, filtered and ordered."""
    found = TrailFilter.of(request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    events = list(page.object_list)
    trail = Trail(events)
    entries = [
        {"icon": icon(event), "what": trail.sentence(event), "who": trail.actor(event), "at": event.created_at}
        for event in events
    ]
    return render(
        request, "organizations/settings_security.html", {"form": found.form, "page": page, "entries": entries}
    )
