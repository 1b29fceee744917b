"""Candidates as CSV: text to a table, and rows to CSV. Pure: it knows no database and no request."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.candidates.import_columns import field_of, is_address
from scheduling.candidates.import_encodings import Unreadable

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
# Rows among which the names of the columns are looked for, and offered by hand.
HEADER_WITHIN = 30
MOST_COLUMNS = 150
SEPARATORS = {
    ",": gettext_lazy("Comma"),
    ";": gettext_lazy("Semicolon"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar"),
}

# Written untranslated, so that a file of one reader can be imported by another.
HEADER = ["Name", "E-mail", "Phone", "Time zone", "Job", "Stage"]
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# What a spreadsheet would run as a formula, in the widths in which it reads the signs.
_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_GUARDED = re.compile(r"'[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NAMED_SEPARATOR = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)

# A row's number, which counts like a spreadsheet (empty rows count), and its cells.
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Line:
    """One candidate's row: the values by our fields. `surplus` is what stands behind the last column."""

    number: int
    values: dict[str, str]
    surplus: str = ""

    def as_json(self) -> list[Any]:
        return [self.number, self.values, self.surplus]


@dataclass(frozen=True)
class Table:
    """A file's rows that are not empty. `header` is the number of the row that names the columns; 0: none does."""

    rows: list[Row]
    header: int

    @property
    def names(self) -> list[str]:
        """What the columns are called: as many as the header has, or as the longest row where there is none."""
        if self.header:
            return next(cells for number, cells in self.rows if number == self.header)
        return [""] * max(len(cells) for _number, cells in self.rows)

    @property
    def below(self) -> list[Row]:
        return [row for row in self.rows if row[0] > self.header]


def read(text: str, separator: str, header: int | None = None) -> Table:
    """The rows, with values trimmed, on one line and without an export's guard. Raises Unreadable.

    `header` None: the row that names the columns is found.
    """
    rows = []
    for number, cells in _rows(_without_separator_line(text), separator):
        if any(cells):
            rows.append((number, cells))
        if len(rows) > MOST_ROWS + HEADER_WITHIN:
            break
    if not rows:
        raise Unreadable(_("There is nothing in it. The first row names the columns, each next one is a candidate."))
    numbers = {number for number, _cells in rows[:HEADER_WITHIN]}
    table = Table(rows, header if header == 0 or header in numbers else guess_header(rows))
    if len(table.below) > MOST_ROWS:
        raise Unreadable(
            _("There are more than %(most)s rows. Split the file and import the parts one after another.")
            % {"most": f"{MOST_ROWS:,}"}
        )
    if not table.below:
        raise Unreadable(_("There is a header and no candidate below it. Add a row for each candidate."))
    if len(table.names) > MOST_COLUMNS:
        raise Unreadable(
            _("There are more than %(most)s columns. Remove those that are not needed.") % {"most": MOST_COLUMNS}
        )
    return table


def guess_separator(text: str) -> str:
    """The sign between cells: the one that Excel names, or the one by which the columns get names that we know."""
    text = text.removeprefix("\ufeff")
    if named := _NAMED_SEPARATOR.match(text):
        return named[1]
    start = text.lstrip("\r\n")[:20_000]

    def fit(sign: str) -> tuple[int, int, int]:
        rows = _start(start, sign)
        known = max((_known(cells) for cells in rows), default=0)
        # Most rows of a table have the same number of cells; a sentence with a comma stands alone.
        width, times = Counter(len(cells) for cells in rows).most_common(1)[0] if rows else (0, 0)
        return known, times * (width > 1), width

    return max(SEPARATORS, key=fit)


def guess_header(rows: list[Row]) -> int:
    """The number of the row that names the columns: notes may stand above it. 0: the file has no such row."""
    near = rows[:HEADER_WITHIN]
    known, number = max(((_known(cells), -number) for number, cells in near), default=(0, 0))
    if known:
        return -number
    width = Counter(len([cell for cell in cells if cell]) for _number, cells in near).most_common(1)[0][0]
    first, cells = next((number, cells) for number, cells in near if len([c for c in cells if c]) >= width)
    return 0 if any(is_address(cell) for cell in cells) else first


def _known(cells: list[str]) -> int:
    """How many different fields of ours the cells name; none when a cell is a value."""
    if any(is_address(cell) for cell in cells):
        return 0
    return len({field for cell in cells if (field := field_of(cell))})


def _start(text: str, sign: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            if any(cell.strip(" ,;|\t") for cell in cells):
                rows.append([tidy(cell) for cell in cells])
            if len(rows) == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # reading it whole says where
    return rows


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


def _without_separator_line(text: str) -> str:
    text = text.removeprefix("\ufeff")
    named = _NAMED_SEPARATOR.match(text)
    return text[named.end() :] if named else text


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
