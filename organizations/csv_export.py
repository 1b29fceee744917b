"""Write CSV that no spreadsheet runs. Pure: knows no database and no request.

A spreadsheet reads a file with the list separator of its country, not with ours: in Germany `x;=1+1` becomes two cells,
the second a formula, however well the value is quoted for a comma. So each value is guarded at its beginning and after
each sign that some spreadsheet takes for a separator.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

# Line ends and tabs, which end a cell wherever they are read without their quotation marks.
BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# What begins a formula, also in full-width characters, after what spreadsheets skip.
_RUNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_SKIPPED = r"[\s\"']*"
_SEPARATORS = r"[,;\t|]"
# The end of a value counts as well: there the cell goes on with the next line of the file.
_AT_RISK = rf"^(?={_SKIPPED}{_RUNS})|(?<={_SEPARATORS})(?={_SKIPPED}(?:{_RUNS}|\Z))"
_ESCAPED = rf"^'(?={_SKIPPED}{_RUNS})|(?<={_SEPARATORS})'(?={_SKIPPED}(?:{_RUNS}|\Z))"
_TO_ESCAPE, _TO_UNESCAPE = re.compile(_AT_RISK), re.compile(_ESCAPED)
_PIECE = 16_384


def written(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """CSV in pieces, the header first, with a byte order mark for Excel. Every value is quoted, none is a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow([escape_formula(name) for name in header])
    for row in rows:
        writer.writerow([escape_formula(value) for value in row])
        if buffer.tell() > _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def escape_formula(value: str) -> str:
    """Put the value on one line, with an apostrophe before each part that a spreadsheet could run.

    `unescape_formula` removes exactly those apostrophes.
    """
    return _TO_ESCAPE.sub("'", BREAKS.sub(" ", value))


def unescape_formula(value: str) -> str:
    return _TO_UNESCAPE.sub("", value)
