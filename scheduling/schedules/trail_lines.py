"""The lines below a row of a schedule's history: times, what changed, and what was overridden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.meetings import way_name
from jobs.models import InterviewKind
from organizations.bidi import isolated
from organizations.models import AuditEvent
from organizations.trail import Trail
from scheduling.availability.conflict_kinds import ConflictKind
from scheduling.availability.local_time import format_span

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_CONFLICTS: dict[str, StrOrPromise] = {
    ConflictKind.PAST: gettext_lazy("In the past"),
    ConflictKind.CANDIDATE_ELSEWHERE: gettext_lazy("Overlaps with another interview of the candidate"),
    ConflictKind.DOUBLE_BOOKED: gettext_lazy("%(person)s is busy"),
    ConflictKind.CALENDAR_BUSY: gettext_lazy("%(person)s is busy in their calendar"),
    ConflictKind.ROOM_TAKEN: gettext_lazy("The room is taken"),
    ConflictKind.ROOM_GONE: gettext_lazy("The room can't be booked any more"),
    ConflictKind.DAY_OFF: gettext_lazy("%(person)s is off"),
    ConflictKind.PUBLIC_HOLIDAY: gettext_lazy("Public holiday for %(person)s"),
    ConflictKind.INTERVIEW_HOURS: gettext_lazy("Outside the hours of the interview"),
    ConflictKind.OUTSIDE_HOURS: gettext_lazy("Outside the working hours of %(person)s"),
    ConflictKind.CANDIDATE_NIGHT: gettext_lazy("Outside the candidate's day"),
    ConflictKind.CANDIDATE_WEEKEND: gettext_lazy("Weekend for the candidate"),
}
_LABELS: dict[str, StrOrPromise] = {
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Type"),
    "meeting": gettext_lazy("Video call"),
    "place": gettext_lazy("Location"),
    "room": gettext_lazy("Room"),
    "people": gettext_lazy("Interviewers"),
}


def lines(trail: Trail, event: AuditEvent, zone: str) -> list[str]:
    """Each line of a row. What was erased leaves no line, or one without its words."""
    return [*_times(event.detail, zone), *_moves(event, zone), *_changes(trail, event), *_overridden(trail, event)]


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


def _moves(event: AuditEvent, zone: str) -> list[str]:
    """Return a line for each interview of a schedule that was moved together."""
    moves, names = event.detail.get("moves") or [], event.texts.get("moves") or []
    return [
        f"{isolated(name)}: {line}" if name else line
        for move, name in zip(moves, chain(names, repeat("")), strict=False)
        for line in _times(move, zone)
    ]


def _changes(trail: Trail, event: AuditEvent) -> list[str]:
    changed = (event.detail.get("changes") or {}) | (event.texts.get("changes") or {})
    found = []
    for key, label in _LABELS.items():
        values = changed.get(key)
        ends: list[Any] = values.get("user", []) if isinstance(values, dict) else values or []
        if len(ends) == 2:
            before, after = (_shown(trail, key, end) or _("none") for end in ends)
            text = _("%(field)s: %(before)s → %(after)s")
            found.append(text % {"field": label, "before": before, "after": after})
    return found


def _shown(trail: Trail, key: str, value: Any) -> str:
    if key == "people" and isinstance(value, list):
        return ", ".join(trail.name("user", user) for user in value)
    if key == "meeting":
        return way_name(value) if value else ""
    if key == "kind":
        return str(dict(InterviewKind.choices).get(value, value))
    return isolated(value)


def _overridden(trail: Trail, event: AuditEvent) -> list[str]:
    conflicts, texts = event.detail.get("overridden") or [], event.texts.get("overridden") or []
    several = event.action in {"schedule.created", "schedule.moved"}
    found = []
    for conflict, (name, reason) in zip(conflicts, chain(texts, repeat(("", ""))), strict=False):
        message = _conflict(conflict, trail.name)
        if several and name:
            message = f"{isolated(name)}: {message}"
        line = _("Scheduled anyway: %(conflict)s") % {"conflict": message}
        found.append(_("%(line)s. Reason: %(reason)s") % {"line": line, "reason": isolated(reason)} if reason else line)
    return found


def _conflict(conflict: dict[str, Any], name: Callable[[str, int], str]) -> str:
    user = conflict.get("user")
    person = name("user", user) if user else _("An interviewer")
    return str(_CONFLICTS.get(conflict.get("conflict", ""), _("A conflict"))) % {"person": person}
