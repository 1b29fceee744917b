"""The upload of an import until it is confirmed: stored as it came, read as chosen, columns matched, rows corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from organizations import limits
from organizations.models import Organization, User
from scheduling.candidates.import_columns import (
    Column,
    check,
    column_keys,
    columns,
    kind_of_file,
    normalized,
    title,
    values_of,
)
from scheduling.candidates.import_csv import HEADER, HEADER_WITHIN, SEPARATORS, ImportRow, Table, guess_separator, read
from scheduling.candidates.import_encodings import ENCODINGS, Unreadable, decode, guess_encoding
from scheduling.models import CandidateImport, ColumnMatch

# The longest correction of one cell, in characters.
LONGEST_CELL = 1000


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file as a table. `header` None: find the row that names the columns; 0: there is none."""

    encoding: str
    separator: str
    header: int | None


@dataclass(frozen=True)
class FilePreview:
    """A file as these options read it: its columns, or the `problem` that keeps it from being read so."""

    options: ReadOptions
    columns: tuple[Column, ...] = ()
    table: Table | None = None
    problem: str = ""

    @property
    def empty(self) -> int:
        """Number of columns that have a name and no value."""
        return len(self.table.names) - len(self.columns) if self.table else 0

    @property
    def headers(self) -> list[tuple[int, str]]:
        """Options for the row that names the columns: (number, label)."""
        rows = self.table.rows[:HEADER_WITHIN] if self.table else []
        found = [
            (number, _("Row %(number)s: %(cells)s") % {"number": number, "cells": ", ".join(filter(None, cells))[:80]})
            for number, cells in rows
        ]
        return [*found, (0, _("None: the columns have no names"))]


@transaction.atomic
def store_upload(*, organization: Organization, actor: User, data: bytes = b"", pasted: str = "") -> CandidateImport:
    """Store a file or pasted rows until they are confirmed, discarded or a day old.

    Columns are matched at once when they are those of an export from here, or were matched before. Of a person's
    uploads that wait, the oldest gives way. Raises Unreadable and limits.Reached.
    """
    limits.check(limits.IMPORTS, actor.pk)
    encoding, is_certain = guess_encoding(data) if data else ("", True)
    text = decode(data, encoding) if data else pasted
    separator = guess_separator(text)
    table = read(text, separator)
    stored = CandidateImport(
        organization=organization,
        uploaded_by=actor,
        source=data,
        pasted=pasted,
        encoding=encoding,
        separator=separator,
        header=table.header,
        rows=[],
        guessed_encoding="" if is_certain else str(ENCODINGS[encoding]),
    )
    known = remembered(organization, table.names)
    if known is not None and (is_certain or text.isascii()):
        _fill(stored, table, [known.get(key, "") for key in column_keys(table.names)])
    limits.count(limits.IMPORTS, actor.pk)
    stored.save()
    _make_room(organization, actor)
    return stored


def _make_room(organization: Organization, actor: User) -> None:
    waiting = CandidateImport.objects.filter(organization=organization, uploaded_by=actor).order_by("-pk")
    old = list(waiting.values_list("pk", flat=True)[limits.PENDING_IMPORTS :])
    CandidateImport.objects.filter(pk__in=old).delete()


def remembered(organization: Organization, names: Sequence[str]) -> dict[str, str] | None:
    """Fields by `column_keys` for a known kind of file: an export from here, or one matched before."""
    row = ColumnMatch.objects.filter(organization=organization, kind=kind_of_file(names)).first()
    if row is not None:
        return dict(row.fields)
    own = dict(zip(map(normalized, HEADER), ("name", "email", "phone", "time_zone", "job", "stage"), strict=True))
    words = [normalized(name) for name in names]
    if "name" in words and len(set(words)) == len(words) and set(words) <= own.keys():
        return {key: own[word] for key, word in zip(column_keys(names), words, strict=True)}
    return None


def preview(stored: CandidateImport, options: ReadOptions | None = None) -> FilePreview:
    """Read the file as it was read last, or with other options. Writes nothing."""
    options = options or ReadOptions(stored.encoding, stored.separator, stored.header)
    try:
        table = _read(stored, options)
    except Unreadable as error:
        return FilePreview(options, problem=str(error))
    same = options == ReadOptions(stored.encoding, stored.separator, stored.header)
    if same and stored.columns:
        known: Mapping[str, str] | None = dict(zip(column_keys(table.names), stored.columns, strict=False))
    else:
        known = remembered(stored.organization, table.names)
    found = columns(table.names, [cells for _number, cells in table.below], known)
    return FilePreview(ReadOptions(options.encoding, options.separator, table.header), tuple(found), table)


@transaction.atomic
def match(*, stored: CandidateImport, options: ReadOptions, chosen: Mapping[int, str]) -> None:
    """Turn the file into rows and remember the match for files of the same kind.

    `chosen` has the fields by column index. Earlier corrections stay with their rows. Raises Unreadable, and Unmatched
    when the choice makes no candidates.
    """
    table = _read(stored, options)
    fields = [chosen.get(place, "") for place in range(len(table.names))]
    check(fields, table.names)
    if options.encoding != stored.encoding:
        stored.guessed_encoding = ""
    stored.encoding, stored.separator = options.encoding, options.separator
    _fill(stored, table, fields)
    stored.save()
    if kind := kind_of_file(table.names if table.header else []):
        known = {key: field for key, field in zip(column_keys(table.names), fields, strict=True) if field}
        ColumnMatch.objects.update_or_create(organization=stored.organization, kind=kind, defaults={"fields": known})


@transaction.atomic
def correct(*, stored: CandidateImport, cells: Mapping[int, Mapping[str, str]], leave_out: Iterable[int] = ()) -> None:
    """Save corrections, by row number and field, and leave rows out.

    Raises CandidateImport.DoesNotExist when the import is done or discarded.
    """
    stored = _locked(stored)
    there = {number: (values, surplus) for number, values, surplus in stored.rows}
    for number, typed in cells.items():
        if number in there:
            values, surplus = there[number]
            before = values | {"": surplus} | stored.edits.get(str(number), {})
            changed = {field: value[:LONGEST_CELL] for field, value in typed.items() if value != before.get(field, "")}
            if changed:
                stored.edits[str(number)] = stored.edits.get(str(number), {}) | changed
    stored.left_out = sorted({*stored.left_out, *(number for number in leave_out if number in there)})
    stored.save(update_fields=["edits", "left_out"])


@transaction.atomic
def restore_rows(*, stored: CandidateImport) -> None:
    """Take back all rows that were left out. Raises CandidateImport.DoesNotExist."""
    stored = _locked(stored)
    stored.left_out = []
    stored.save(update_fields=["left_out"])


def rows_to_import(stored: CandidateImport) -> list[ImportRow]:
    """The rows with their corrections, without those that are left out."""
    out = set(stored.left_out)
    found = []
    for number, values, surplus in stored.rows:
        if number in out:
            continue
        typed = stored.edits.get(str(number), {})
        values_now = {field: value for field, value in {**values, **typed}.items() if field and value}
        found.append(ImportRow(number, values_now, typed.get("", surplus)))
    return found


def _locked(stored: CandidateImport) -> CandidateImport:
    return CandidateImport.objects.select_for_update(of=("self",)).defer("source").get(pk=stored.pk)


def _read(stored: CandidateImport, options: ReadOptions) -> Table:
    if options.separator not in SEPARATORS or (stored.source and options.encoding not in ENCODINGS):
        raise Unreadable(_("Choose an encoding and a separator."))
    text = decode(bytes(stored.source), options.encoding) if stored.source else stored.pasted
    return read(text, options.separator, options.header)


def _fill(stored: CandidateImport, table: Table, fields: list[str]) -> None:
    names = table.names
    stored.header, stored.columns = table.header, fields
    stored.rows = [
        ImportRow(number, values_of(fields, cells), " ".join(cell for cell in cells[len(names) :] if cell)).as_json()
        for number, cells in table.below
    ]
    filled = {place for _number, cells in table.below for place, cell in enumerate(cells) if cell}
    left = [title(names, place) for place, field in enumerate(fields) if not field and place in filled]
    stored.ignored = left[:20]
