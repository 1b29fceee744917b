"""B17: no value of an export becomes a formula, whatever separator a spreadsheet reads the file with."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from organizations.csv_export import escape_formula, unescape_formula, written
from scheduling.models import Candidate
from tests.conftest import Team

SEPARATORS = [",", ";", "\t", "|"]
#: The first sign of a formula in some spreadsheet; a TAB or CR before it is skipped.
RUNS = tuple("=+-@\t\r＝＋－＠")
ATTACKS = [
    "x;=cmd|' /C calc'!A0",
    "x\t=1+1",
    "x|@SUM(A1)",
    "x,-1+1",
    "=HYPERLINK(1)",
    ' ; "=1+1',
    "x;＝1",
    "x\r=1",
    "x\n=1",
    "x\u2028=1",
    "x\x85=1",
    'x"\n"=1',
    "x;",
    'x;"',
    "x;'=1",
    ";;=1",
    "\t;+1",
]


def cells(text: str, separator: str) -> list[str]:
    """Every cell as a spreadsheet with this list separator finds it, with its quotation marks and without."""
    text = text.removeprefix("\ufeff")
    quoted = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    plain = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=csv.QUOTE_NONE)
    return [cell for reader in (quoted, plain) for row in reader for cell in row]


def formulas(text: str) -> list[str]:
    found = [cell for separator in SEPARATORS for cell in cells(text, separator)]
    return [cell for cell in found if cell.lstrip(" ").startswith(RUNS)]


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_value_makes_a_formula_in_any_column(value: str, place: int) -> None:
    row = ["Ada", "ada@example.com", "Berlin"]
    row[place] = value
    assert formulas("".join(written(["A", "B", "C"], [row, row]))) == []


_signs = st.one_of(st.sampled_from("=+-@'\" ,;|\t\r\n＋＝x"), st.characters(exclude_categories=["Cs"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.text(_signs, max_size=12), min_size=3, max_size=3), min_size=1, max_size=4))
@example([["a", ";", "="], ["=", ';"', ""]])
def test_no_rows_make_a_formula(rows: list[list[str]]) -> None:
    assert formulas("".join(written(["A", "B", "C"], rows))) == []


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.sampled_from("=+-@'\" ,;|＋"), st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))))
def test_guarding_is_undone_exactly(value: str) -> None:
    assert unescape_formula(escape_formula(value)) == value


@pytest.mark.django_db
def test_the_export_of_a_name_with_a_formula(as_recruiter: Client, team: Team) -> None:
    """The attack as it was found: the name typed on the product's own form, the file opened in Germany."""
    form = {"name": "x;=cmd|' /C calc'!A0", "time_zone": "UTC"}
    assert as_recruiter.post(team.url("candidates/new/"), form).status_code == 302
    assert Candidate.objects.get().name == form["name"]
    exported = as_recruiter.post(team.url("candidates/export/")).getvalue().decode()
    assert "cmd" in exported
    assert formulas(exported) == []
