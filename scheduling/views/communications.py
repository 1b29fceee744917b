"""The tab "Communications": what has been generated for a schedule's interviews, and the progress of its links."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from integrations.connections import coding_tool
from organizations import htmx
from organizations.access import Access, AccessRequest, recruiter_view
from scheduling.coding_links.display import connection_step
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.views.dialog import dialog_parts, loop_of
from scheduling.views.frame import schedule_context, visible_interviews


@recruiter_view
@require_GET
def communications(request: AccessRequest, pk: int) -> HttpResponse:
    """One card per interview. With `?open=codesignal` the CodeSignal dialog opens by itself."""
    access = request.access
    context = schedule_context(request, pk)
    integration = coding_tool(access.organization)
    interviews = visible_interviews(access, context["schedule"]).select_related("plan_interview")
    rows = link_rows(interviews, access)
    context |= _none_listed(rows) | {
        "rows": rows,
        "integration": integration,
        "connection": connection_step(integration, access),
        "opens": request.GET.get("open") == "codesignal",
        "messages_address": access.url("schedule-messages", pk=pk),
    }
    return render(request, "scheduling/schedules/communications.html", context)


@recruiter_view
@require_GET
def progress(request: AccessRequest, pk: int) -> HttpResponse:
    """What has changed since the page looked last; 204 when nothing has.

    The page sends one `seen` per interview, `<interview id>.<digest>`, and `place=dialog` from inside the dialog. The
    answer holds the changed rows, each to be swapped in by its id. Six queries at most, however many interviews.
    """
    access = request.access
    rows = link_rows(loop_of(access, pk), access)
    if not rows:
        raise Http404
    seen = dict(part.partition(".")[::2] for part in request.GET.getlist("seen"))
    changed = [row for row in rows if _is_news(row, seen.get(str(row.interview.pk)))]
    if not changed:
        return htmx.no_content()
    if request.GET.get("place") == "dialog":
        shown = [row.interview.pk for row in changed]
        response = HttpResponse(dialog_parts(access, pk, rows, shown, seen_head=seen.get("head", "")))
        return htmx.trigger(response, "linksChanged")
    return HttpResponse(_cards(access, rows, changed))


def _is_news(row: LinkRow, seen: str | None) -> bool:
    """What is not on the page, and has no place there, is none."""
    return seen != row.digest if seen is not None else row.in_dialog


def _cards(access: Access, rows: list[LinkRow], changed: list[LinkRow]) -> str:
    context = {"access": access, "organization": access.organization, "rows": changed, "oob": True}
    return render_to_string("scheduling/coding_links/_cards.html", context | _none_listed(rows))


def _none_listed(rows: list[LinkRow]) -> dict[str, bool]:
    """Whether the page has no link to show, and whether that is because nothing takes place."""
    return {
        "none_listed": not any(row.is_listed for row in rows),
        "all_cancelled": all(row.interview.is_cancelled for row in rows),
    }
