"""Import candidates: upload, match columns, preview with corrections in place, confirm."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organizations import htmx, limits, parameters
from organizations.access import AccessRequest, allowed
from organizations.lists import Column, page_of, plain_heads
from organizations.once import once
from organizations.permissions import Permission
from scheduling.candidates import import_files as files
from scheduling.candidates import imports
from scheduling.candidates.import_columns import FIELDS, NAMES, Unmatched
from scheduling.candidates.import_csv import MOST_COLUMNS, MOST_ROWS, SEPARATORS
from scheduling.candidates.import_encodings import ENCODINGS, Unreadable
from scheduling.candidates.import_files import ReadOptions
from scheduling.candidates.import_forms import CandidateImportForm
from scheduling.candidates.import_validation import Problem
from scheduling.candidates.imports import Duplicates
from scheduling.models import CandidateImport

# Rows to correct on one page: Django reads at most a thousand fields of a form.
MOST_CORRECTED = 50
CORRECTABLE = ["name", "email", "phone", "time_zone", "job", "stage"]
_ROWS = {
    "row": Column(gettext_lazy("Row")),
    "name": Column(gettext_lazy("Name")),
    "address": Column(gettext_lazy("E-mail and phone")),
    "zone": Column(gettext_lazy("Time zone")),
}
# Told once every row is right.
_RESULT = {"result": Column(gettext_lazy("Result"))}
_CELL = re.compile("row-([0-9]+)-([a-z_]*)")


@allowed(Permission.MANAGE_CANDIDATES)
@once
def import_upload(request: AccessRequest) -> HttpResponse:
    """Take a file or pasted rows. `?from=<id>` brings pasted rows back for editing."""
    form = CandidateImportForm(request.POST or None, request.FILES or None, initial=_pasted_before(request))
    if request.method == "POST":
        form = CandidateImportForm(request.POST, request.FILES)
        if form.is_valid() and (stored := _store(request, form)):
            return _to(request, stored, "confirm" if stored.is_matched else "columns")
    context = {"form": form, "most_rows": MOST_ROWS}
    return render(request, "scheduling/candidates/imports/upload.html", context, status=422 if form.errors else 200)


def _pasted_before(request: AccessRequest) -> dict[str, str]:
    pk = parameters.row_id(request.GET.get("from"))
    stored = _find(request, pk) if pk else None
    return {"pasted": stored.pasted} if stored else {}


def _store(request: AccessRequest, form: CandidateImportForm) -> CandidateImport | None:
    upload, pasted = form.cleaned_data["file"], form.cleaned_data["pasted"]
    try:
        return files.store_upload(
            organization=request.access.organization,
            actor=request.user,
            data=upload.read() if upload else b"",
            pasted="" if upload else pasted,
        )
    except (Unreadable, limits.Reached) as error:
        reason = error.message if isinstance(error, limits.Reached) else str(error)
        form.add_error("file" if upload else "pasted", reason)
        return None


@allowed(Permission.MANAGE_CANDIDATES)
def import_columns(request: AccessRequest, pk: int) -> HttpResponse:
    """Match columns with fields. GET with other options, sent by htmx, previews the file read that way."""
    stored = _find(request, pk)
    if stored is None:
        return _gone(request, pk)
    if request.method != "POST":
        return _columns(request, stored, request.GET)
    if "show" in request.POST:
        return _columns(request, stored, request.POST)
    try:
        files.match(stored=stored, options=_options(request.POST, stored), chosen=_chosen(request.POST))
    except (Unreadable, Unmatched) as error:
        return _columns(request, stored, request.POST, str(error))
    return _to(request, stored, "confirm")


def _columns(request: AccessRequest, stored: CandidateImport, sent: QueryDict, error: str = "") -> HttpResponse:
    preview = files.preview(stored, _options(sent, stored)) if sent else files.preview(stored)
    fields = {column.place: _field_shown(sent, column.place, column.guess) for column in preview.columns}
    chosen = set(fields.values())
    context = {
        "stored": stored,
        "preview": preview,
        "rows": [(column, fields[column.place]) for column in preview.columns],
        "error": error or preview.problem,
        "no_name": not preview.problem and not NAMES & chosen,
        "no_address": not preview.problem and "email" not in chosen,
        "fields": FIELDS.items(),
        "encodings": ENCODINGS.items(),
        "separators": SEPARATORS.items(),
    }
    page, status = "scheduling/candidates/imports/columns.html", 422 if error else 200
    return htmx.render(request, page, context, part="matching", status=status)


def _options(sent: QueryDict, stored: CandidateImport) -> ReadOptions:
    """The options chosen on the page. Another separator makes other rows, so the header is found again."""
    separator = parameters.choice(sent.get("separator"), SEPARATORS, stored.separator)
    header = parameters.whole_number(sent.get("header"))
    if sent.get("separator_before", separator) != separator:
        header = None
    return ReadOptions(parameters.choice(sent.get("encoding"), ENCODINGS, stored.encoding), separator, header)


def _field_shown(sent: QueryDict, place: int, guess: str) -> str:
    """The field to show for a column: a person's choice stays, a guess gives way to the new guess."""
    chosen = parameters.choice(sent.get(f"c{place}"), [*FIELDS, ""], guess)
    return chosen if chosen != sent.get(f"g{place}", guess) else guess


def _chosen(sent: QueryDict) -> dict[int, str]:
    found = {place: parameters.choice(sent.get(f"c{place}"), FIELDS) for place in range(MOST_COLUMNS)}
    return {place: field for place, field in found.items() if field}


@allowed(Permission.MANAGE_CANDIDATES)
def import_confirm(request: AccessRequest, pk: int) -> HttpResponse:
    """Preview an import. POST imports it, corrects or leaves out rows, or discards it."""
    stored = _find(request, pk)
    if stored is None:
        return _gone(request, pk)
    if not stored.is_matched:
        return _to(request, stored, "columns")
    if request.method != "POST":
        return _preview(request, stored, _duplicates(request.GET))
    action = request.POST.get("action")
    if action == "discard":
        stored.delete()
        messages.info(request, _("Import discarded. No candidates were added."))
        return redirect("candidates-import", request.access.organization.slug)
    try:
        return _import(request, stored) if action == "import" else _correct(request, stored)
    except CandidateImport.DoesNotExist:
        return _gone(request, pk)


def _import(request: AccessRequest, stored: CandidateImport) -> HttpResponse:
    duplicates, expected = _duplicates(request.POST), parameters.whole_number(request.POST.get("expected"))
    try:
        done = imports.run_import(
            stored=stored, duplicates=duplicates, expected=-1 if expected is None else expected, actor=request.user
        )
    except imports.ImportRefused as refusal:
        messages.warning(request, str(refusal))
        return _preview(request, stored, duplicates, status=422)
    messages.success(request, _done_message(done, len(stored.left_out)))
    return redirect("candidates", request.access.organization.slug)


def _correct(request: AccessRequest, stored: CandidateImport) -> HttpResponse:
    """Save all corrections, whichever button was pressed, then check the rows again."""
    if request.POST.get("action") == "restore":
        files.restore_rows(stored=stored)
        return _to(request, stored, "confirm")
    cells: dict[int, dict[str, str]] = {}
    for name, value in request.POST.items():
        found = _CELL.fullmatch(name)
        number = parameters.whole_number(found[1]) if found else None
        if found and number is not None and found[2] in ("", *CORRECTABLE):
            cells.setdefault(number, {})[found[2]] = parameters.short_text(value, files.LONGEST_CELL)
    if request.POST.get("action") == "leave_out_all":
        leave_out = [problem.row for problem in imports.plan(stored, Duplicates.SKIP.value).problems]
    else:
        leave_out = parameters.row_ids([request.POST.get("leave_out")])
    files.correct(stored=stored, cells=cells, leave_out=leave_out)
    return _to(request, stored, "confirm")


def _done_message(done: imports.ImportPlan, left_out: int) -> str:
    message = ngettext("%(count)s candidate imported.", "%(count)s candidates imported.", done.size)
    message %= {"count": f"{done.size:,}"}
    if left_out:
        more = ngettext("%(count)s row was left out.", "%(count)s rows were left out.", left_out)
        message = f"{message} {more % {'count': f'{left_out:,}'}}"
    return message


def _find(request: AccessRequest, pk: int) -> CandidateImport | None:
    rows = imports.unexpired(request.access.all(CandidateImport)).select_related("organization")
    return rows.defer("source").filter(pk=pk).first()


def _gone(request: AccessRequest, pk: int) -> HttpResponseRedirect:
    """Answer for an import that is gone: done already after a second click, else 404."""
    organization = request.access.organization
    if imports.was_confirmed(organization=organization, import_id=pk):
        messages.info(request, _("This import is already done. Nothing was imported twice."))
        return redirect("candidates", organization.slug)
    raise Http404


def _to(request: AccessRequest, stored: CandidateImport, page: str) -> HttpResponseRedirect:
    return redirect(f"candidates-import-{page}", request.access.organization.slug, stored.pk)


def _duplicates(sent: QueryDict) -> str:
    return parameters.choice(sent.get("duplicates"), Duplicates.values, Duplicates.SKIP.value)


@dataclass(frozen=True)
class Cell:
    """One value to correct. `id` is `<row>-<field>`, the field empty for values after the last column."""

    id: str
    label: str
    value: str
    problems: list[str]


@dataclass(frozen=True)
class WrongRow:
    """A row that can't be imported, by its number in the file."""

    number: int
    cells: list[Cell]


def _wrong_rows(stored: CandidateImport, problems: list[Problem]) -> list[WrongRow]:
    """The first rows to correct, each with the cells that the file has or that are wrong."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    values = {line.number: line for line in files.rows_to_import(stored) if line.number in by_row}
    in_file = {"name", *stored.columns}
    found = []
    for number, wrong in list(by_row.items())[:MOST_CORRECTED]:
        line, at_fault = values[number], {problem.field for problem in wrong}
        cells = [
            Cell(f"{number}-{field}", str(FIELDS[field]), line.values.get(field, ""), _reasons(wrong, field))
            for field in CORRECTABLE
            if field in in_file or field in at_fault or field in line.values
        ]
        if "" in at_fault:
            cells.append(Cell(f"{number}-", _("After the last column"), line.surplus, _reasons(wrong, "")))
        found.append(WrongRow(number, cells))
    return found


def _reasons(problems: list[Problem], field: str) -> list[str]:
    return [problem.reason for problem in problems if problem.field == field]


def _preview(request: AccessRequest, stored: CandidateImport, duplicates: str, status: int = 200) -> HttpResponse:
    planned = imports.plan(stored, duplicates)
    wrong = len({problem.row for problem in planned.problems})
    context = {
        "stored": stored,
        "plan": planned,
        "wrong_rows": _wrong_rows(stored, planned.problems),
        "problem_rows": wrong,
        "more_rows": max(0, wrong - MOST_CORRECTED),
        "no_address": bool(stored.columns) and "email" not in stored.columns,
        "has_duplicates": any(row.note for row in planned.rows),
        "choices": Duplicates.choices,
        "chosen": duplicates,
        "page": page_of(request, planned.rows),
        "heads": plain_heads(_ROWS if wrong else _ROWS | _RESULT),
    }
    return render(request, "scheduling/candidates/imports/confirm.html", context, status=status)
