"""The tab "History": every change of the schedule with its author, time and reason, and every state of its links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from organizations.access import Access, AccessRequest, allowed
from organizations.lists import page_of
from organizations.models import AuditEvent
from organizations.permissions import Permission
from organizations.trail import Trail, icon
from scheduling.coding_links.history import link_story
from scheduling.models import Interview, LinkEvent, Schedule
from scheduling.schedules import trail_lines
from scheduling.views.frame import schedule_context

#: Entries of one group that follow each other as closely become one.
CLOSE = timedelta(minutes=2)


@dataclass
class HistoryEntry:
    """One line. `who` is empty when no person acted; `lines` are details.

    `group`: what it has in common with others that may become one line with it; "" for a line of its own. `inside`: the
    lines that became this one, newest first.
    """

    at: datetime
    icon: str
    what: str
    who: str
    reason: str = ""
    note: str = ""
    lines: Sequence[str] = ()
    group: str = ""
    about: str = ""
    inside: Sequence[HistoryEntry] = ()


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def schedule_history(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the trail of the schedule and its interviews, and every transition of their links, newest first."""
    context = schedule_context(request.access, pk)
    page = page_of(request, _all_of(request.access, context["schedule"]))
    person = context["schedule"].candidate
    names = {"candidate": {person.pk: person.name}}
    entries = _grouped(_entries(list(page.object_list), request.user.time_zone, names))
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


def _entries(
    keys: list[tuple[str, int, datetime]], zone: str, known: Mapping[str, Mapping[int, str]]
) -> list[HistoryEntry]:
    """Return the page's events, in two queries and those for the names in them that are not `known`."""
    events = AuditEvent.objects.in_bulk([key for which, key, _at in keys if which == "audit"])
    moves = LinkEvent.objects.select_related("actor", "link__interview", "link__integration").in_bulk(
        [key for which, key, _at in keys if which == "link"]
    )
    trail = Trail(events.values(), known)
    return [
        _of_trail(trail, events[key], zone) if which == "audit" else _of_link(moves[key])
        for which, key, _at in keys
        if key in (events if which == "audit" else moves)
    ]


def _grouped(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Return the entries with runs of one group and person as one line each: `Sent 6 messages`."""
    runs: list[list[HistoryEntry]] = []
    for entry in entries:
        last = runs[-1][-1] if runs else None
        if last and entry.group and (last.group, last.who) == (entry.group, entry.who) and last.at - entry.at <= CLOSE:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return [run[0] if len(run) == 1 else _as_one(run) for run in runs]


def _as_one(run: Sequence[HistoryEntry]) -> HistoryEntry:
    newest = run[0]
    count = len(run)
    if newest.group == "message.sent":
        what = ngettext("Sent %(count)d message", "Sent %(count)d messages", count) % {"count": count}
    elif newest.group == "message.queued":
        what = ngettext("Queued %(count)d message", "Queued %(count)d messages", count) % {"count": count}
    elif (interviews := len({entry.about for entry in run})) == 1:
        what = newest.what
    else:
        what = ngettext("Coding link of %(count)d interview", "Coding links of %(count)d interviews", interviews)
        what %= {"count": interviews}
    return HistoryEntry(at=newest.at, icon=newest.icon, what=what, who=newest.who, inside=run)


def _of_trail(trail: Trail, event: AuditEvent, zone: str) -> HistoryEntry:
    return HistoryEntry(
        at=event.created_at,
        icon=icon(event),
        what=trail.sentence(event),
        who=trail.actor(event),
        reason=str(event.value("reason") or ""),
        note=str(event.texts.get("note", "")),
        lines=trail_lines.lines(trail, event, zone),
        group=event.action if event.action in {"message.sent", "message.queued"} else "",
    )


def _of_link(event: LinkEvent) -> HistoryEntry:
    interview, story = event.link.interview, link_story(event)
    message = _("Coding link of “%(interview)s”: %(event)s")
    return HistoryEntry(
        at=event.at,
        icon="code",
        what=message % {"interview": interview.name if interview else "", "event": story.text},
        who=str(event.actor or ""),
        note=story.note,
        group="link",
        about=str(event.link.interview_id),
    )
