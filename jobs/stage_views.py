"""The stages of a job: added, renamed, copied, moved, removed and brought back. All are on the job's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import sent, services, undo
from jobs.duplicates import duplicate_stage
from jobs.forms import StageForm
from jobs.hooks.usage import Usage, number_shown, usage_of
from jobs.models import Job, Stage
from jobs.queries import Tools, stage_blocks
from jobs.questions import Question, ask, changed, copy_name, job_url, order_changed, undo_of
from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.once import once
from organizations.permissions import Permission


@allowed(Permission.CHANGE_PLANS)
@once
def stage_new(request: AccessRequest, pk: int) -> HttpResponse:
    """Add a stage to the job `pk`; the field for the next one gets the keyboard."""
    found = request.access.find(Job, pk)
    form = StageForm(sent.form_data(request))
    if form.is_valid():
        made = services.add_stage(job=found, actor=request.access.user, **form.cleaned_data)
        notice = _("“%(stage)s” added.") % {"stage": isolated(made)}
        return _stages(request, found, notice, anchor=f"stage-{made.pk}", focus="add-stage")
    if sent.is_line(request) and htmx.is_asked(request):
        return _stages(request, found, "", status=422, stage_line=form)
    action, back = request.access.url("stage-new", pk=pk), job_url(request, found)
    return ask(request, Question(_("Add stage"), _("Add stage"), action, back, "#stages", form))


@allowed(Permission.CHANGE_PLANS)
def stage_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = request.access.find(Stage, pk, "job")
    form = StageForm(sent.form_data(request), instance=request.access.find(Stage, pk))
    if form.is_valid():
        services.rename_stage(stage=found, actor=request.access.user, **form.cleaned_data)
        return _stages(request, found.job, _("Stage renamed."), anchor=f"stage-{pk}")
    action, back = request.access.url("stage-edit", pk=pk), job_url(request, found.job)
    return ask(request, Question(_("Rename stage"), _("Save"), action, back, "#stages", form))


def _page_of_stage(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Stage, pk, "job").job)


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_stage)
@once
def stage_duplicate(request: AccessRequest, pk: int) -> HttpResponse:
    """Add a stage with the same plan below this one."""
    found = request.access.find(Stage, pk, "job")
    made = duplicate_stage(stage=found, actor=request.access.user, name=copy_name(found.name, most=120))
    notice = _("“%(stage)s” added.") % {"stage": isolated(made)}
    return _stages(request, found.job, notice, anchor=f"stage-{made.pk}", focus=f"stage-menu-{made.pk}")


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_stage)
def stage_move(request: AccessRequest, pk: int) -> HttpResponse:
    """Move a stage up or down, as `direction` says."""
    found = request.access.find(Stage, pk, "job")
    position = services.reorder_stage(stage=found, actor=request.access.user, steps=sent.steps(request))
    notice = _("“%(stage)s” is now stage %(number)s.") % {"stage": isolated(found), "number": position + 1}
    return _stages(request, found.job, notice, anchor=f"stage-{pk}", focus=f"stage-menu-{pk}")


def _page_of_job(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Job, pk))


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_job)
def stages_order(request: AccessRequest, pk: int) -> HttpResponse:
    """Put a job's stages into the order of the ids `row`, from the one that was `seen`."""
    found = request.access.find(Job, pk)
    try:
        services.arrange_stages(job=found, actor=request.access.user, **sent.orders(request))
    except services.OrderChanged:
        return _stages(request, found, order_changed(), status=422)
    return _stages(request, found, "")


@allowed(Permission.CHANGE_PLANS)
def stage_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Remove the stage; ask first where its removal can't be undone, or without scripts."""
    found = request.access.find(Stage, pk, "job")
    usage = usage_of(found)
    token = "" if usage != Usage() else undo.token_of(found, request.access.user)
    if request.method == "POST" and ("confirmed" in request.POST or token):
        services.remove_stage(stage=found, actor=request.access.user)
        notice = _("“%(stage)s” removed.") % {"stage": isolated(found)}
        back = undo_of(request, found.job) if token else None
        return _stages(request, found.job, notice, focus="add-stage", removed=token, undo=back)
    return ask(request, _question(request, found, usage))


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_job)
def restore(request: AccessRequest, pk: int) -> HttpResponse:
    """Bring back the stage or interview that was removed, from the signed `state` of the notice that said so."""
    found = request.access.find(Job, pk)
    try:
        name = undo.restore(job=found, actor=request.access.user, token=request.POST.get("state", ""))
    except undo.TooLate:
        response = _stages(request, found, _("It is too late to undo this. Add it again."), status=422)
    else:
        response = _stages(request, found, _("“%(name)s” is back.") % {"name": isolated(name)})
    # A notice asked, which has no part of the page to be exchanged.
    return htmx.put(response, "#stages") if htmx.is_asked(request) else response


def _stages(
    request: AccessRequest,
    found: Job,
    notice: str,
    *,
    anchor: str = "stages",
    status: int = 200,
    undo: htmx.Undo | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer with all stages. `context`: what gets the keyboard (`focus`), or the line with an error (`stage_line`)."""
    context |= {"job": found, "blocks": stage_blocks(found, Tools(request.access))}
    return changed(request, part="stages", context=context, notice=notice, anchor=anchor, status=status, undo=undo)


def _question(request: AccessRequest, found: Stage, usage: Usage) -> Question:
    return Question(
        _("Remove “%(stage)s”?") % {"stage": isolated(found)},
        _("Remove stage"),
        request.access.url("stage-remove", pk=found.pk),
        job_url(request, found.job),
        "#stages",
        consequences=_consequences(found, usage),
        danger=True,
        extra=(("confirmed", "1"),),
    )


def _consequences(stage: Stage, usage: Usage) -> tuple[str, ...]:
    """Consequences of removing a stage for its plan, schedules and candidates."""
    interviews = stage.plan.interviews.count() if hasattr(stage, "plan") else 0
    found = [
        (
            interviews,
            ngettext(
                "Its plan with %(number)s interview is removed, too.",
                "Its plan with %(number)s interviews is removed, too.",
                interviews,
            ),
        ),
        (
            usage.schedules,
            ngettext(
                "%(number)s schedule stays with its coding links, without a stage.",
                "%(number)s schedules stay with their coding links, without a stage.",
                usage.schedules,
            ),
        ),
        (
            usage.candidates,
            ngettext(
                "%(number)s candidate stays with the job, without a stage.",
                "%(number)s candidates stay with the job, without a stage.",
                usage.candidates,
            ),
        ),
    ]
    return (*(text % {"number": number_shown(number)} for number, text in found if number), _("This can't be undone."))
