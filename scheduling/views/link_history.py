"""The history of an interview's links, as sentences."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission
from scheduling.coding_links.history import link_story
from scheduling.models import Interview, LinkEvent

MOST = 200


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def history(request: AccessRequest, pk: int) -> HttpResponse:
    """The moves of all links the interview has had, newest first; the latest 200 of them."""
    interview = request.access.find(Interview, pk)
    events = (
        LinkEvent.objects.filter(link__interview=interview, link__organization=request.access.organization)
        .select_related("link__integration", "actor")
        .order_by("-at", "-id")[:MOST]
    )
    context = {"lines": [link_story(event) for event in events]}
    return HttpResponse(render_to_string("scheduling/coding_links/_history.html", context))
