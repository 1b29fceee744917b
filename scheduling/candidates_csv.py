"""Candidates as CSV: bytes or pasted text to rows, and rows to CSV. Pure: it knows no database and no request."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000

# Our name of a column -> the word in the first row of what we write, and in problems.
COLUMNS = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "time_zone": gettext_lazy("Time zone"),
    "job": gettext_lazy("Job"),
    "stage": gettext_lazy("Stage"),
}
# Written untranslated, so that a file of one reader can be imported by another.
HEADER = ["Name", "E-mail", "Phone", "Time zone", "Job", "Stage"]
# What other programs call the columns, without spaces and signs, in small letters.
SYNONYMS = {
    "name": {"name", "fullname", "candidate", "candidatename", "displayname"},
    "first_name": {"firstname", "givenname", "forename"},
    "last_name": {"lastname", "surname", "familyname"},
    "email": {"email", "mail", "emailaddress", "mailaddress"},
    "phone": {"phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone", "cell"},
    "time_zone": {"timezone", "tz", "zone"},
    "job": {"job", "jobtitle", "position", "role", "requisition"},
    "stage": {"stage", "jobstage", "interviewstage"},
}
_COLUMN_OF = {word: column for column, words in SYNONYMS.items() for word in words}
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# What a spreadsheet would run as a formula, in the widths in which it reads the signs.
_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_GUARDED = re.compile(r"'[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# Names of files that people take for CSV, by how they begin.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Unreadable(Exception):
    """Nothing of the file can be used. `args[0]` says why and what to do, to the person who chose it."""


@dataclass(frozen=True)
class Text:
    """A decoded file. `guessed` is the encoding that was assumed because the file did not say; empty: surely right."""

    text: str
    guessed: str = ""


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file. `number` counts like a spreadsheet: the header is 1, empty rows count."""

    number: int
    values: dict[str, str]
    surplus: str = ""

    def as_json(self) -> list[Any]:
        return [self.number, self.values, self.surplus]


@dataclass(frozen=True)
class Sheet:
    """What was found in a file. `ignored` are the columns that nobody knows, as the file calls them."""

    lines: list[Line] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def decode(data: bytes) -> Text:
    """UTF-8 with or without BOM, UTF-16 with BOM (Excel's "Unicode text"), or Windows-1252. Raises Unreadable."""
    if data.startswith(_WORKBOOKS):
        raise Unreadable(
            _("This is an Excel workbook, not CSV. In Excel choose “Save as”, “CSV UTF-8”, and upload that file.")
        )
    guessed = ""
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = data.decode("utf-16")
        else:
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                text, guessed = data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Unreadable(_("This is not a text file. Save the table as “CSV UTF-8” and upload that file."))
    return Text(text, guessed)


def read(text: str) -> Sheet:
    """The rows below the header. Values are trimmed, on one line, and without an export's guard. Raises Unreadable."""
    text, sign = _separator(text.removeprefix("\ufeff"))
    rows = _rows(text, sign)
    number, header = next(((n, row) for n, row in rows if any(row)), (0, []))
    if not number:
        raise Unreadable(_("There is nothing in it. The first row names the columns, each next one is a candidate."))
    places = _places(header)
    used = set(places.values())
    lines: list[Line] = []
    for number, row in rows:
        if not any(row):
            continue
        if len(lines) == MOST_ROWS:
            raise Unreadable(
                _("There are more than %(most)s rows. Split the file and import the parts one after another.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        values = {column: row[place] for column, place in places.items() if place < len(row) and row[place]}
        lines.append(Line(number, _with_name(values), " ".join(cell for cell in row[len(header) :] if cell)))
    if not lines:
        raise Unreadable(_("There is a header and no candidate below it. Add a row for each candidate."))
    return Sheet(lines, [cell for place, cell in enumerate(header) if cell and place not in used])


def write(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """CSV in pieces, the header first; with a BOM, for Excel. No cell of it can be a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([guard(value) for value in row])
        if buffer.tell() > 16_384:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def guard(value: str) -> str:
    """The value with an apostrophe before what a spreadsheet would run. `unguard` takes exactly that one away."""
    return f"'{value}" if _FORMULA.match(value) else value


def unguard(value: str) -> str:
    return value[1:] if _GUARDED.match(value) else value


def tidy(cell: str) -> str:
    """A cell as a value: one line, no blanks around it, no guard."""
    return unguard(_BREAKS.sub(" ", cell).strip()).strip()


def _separator(text: str) -> tuple[str, str]:
    """The sign between cells, and the text without the `sep=;` line in which Excel names it.

    Otherwise the sign with which the first row has most columns that we know, then most columns.
    """
    if named := re.match(r"sep=([,;\t])\r?\n", text, re.IGNORECASE):
        return text[named.end() :], named[1]
    start = text.lstrip("\r\n")[:20_000]

    def fit(sign: str) -> tuple[int, int]:
        try:
            row = next(csv.reader(io.StringIO(start, newline=""), delimiter=sign), [])
        except csv.Error:
            return (0, 0)
        return (sum(_column(cell) is not None for cell in row), len(row))

    return text, max([",", ";", "\t"], key=fit)


def _rows(text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader, None)
        except csv.Error:
            raise Unreadable(
                _(
                    "Row %(row)s can't be read: it has a quotation mark (\") that is not closed, or one inside "
                    "a value. Close it, or write a quotation mark inside a value twice."
                )
                % {"row": number}
            ) from None
        if row is None:
            return
        yield number, [tidy(cell) for cell in row]


def _column(cell: str) -> str | None:
    return _COLUMN_OF.get(re.sub(r"[\W_]+", "", tidy(cell)).casefold())


def _places(header: list[str]) -> dict[str, int]:
    """Where each known column stands. Raises Unreadable without a name's column, or with two for one thing."""
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = _column(cell)
        if column is None:
            continue
        if column in places:
            raise Unreadable(
                _("“%(one)s” and “%(other)s” are columns for the same thing. Remove or rename one of them.")
                % {"one": header[places[column]][:60], "other": cell[:60]}
            )
        places[column] = place
    if not places.keys() & {"name", "first_name", "last_name"}:
        raise Unreadable(
            _(
                "The first row has no column “Name”. The first row names the columns: %(columns)s. "
                "Only “Name” must be there."
            )
            % {"columns": ", ".join(HEADER)}
        )
    return places


def _with_name(values: dict[str, str]) -> dict[str, str]:
    parts = [values.pop("first_name", ""), values.pop("last_name", "")]
    if not values.get("name") and any(parts):
        values["name"] = " ".join(part for part in parts if part)
    return values
