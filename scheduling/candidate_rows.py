"""Checks the rows of an import against what candidates may be. Pure: jobs and zones are handed in."""

from __future__ import annotations

import functools
import unicodedata
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from scheduling.candidates_csv import COLUMNS, Line

LONGEST = {"name": 150, "email": 254, "phone": 40}


@dataclass(frozen=True)
class Problem:
    """One value that can't be imported: where it is, and what to do. `column` is the word for the reader."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Person:
    """A row that is right. Empty values say nothing: they are the default for somebody new and change nobody."""

    row: int
    name: str
    email: str
    phone: str
    time_zone: str
    job_id: int | None
    job: str
    stage_id: int | None
    stage: str


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


@functools.cache
def zones() -> dict[str, str]:
    """Every time zone's name by its small letters. Asking the system takes long: once for each process."""
    return {name.lower(): name for name in zoneinfo.available_timezones()}


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
    get = line.values.get
    wrong = [(column, reason) for column, value in line.values.items() if (reason := _reason(column, value))]
    if not get("name"):
        wrong.append(("name", _("The name is missing. Add it, or remove the row.")))
    if line.surplus:
        wrong.append(("", _("There are more values than columns. Put a value that has commas into quotation marks.")))
    job: tuple[int | None, str] = (None, "")
    stage: tuple[int | None, str] = (None, "")
    try:
        column = "job"
        job = _job(line, openings)
        column = "stage"
        stage = _stage(line, openings, job[0])
    except ValueError as error:
        wrong.append((column, str(error)))
    if wrong:
        return None, [
            Problem(
                line.number, str(COLUMNS.get(column, "–")), get(column, line.surplus if not column else "")[:80], why
            )
            for column, why in wrong
        ]
    zone = zones().get(get("time_zone", "").lower(), "")
    return Person(line.number, get("name", ""), get("email", ""), get("phone", ""), zone, *job, *stage), []


def _job(line: Line, openings: Openings) -> tuple[int | None, str]:
    title = line.values.get("job", "")
    if not title and line.values.get("stage"):
        raise ValueError(_("A stage needs its job. Add the job, or leave the stage empty."))
    return openings.job(title) if title else (None, "")


def _stage(line: Line, openings: Openings, job_id: int | None) -> tuple[int | None, str]:
    name = line.values.get("stage", "")
    return openings.stage(job_id, name) if name and job_id is not None else (None, "")


def _reason(column: str, value: str) -> str:
    """What is wrong with a value by itself; empty: nothing."""
    # U+FFFD stands where another program had lost a sign already.
    if any(sign == "\ufffd" or unicodedata.category(sign) in {"Cc", "Cs"} for sign in value):
        return _("It has signs that can't be read. Type the value again, or save the file as “CSV UTF-8”.")
    if len(value) > LONGEST.get(column, 1000):
        return _("It is %(long)s characters long; at most %(most)s fit. Shorten it.") % {
            "long": len(value),
            "most": LONGEST.get(column, 1000),
        }
    if column == "email":
        try:
            validate_email(value)
        except ValidationError:
            return _("This is not an e-mail address. Correct it, or leave it empty.")
    if column == "time_zone" and value.lower() not in zones():
        return _("This is not a time zone. Write it like Europe/Berlin, or leave it empty.")
    return ""


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
