"""Pages of jobs and their stages. Interview plans: `plan_views`."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.connections import connected_tool
from integrations.registry import TOOLS
from jobs import services
from jobs.filters import JobFilter
from jobs.forms import JobForm, StageForm
from jobs.hooks.usage import Usage, schedule_total, usage_of
from jobs.models import Job, Stage
from jobs.plan_templates import TEMPLATES, create_from_template
from jobs.queries import Tools, stage_blocks
from jobs.questions import Question, ask, changed, job_url, lead_on
from organizations import htmx, parameters
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.once import once
from organizations.permissions import Permission


@allowed(Permission.SEE_JOBS)
@require_safe
def jobs(request: AccessRequest) -> HttpResponse:
    """List the organization's jobs, filtered and ordered."""
    found = JobFilter.of(request, _with_totals(request.access.all(Job)))
    context = {"form": found.form, "page": found.page(), "heads": found.heads}
    return render(request, "jobs/jobs.html", context)


@allowed(Permission.SEE_JOBS)
@require_safe
def job(request: AccessRequest, pk: int) -> HttpResponse:
    """Show a job with its stages and their plans."""
    found = request.access.find(Job, pk)
    tools = Tools(request.access)
    return render(
        request, "jobs/job.html", {"job": found, "blocks": stage_blocks(found, tools), "paused": tools.paused}
    )


@allowed(Permission.MANAGE_JOBS)
@once
def job_new(request: AccessRequest) -> HttpResponse:
    form = JobForm(sent(request))
    if form.is_valid():
        made = services.create_job(
            organization=request.access.organization, actor=request.access.user, **form.cleaned_data
        )
        return lead_on(request, job_url(request, made), _("Job created. Add its first stage."))
    back = request.access.url("jobs")
    question = Question(_("New job"), _("Create job"), request.access.url("job-new"), back, form=form)
    return ask(request, question)


def _list(request: AccessRequest, template: str) -> str:  # noqa: ARG001 - as the view
    return request.access.url("jobs")


@allowed(Permission.MANAGE_JOBS)
@post_only(_list)
@once
def job_from_template(request: AccessRequest, template: str) -> HttpResponse:
    """Create a job from a built-in template; 404 for one that there is not. Home draws itself anew."""
    if template not in TEMPLATES:
        raise Http404
    connected = [kind for kind in TOOLS if connected_tool(request.access, kind) is not None]
    made = create_from_template(
        organization=request.access.organization,
        actor=request.user,
        template=TEMPLATES[template],
        tool=[*connected, *TOOLS][0],
    )
    notice = _("“%(job)s” created with its interview plan.") % {"job": isolated(made.title)}
    if htmx.is_on(request, request.access.url("home")):
        return htmx.trigger(htmx.no_content(), "homeChanged", notice=notice)
    return lead_on(request, job_url(request, made), notice)


@allowed(Permission.CHANGE_PLANS)
def job_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = request.access.find(Job, pk)
    # A form writes into its instance even when it is invalid, so it gets a copy.
    form = JobForm(sent(request), instance=request.access.find(Job, pk))
    if form.is_valid():
        services.edit_job(job=found, actor=request.access.user, **form.cleaned_data)
        return lead_on(request, job_url(request, found), _("Job saved."))
    action = request.access.url("job-edit", pk=pk)
    return ask(request, Question(_("Edit job"), _("Save"), action, job_url(request, found), form=form))


def _page_of(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Job, pk))


@allowed(Permission.MANAGE_JOBS)
@post_only(_page_of)
def job_state(request: AccessRequest, pk: int) -> HttpResponse:
    """Close the job (`state=closed`) or reopen it."""
    found = request.access.find(Job, pk)
    state = Job.State.CLOSED if request.POST.get("state") == Job.State.CLOSED else Job.State.OPEN
    services.set_job_state(job=found, actor=request.access.user, state=state)
    closed = _("Job closed. Its schedules are unchanged.")
    return lead_on(request, job_url(request, found), closed if state == Job.State.CLOSED else _("Job reopened."))


@allowed(Permission.MANAGE_JOBS)
def job_delete(request: AccessRequest, pk: int) -> HttpResponse:
    """Ask, then delete the job; offer to close it instead while it has schedules."""
    found = request.access.find(Job, pk)
    if request.method == "POST":
        try:
            services.delete_job(job=found, actor=request.access.user)
        except services.JobInUse:
            return ask(request, _close_instead(request, found))
        notice = _("“%(job)s” deleted.") % {"job": isolated(found.title)}
        return lead_on(request, request.access.url("jobs"), notice)
    usage = usage_of(found)
    question = _close_instead(request, found) if usage.schedules else _confirm_delete(request, found, usage)
    return ask(request, question)


@allowed(Permission.CHANGE_PLANS)
@once
def stage_new(request: AccessRequest, pk: int) -> HttpResponse:
    """Add a stage to the job `pk`."""
    found = request.access.find(Job, pk)
    form = StageForm(sent(request))
    if form.is_valid():
        made = services.add_stage(job=found, actor=request.access.user, **form.cleaned_data)
        return _stages(request, found, _("“%(stage)s” added.") % {"stage": isolated(made)}, anchor=f"stage-{made.pk}")
    action, back = request.access.url("stage-new", pk=pk), job_url(request, found)
    return ask(request, Question(_("Add stage"), _("Add stage"), action, back, "#stages", form))


@allowed(Permission.CHANGE_PLANS)
def stage_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = request.access.find(Stage, pk, "job")
    form = StageForm(sent(request), instance=request.access.find(Stage, pk))
    if form.is_valid():
        services.rename_stage(stage=found, actor=request.access.user, **form.cleaned_data)
        return _stages(request, found.job, _("Stage renamed."), anchor=f"stage-{pk}")
    action, back = request.access.url("stage-edit", pk=pk), job_url(request, found.job)
    return ask(request, Question(_("Rename stage"), _("Save"), action, back, "#stages", form))


def _page_of_stage(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Stage, pk, "job").job)


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of_stage)
def stage_move(request: AccessRequest, pk: int) -> HttpResponse:
    """Move a stage up or down, as `direction` says."""
    found = request.access.find(Stage, pk, "job")
    position = services.reorder_stage(stage=found, actor=request.access.user, steps=steps_wanted(request))
    notice = _("“%(stage)s” is now stage %(number)s.") % {"stage": isolated(found), "number": position + 1}
    return _stages(request, found.job, notice, anchor=f"stage-{pk}")


@allowed(Permission.CHANGE_PLANS)
@post_only(_page_of)
def stages_order(request: AccessRequest, pk: int) -> HttpResponse:
    """Put a job's stages into the order of the ids `row`, from the one that was `seen`."""
    found = request.access.find(Job, pk)
    try:
        services.arrange_stages(job=found, actor=request.access.user, **orders_sent(request))
    except services.OrderChanged:
        return _stages(request, found, order_changed(), status=422)
    return _stages(request, found, "")


@allowed(Permission.CHANGE_PLANS)
def stage_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Ask, then remove the stage."""
    found = request.access.find(Stage, pk, "job")
    if request.method == "POST":
        services.remove_stage(stage=found, actor=request.access.user)
        return _stages(request, found.job, _("“%(stage)s” removed.") % {"stage": isolated(found)}, focus="add-stage")
    question = Question(
        _("Remove “%(stage)s”?") % {"stage": isolated(found)},
        _("Remove stage"),
        request.access.url("stage-remove", pk=pk),
        job_url(request, found.job),
        "#stages",
        consequences=_consequences(found),
        danger=True,
    )
    return ask(request, question)


def orders_sent(request: HttpRequest) -> dict[str, list[int]]:
    """The order in which the page showed rows, and the one into which they were dragged, by id."""
    seen = parameters.row_ids(request.POST.get("seen", "").split(","))
    return {"seen": seen, "order": parameters.row_ids(request.POST.getlist("row"))}


def order_changed() -> str:
    return _("This changed since you opened it. Nothing was moved. Try again.")


def steps_wanted(request: HttpRequest) -> int:
    """-1 for the button "up", 1 for "down", 0 for anything else."""
    return {"up": -1, "down": 1}.get(request.POST.get("direction", ""), 0)


def sent(request: HttpRequest) -> QueryDict | None:
    """The data for a form: what was sent, or None on GET."""
    return request.POST if request.method == "POST" else None


def _with_totals(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Annotate jobs with `stage_total` and `schedule_total`: subqueries, because two joined counts would multiply."""
    stages = Stage.objects.filter(job=OuterRef("pk")).order_by().values("job")
    stage_total = Coalesce(Subquery(stages.annotate(total=Count("pk")).values("total")), 0)
    return rows.annotate(stage_total=stage_total, schedule_total=schedule_total())


def _stages(
    request: AccessRequest, found: Job, notice: str, *, anchor: str = "stages", focus: str = "", status: int = 200
) -> HttpResponse:
    context = {"blocks": stage_blocks(found, Tools(request.access)), "focus": focus}
    return changed(request, part="stages", context=context, notice=notice, job=found, anchor=anchor, status=status)


def _confirm_delete(request: AccessRequest, found: Job, usage: Usage) -> Question:
    consequences = [_("Its stages and interview plans are deleted, too. This can't be undone.")]
    if number := usage.candidates:
        text = ngettext(
            "%(number)s candidate stays, without a job.", "%(number)s candidates stay, without a job.", number
        )
        consequences.append(text % {"number": number})
    action, back = request.access.url("job-delete", pk=found.pk), job_url(request, found)
    title = _("Delete “%(job)s”?") % {"job": isolated(found)}
    return Question(title, _("Delete job"), action, back, consequences=tuple(consequences), danger=True)


def _close_instead(request: AccessRequest, found: Job) -> Question:
    number = usage_of(found).schedules
    text = ngettext(
        "This job has %(number)s schedule, so it can't be deleted.",
        "This job has %(number)s schedules, so it can't be deleted.",
        number,
    )
    consequences = (text % {"number": number}, _("Close it instead. You can reopen it at any time."))
    back = job_url(request, found)
    title = _("“%(job)s” can't be deleted") % {"job": isolated(found)}
    action, state = request.access.url("job-state", pk=found.pk), (("state", Job.State.CLOSED.value),)
    return Question(title, _("Close job"), action, back, consequences=consequences, extra=state)


def _consequences(stage: Stage) -> tuple[str, ...]:
    """Consequences of removing a stage for its plan, schedules and candidates."""
    interviews = stage.plan.interviews.count() if hasattr(stage, "plan") else 0
    usage = usage_of(stage)
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
    return (*(text % {"number": number} for number, text in found if number), _("This can't be undone."))
