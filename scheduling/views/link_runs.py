"""Links for all upcoming interviews of a job: what would be added, the runs that there were, and a run's progress."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from integrations.connections import integrations_of
from integrations.registry import TOOLS
from jobs.models import Job
from organizations import htmx, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.audit import record
from organizations.csv_export import written
from organizations.lists import Column, page_of, plain_heads
from organizations.parameters import row_id
from organizations.permissions import Permission
from scheduling import coding_links
from scheduling.coding_links import run_results, runs
from scheduling.coding_links.display import Step, connection_step
from scheduling.coding_links.run_plan import preview
from scheduling.models import CodingLink, LinkRun, RunState

PAGE = "scheduling/link_runs/run.html"
#: The list of a job's runs.
_RUNS = {
    "started": Column(gettext_lazy("Started")),
    "by": Column(gettext_lazy("Started by")),
    "links": Column(gettext_lazy("Links to add")),
    "state": Column(gettext_lazy("State")),
}


@allowed(Permission.CHANGE_SCHEDULES)
def job_links(request: AccessRequest, pk: int) -> HttpResponse:
    """Show what would be added and the job's runs; POST starts one. Where one is open, both lead to it."""
    job = request.access.find(Job, pk)
    if request.method == "POST":
        return _start(request, job)
    page = page_of(request, request.access.all(LinkRun).filter(job=job).select_related("started_by"))
    plan = preview(job)
    context = {
        "job": job,
        "plan": plan,
        "open_run": runs.open_run(job),
        "page": page,
        "heads": plain_heads(_RUNS),
        "steps": [_step(request, kind) for kind in TOOLS if not plan.number],
    }
    return render(request, "scheduling/link_runs/job.html", context)


def _step(request: AccessRequest, kind: str) -> Step:
    return connection_step(kind, integrations_of(request.access).get(kind), request.access)


def _start(request: AccessRequest, job: Job) -> HttpResponse:
    try:
        run, is_new = runs.start(job=job, actor=request.user)
    except coding_links.LinkError as problem:
        messages.error(request, str(problem))
        return redirect(request.access.url("job-links", pk=job.pk))
    if not is_new:
        messages.info(request, _("Links are being added to this job already. This is the run."))
    return redirect(_page(request, run.pk))


def _page(request: AccessRequest, pk: int) -> str:
    return request.access.url("link-run", pk=request.access.find(LinkRun, pk).pk)


@allowed(Permission.CHANGE_SCHEDULES)
@require_GET
def link_run(request: AccessRequest, pk: int) -> HttpResponse:
    """Show a run with its progress and results. Its part `progress` refreshes itself."""
    run = request.access.find(LinkRun, pk, "job", "started_by")
    standing = run_results.standing(run, request.access)
    context = {"run": run, "job": run.job, "standing": standing}
    if request.GET.get("part") == "progress":
        part = htmx.render(request, PAGE, context, part="progress")
        return part if standing.is_busy else htmx.trigger(part, "runEnded")
    found = run_results.results(request, run)
    page = found.page()
    lines = run_results.lines(request.access, list(page.object_list))
    context |= {"form": found.form, "heads": found.heads, "page": page, "lines": lines}
    return render(request, PAGE, context)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page)
def change(request: AccessRequest, pk: int) -> HttpResponse:
    """Pause, resume or cancel a run, as `what` says. Harmless when somebody else was faster.

    Home, which says so as `place`, stays where it is.
    """
    run = request.access.find(LinkRun, pk, "organization", "job")
    what = request.POST.get("what")
    if what == "pause":
        runs.pause(run=run, actor=request.user)
    elif what == "resume":
        runs.resume(run=run, actor=request.user)
    elif what == "cancel":
        runs.cancel(run=run, actor=request.user)
    else:
        raise Http404
    if htmx.is_asked(request) and request.POST.get("place") == "home":
        run.refresh_from_db(fields=["state"])
        text = (
            _("Links are being added again.") if run.state == RunState.RUNNING else _("The run is not paused any more.")
        )
        return htmx.trigger(htmx.no_content(), "linksChanged", notice=text)
    return redirect(_page(request, pk))


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page)
def retry(request: AccessRequest, pk: int) -> HttpResponse:
    """Try again one failed `link` of the run, or without one all that failed."""
    run = request.access.find(LinkRun, pk)
    if "link" not in request.POST:
        number = runs.retry_failed(run=run, actor=request.user)
    else:
        wanted = row_id(request.POST["link"])
        link = CodingLink.objects.filter(pk=wanted, pk__in=run.items.values("link")).first() if wanted else None
        if link is None:
            raise Http404
        coding_links.retry_link(link=link, actor=request.user)
        number = 1
    text = ngettext("Trying %(number)d link again.", "Trying %(number)d links again.", number)
    messages.success(request, text % {"number": number})
    return redirect(f"{_page(request, pk)}?{request.GET.urlencode()}")


@allowed(Permission.EXPORT_CANDIDATES)
@post_only(_page)
@limits.said_on(_page)
def export(request: AccessRequest, pk: int) -> StreamingHttpResponse:
    """Export the results that match the list's filter, in its order. Recorded: names leave the house."""
    access, run = request.access, request.access.find(LinkRun, pk, "job")
    limits.count(limits.EXPORTS, request.user.pk)
    found = run_results.results(request, run).qs
    record(
        organization=access.organization,
        actor=request.user,
        action="link_run.exported",
        subject=run.job,
        detail={"job": run.job.title, "count": found.count()},
    )
    pieces = written(run_results.header(access), run_results.exported(access, found))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"links-{access.organization.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
