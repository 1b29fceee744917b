"""Check the rows of an import: each is valid, or has problems with what to do about them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations import addresses, text
from organizations.zone_parsing import parse_zone, zone_advice
from scheduling.candidates.import_columns import FIELDS
from scheduling.candidates.import_csv import ImportRow

LONGEST = {"name": 150, "email": 254, "phone": 40}
# `4.47911E+11`: a spreadsheet took a long number for a quantity, and its last digits are gone.
_CUT = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[eE]\s*[+-]?\d+")
# `4915100000.0`: a telephone number that a program took for a quantity, with all its digits.
_AS_QUANTITY = re.compile(r"\d{6,15}[.,]0+")
# What a spreadsheet shows instead of a value: an error, or ##### where the column is too narrow.
_ERROR = re.compile(r"#+|#[A-ZÄÖÜ/]+[0-9]*[!?]|#N/A|#NV")
# What programs write for an empty value.
NOTHING = {"-", "–", "—", "n/a", "na", "none", "null", "nan", "(none)", "(null)", "undefined", "unknown", "#n/a"}


@dataclass(frozen=True)
class Problem:
    """One value that can't be imported: where it stands, and the reason. `column` is the field's label."""

    row: int
    column: str
    value: str
    reason: str
    field: str = ""


@dataclass(frozen=True)
class CheckedRow:
    """A valid row. Empty values are the default for a new candidate, and change nothing of an existing one.

    `note` tells how a value was read where that may surprise.
    """

    number: int
    name: str
    email: str
    phone: str
    time_zone: str
    job_id: int | None
    job: str
    stage_id: int | None
    stage: str
    note: str = ""


class JobLookup:
    """Finds an organization's jobs and stages by name, whatever the case.

    `jobs` are (id, title, is open), `stages` (id, job id, name).
    """

    def __init__(self, jobs: Iterable[tuple[int, str, bool]], stages: Iterable[tuple[int, int, str]]) -> None:
        self._jobs: dict[str, list[tuple[int, str, bool]]] = {}
        self._stages: dict[tuple[int, str], list[tuple[int, str]]] = {}
        self._names: dict[int, list[str]] = {}
        for job_id, title, is_open in jobs:
            self._jobs.setdefault(_key(title), []).append((job_id, title, is_open))
        for stage_id, job_id, name in stages:
            self._stages.setdefault((job_id, _key(name)), []).append((stage_id, name))
            self._names.setdefault(job_id, []).append(name)

    def job(self, title: str) -> tuple[int, str]:
        """Id and title of a job; open ones come before closed ones. Raises ValueError with the reason."""
        found = self._jobs.get(_key(title), [])
        best = [job for job in found if job[2]] or found
        if not best:
            raise ValueError(_("No job has this name. Correct it, create the job first, or leave it empty."))
        if len(best) > 1:
            raise ValueError(_("Several jobs have this name. Rename one of them, or leave it empty."))
        return best[0][0], best[0][1]

    def stage(self, job_id: int, name: str) -> tuple[int, str]:
        found = self._stages.get((job_id, _key(name)), [])
        if not found:
            known = ", ".join(self._names.get(job_id, [])[:10])
            if not known:
                raise ValueError(_("This job has no stages. Leave the stage empty, or add it to the job first."))
            raise ValueError(_("This job has no stage of this name. Its stages: %(stages)s.") % {"stages": known})
        if len(found) > 1:
            raise ValueError(_("Several stages of this job have this name. Rename one of them, or leave it empty."))
        return found[0]


def check(lines: Iterable[ImportRow], jobs: JobLookup) -> tuple[list[CheckedRow], list[Problem]]:
    """The valid rows, and the problems of the others, both in the file's order."""
    rows: list[CheckedRow] = []
    problems: list[Problem] = []
    for line in lines:
        row, wrong = _check_line(line, jobs)
        problems += wrong
        if row is not None:
            rows.append(row)
    return rows, problems


def _check_line(line: ImportRow, jobs: JobLookup) -> tuple[CheckedRow | None, list[Problem]]:
    values: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    for field, value in line.values.items():
        try:
            values[field] = _clean(field, value)
        except ValueError as error:
            values[field] = value
            wrong.append((field, str(error)))
    if not values.get("name"):
        wrong.append(("name", _("The name is missing. Enter it, or leave the row out.")))
    if line.surplus:
        wrong.append(("", _("These values have no column. Move them to their columns, then empty this field.")))
    job: tuple[int | None, str] = (None, "")
    stage: tuple[int | None, str] = (None, "")
    try:
        field = "job"
        job = _job(values, jobs)
        field = "stage"
        stage = _stage(values, jobs, job[0])
    except ValueError as error:
        if not any(field == each for each, _reason in wrong):
            wrong.append((field, str(error)))
    if wrong:
        return None, [_problem(line, field, reason) for field, reason in wrong]
    get = values.get
    return CheckedRow(
        line.number,
        get("name", ""),
        get("email", ""),
        get("phone", ""),
        get("time_zone", ""),
        *job,
        *stage,
        _note(line),
    ), []


def _problem(line: ImportRow, field: str, reason: str) -> Problem:
    value = line.values.get(field, "") if field else line.surplus
    return Problem(line.number, str(FIELDS.get(field, "–")), value[:80], reason, field)


def _job(values: dict[str, str], jobs: JobLookup) -> tuple[int | None, str]:
    title = values.get("job", "")
    if not title and values.get("stage"):
        raise ValueError(_("A stage needs a job. Enter the job, or leave the stage empty."))
    return jobs.job(title) if title else (None, "")


def _stage(values: dict[str, str], jobs: JobLookup, job_id: int | None) -> tuple[int | None, str]:
    name = values.get("stage", "")
    return jobs.stage(job_id, name) if name and job_id is not None else (None, "")


def _clean(field: str, value: str) -> str:
    """Clean a value for storing. Raises ValueError with the message."""
    # U+FFFD stands where a program lost a character; C1 controls are letters read in a wrong encoding.
    if any(sign == "\ufffd" or "\x80" <= sign <= "\x9f" or unicodedata.category(sign) == "Cs" for sign in value):
        raise ValueError(_("Some characters can't be read. Enter the value again, or choose another encoding."))
    if _ERROR.fullmatch(value):
        raise ValueError(_("This is a spreadsheet's error message. Enter the value again, or leave it empty."))
    if field != "name" and value.casefold() in NOTHING:
        return ""
    cleaned = _CLEANERS.get(field, text.line)(value)
    longest = LONGEST.get(field, 1000)
    if len(cleaned) > longest:
        raise ValueError(
            _("This has %(long)s characters, at most %(most)s fit. Shorten it.")
            % {"long": len(cleaned), "most": longest}
        )
    return cleaned


def _email(value: str) -> str:
    """The address, or the first of several."""
    try:
        return addresses.clean(value)
    except ValidationError as error:
        if found := addresses.several(value):
            return found[0]
        raise ValueError(" ".join(error.messages)) from None


def _phone(value: str) -> str:
    if _CUT.fullmatch(value):
        raise ValueError(_("A spreadsheet shortened this number. Enter it again, or leave it empty."))
    return text.phone(re.split(r"[.,]", value)[0] if _AS_QUANTITY.fullmatch(value) else value)


def _time_zone(value: str) -> str:
    if zone := parse_zone(text.line(value)):
        return zone
    raise ValueError(zone_advice(text.line(value)))


_CLEANERS = {"email": _email, "phone": _phone, "time_zone": _time_zone}


def _note(line: ImportRow) -> str:
    email = line.values.get("email", "")
    if email.count("@") < 2 or addresses.is_valid(email):
        return ""
    return _("There are several addresses. The first is used.")


def _key(value: str) -> str:
    return text.line(value).casefold()
