"""Pages of jobs and their stages. What is in a stage's plan: `plan_views`."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs import actions
from jobs.filters import JobFilter
from jobs.forms import JobForm, StageForm
from jobs.models import Job, Stage
from jobs.plans import Tools, blocks_of
from jobs.questions import Question, ask, changed, job_url, lead_on
from organizations.access import AccessRequest, post_only, recruiter_view
from organizations.bidi import isolated
from organizations.once import once

PAGE_SIZE = 50


@recruiter_view
@require_safe
def jobs(request: AccessRequest) -> HttpResponse:
    """The organization's jobs, by title; search in title and location."""
    found = JobFilter.of(request, _with_totals(request.access.all(Job)))
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "jobs/jobs.html", {"form": found.form, "page": page})


@recruiter_view
@require_safe
def job(request: AccessRequest, pk: int) -> HttpResponse:
    """A job with its stages and their plans."""
    found = request.access.find(Job, pk)
    tools = Tools(request.access)
    return render(request, "jobs/job.html", {"job": found, "blocks": blocks_of(found, tools), "paused": tools.paused})


@recruiter_view
@once
def job_new(request: AccessRequest) -> HttpResponse:
    form = JobForm(sent(request))
    if form.is_valid():
        made = actions.create_job(
            organization=request.access.organization, actor=request.access.user, **form.cleaned_data
        )
        return lead_on(request, job_url(request, made), _("The job is there. Now add its first stage."))
    back = request.access.url("jobs")
    question = Question(_("New job"), _("Create job"), request.access.url("job-new"), back, form=form)
    return ask(request, question)


@recruiter_view
def job_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = request.access.find(Job, pk)
    # A form writes what was sent into its instance, valid or not: it gets a row of its own.
    form = JobForm(sent(request), instance=request.access.find(Job, pk))
    if form.is_valid():
        actions.edit_job(job=found, actor=request.access.user, **form.cleaned_data)
        return lead_on(request, job_url(request, found), _("The job is saved."))
    action = request.access.url("job-edit", pk=pk)
    return ask(request, Question(_("Edit job"), _("Save"), action, job_url(request, found), form=form))


def _page_of(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Job, pk))


@recruiter_view
@post_only(_page_of)
def job_state(request: AccessRequest, pk: int) -> HttpResponse:
    """Closes the job (`state=closed`) or reopens it."""
    found = request.access.find(Job, pk)
    state = Job.State.CLOSED if request.POST.get("state") == Job.State.CLOSED else Job.State.OPEN
    actions.set_job_state(job=found, actor=request.access.user, state=state)
    closed = _("The job is closed. Its schedules stay as they are.")
    return lead_on(request, job_url(request, found), closed if state == Job.State.CLOSED else _("The job is open."))


@recruiter_view
def job_delete(request: AccessRequest, pk: int) -> HttpResponse:
    """Asks, then deletes. A job with schedules can't be deleted: then closing it is what is offered."""
    found = request.access.find(Job, pk)
    if request.method == "POST":
        try:
            actions.delete_job(job=found, actor=request.access.user)
        except actions.JobInUse:
            return ask(request, _close_instead(request, found))
        gone = _("“%(job)s” is deleted.") % {"job": isolated(found.title)}
        return lead_on(request, request.access.url("jobs"), gone)
    return ask(request, _close_instead(request, found) if found.schedules.exists() else _really_delete(request, found))


@recruiter_view
@once
def stage_new(request: AccessRequest, pk: int) -> HttpResponse:
    """Adds a stage to the job `pk`."""
    found = request.access.find(Job, pk)
    form = StageForm(sent(request))
    if form.is_valid():
        made = actions.add_stage(job=found, actor=request.access.user, **form.cleaned_data)
        return _stages(
            request, found, _("“%(stage)s” is added.") % {"stage": isolated(made)}, anchor=f"stage-{made.pk}"
        )
    action, back = request.access.url("stage-new", pk=pk), job_url(request, found)
    return ask(request, Question(_("Add stage"), _("Add stage"), action, back, "#stages", form))


@recruiter_view
def stage_edit(request: AccessRequest, pk: int) -> HttpResponse:
    found = request.access.find(Stage, pk, "job")
    form = StageForm(sent(request), instance=request.access.find(Stage, pk))
    if form.is_valid():
        actions.rename_stage(stage=found, actor=request.access.user, **form.cleaned_data)
        return _stages(request, found.job, _("The stage is renamed."), anchor=f"stage-{pk}")
    action, back = request.access.url("stage-edit", pk=pk), job_url(request, found.job)
    return ask(request, Question(_("Rename stage"), _("Save"), action, back, "#stages", form))


def _page_of_stage(request: AccessRequest, pk: int) -> str:
    return job_url(request, request.access.find(Stage, pk, "job").job)


@recruiter_view
@post_only(_page_of_stage)
def stage_move(request: AccessRequest, pk: int) -> HttpResponse:
    """`direction`: "up" or "down"."""
    found = request.access.find(Stage, pk, "job")
    place = actions.move_stage(stage=found, actor=request.access.user, steps=steps_wanted(request))
    notice = _("“%(stage)s” is now stage %(place)s.") % {"stage": isolated(found), "place": place + 1}
    return _stages(request, found.job, notice, anchor=f"stage-{pk}")


@recruiter_view
def stage_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Says what goes and what stays, then removes."""
    found = request.access.find(Stage, pk, "job")
    if request.method == "POST":
        actions.remove_stage(stage=found, actor=request.access.user)
        return _stages(request, found.job, _("“%(stage)s” is removed.") % {"stage": isolated(found)}, focus="add-stage")
    question = Question(
        _("Remove “%(stage)s”?") % {"stage": isolated(found)},
        _("Remove stage"),
        request.access.url("stage-remove", pk=pk),
        job_url(request, found.job),
        "#stages",
        sentences=_what_goes_with(found),
        danger=True,
    )
    return ask(request, question)


def steps_wanted(request: HttpRequest) -> int:
    """One place up or down, as the pressed button says; 0 for anything else."""
    return {"up": -1, "down": 1}.get(request.POST.get("direction", ""), 0)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: what was sent, or nothing yet."""
    return request.POST if request.method == "POST" else None


def _with_totals(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Jobs with `stage_total` and `schedule_total`. Subqueries, because two joined counts would multiply."""

    def total(of: str) -> Coalesce:
        counted = Job.objects.filter(pk=OuterRef("pk")).order_by().values("pk").annotate(n=Count(of)).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return rows.annotate(stage_total=total("stages"), schedule_total=total("schedules"))


def _stages(
    request: AccessRequest, found: Job, notice: str, *, anchor: str = "stages", focus: str = ""
) -> HttpResponse:
    context = {"blocks": blocks_of(found, Tools(request.access)), "focus": focus}
    return changed(request, part="stages", context=context, notice=notice, job=found, anchor=anchor)


def _really_delete(request: AccessRequest, found: Job) -> Question:
    candidates = found.candidates.count()
    sentences = [_("Its stages and their interview plans are deleted with it. This can't be undone.")]
    if candidates:
        sentences.append(
            ngettext("%(n)s candidate stays, without a job.", "%(n)s candidates stay, without a job.", candidates)
            % {"n": candidates}
        )
    action, back = request.access.url("job-delete", pk=found.pk), job_url(request, found)
    title = _("Delete “%(job)s”?") % {"job": isolated(found)}
    return Question(title, _("Delete job"), action, back, sentences=tuple(sentences), danger=True)


def _close_instead(request: AccessRequest, found: Job) -> Question:
    total = found.schedules.count()
    sentences = (
        ngettext(
            "%(n)s schedule belongs to this job, so it can't be deleted.",
            "%(n)s schedules belong to this job, so it can't be deleted.",
            total,
        )
        % {"n": total},
        _("Close it instead: it is kept with its schedules and marked as closed, and you can reopen it."),
    )
    back = job_url(request, found)
    title = _("“%(job)s” can't be deleted") % {"job": isolated(found)}
    action, state = request.access.url("job-state", pk=found.pk), (("state", Job.State.CLOSED.value),)
    return Question(title, _("Close job"), action, back, sentences=sentences, extra=state)


def _what_goes_with(stage: Stage) -> tuple[str, ...]:
    interviews = stage.plan.interviews.count() if hasattr(stage, "plan") else 0
    schedules, candidates = stage.schedules.count(), stage.candidates.count()
    sentences = []
    if interviews:
        text = ngettext(
            "Its plan with %(n)s interview is removed with it.",
            "Its plan with %(n)s interviews is removed with it.",
            interviews,
        )
        sentences.append(text % {"n": interviews})
    if schedules:
        text = ngettext(
            "%(n)s schedule made from it stays as it is, with its coding links, but no longer names a stage.",
            "%(n)s schedules made from it stay as they are, with their coding links, but no longer name a stage.",
            schedules,
        )
        sentences.append(text % {"n": schedules})
    if candidates:
        text = ngettext(
            "%(n)s candidate in it stays with the job, without a stage.",
            "%(n)s candidates in it stay with the job, without a stage.",
            candidates,
        )
        sentences.append(text % {"n": candidates})
    return (*sentences, _("This can't be undone."))
