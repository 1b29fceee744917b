"""All problems that keep a form from being saved: a list above it whose lines lead to the fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from scheduling.availability.conflict_kinds import Severity
from scheduling.views.shown_rows import ShownRow


@dataclass(frozen=True)
class FormProblem:
    """One thing to correct. `target` is the id of the field to correct it in, or empty; `where` names its row."""

    target: str
    text: str
    where: str = ""


def of_form(form: forms.BaseForm, where: str = "", targets: dict[str, str] | None = None) -> list[FormProblem]:
    """Return the errors of the fields, in their order. `targets`: ids of fields that the page draws by hand."""
    found = [FormProblem("", str(error), where) for error in form.non_field_errors()]
    for name in form.fields:
        if name not in form.errors:
            continue
        field = form[name]
        target = (targets or {}).get(name) or str(field.id_for_label)
        found += [FormProblem(target, f"{field.label}: {error}", where) for error in form.errors[name]]
    return found


def of_rows(rows: Sequence[ShownRow], names: Sequence[str], *, time: str = "") -> list[FormProblem]:
    """Return the errors of rows, and their conflicts that are not overridden.

    `names` says where each is, and is empty where there is but one. `time`: the field of an impossible time, where it
    is not the row's own.
    """
    found: list[FormProblem] = []
    for row, where in zip(rows, names or [""] * len(rows), strict=True):
        targets = {"interviewers": f"{row.prefix}-find"} | ({"date": time, "time": time} if time else {})
        found += of_form(row.form, where, targets)
        found += _of_conflicts(row, where, time or f"id_{row.prefix}-time")
    return found


def _of_conflicts(row: ShownRow, where: str, time: str) -> list[FormProblem]:
    found = []
    for number, shown in enumerate(row.conflicts, start=1):
        severity = shown.conflict.severity
        if severity == Severity.IMPOSSIBLE:
            found.append(FormProblem(time, shown.conflict.message, where))
        elif severity == Severity.OVERRIDABLE and not shown.ticked:
            found.append(FormProblem(f"override-{row.prefix}-{number}", shown.conflict.message, where))
    return found
