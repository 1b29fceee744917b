"""Candidates from and to CSV: upload, preview, confirmation, export."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs.models import Job, Stage
from organizations import parameters
from organizations.access import AccessRequest, recruiter_view
from organizations.once import once
from scheduling import candidate_imports as imports
from scheduling.candidate_imports import Duplicates
from scheduling.candidates_csv import MOST_ROWS, Unreadable, decode, read, write
from scheduling.import_forms import CandidateImportForm
from scheduling.models import Candidate, CandidateImport
from scheduling.views.candidates import listed_candidates
from scheduling.views.schedules import PAGE_SIZE

# Problems on one page. Who has more than these has one cause for most of them.
MOST_PROBLEMS = 1000


@recruiter_view
@once
def import_upload(request: AccessRequest) -> HttpResponse:
    """Takes a file or pasted rows and leads to their preview. `?from=<id>` brings pasted rows back to correct them."""
    form = CandidateImportForm(request.POST or None, request.FILES or None, initial=_pasted_before(request))
    if request.method == "POST":
        form = CandidateImportForm(request.POST, request.FILES)
        if form.is_valid() and (kept := _keep(request, form)):
            return redirect("candidates-import-confirm", request.access.organization.slug, kept.pk)
    context = {"form": form, "most_rows": MOST_ROWS}
    return render(request, "scheduling/candidates_import.html", context, status=422 if form.errors else 200)


def _pasted_before(request: AccessRequest) -> dict[str, str]:
    pk = parameters.row_id(request.GET.get("from"))
    kept = imports.fresh(request.access.all(CandidateImport)).filter(pk=pk).first() if pk else None
    return {"pasted": kept.pasted} if kept else {}


def _keep(request: AccessRequest, form: CandidateImportForm) -> CandidateImport | None:
    upload, pasted = form.cleaned_data["file"], form.cleaned_data["pasted"]
    field = "file" if upload else "pasted"
    try:
        text, guessed = (pasted, "")
        if upload:
            decoded = decode(upload.read())
            text, guessed = decoded.text, decoded.guessed
        sheet = read(text)
    except Unreadable as error:
        form.add_error(field, str(error))
        return None
    return imports.keep(
        organization=request.access.organization,
        actor=request.user,
        sheet=sheet,
        guessed=guessed,
        pasted="" if upload else pasted,
    )


@recruiter_view
def import_confirm(request: AccessRequest, pk: int) -> HttpResponse:
    """What an import would do; posting does it, or throws the rows away."""
    kept = imports.fresh(request.access.all(CandidateImport)).select_related("organization").filter(pk=pk).first()
    if kept is None:
        return _gone(request, pk)
    if request.method != "POST":
        return _preview(request, kept, _duplicates(request.GET))
    if request.POST.get("action") == "discard":
        kept.delete()
        messages.info(request, _("The rows were thrown away. Nothing was imported."))
        return redirect("candidates-import", request.access.organization.slug)
    duplicates, expected = _duplicates(request.POST), parameters.whole_number(request.POST.get("expected"))
    try:
        done = imports.run_import(
            kept=kept,
            duplicates=duplicates,
            expected=-1 if expected is None else expected,
            actor=request.user,
        )
    except imports.ImportRefused as refusal:
        messages.warning(request, str(refusal))
        return _preview(request, kept, duplicates, status=422)
    except CandidateImport.DoesNotExist:
        return _gone(request, pk)
    messages.success(request, _done_words(done))
    return redirect("candidates", request.access.organization.slug)


def _done_words(done: imports.Plan) -> str:
    words = ngettext("%(count)s candidate is imported.", "%(count)s candidates are imported.", done.size)
    return words % {"count": f"{done.size:,}"}


def _gone(request: AccessRequest, pk: int) -> HttpResponseRedirect:
    """A second click finds the import done and says so; what is too old or another's does not exist."""
    organization = request.access.organization
    if imports.was_confirmed(organization=organization, import_id=pk):
        messages.info(request, _("This import is done already. It was not done twice."))
        return redirect("candidates", organization.slug)
    raise Http404


def _duplicates(sent: QueryDict) -> str:
    return parameters.choice(sent.get("duplicates"), Duplicates.values, Duplicates.SKIP.value)


def _preview(request: AccessRequest, kept: CandidateImport, duplicates: str, status: int = 200) -> HttpResponse:
    planned = imports.plan(kept, duplicates)
    context = {
        "kept": kept,
        "plan": planned,
        "problems": planned.problems[:MOST_PROBLEMS],
        "problem_rows": len({problem.row for problem in planned.problems}),
        "more_problems": max(0, len(planned.problems) - MOST_PROBLEMS),
        "has_duplicates": any(step.note for step in planned.steps),
        "choices": Duplicates.choices,
        "chosen": duplicates,
        "page": Paginator(planned.steps, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "scheduling/candidates_import_confirm.html", context, status=status)


@recruiter_view
@require_safe
def import_example(request: AccessRequest) -> StreamingHttpResponse:
    """A file to fill in, with a job and stage that are there."""
    stage = (
        request.access.all(Stage)
        .filter(job__state=Job.State.OPEN)
        .select_related("job")
        .order_by("job__search_key", "position", "id")
        .first()
    )
    job, name = (stage.job.title, stage.name) if stage else ("", "")
    zone = request.access.organization.time_zone
    rows = [
        ("Ada Lovelace", "ada@example.com", "+44 20 7946 0000", "Europe/London", job, name),
        ("Hopper, Grace", "grace@example.com", "", zone, job, ""),
        ("Alan Turing", "", "", "", "", ""),
    ]
    return _download(write(rows), "candidates-example.csv")


@recruiter_view
@require_safe
def export(request: AccessRequest) -> StreamingHttpResponse:
    """All candidates that the list's search finds, in its order, with the import's columns."""
    _form, found = listed_candidates(request)
    name = f"candidates-{request.access.organization.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    return _download(write(_export_rows(found)), name)


def _export_rows(found: QuerySet[Candidate]) -> Iterator[list[str]]:
    rows = found.values_list("name", "email", "phone", "time_zone", "job__title", "stage__name")
    for row in rows.iterator(chunk_size=2000):
        yield [value or "" for value in row]


def _download(pieces: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
