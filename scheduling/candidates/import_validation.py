"""Checks the rows of an import against what candidates may be. Pure: jobs and zones are handed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations import addresses, text
from organizations.zone_words import instead, understood
from scheduling.candidates.import_columns import FIELDS
from scheduling.candidates.import_csv import Line

LONGEST = {"name": 150, "email": 254, "phone": 40}
# `4.47911E+11`: a spreadsheet took a long number for a quantity, and its last digits are gone.
_CUT = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[eE]\s*[+-]?\d+")
# A telephone number that a program took for a quantity, whole.
_AS_QUANTITY = re.compile(r"\d{6,15}[.,]0+")
# What a spreadsheet shows instead of a value: an error, or signs where the column is too narrow.
_ERROR = re.compile(r"#+|#[A-ZÄÖÜ/]+[0-9]*[!?]|#N/A|#NV")
# Written by programs where there is nothing.
NOTHING = {"-", "–", "—", "n/a", "na", "none", "null", "nan", "(none)", "(null)", "undefined", "unknown", "#n/a"}


@dataclass(frozen=True)
class Problem:
    """One value that can't be imported: where it is, and what to do. `column` is the word for the reader."""

    row: int
    column: str
    value: str
    reason: str
    field: str = ""


@dataclass(frozen=True)
class Person:
    """A row that is right. Empty values say nothing: they are the default for somebody new and change nobody.

    `note` is what the reader should know of how the row was read.
    """

    row: int
    name: str
    email: str
    phone: str
    time_zone: str
    job_id: int | None
    job: str
    stage_id: int | None
    stage: str
    note: str = ""


class Openings:
    """An organization's jobs and stages by their names, whatever the case. `jobs` are (id, title, is open), `stages`
    (id, job id, name)."""

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
        """Id and title; an open job comes before closed ones. Raises ValueError with the reason."""
        found = self._jobs.get(_key(title), [])
        best = [job for job in found if job[2]] or found
        if not best:
            raise ValueError(_("There is no job of this name. Correct it, make the job first, or leave it empty."))
        if len(best) > 1:
            raise ValueError(_("Several jobs have this name. Give them different names, or leave it empty."))
        return best[0][0], best[0][1]

    def stage(self, job_id: int, name: str) -> tuple[int, str]:
        found = self._stages.get((job_id, _key(name)), [])
        if not found:
            known = ", ".join(self._names.get(job_id, [])[:10])
            if not known:
                raise ValueError(_("This job has no stages. Leave the stage empty, or add it to the job first."))
            raise ValueError(_("The job has no stage of this name. Its stages are: %(stages)s.") % {"stages": known})
        if len(found) > 1:
            raise ValueError(_("Several stages of the job have this name. Rename one, or leave it empty."))
        return found[0]


def check(lines: Iterable[Line], openings: Openings) -> tuple[list[Person], list[Problem]]:
    """The rows that are right, and everything that is wrong with the others, both in the file's order."""
    people: list[Person] = []
    problems: list[Problem] = []
    for line in lines:
        person, wrong = _check_line(line, openings)
        problems += wrong
        if person is not None:
            people.append(person)
    return people, problems


def _check_line(line: Line, openings: Openings) -> tuple[Person | None, list[Problem]]:
    values: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    for field, value in line.values.items():
        try:
            values[field] = _clean(field, value)
        except ValueError as error:
            values[field] = value
            wrong.append((field, str(error)))
    if not values.get("name"):
        wrong.append(("name", _("The name is missing. Add it, or leave the row out.")))
    if line.surplus:
        wrong.append(("", _("There are more values than columns. Move them to their columns, then empty this.")))
    job: tuple[int | None, str] = (None, "")
    stage: tuple[int | None, str] = (None, "")
    try:
        field = "job"
        job = _job(values, openings)
        field = "stage"
        stage = _stage(values, openings, job[0])
    except ValueError as error:
        if not any(field == each for each, _why in wrong):
            wrong.append((field, str(error)))
    if wrong:
        return None, [_problem(line, field, why) for field, why in wrong]
    get = values.get
    return Person(
        line.number,
        get("name", ""),
        get("email", ""),
        get("phone", ""),
        get("time_zone", ""),
        *job,
        *stage,
        _note(line),
    ), []


def _problem(line: Line, field: str, why: str) -> Problem:
    value = line.values.get(field, "") if field else line.surplus
    return Problem(line.number, str(FIELDS.get(field, "–")), value[:80], why, field)


def _job(values: dict[str, str], openings: Openings) -> tuple[int | None, str]:
    title = values.get("job", "")
    if not title and values.get("stage"):
        raise ValueError(_("A stage needs its job. Add the job, or leave the stage empty."))
    return openings.job(title) if title else (None, "")


def _stage(values: dict[str, str], openings: Openings, job_id: int | None) -> tuple[int | None, str]:
    name = values.get("stage", "")
    return openings.stage(job_id, name) if name and job_id is not None else (None, "")


def _clean(field: str, value: str) -> str:
    """A value as it is stored. Raises ValueError with what is wrong and what to do."""
    # U+FFFD stands where another program had lost a sign; C1 controls are letters read in a wrong encoding.
    if any(sign == "\ufffd" or "\x80" <= sign <= "\x9f" or unicodedata.category(sign) == "Cs" for sign in value):
        raise ValueError(_("Some characters can't be read. Type it again, or choose another encoding."))
    if _ERROR.fullmatch(value):
        raise ValueError(_("A spreadsheet wrote an error here. Type the value again, or leave it empty."))
    if field != "name" and value.casefold() in NOTHING:
        return ""
    cleaned = _CLEANERS.get(field, text.line)(value)
    longest = LONGEST.get(field, 1000)
    if len(cleaned) > longest:
        raise ValueError(
            _("It is %(long)s characters long; at most %(most)s fit. Shorten it.")
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
        raise ValueError(_("A spreadsheet cut this number. Type it again, or leave it empty."))
    return text.phone(re.split(r"[.,]", value)[0] if _AS_QUANTITY.fullmatch(value) else value)


def _time_zone(value: str) -> str:
    if zone := understood(text.line(value)):
        return zone
    raise ValueError(instead(text.line(value)))


_CLEANERS = {"email": _email, "phone": _phone, "time_zone": _time_zone}


def _note(line: Line) -> str:
    email = line.values.get("email", "")
    if email.count("@") < 2 or addresses.is_valid(email):
        return ""
    return _("Of several addresses, the first is taken.")


def _key(value: str) -> str:
    return text.line(value).casefold()
