"""Pages of a stage's interview plan: its interviews, and their coding links by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations import templates_cache
from jobs import sent, services, undo
from jobs.forms import PlanInterviewForm
from jobs.hooks.usage import Usage, usage_of
from jobs.models import PlanInterview, Stage
from jobs.queries import TemplateChoice, Tools, ToolView, plan_row, stage_block
from jobs.questions import Question, ask, changed, dialog, job_url, order_changed, undo_of
from organizations import htmx, parameters
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.once import once
from organizations.permissions import Permission
from organizations.search import fold

#: How often, a second apart, an open menu polls whether a worker has begun to read the templates.
MOST_LOOKS = 10


@allowed(Permission.CHANGE_PLANS)
@once
def interview_new(request: AccessRequest, pk: int) -> HttpResponse:
    """Add an interview to the plan of the stage `pk`, or one for each pasted line; the next can be typed at once."""
    stage = request.access.find(Stage, pk, "job")
    tools = Tools(request.access)
    tool = parameters.choice(request.POST.get("tool"), [tool.kind for tool in tools.connected])
    typed = _forms(request)
    if request.method == "POST" and all(form.is_valid() for form in typed):
        interviews = [form.cleaned_data | {"tool": tool} for form in typed]
        made = services.add_plan_interviews(stage=stage, actor=request.access.user, interviews=interviews)
        return _plan(request, stage, _added(made), focus="add-interview")
    form = next((form for form in typed if form.errors), typed[0])
    if sent.is_line(request) and htmx.is_asked(request):
        return _plan(request, stage, "", status=422, line=form, line_tool=tool)
    action, back = request.access.url("plan-interview-new", pk=pk), job_url(request, stage.job)
    return ask(request, Question(_("Add interview"), _("Add interview"), action, back, f"#stage-{pk}", form))


def _forms(request: AccessRequest) -> list[PlanInterviewForm]:
    """A form for what was typed, or one for each pasted line; those that are too many are an error of the first."""
    lines = sent.pasted_lines(request)
    organization = request.access.organization
    if not lines:
        return [PlanInterviewForm(sent.form_data(request), organization=organization)]
    typed = [PlanInterviewForm(sent.with_line(request.POST, *line), organization=organization) for line in lines]
    if len(lines) > sent.MOST_LINES:
        typed[0].add_error(None, _("Paste at most %(most)s lines at once.") % {"most": sent.MOST_LINES})
    return typed


def _added(made: Sequence[PlanInterview]) -> str:
    if len(made) == 1:
        return _("“%(interview)s” added.") % {"interview": isolated(made[0])}
    return ngettext("%(number)s interview added.", "%(number)s interviews added.", len(made)) % {"number": len(made)}


@allowed(Permission.CHANGE_PLANS)
def interview_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    stage = found.plan.stage
    row = request.access.find(PlanInterview, pk)
    form = PlanInterviewForm(sent.form_data(request), instance=row, organization=request.access.organization)
    if form.is_valid():
        services.edit_plan_interview(interview=found, actor=request.access.user, **form.cleaned_data)
        return _plan(request, stage, _("Interview saved. Scheduled interviews are unchanged."))
    action, back = request.access.url("plan-interview-edit", pk=pk), job_url(request, stage.job)
    return ask(request, Question(_("Edit interview"), _("Save"), action, back, f"#stage-{stage.pk}", form))


def _page_of(request: AccessRequest, pk: int) -> str:
    return job_url(request, _find(request, pk).plan.stage.job)


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of)
def interview_move(request: AccessRequest, pk: int) -> HttpResponse:
    """Move an interview up or down, as `direction` says."""
    found = _find(request, pk)
    position = services.reorder_plan_interview(interview=found, actor=request.access.user, steps=sent.steps(request))
    notice = _("“%(interview)s” is now number %(number)s.") % {"interview": isolated(found), "number": position + 1}
    return _plan(request, found.plan.stage, notice, focus=f"menu-{pk}")


def _page_of_stage(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Stage, pk, "job").job)


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_stage)
def interviews_order(request: AccessRequest, pk: int) -> HttpResponse:
    """Put the interviews of a stage's plan into the order of the ids `row`, from the one that was `seen`."""
    stage = request.access.find(Stage, pk, "job")
    try:
        services.arrange_plan(stage=stage, actor=request.access.user, **sent.orders(request))
    except services.OrderChanged:
        return _plan(request, stage, order_changed(), status=422)
    return _plan(request, stage, "")


@allowed(Permission.CHANGE_PLANS)
def interview_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Remove the interview from its plan; ask first where that can't be undone, or without scripts."""
    found = _find(request, pk)
    stage = found.plan.stage
    token = "" if usage_of(found) != Usage() else undo.token_of(found, request.access.user)
    if request.method == "POST" and ("confirmed" in request.POST or token):
        services.remove_plan_interview(interview=found, actor=request.access.user)
        notice = _("“%(interview)s” removed from the plan.") % {"interview": isolated(found)}
        back = undo_of(request, stage.job) if token else None
        return _plan(request, stage, notice, focus=f"stage-menu-{stage.pk}", removed=token, undo=back)
    question = Question(
        _("Remove “%(interview)s”?") % {"interview": isolated(found)},
        _("Remove interview"),
        request.access.url("plan-interview-remove", pk=pk),
        job_url(request, stage.job),
        f"#stage-{stage.pk}",
        consequences=(
            _("New schedules for “%(stage)s” won't include it.") % {"stage": isolated(stage)},
            _("Scheduled interviews stay, with their coding links."),
        ),
        danger=True,
        extra=(("confirmed", "1"),),
    )
    return ask(request, question)


@allowed(Permission.CHANGE_PLANS)
def default_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Switch the coding link by default on or off (`default`); without a connected tool, explain how to connect one."""
    found, tools = _find(request, pk), Tools(request.access)
    tool = tools.of(found, kind=request.POST.get("tool", ""))
    wanted = request.POST.get("default") == "on"
    if request.method != "POST" or (wanted and not tool.connected):
        return _explain(request, found, tool, tools)
    found = services.set_default_link(interview=found, actor=request.access.user, tool=tool.kind if wanted else "")
    names = {"interview": isolated(found), "tool": tool.name}
    if not wanted:
        notice = _("New schedules get no %(tool)s link for “%(interview)s”. Existing links stay.") % names
    elif tool.paused:
        notice = _("“%(interview)s” gets a %(tool)s link by default once %(tool)s works again.") % names
    else:
        notice = _("“%(interview)s” gets a %(tool)s link in every new schedule.") % names
    return _row(request, found, tools, notice, focus="switch")


@allowed(Permission.CHANGE_PLANS)
def template(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the menu of the vendor's templates (`q` searches). POST `template` chooses one, `locked` 1 or 0 locks it."""
    found, tools = _find(request, pk), Tools(request.access)
    tool = tools.of(found)
    if not tool.connected:
        return _explain(request, found, tool, tools)
    if request.method != "POST":
        return _menu(request, found, _with_fresh_templates(request, tool), tools)
    actor = request.access.user
    if "locked" in request.POST:
        lock = request.POST["locked"] == "1"
        found = services.lock_template(interview=found, actor=actor, lock=lock)
        locked, unlocked = _("Interviewers can't change the template."), _("Interviewers can change the template.")
        return _row(request, found, tools, locked if lock else unlocked, focus="template")
    choice = tool.choice(request.POST.get("template", ""))
    if choice is None:
        return _menu(request, found, tool, tools, problem=_("This template no longer exists. Choose another one."))
    found = services.choose_template(interview=found, actor=actor, template_id=choice.id, template_name=choice.name)
    chosen = _("“%(interview)s” starts with “%(template)s”.") % {
        "interview": isolated(found),
        "template": isolated(choice.name),
    }
    none = _("“%(interview)s” starts without a template.") % {"interview": isolated(found)}
    return _row(request, found, tools, chosen if choice.id else none, focus="template")


def _with_fresh_templates(request: AccessRequest, tool: ToolView) -> ToolView:
    """Request a refresh of old templates when the menu opens; polls (`look`) only check on it."""
    if tool.integration is None:
        return tool
    if "look" not in request.GET:
        return replace(tool, asked=templates_cache.ask_if_wanted(tool.integration))
    look = parameters.whole_number(request.GET["look"], most=MOST_LOOKS)
    if look is None:
        return tool
    return replace(tool, asked=templates_cache.is_wanted(tool.integration), look=look + 1)


def _find(request: AccessRequest, pk: int) -> PlanInterview:
    return request.access.find(PlanInterview, pk, "plan__stage__job")


def _plan(
    request: AccessRequest,
    stage: Stage,
    notice: str,
    *,
    status: int = 200,
    undo: htmx.Undo | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer with the stage. `context`: what gets the keyboard (`focus`), or the line with an error (`line`)."""
    context |= {"job": stage.job, "block": stage_block(stage, Tools(request.access))}
    anchor = f"stage-{stage.pk}"
    return changed(request, part="stage", context=context, notice=notice, anchor=anchor, status=status, undo=undo)


def _row(request: AccessRequest, found: PlanInterview, tools: Tools, notice: str, *, focus: str) -> HttpResponse:
    job = found.plan.stage.job
    context = {"job": job, "row": plan_row(found, tools), "focus": focus}
    return changed(request, part="interview", context=context, notice=notice, anchor=f"plan-interview-{found.pk}")


def _explain(request: AccessRequest, found: PlanInterview, tool: ToolView, tools: Tools) -> HttpResponse:
    job = found.plan.stage.job
    context = {"row": plan_row(found, tools), "tool": tool, "job": job, "back": job_url(request, job)}
    return dialog(request, "jobs/connect.html", context)


def _menu(
    request: AccessRequest, found: PlanInterview, tool: ToolView, tools: Tools, *, problem: str = ""
) -> HttpResponse:
    words = parameters.short_text(request.GET.get("q"))
    job = found.plan.stage.job
    context = {
        "row": plan_row(found, tools),
        "tool": tool,
        "choices": _choices(found, tool, words),
        "words": words,
        "problem": problem,
        # The list refreshes itself, and is searched, by htmx alone.
        "by_htmx": htmx.is_asked(request),
        "job": job,
        "back": job_url(request, job),
    }
    part = "choices" if request.GET.get("part") == "choices" else "menu"
    # What was picked is asked for by the whole interview; why it can't be is said in the menu.
    target, status = (f"#template-menu-{found.pk}", 422) if problem else ("", 200)
    return htmx.render(
        request, "jobs/template.html", context, part=part, status=status, target=target, swap="innerHTML"
    )


def _choices(found: PlanInterview, tool: ToolView, words: str) -> list[TemplateChoice]:
    """The menu's choices: the chosen one first when the vendor no longer has it, then those that match the search."""
    chosen = tool.template_of(found)
    listed = [choice for choice in tool.templates if fold(words) in fold(choice.name)]
    return [chosen, *listed] if chosen is not None and chosen.gone else listed
