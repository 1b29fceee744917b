"""The tab "History": every change of the schedule with its author, time and reason, and every state of its links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from organizations.access import Access, AccessRequest, allowed
from organizations.models import AuditEvent
from organizations.permissions import Permission
from organizations.trail import Trail, icon
from scheduling.coding_links.history import link_story
from scheduling.models import Interview, LinkEvent, Schedule
from scheduling.schedules import trail_lines
from scheduling.views.frame import schedule_context
from scheduling.views.schedules import PAGE_SIZE


@dataclass
class HistoryEntry:
    """One line. `who` is empty when no person acted; `lines` are details."""

    at: datetime
    icon: str
    what: str
    who: str
    reason: str
    note: str
    lines: list[str]


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def schedule_history(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the trail of the schedule and its interviews, and every transition of their links, newest first."""
    context = schedule_context(request.access, pk)
    page = Paginator(_all_of(request.access, context["schedule"]), PAGE_SIZE).get_page(request.GET.get("page"))
    entries = _entries(list(page.object_list), request.user.time_zone)
    return render(request, "scheduling/schedules/history.html", context | {"page": page, "entries": entries})


def _all_of(access: Access, schedule: Schedule) -> Any:
    """Return (which, id, at) of every event, newest first, as one query over both tables."""
    interviews = access.all(Interview).filter(schedule=schedule).values("pk")
    trail = access.all(AuditEvent).filter(
        Q(subject_type="schedule", subject_id=schedule.pk) | Q(subject_type="interview", subject_id__in=interviews)
    )
    moves = LinkEvent.objects.filter(link__organization=access.organization, link__interview__in=interviews)
    entries = trail.order_by().annotate(which=Value("audit"), at=F("created_at")).values_list("which", "id", "at")
    links = moves.order_by().annotate(which=Value("link")).values_list("which", "id", "at")
    return entries.union(links, all=True).order_by("-at", "-which", "-id")


def _entries(keys: list[tuple[str, int, datetime]], zone: str) -> list[HistoryEntry]:
    """Return the page's events, in two queries and those for the names in them."""
    events = AuditEvent.objects.in_bulk([key for which, key, _at in keys if which == "audit"])
    moves = LinkEvent.objects.select_related("actor", "link__interview", "link__integration").in_bulk(
        [key for which, key, _at in keys if which == "link"]
    )
    trail = Trail(events.values())
    return [
        _of_trail(trail, events[key], zone) if which == "audit" else _of_link(moves[key])
        for which, key, _at in keys
        if key in (events if which == "audit" else moves)
    ]


def _of_trail(trail: Trail, event: AuditEvent, zone: str) -> HistoryEntry:
    return HistoryEntry(
        at=event.created_at,
        icon=icon(event),
        what=trail.sentence(event),
        who=trail.actor(event),
        reason=str(event.value("reason") or ""),
        note=str(event.texts.get("note", "")),
        lines=trail_lines.lines(trail, event, zone),
    )


def _of_link(event: LinkEvent) -> HistoryEntry:
    interview, story = event.link.interview, link_story(event)
    message = _("Coding link of “%(interview)s”: %(event)s")
    return HistoryEntry(
        at=event.at,
        icon="code",
        what=message % {"interview": interview.name if interview else "", "event": story.text},
        who=str(event.actor or ""),
        reason="",
        note=story.note,
        lines=[],
    )
