"""B18: no file keeps a web process busy, nothing of a bomb is kept, and no person fills the database with uploads."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from organizations.limits import IMPORTS, PENDING_IMPORTS
from scheduling.candidates.import_csv import LONGEST_VALUE, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, guess_separator, read
from scheduling.candidates.import_encodings import Unreadable, decode, guess_encoding
from scheduling.models import CandidateImport
from tests.conftest import Team

#: The processor's time for a file, whatever is in it, in that for a plain one of its size, read by Python alone.
AT_MOST = 12


def full(piece: bytes) -> bytes:
    return (piece * (MOST_BYTES // len(piece) + 1))[:MOST_BYTES]


def with_end(bomb: bytes) -> bytes:
    """The same size, and something in the last line: nothing at the end can be left out."""
    return bomb[: MOST_BYTES - 4] + b"\nAda"


BOMBS = {
    "a header of 2.5 million columns": full(b"a,"),
    "a header of 2.5 million names": b"name," + full(b"b;")[5:],
    "empty lines": full(b"\n"),
    "empty lines of Windows": full(b"\r\n"),
    "commas": full(b","),
    "lines of commas": full(b"," * 149 + b"\n"),
    "lines of two commas": full(b",,\n"),
    "blank cells": full(b" ," * 100 + b"\n"),
    "quotation marks": full(b'"'),
    "an open quotation mark": b'"' + full(b"x")[1:],
    "an open quotation mark and lines": b'"' + full(b"\n")[1:],
    "quoted lines": full(b'"\n'),
    "cells of lines": full(b'"' + b"\n" * 30_000 + b'",'),
    "one line": full(b"x"),
    "semicolons and tabs": full(b";\t|,"),
    "apostrophes": full(b"'," * 100 + b"\n"),
    "formulas": full(b"'=;'=," * 20 + b"\n"),
    "sep": b"sep=;\n" + full(b";")[6:],
    "letters of an old encoding": full("Jürgen,".encode("cp1252")),
    "letters of two bytes": full("名,".encode("cp932")),
    "UTF-16": b"\xff\xfe" + full("a,".encode("utf-16-le"))[2:],
}
BOMBS |= {f"{name}, then a name": with_end(bomb) for name, bomb in BOMBS.items() if not bomb.startswith(b"\xff")}


#: As many cells as a file can have, each to be looked at: no bomb but a table.
TABLES = {"cells with a guarded formula": full(b"'=," * 149 + b"\n"), "short cells": full(b"a,b" * 75 + b"\n")}


PLAIN = full(b"Ada Osei,ada@acme.example\n")


def read_or_refuse(data: bytes) -> None:
    """Read the file as an upload is read, or refuse it with a sentence."""
    try:
        text = decode(data, guess_encoding(data)[0])
        read(text, guess_separator(text))
    except Unreadable as error:
        assert str(error).endswith(".")


def read_plainly() -> None:
    for _row in csv.reader(io.StringIO(PLAIN.decode())):
        pass


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def cost(data: bytes) -> float:
    """The processor's time for the file, in that for a plain one. In turn and the best of three: others run too."""
    turns = [(seconds(read_plainly), seconds(lambda: read_or_refuse(data))) for _again in range(3)]
    return min(file for _plain, file in turns) / min(plain for plain, _file in turns)


@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_takes_long(name: str) -> None:
    assert cost(BOMBS[name]) < AT_MOST


@pytest.mark.parametrize("name", TABLES)
def test_the_largest_tables_take_a_moment(name: str) -> None:
    assert cost(TABLES[name]) < 10 * AT_MOST


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text, ",")
    return str(caught.value)


def test_what_is_too_much_is_said() -> None:
    wide = "," * MOST_COLUMNS
    assert refusal(f"Name\nAda{wide}x") == (
        f"There are more than {MOST_COLUMNS} columns. Remove the ones you don't need."
    )
    assert refusal(f"Name\nAda\n{'x' * (LONGEST_VALUE + 1)}\n") == (
        "Row 3 has a value of more than 32,767 characters. Shorten it, or remove its column."
    )
    assert refusal("Name\nAda\n" + "x" * 200_001) == (
        "Row 3 has more than 200,000 characters. Close its quotation marks, or shorten it."
    )
    assert refusal("Name\n" + "\n" * 300_000 + "Ada") == (
        "There are more than 300,000 lines. Delete the empty ones, or split the file."
    )


def test_what_spreadsheets_add_is_no_bomb() -> None:
    """Empty columns and rows that only have a format are part of what Excel saves."""
    empty = "," * 16_383
    table = read(f"Name,Notes{empty[1:]}\n\nAda,{'x' * LONGEST_VALUE}{empty[1:]}\n" + ",,\n" * 100_000, ",")
    assert table.names[:2] == ["Name", "Notes"]
    assert [(number, cells[0]) for number, cells in table.below] == [(3, "Ada")]
    assert len(read("Name,Notes\n" + 'Ada,"a\nb\nc"\n\n' * MOST_ROWS, ",").below) == MOST_ROWS


def upload(client: Client, team: Team, data: bytes) -> int:
    file = SimpleUploadedFile("candidates.csv", data)
    return client.post(team.url("candidates/import/"), {"file": file}).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a header of 2.5 million columns", "empty lines", "commas", "quotation marks"])
def test_nothing_of_a_bomb_is_kept(name: str, as_recruiter: Client, team: Team) -> None:
    assert upload(as_recruiter, team, BOMBS[name]) == 422
    assert not CandidateImport.objects.exists()


@pytest.mark.django_db
def test_too_many_uploads_are_refused_and_what_was_pasted_stays(team: Team) -> None:
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        client = team.client(team.recruiter)
        pasted = {"pasted": "Name\nAda Osei\n"}
        for _upload in range(IMPORTS.most):
            assert client.post(team.url("candidates/import/"), pasted).status_code == 302
        refused = client.post(team.url("candidates/import/"), pasted)
        assert refused.status_code == 422
        assert "You uploaded 20 files within an hour. Upload the next at 13:00." in refused.content.decode()
        assert "Ada Osei" in refused.content.decode()
        clock.shift(timedelta(hours=1))
        assert client.post(team.url("candidates/import/"), pasted).status_code == 302


@pytest.mark.django_db
def test_an_old_upload_gives_way_to_a_new_one(as_recruiter: Client, as_admin: Client, team: Team) -> None:
    assert upload(as_admin, team, b"Name\nGrace\n") == 302
    for number in range(PENDING_IMPORTS + 2):
        assert upload(as_recruiter, team, f"Name\nAda {number}\n".encode()) == 302
    mine = CandidateImport.objects.filter(uploaded_by=team.recruiter.user).order_by("pk")
    assert [one.rows[0][1]["name"] for one in mine] == [f"Ada {number}" for number in range(2, PENDING_IMPORTS + 2)]
    assert CandidateImport.objects.filter(uploaded_by=team.admin.user).count() == 1
