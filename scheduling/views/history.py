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
from scheduling.availability.local_time import format_span
from scheduling.coding_links.history import link_story
from scheduling.models import Interview, LinkEvent, Schedule
from scheduling.views.frame import schedule_context
from scheduling.views.schedules import PAGE_SIZE

_ICONS = {
    "schedule.created": "calendar-plus",
    "schedule.cancelled": "calendar-x",
    "schedule.moved": "calendar-time",
    "interview.added": "plus",
    "interview.moved": "calendar-time",
    "interview.changed": "pencil",
    "interview.cancelled": "calendar-x",
    "join_link.revoked": "link-off",
    "join_link.renewed": "link",
    "link.removed": "code",
}


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
    context = schedule_context(request, pk)
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
    """Return the page's events, in two queries."""
    trail = AuditEvent.objects.select_related("actor").in_bulk([key for which, key, _at in keys if which == "audit"])
    moves = LinkEvent.objects.select_related("actor", "link__interview", "link__integration").in_bulk(
        [key for which, key, _at in keys if which == "link"]
    )
    return [
        _of_trail(trail[key], zone) if which == "audit" else _of_link(moves[key])
        for which, key, _at in keys
        if key in (trail if which == "audit" else moves)
    ]


def _of_trail(event: AuditEvent, zone: str) -> HistoryEntry:
    detail: dict[str, Any] = event.detail
    return HistoryEntry(
        at=event.created_at,
        icon=_ICONS.get(event.action, "send" if event.action.startswith("message.") else "history"),
        what=event.summary,
        who=str(event.actor or ""),
        reason=str(detail.get("reason", "")),
        note=str(detail.get("note", "")),
        lines=[*_times(detail, zone), *_moves(detail, zone), *_changes(detail), *_overridden(detail)],
    )


def _times(detail: dict[str, Any], zone: str) -> list[str]:
    before, after = (
        format_span(datetime.fromisoformat(ends[0]), datetime.fromisoformat(ends[1]), zone)
        if isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, str) for end in ends)
        else ""
        for ends in (detail.get("from"), detail.get("to"))
    )
    if before and after:
        return [_("From %(before)s to %(after)s") % {"before": before, "after": after}]
    return [text for text in (before, after) if text]


def _moves(detail: dict[str, Any], zone: str) -> list[str]:
    """Return a line for each interview of a schedule that was moved together."""
    return [f"{move['name']}: {line}" for move in detail.get("moves") or [] for line in _times(move, zone)]


def _changes(detail: dict[str, Any]) -> list[str]:
    labels = {"name": _("Name"), "kind": _("Type"), "place": _("Location"), "people": _("Interviewers")}
    return [
        _("%(field)s: %(before)s → %(after)s")
        % {"field": labels[key], "before": values[0] or _("none"), "after": values[1] or _("none")}
        for key, values in (detail.get("changes") or {}).items()
        if key in labels
    ]


def _overridden(detail: dict[str, Any]) -> list[str]:
    # Older rows have the key `overruled`.
    found = detail.get("overridden") or detail.get("overruled") or []
    if isinstance(found, dict):
        found = [f"{name}: {message}" for name, messages in found.items() for message in messages]
    return [_("Scheduled anyway: %(conflict)s") % {"conflict": message} for message in found]


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
