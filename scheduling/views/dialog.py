"""The dialog of one coding tool: a row per interview, with what can be done about its link.

Nothing here waits for the vendor: a click changes the link's row through `scheduling.coding_links`, and the dialog asks
for the progress until it is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from integrations import templates_cache
from integrations.base import ToolInfo
from integrations.connections import connected_tool, integrations_of
from integrations.error_texts import problem_of
from integrations.models import Integration
from integrations.registry import TOOLS, info_of
from organizations import htmx
from organizations.access import Access, AccessRequest, allowed, post_only
from organizations.permissions import Permission
from organizations.reader_queries import ReaderQuery
from scheduling import coding_links
from scheduling.coding_links.display import connection_step
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import CodingLink, Interview
from scheduling.views.frame import communications_of, find_schedule


@dataclass(frozen=True, slots=True)
class TemplateMenu:
    """Templates that a new link may start from, as (id, name), and what the interview's plan suggests."""

    options: tuple[tuple[str, str], ...]
    chosen: str = ""
    locked: bool = False

    def name_of(self, template_id: str) -> str | None:
        """The name; "" for the vendor's own choice, None for a template that is not on the menu."""
        return "" if not template_id else dict(self.options).get(template_id)


@dataclass(frozen=True, slots=True)
class Dialog:
    """The dialog of one tool for a schedule's links, as one reader has it open.

    `on_home`: it is not open, the reader acts from Home.
    """

    access: Access
    schedule_id: int
    info: ToolInfo
    on_home: bool = False


@dataclass(frozen=True, slots=True)
class DialogRow:
    """One interview in the dialog. `error`: why a click on it did nothing."""

    row: LinkRow
    menu: TemplateMenu
    error: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Interviews without a link: those whose plan asks for this tool's, and the others, which a person may pick."""

    coding: tuple[Interview, ...]
    others: tuple[Interview, ...]

    @classmethod
    def of(cls, rows: Iterable[LinkRow], tool: str) -> Missing:
        interviews = [row.interview for row in rows]
        coding = tuple(interview for interview in interviews if interview.asked_tool == tool)
        return cls(coding, tuple(interview for interview in interviews if interview not in coding))

    @property
    def is_offered(self) -> bool:
        """A single interview has its button in its own row."""
        return len(self.coding) + len(self.others) > 1


@allowed(Permission.CHANGE_SCHEDULES)
@require_GET
def dialog(request: AccessRequest, pk: int, tool: str) -> HttpResponse:
    """The whole dialog, for `#dialog-content`. 404 for a tool that there is not."""
    access, info = request.access, known_tool(tool)
    schedule = find_schedule(access, pk)
    context = _context(Dialog(access, pk, info), link_rows(loop_of(access, pk), access))
    integration = connected_tool(access, tool)
    if integration is not None:
        templates_cache.ask_if_wanted(integration)
        coding_links.prepare(candidate=schedule.candidate, integration=integration)
    return render(request, "scheduling/coding_links/dialog.html", context | {"schedule": schedule})


def known_tool(kind: str) -> ToolInfo:
    """The tool of this kind. Raises Http404 for one that there is not."""
    if kind not in TOOLS:
        raise Http404
    return info_of(kind)


def _page_of_schedule(request: AccessRequest, pk: int, tool: str) -> str:  # noqa: ARG001 - as the view
    return communications_of(request, pk)


def _page_of_interview(request: AccessRequest, pk: int, tool: str) -> str:  # noqa: ARG001 - as the view
    return communications_of(request, request.access.find(Interview, pk).schedule_id)


def _page_of_link(request: AccessRequest, pk: int) -> str:
    _link, interview = _find_link(request.access, pk)
    return communications_of(request, interview.schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of_interview)
def add_link(request: AccessRequest, pk: int, tool: str) -> HttpResponse:
    """Request a link for one interview, from the template that was picked. A second click finds the first one's."""
    access = request.access
    interview = access.find(Interview, pk, "plan_interview", "schedule")
    opened = Dialog(access, interview.schedule_id, known_tool(tool))
    integration = connected_tool(access, tool)
    template_id = request.POST.get("template_id", "")
    name = template_menu(integration, interview).name_of(template_id)
    if integration is None:
        words = _("%(tool)s is no longer connected, so no link was added.") % {"tool": opened.info.name}
        return _answer(opened, {interview.pk}, error=words)
    if name is None:
        return _answer(opened, {interview.pk}, error=_("That template no longer exists. Choose another one."))
    return _do(
        opened,
        interview,
        lambda: coding_links.request_link(
            interview=interview,
            integration=integration,
            actor=request.user,
            template_id=template_id,
            template_name=name,
            template_locked=bool(template_id) and "template_locked" in request.POST,
        ),
    )


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of_schedule)
def add_links(request: AccessRequest, pk: int, tool: str) -> HttpResponse:
    """Request links, each from its plan's template: for the interviews picked, or for those whose plan asks for one.

    An interview that has got a link since is left alone. One whose link was removed gets one only when it is picked.
    """
    access = request.access
    find_schedule(access, pk)
    opened = Dialog(access, pk, known_tool(tool), _is_on_home(request))
    integration = connected_tool(access, tool)
    rows = link_rows(loop_of(access, pk), access)
    wanted: list[LinkRow] = []
    if integration is not None:
        picked = set(request.POST.getlist("interview")) if "pick" in request.POST else None
        if picked == set():
            return _answer(opened, set(), head_error=_("Select at least one interview."))
        if picked is None:
            wanted = [row for row in missing(rows) if row.interview.asked_tool == tool]
        else:
            wanted = [row for row in rows if str(row.interview.pk) in picked and _lacks_link(row)]
        for row in wanted:
            menu = template_menu(integration, row.interview)
            coding_links.request_link(
                interview=row.interview,
                integration=integration,
                actor=request.user,
                template_id=menu.chosen,
                template_name=menu.name_of(menu.chosen) or "",
                template_locked=menu.locked,
            )
    requested = ngettext("%(number)d link requested.", "%(number)d links requested.", len(wanted))
    return _answer(opened, {row.interview.pk for row in rows}, notice=requested % {"number": len(wanted)})


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of_link)
def remove_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Remove a link, at the vendor too. Harmless when somebody else was faster."""
    link, interview = _find_link(request.access, pk)
    opened = _dialog_of(request.access, link, interview)
    return _do(opened, interview, lambda: coding_links.remove_link(link=link, actor=request.user))


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of_link)
def retry_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Retry what failed: creating a link, updating it, or deleting it."""
    link, interview = _find_link(request.access, pk)
    opened = replace(_dialog_of(request.access, link, interview), on_home=_is_on_home(request))
    return _do(opened, interview, lambda: coding_links.retry_link(link=link, actor=request.user))


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of_link)
def choose_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Choose which of several live interviews at the vendor is this link; an empty `external_id` requests a new one."""
    link, interview = _find_link(request.access, pk)
    chosen = request.POST.get("external_id", "")
    return _do(
        _dialog_of(request.access, link, interview),
        interview,
        lambda: coding_links.choose_link(link=link, external_id=chosen, actor=request.user),
    )


def template_menu(integration: Integration | None, interview: Interview) -> TemplateMenu:
    """The tool's templates as last read, with the one of the interview's plan chosen, if the plan is for this tool."""
    cached = integration.templates if integration is not None else []
    options = {entry["id"]: entry["name"] for entry in cached}
    plan = interview.plan_interview
    for_another = plan is not None and integration is not None and plan.link_tool not in {"", integration.kind}
    if plan is None or not plan.template_id or for_another:
        return TemplateMenu(tuple(options.items()))
    options.setdefault(plan.template_id, plan.template_name or plan.template_id)
    return TemplateMenu(tuple(options.items()), plan.template_id, plan.template_locked)


_LOOP: Final = ReaderQuery(
    lambda access, schedule: (
        access.all(Interview)
        .filter(schedule=schedule)
        .select_related("plan_interview")
        .order_by("starts_at", "position", "id")
    ),
    int,
)


def loop_of(access: Access, schedule_id: int) -> list[Interview]:
    """A schedule's interviews in order of time, with their plans, without reading the schedule itself."""
    return _LOOP.all(access, schedule_id)


def missing(rows: Iterable[LinkRow]) -> list[LinkRow]:
    """Rows that lack a link and whose link nobody removed on purpose."""
    return [row for row in rows if row.can_add and (row.link is None or row.link.state == "expired")]


def _lacks_link(row: LinkRow) -> bool:
    return row.can_add and (row.link is None or row.link.state != "finished")


def _is_on_home(request: AccessRequest) -> bool:
    return request.POST.get("place") == "home"


def dialog_parts(
    opened: Dialog,
    rows: Sequence[LinkRow],
    shown: Iterable[int],
    *,
    error: str = "",
    head_error: str = "",
    seen_head: str = "",
) -> str:
    """The dialog's head, the rows of the interviews `shown`, each to be swapped in by its id, and the news.

    A head that looks as it did (`seen_head`, its digest) is left alone: somebody may be choosing in it.
    """
    context = _context(opened, rows, shown=set(shown), error=error)
    context |= {"oob": True, "head_error": head_error, "with_head": context["head_digest"] != seen_head}
    return render_to_string("scheduling/coding_links/_dialog_parts.html", context)


def _context(
    opened: Dialog, rows: Sequence[LinkRow], *, shown: set[int] | None = None, error: str = ""
) -> dict[str, object]:
    access, kind = opened.access, opened.info.kind
    integration = connected_tool(access, kind)
    choice = Missing.of(missing(rows) if integration is not None else [], kind)
    return {
        "tool": opened.info,
        "head_digest": _head_digest(integration, choice),
        "access": access,
        "organization": access.organization,
        "schedule_id": opened.schedule_id,
        "integration": integration,
        "paused": integration is not None and integration.state == Integration.State.PAUSED,
        "problem": problem_of(integration) if integration is not None else "",
        "connection": connection_step(kind, integrations_of(access).get(kind), access),
        "choice": choice,
        "entries": [
            DialogRow(row, template_menu(integration, row.interview), error)
            for row in rows
            if (row.is_in_dialog_of(kind) if shown is None else row.interview.pk in shown)
        ],
    }


def _head_digest(integration: Integration | None, choice: Missing) -> str:
    """A digest that changes whenever the dialog's head would look different. 12 characters."""
    tool = (integration.state, integration.company_name, problem_of(integration)) if integration is not None else ()
    looks = repr((tool, [interview.pk for interview in choice.coding], [interview.pk for interview in choice.others]))
    return hashlib.sha256(looks.encode()).hexdigest()[:12]


def _find_link(access: Access, pk: int) -> tuple[CodingLink, Interview]:
    """A link and its interview; 404 for one whose interview was deleted: no page shows it any more."""
    link = access.find(CodingLink, pk, "integration", "interview")
    if link.interview is None:
        raise Http404
    return link, link.interview


def _dialog_of(access: Access, link: CodingLink, interview: Interview) -> Dialog:
    return Dialog(access, interview.schedule_id, info_of(link.integration.kind))


def _do(opened: Dialog, interview: Interview, action: Callable[[], object]) -> HttpResponse:
    """Run the action; a request that makes no sense as things are is explained in the interview's row."""
    try:
        action()
    except coding_links.LinkError as problem:
        return _answer(opened, {interview.pk}, error=str(problem))
    return _answer(opened, {interview.pk})


def _answer(
    opened: Dialog, shown: set[int], *, error: str = "", head_error: str = "", notice: str = ""
) -> HttpResponse:
    """The rows as they are now. Tells the page behind the dialog that its cards are out of date.

    On Home there are no rows of the dialog: it draws itself anew, and a notice says what happened.
    """
    if opened.on_home:
        return htmx.trigger(htmx.no_content(), "linksChanged", notice=error or head_error or notice)
    rows = link_rows(loop_of(opened.access, opened.schedule_id), opened.access)
    body = dialog_parts(opened, rows, shown, error=error, head_error=head_error)
    response = HttpResponse(body, status=422 if error or head_error else 200)
    return htmx.trigger(response, "linksChanged")
