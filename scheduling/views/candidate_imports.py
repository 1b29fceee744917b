"""Candidates from a file: upload, "Match columns", preview with rows mended in place, confirmation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx, parameters
from organizations.access import AccessRequest, recruiter_view
from organizations.once import once
from scheduling.candidates import import_files as files
from scheduling.candidates import imports
from scheduling.candidates.import_columns import FIELDS, NAMES, Unmatched
from scheduling.candidates.import_csv import MOST_COLUMNS, MOST_ROWS, SEPARATORS
from scheduling.candidates.import_encodings import ENCODINGS, Unreadable
from scheduling.candidates.import_files import Reading
from scheduling.candidates.import_forms import CandidateImportForm
from scheduling.candidates.import_validation import Problem
from scheduling.candidates.imports import Duplicates
from scheduling.models import CandidateImport
from scheduling.views.schedules import PAGE_SIZE

# Rows that are mended at once: Django reads a thousand fields of a form.
MOST_MENDED = 50
MENDED = ["name", "email", "phone", "time_zone", "job", "stage"]
_CELL = re.compile(r"row-([0-9]{1,9})-([a-z_]*)")


@recruiter_view
@once
def import_upload(request: AccessRequest) -> HttpResponse:
    """Takes a file or pasted rows. `?from=<id>` brings pasted rows back to correct them."""
    form = CandidateImportForm(request.POST or None, request.FILES or None, initial=_pasted_before(request))
    if request.method == "POST":
        form = CandidateImportForm(request.POST, request.FILES)
        if form.is_valid() and (kept := _keep(request, form)):
            return _to(request, kept, "confirm" if kept.is_matched else "columns")
    context = {"form": form, "most_rows": MOST_ROWS}
    return render(request, "scheduling/candidates/imports/upload.html", context, status=422 if form.errors else 200)


def _pasted_before(request: AccessRequest) -> dict[str, str]:
    pk = parameters.row_id(request.GET.get("from"))
    kept = _find(request, pk) if pk else None
    return {"pasted": kept.pasted} if kept else {}


def _keep(request: AccessRequest, form: CandidateImportForm) -> CandidateImport | None:
    upload, pasted = form.cleaned_data["file"], form.cleaned_data["pasted"]
    try:
        return files.keep(
            organization=request.access.organization,
            actor=request.user,
            data=upload.read() if upload else b"",
            pasted="" if upload else pasted,
        )
    except Unreadable as error:
        form.add_error("file" if upload else "pasted", str(error))
        return None


@recruiter_view
def import_columns(request: AccessRequest, pk: int) -> HttpResponse:
    """ "Match columns". By GET with other choices, as htmx asks: how the file looks, read that way."""
    kept = _find(request, pk)
    if kept is None:
        return _gone(request, pk)
    if request.method != "POST":
        return _columns(request, kept, request.GET)
    if "show" in request.POST:
        return _columns(request, kept, request.POST)
    try:
        files.match(kept=kept, reading=_reading(request.POST, kept), chosen=_chosen(request.POST))
    except (Unreadable, Unmatched) as error:
        return _columns(request, kept, request.POST, str(error))
    return _to(request, kept, "confirm")


def _columns(request: AccessRequest, kept: CandidateImport, sent: QueryDict, error: str = "") -> HttpResponse:
    look = files.look(kept, _reading(sent, kept)) if sent else files.look(kept)
    fields = {column.place: _field_shown(sent, column.place, column.guess) for column in look.columns}
    chosen = set(fields.values())
    context = {
        "kept": kept,
        "look": look,
        "rows": [(column, fields[column.place]) for column in look.columns],
        "error": error or look.problem,
        "no_name": not look.problem and not NAMES & chosen,
        "no_address": not look.problem and "email" not in chosen,
        "fields": FIELDS.items(),
        "encodings": ENCODINGS.items(),
        "separators": SEPARATORS.items(),
    }
    page, status = "scheduling/candidates/imports/columns.html", 422 if error else 200
    return htmx.render(request, page, context, part="matching", status=status)


def _reading(sent: QueryDict, kept: CandidateImport) -> Reading:
    """How to read the file. Another separator makes other rows: which of them has the names is found anew."""
    separator = parameters.choice(sent.get("separator"), SEPARATORS, kept.separator)
    header = parameters.whole_number(sent.get("header"))
    if sent.get("separator_before", separator) != separator:
        header = None
    return Reading(parameters.choice(sent.get("encoding"), ENCODINGS, kept.encoding), separator, header)


def _field_shown(sent: QueryDict, place: int, guess: str) -> str:
    """What somebody chose stays; what was only guessed is guessed anew when the file is read another way."""
    chosen = parameters.choice(sent.get(f"c{place}"), [*FIELDS, ""], guess)
    return chosen if chosen != sent.get(f"g{place}", guess) else guess


def _chosen(sent: QueryDict) -> dict[int, str]:
    found = {place: parameters.choice(sent.get(f"c{place}"), FIELDS) for place in range(MOST_COLUMNS)}
    return {place: field for place, field in found.items() if field}


@recruiter_view
def import_confirm(request: AccessRequest, pk: int) -> HttpResponse:
    """What an import would do; posting does it, mends or leaves out rows, or discards them."""
    kept = _find(request, pk)
    if kept is None:
        return _gone(request, pk)
    if not kept.is_matched:
        return _to(request, kept, "columns")
    if request.method != "POST":
        return _preview(request, kept, _duplicates(request.GET))
    action = request.POST.get("action")
    if action == "discard":
        kept.delete()
        messages.info(request, _("Import discarded. No candidates were added."))
        return redirect("candidates-import", request.access.organization.slug)
    try:
        return _import(request, kept) if action == "import" else _mend(request, kept)
    except CandidateImport.DoesNotExist:
        return _gone(request, pk)


def _import(request: AccessRequest, kept: CandidateImport) -> HttpResponse:
    duplicates, expected = _duplicates(request.POST), parameters.whole_number(request.POST.get("expected"))
    try:
        done = imports.run_import(
            kept=kept, duplicates=duplicates, expected=-1 if expected is None else expected, actor=request.user
        )
    except imports.ImportRefused as refusal:
        messages.warning(request, str(refusal))
        return _preview(request, kept, duplicates, status=422)
    messages.success(request, _done_words(done, len(kept.left_out)))
    return redirect("candidates", request.access.organization.slug)


def _mend(request: AccessRequest, kept: CandidateImport) -> HttpResponse:
    """Keeps every cell that was typed, whatever button was pressed; then the rows are checked again."""
    if request.POST.get("action") == "put_back":
        files.put_back(kept=kept)
        return _to(request, kept, "confirm")
    cells: dict[int, dict[str, str]] = {}
    for name, value in request.POST.items():
        if (found := _CELL.fullmatch(name)) and found[2] in ("", *MENDED):
            cells.setdefault(int(found[1]), {})[found[2]] = parameters.words(value, files.LONGEST_CELL)
    if request.POST.get("action") == "leave_out_all":
        leave_out = [problem.row for problem in imports.plan(kept, Duplicates.SKIP.value).problems]
    else:
        leave_out = parameters.row_ids([request.POST.get("leave_out")])
    files.mend(kept=kept, cells=cells, leave_out=leave_out)
    return _to(request, kept, "confirm")


def _done_words(done: imports.Plan, left_out: int) -> str:
    words = ngettext("%(count)s candidate imported.", "%(count)s candidates imported.", done.size)
    words %= {"count": f"{done.size:,}"}
    if left_out:
        more = ngettext("%(count)s row was left out.", "%(count)s rows were left out.", left_out)
        words = f"{words} {more % {'count': f'{left_out:,}'}}"
    return words


def _find(request: AccessRequest, pk: int) -> CandidateImport | None:
    rows = imports.fresh(request.access.all(CandidateImport)).select_related("organization")
    return rows.defer("source").filter(pk=pk).first()


def _gone(request: AccessRequest, pk: int) -> HttpResponseRedirect:
    """A second click finds the import done and says so; what is too old or another's does not exist."""
    organization = request.access.organization
    if imports.was_confirmed(organization=organization, import_id=pk):
        messages.info(request, _("This import is done already. It was not done twice."))
        return redirect("candidates", organization.slug)
    raise Http404


def _to(request: AccessRequest, kept: CandidateImport, page: str) -> HttpResponseRedirect:
    return redirect(f"candidates-import-{page}", request.access.organization.slug, kept.pk)


def _duplicates(sent: QueryDict) -> str:
    return parameters.choice(sent.get("duplicates"), Duplicates.values, Duplicates.SKIP.value)


@dataclass(frozen=True)
class Cell:
    """One value of a wrong row, to be mended: `id` has the row and the field, which is empty behind the last column."""

    id: str
    label: str
    value: str
    problems: list[str]


@dataclass(frozen=True)
class WrongRow:
    number: int
    cells: list[Cell]


def _wrong_rows(kept: CandidateImport, problems: list[Problem]) -> list[WrongRow]:
    """The first rows that need mending, with the cells that the file has and those that are wrong."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    values = {line.number: line for line in files.lines(kept) if line.number in by_row}
    in_file = {"name", *kept.columns}
    found = []
    for number, wrong in list(by_row.items())[:MOST_MENDED]:
        line, at_fault = values[number], {problem.field for problem in wrong}
        cells = [
            Cell(f"{number}-{field}", str(FIELDS[field]), line.values.get(field, ""), _reasons(wrong, field))
            for field in MENDED
            if field in in_file or field in at_fault or field in line.values
        ]
        if "" in at_fault:
            cells.append(Cell(f"{number}-", _("Behind the last column"), line.surplus, _reasons(wrong, "")))
        found.append(WrongRow(number, cells))
    return found


def _reasons(problems: list[Problem], field: str) -> list[str]:
    return [problem.reason for problem in problems if problem.field == field]


def _preview(request: AccessRequest, kept: CandidateImport, duplicates: str, status: int = 200) -> HttpResponse:
    planned = imports.plan(kept, duplicates)
    wrong = len({problem.row for problem in planned.problems})
    context = {
        "kept": kept,
        "plan": planned,
        "wrong_rows": _wrong_rows(kept, planned.problems),
        "problem_rows": wrong,
        "more_rows": max(0, wrong - MOST_MENDED),
        "no_address": bool(kept.columns) and "email" not in kept.columns,
        "has_duplicates": any(step.note for step in planned.steps),
        "choices": Duplicates.choices,
        "chosen": duplicates,
        "page": Paginator(planned.steps, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "scheduling/candidates/imports/confirm.html", context, status=status)
