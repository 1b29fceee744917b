"""The tab "Communications": what has been generated for a schedule's interviews, and the progress of its links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from integrations.base import ToolInfo
from integrations.connections import connected_tool, integrations_of
from integrations.registry import TOOLS, info_of
from organizations import htmx
from organizations.access import Access, AccessRequest, allowed
from organizations.permissions import Permission
from scheduling.coding_links.display import Step, connection_step
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import MailNote
from scheduling.views.dialog import Dialog, dialog_parts, known_tool, loop_of
from scheduling.views.frame import interviews_of, schedule_context


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A coding tool with its button. `step`: for when it is not connected. `opens`: its dialog opens with the page."""

    info: ToolInfo
    is_connected: bool
    step: Step
    opens: bool


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def communications(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the messages, e-mails that came back, a line per interview with its link, and the join links.

    With `?open=<tool>` the dialog of that coding tool opens with the page.
    """
    access = request.access
    context = schedule_context(access, pk)
    rows = link_rows(interviews_of(access, context["schedule"]), access)
    context |= _rows_context(access, rows) | {
        "rows": rows,
        "tools": [_shown(access, kind, request.GET.get("open", "")) for kind in _kinds(access, rows)],
        "notes": access.all(MailNote).filter(schedule=pk).order_by("received_at", "id"),
        "messages_address": access.url("schedule-messages", pk=pk),
    }
    return render(request, "scheduling/schedules/communications.html", context)


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def progress(request: AccessRequest, pk: int) -> HttpResponse:
    """The parts that have changed since the page looked last; 204 when none has.

    The page sends one `seen` per interview, `<interview id>.<digest>`, and from inside a dialog `place=dialog` and its
    `tool`. The answer holds the changed rows, each to be swapped in by its id. Six queries at most, however many
    interviews.
    """
    access = request.access
    rows = link_rows(loop_of(access, pk), access)
    if not rows:
        raise Http404
    seen = dict(part.partition(".")[::2] for part in request.GET.getlist("seen"))
    tool = known_tool(request.GET.get("tool", "")) if request.GET.get("place") == "dialog" else None
    changed = [row for row in rows if _is_news(row, seen.get(str(row.interview.pk)), tool)]
    if not changed:
        return htmx.no_content()
    if tool is not None:
        shown = [row.interview.pk for row in changed]
        response = HttpResponse(dialog_parts(Dialog(access, pk, tool), rows, shown, seen_head=seen.get("head", "")))
        return htmx.trigger(response, "linksChanged")
    return HttpResponse(_page_rows(access, rows, changed))


def _kinds(access: Access, rows: Sequence[LinkRow]) -> list[str]:
    """Coding tools that get a button: those connected and those with links here, or else all there are."""
    linked = {link.integration.kind for row in rows for link in row.all_links}
    shown = [kind for kind in TOOLS if kind in linked or connected_tool(access, kind) is not None]
    return shown or list(TOOLS)


def _shown(access: Access, kind: str, opened: str) -> ShownTool:
    connected = connected_tool(access, kind) is not None
    step = connection_step(kind, integrations_of(access).get(kind), access)
    return ShownTool(info_of(kind), connected, step, opens=kind == opened)


def _is_news(row: LinkRow, seen: str | None, tool: ToolInfo | None) -> bool:
    """A row that the reader sees differently, or not at all yet although it has a place on the page."""
    if seen is not None:
        return seen != row.digest
    return row.in_dialog if tool is None else row.is_in_dialog_of(tool.kind)


def _page_rows(access: Access, rows: list[LinkRow], changed: list[LinkRow]) -> str:
    context = {"access": access, "organization": access.organization, "rows": changed, "oob": True}
    return render_to_string("scheduling/coding_links/_page_rows.html", context | _rows_context(access, rows))


def _rows_context(access: Access, rows: Sequence[LinkRow]) -> dict[str, object]:
    """Whether the page has no link to show, whether because nothing takes place, and the buttons that add one."""
    names = [info_of(kind).name for kind in _kinds(access, rows)]
    return {
        "none_listed": not any(row.is_listed for row in rows),
        "all_cancelled": all(row.interview.is_cancelled for row in rows),
        "tool_names": get_text_list(names, _("or")),
    }
