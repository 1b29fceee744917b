"""Read CSV text into a table, and write candidates as CSV. Pure: knows no database and no request."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.csv_export import BREAKS, unescape_formula, written
from scheduling.candidates.import_columns import field_of, is_address
from scheduling.candidates.import_encodings import Unreadable

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
# Rows among which the column names are searched, and offered to choose from.
HEADER_WITHIN = 30
MOST_COLUMNS = 150
# What is read at all, so that no file keeps a web process busy: lines, also those within a value and empty ones,
# characters of a row, and characters of a value, of which a cell of Excel holds as many.
MOST_LINES = 300_000
LONGEST_ROW = 200_000
LONGEST_VALUE = 32_767
SEPARATORS = {
    ",": gettext_lazy("Comma"),
    ";": gettext_lazy("Semicolon"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar"),
}

# Never translated: a file exported by one person is imported by another.
HEADER = ["Name", "E-mail", "Phone", "Time zone", "Job", "Stage"]
# Only beside these does an apostrophe stand for `escape_formula`.
_GUARDED = frozenset("=+-@\uff1d\uff0b\uff0d\uff20,;|")
_NAMED_SEPARATOR = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)

# A row's number, which counts like a spreadsheet (empty rows count), and its cells.
NumberedCells = tuple[int, list[str]]


@dataclass(frozen=True)
class ImportRow:
    """One candidate's row: its number in the file, and values by field. `surplus`: values after the last column."""

    number: int
    values: dict[str, str]
    surplus: str = ""

    def as_json(self) -> list[Any]:
        return [self.number, self.values, self.surplus]


@dataclass(frozen=True)
class Table:
    """The rows of a file that are not empty. `header` is the number of the row with the column names; 0: none."""

    rows: list[NumberedCells]
    header: int

    @property
    def names(self) -> list[str]:
        """Column names, "" for each where there is no header: as many as the header or the longest row has cells."""
        if self.header:
            return next(cells for number, cells in self.rows if number == self.header)
        return [""] * max(len(cells) for _number, cells in self.rows)

    @property
    def below(self) -> list[NumberedCells]:
        return [row for row in self.rows if row[0] > self.header]


def read(text: str, separator: str, header: int | None = None) -> Table:
    """Parse the text. Values come back on one line, trimmed and unescaped. Raises Unreadable.

    `header` None: find the row with the column names.
    """
    rows = list(islice(_rows(_without_separator_line(text), separator), MOST_ROWS + HEADER_WITHIN + 1))
    if not rows:
        raise Unreadable(_("The file is empty. Put column names in the first row, then one candidate in each row."))
    numbers = {number for number, _cells in rows[:HEADER_WITHIN]}
    table = Table(rows, header if header == 0 or header in numbers else guess_header(rows))
    if len(table.below) > MOST_ROWS:
        raise Unreadable(
            _("There are more than %(most)s rows. Split the file and import each part.") % {"most": f"{MOST_ROWS:,}"}
        )
    if not table.below:
        raise Unreadable(_("There are no candidates below the column names. Add a row for each candidate."))
    return table


def guess_separator(text: str) -> str:
    """The likeliest separator: the one that Excel names in a `sep=` line, or the one that yields known column names."""
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


def guess_header(rows: list[NumberedCells]) -> int:
    """Number of the row with the column names, which may have notes above it. 0: there is none."""
    near = rows[:HEADER_WITHIN]
    known, number = max(((_known(cells), -number) for number, cells in near), default=(0, 0))
    if known:
        return -number
    width = Counter(len([cell for cell in cells if cell]) for _number, cells in near).most_common(1)[0][0]
    first, cells = next((number, cells) for number, cells in near if len([c for c in cells if c]) >= width)
    return 0 if any(is_address(cell) for cell in cells) else first


def _known(cells: list[str]) -> int:
    """Number of different fields that the cells name; 0 when a cell is an e-mail address, thus a value."""
    cells = cells[:MOST_COLUMNS]
    if any(is_address(cell) for cell in cells):
        return 0
    return len({field for cell in cells if (field := field_of(cell))})


def _start(text: str, sign: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            if any(cell.strip(" ,;|\t") for cell in cells):
                rows.append(cells)
            if len(rows) == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # `read` says in which row
    return [[clean_cell(cell) for cell in cells[:MOST_COLUMNS]] for cells in rows]


def write(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """CSV in pieces, with the header that an import here knows."""
    return written(HEADER, rows)


def clean_cell(cell: str) -> str:
    """A cell's value: on one line, trimmed, unescaped."""
    if not cell.isprintable():
        cell = BREAKS.sub(" ", cell)
    cell = cell.strip()
    if "'" in cell and not _GUARDED.isdisjoint(cell):
        cell = unescape_formula(cell).strip()
    return cell


def _without_separator_line(text: str) -> str:
    text = text.removeprefix("\ufeff")
    named = _NAMED_SEPARATOR.match(text)
    return text[named.end() :] if named else text


class _Lines:
    """The lines of a text for `csv.reader`. Raises Unreadable when one row goes on and on."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.row, self._left = 0, 0

    def next_row(self) -> int:
        """Begin a row. Return its number."""
        self.row, self._left = self.row + 1, LONGEST_ROW
        return self.row

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise Unreadable(
                _("Row %(row)s has more than %(most)s characters. Close its quotation marks, or shorten it.")
                % {"row": self.row, "most": f"{LONGEST_ROW:,}"}
            )
        if not line:
            raise StopIteration
        return line


def _rows(text: str, sign: str) -> Iterator[NumberedCells]:
    """The rows that are not empty. Raises Unreadable for what makes no table, before it takes long."""
    text = text.rstrip(" \t\r\n" + sign)  # spreadsheets write thousands of empty rows below the last one
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise Unreadable(
            _("There are more than %(most)s lines. Delete the empty ones, or split the file.")
            % {"most": f"{MOST_LINES:,}"}
        )
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=sign, strict=True)
    while True:
        number = lines.next_row()
        try:
            row = next(reader, None)
        except csv.Error:
            raise Unreadable(
                _(
                    "Row %(row)s can't be read: a quotation mark (\") is not closed, or stands inside a value. "
                    "Close it, or write it twice inside the value."
                )
                % {"row": number}
            ) from None
        if row is None:
            return
        if "".join(row).strip():
            cells = [clean_cell(cell) for cell in _within_bounds(number, row)]
            if any(cells):
                yield number, cells


def _within_bounds(number: int, row: list[str]) -> list[str]:
    """The row without empty columns that are too many. Raises Unreadable for other columns and for a long value."""
    if len(row) > MOST_COLUMNS:
        end = max(place for place, cell in enumerate(row) if cell.strip()) + 1
        row = row[: max(end, MOST_COLUMNS)]
    if len(row) > MOST_COLUMNS:
        raise Unreadable(
            _("There are more than %(most)s columns. Remove the ones you don't need.") % {"most": MOST_COLUMNS}
        )
    if max(map(len, row)) > LONGEST_VALUE:
        raise Unreadable(
            _("Row %(row)s has a value of more than %(most)s characters. Shorten it, or remove its column.")
            % {"row": number, "most": f"{LONGEST_VALUE:,}"}
        )
    return row
