"""A file of candidates on its way to rows: kept as it came, read as chosen, columns matched, rows mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.models import Organization, User
from scheduling.candidates.import_columns import Column, check, columns, kind_of_file, marks, plain, title, values_of
from scheduling.candidates.import_csv import HEADER, HEADER_WITHIN, SEPARATORS, Line, Table, guess_separator, read
from scheduling.candidates.import_encodings import ENCODINGS, Unreadable, decode, guess
from scheduling.models import CandidateImport, ColumnMatch

# What a cell can hold that somebody types on the page.
LONGEST_CELL = 1000


@dataclass(frozen=True)
class Reading:
    """How a file becomes a table. `header` None: the row that names the columns is found; 0: there is none."""

    encoding: str
    separator: str
    header: int | None


@dataclass(frozen=True)
class Look:
    """A file read one way: its columns, or the `problem` that it can't be read so."""

    reading: Reading
    columns: tuple[Column, ...] = ()
    table: Table | None = None
    problem: str = ""

    @property
    def empty(self) -> int:
        """How many columns have a name and no value."""
        return len(self.table.names) - len(self.columns) if self.table else 0

    @property
    def headers(self) -> list[tuple[int, str]]:
        """The rows of which one may name the columns, in words."""
        rows = self.table.rows[:HEADER_WITHIN] if self.table else []
        found = [
            (number, _("Row %(number)s: %(words)s") % {"number": number, "words": ", ".join(filter(None, cells))[:80]})
            for number, cells in rows
        ]
        return [*found, (0, _("No row: the columns have no names"))]


def keep(*, organization: Organization, actor: User, data: bytes = b"", pasted: str = "") -> CandidateImport:
    """Stores a file until it is confirmed, discarded or a day old. Raises Unreadable for what is no table.

    Its columns are matched at once when they are those of our own file, or were matched before.
    """
    encoding, sure = guess(data) if data else ("", True)
    text = decode(data, encoding) if data else pasted
    table = read(text, guess_separator(text))
    kept = CandidateImport(
        organization=organization,
        uploaded_by=actor,
        source=data,
        pasted=pasted,
        encoding=encoding,
        separator=guess_separator(text),
        header=table.header,
        rows=[],
        guessed_encoding="" if sure else str(ENCODINGS[encoding]),
    )
    known = remembered(organization, table.names)
    if known is not None and (sure or text.isascii()):
        _take_over(kept, table, [known.get(mark, "") for mark in marks(table.names)])
    kept.save()
    return kept


def remembered(organization: Organization, names: Sequence[str]) -> dict[str, str] | None:
    """The fields by `marks` of a kind of file that is known: our own, or matched before."""
    row = ColumnMatch.objects.filter(organization=organization, kind=kind_of_file(names)).first()
    if row is not None:
        return dict(row.fields)
    own = dict(zip(map(plain, HEADER), ("name", "email", "phone", "time_zone", "job", "stage"), strict=True))
    words = [plain(name) for name in names]
    if "name" in words and len(set(words)) == len(words) and set(words) <= own.keys():
        return {mark: own[word] for mark, word in zip(marks(names), words, strict=True)}
    return None


def look(kept: CandidateImport, reading: Reading | None = None) -> Look:
    """The file as it was read last, or another way. Writes nothing."""
    reading = reading or Reading(kept.encoding, kept.separator, kept.header)
    try:
        table = _read(kept, reading)
    except Unreadable as error:
        return Look(reading, problem=str(error))
    same = reading == Reading(kept.encoding, kept.separator, kept.header)
    if same and kept.columns:
        known: Mapping[str, str] | None = dict(zip(marks(table.names), kept.columns, strict=False))
    else:
        known = remembered(kept.organization, table.names)
    found = columns(table.names, [cells for _number, cells in table.below], known)
    return Look(Reading(reading.encoding, reading.separator, table.header), tuple(found), table)


@transaction.atomic
def match(*, kept: CandidateImport, reading: Reading, chosen: Mapping[int, str]) -> None:
    """Makes rows of the file; `chosen` has the fields by the columns' places. Remembered for files of the same kind.

    What was corrected before stays with its row. Raises Unreadable, and Unmatched when the choice makes no candidates.
    """
    table = _read(kept, reading)
    fields = [chosen.get(place, "") for place in range(len(table.names))]
    check(fields, table.names)
    if reading.encoding != kept.encoding:
        kept.guessed_encoding = ""
    kept.encoding, kept.separator = reading.encoding, reading.separator
    _take_over(kept, table, fields)
    kept.save()
    if kind := kind_of_file(table.names if table.header else []):
        known = {mark: field for mark, field in zip(marks(table.names), fields, strict=True) if field}
        ColumnMatch.objects.update_or_create(organization=kept.organization, kind=kind, defaults={"fields": known})


@transaction.atomic
def mend(*, kept: CandidateImport, cells: Mapping[int, Mapping[str, str]], leave_out: Iterable[int] = ()) -> None:
    """Keeps what was typed into cells, by the row's number and the field, and leaves rows out.

    Raises CandidateImport.DoesNotExist when it is imported or discarded already.
    """
    kept = _locked(kept)
    there = {number: (values, surplus) for number, values, surplus in kept.rows}
    for number, typed in cells.items():
        if number in there:
            values, surplus = there[number]
            before = values | {"": surplus} | kept.edits.get(str(number), {})
            changed = {field: value[:LONGEST_CELL] for field, value in typed.items() if value != before.get(field, "")}
            if changed:
                kept.edits[str(number)] = kept.edits.get(str(number), {}) | changed
    kept.left_out = sorted({*kept.left_out, *(number for number in leave_out if number in there)})
    kept.save(update_fields=["edits", "left_out"])


@transaction.atomic
def put_back(*, kept: CandidateImport) -> None:
    """Takes in again what was left out. Raises CandidateImport.DoesNotExist."""
    kept = _locked(kept)
    kept.left_out = []
    kept.save(update_fields=["left_out"])


def lines(kept: CandidateImport) -> list[Line]:
    """The rows as they are to be imported: corrected, and without those that are left out."""
    out = set(kept.left_out)
    found = []
    for number, values, surplus in kept.rows:
        if number in out:
            continue
        typed = kept.edits.get(str(number), {})
        mended = {field: value for field, value in {**values, **typed}.items() if field and value}
        found.append(Line(number, mended, typed.get("", surplus)))
    return found


def _locked(kept: CandidateImport) -> CandidateImport:
    return CandidateImport.objects.select_for_update(of=("self",)).defer("source").get(pk=kept.pk)


def _read(kept: CandidateImport, reading: Reading) -> Table:
    if reading.separator not in SEPARATORS or (kept.source and reading.encoding not in ENCODINGS):
        raise Unreadable(_("Choose how the file is to be read."))
    text = decode(bytes(kept.source), reading.encoding) if kept.source else kept.pasted
    return read(text, reading.separator, reading.header)


def _take_over(kept: CandidateImport, table: Table, fields: list[str]) -> None:
    names = table.names
    kept.header, kept.columns = table.header, fields
    kept.rows = [
        Line(number, values_of(fields, cells), " ".join(cell for cell in cells[len(names) :] if cell)).as_json()
        for number, cells in table.below
    ]
    filled = {place for _number, cells in table.below for place, cell in enumerate(cells) if cell}
    left = [title(names, place) for place, field in enumerate(fields) if not field and place in filled]
    kept.ignored = left[:20]
