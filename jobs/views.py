"""Pages of jobs. Their stages: `stage_views`. Interview plans: `plan_views`."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.connections import connected_tool
from integrations.registry import TOOLS
from jobs import services
from jobs.drawn import COLUMNS, drawn_jobs
from jobs.duplicates import duplicate_job
from jobs.filters import JobFilter
from jobs.forms import DuplicateForm, JobForm
from jobs.hooks.usage import Usage, number_shown, usage_of
from jobs.models import Job
from jobs.plan_templates import TEMPLATES, create_from_template
from jobs.queries import Tools, stage_blocks
from jobs.questions import Question, ask, copy_name, job_url, lead_on
from jobs.sent import form_data
from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.filters import as_opened
from organizations.once import once
from organizations.permissions import Permission

_OPENED: Final = as_opened(JobFilter, lambda access, _now: access.all(Job), *COLUMNS)


@allowed(Permission.SEE_JOBS)
@require_safe
def jobs(request: AccessRequest) -> HttpResponse:
    """List the organization's jobs, filtered and ordered."""
    found = JobFilter.of(request, request.access.all(Job))
    page = found.page(*COLUMNS, opened=_OPENED)
    context = {"form": found.form, "page": page, "heads": found.heads}
    context["drawn"] = drawn_jobs(request.access, list(page.object_list))
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
    form = JobForm(form_data(request))
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
    form = JobForm(form_data(request), instance=request.access.find(Job, pk))
    if form.is_valid():
        services.edit_job(job=found, actor=request.access.user, **form.cleaned_data)
        return lead_on(request, job_url(request, found), _("Job saved."))
    action = request.access.url("job-edit", pk=pk)
    return ask(request, Question(_("Edit job"), _("Save"), action, job_url(request, found), form=form))


@allowed(Permission.MANAGE_JOBS)
@once
def job_duplicate(request: AccessRequest, pk: int) -> HttpResponse:
    """Make another job with the stages and plans of the job `pk`, under a title of its own."""
    found = request.access.find(Job, pk)
    form = DuplicateForm(form_data(request), initial={"title": copy_name(found.title, most=200)})
    if form.is_valid():
        made = duplicate_job(job=found, actor=request.access.user, title=form.cleaned_data["title"])
        names = {"copy": isolated(made.title), "job": isolated(found.title)}
        return lead_on(request, job_url(request, made), _("“%(copy)s” created with the plan of “%(job)s”.") % names)
    action, back = request.access.url("job-duplicate", pk=pk), job_url(request, found)
    said = (_("The copy gets all stages, interviews, coding links and templates. Schedules and candidates stay here."),)
    title = _("Duplicate “%(job)s”") % {"job": isolated(found.title)}
    return ask(request, Question(title, _("Duplicate"), action, back, form=form, consequences=said))


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


def _confirm_delete(request: AccessRequest, found: Job, usage: Usage) -> Question:
    consequences = [_("Its stages and interview plans are deleted, too. This can't be undone.")]
    if number := usage.candidates:
        text = ngettext(
            "%(number)s candidate stays, without a job.", "%(number)s candidates stay, without a job.", number
        )
        consequences.append(text % {"number": number_shown(number)})
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
    consequences = (text % {"number": number_shown(number)}, _("Close it instead. You can reopen it at any time."))
    back = job_url(request, found)
    title = _("“%(job)s” can't be deleted") % {"job": isolated(found)}
    action, state = request.access.url("job-state", pk=found.pk), (("state", Job.State.CLOSED.value),)
    return Question(title, _("Close job"), action, back, consequences=consequences, extra=state)
