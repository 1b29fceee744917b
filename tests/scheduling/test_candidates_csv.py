"""Reading and writing candidates' CSV: encodings, separators, headers, quotes, formulas, and rows that are wrong."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from organizations import text as cleaned_text
from organizations.csv_export import escape_formula, unescape_formula
from organizations.zones import names as zone_names
from scheduling.candidates.import_columns import columns, values_of
from scheduling.candidates.import_csv import (
    HEADER,
    MOST_ROWS,
    ImportRow,
    Table,
    clean_cell,
    guess_separator,
    read,
    write,
)
from scheduling.candidates.import_encodings import Unreadable, decode, guess_encoding
from scheduling.candidates.import_validation import NOTHING, CheckedRow, JobLookup, Problem, check

JOBS = JobLookup(
    [(1, "Engineer", True), (2, "Designer", True), (3, "Chef", True), (4, "Chef", True), (5, "engineer", False)],
    [(11, 1, "Onsite"), (12, 1, "Phone screen"), (13, 2, "Onsite")],
)


def table(text: str) -> Table:
    return read(text, guess_separator(text))


def guessed(text: str) -> dict[str, str]:
    """The columns with values by their names in the file, and what each was guessed to be."""
    found = table(text)
    return {column.name: column.guess for column in columns(found.names, [cells for _number, cells in found.below])}


def lines(text: str) -> list[ImportRow]:
    """The rows with the columns as they are guessed."""
    found = table(text)
    chosen = [""] * len(found.names)
    for column in columns(found.names, [cells for _number, cells in found.below]):
        chosen[column.place] = column.guess
    return [
        ImportRow(number, values_of(chosen, cells), " ".join(cell for cell in cells[len(chosen) :] if cell))
        for number, cells in found.below
    ]


def values(text: str) -> list[dict[str, str]]:
    return [line.values for line in lines(text)]


def checked(text: str) -> tuple[list[CheckedRow], list[Problem]]:
    return check(lines(text), JOBS)


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        table(text)
    return str(caught.value)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(sign: str, end: str) -> None:
    text = f"phone{sign}NAME{end}0171{sign}Ada{end}{end}{sign}Grace"
    assert [(line.number, line.values) for line in lines(text)] == [
        (2, {"phone": "0171", "name": "Ada"}),
        (4, {"name": "Grace"}),
    ]


def test_the_separator_is_not_misled_by_values() -> None:
    assert values('Name;E-mail\n"Lovelace, Ada, Countess";a@example.com') == [
        {"name": "Lovelace, Ada, Countess", "email": "a@example.com"}
    ]
    assert values("sep=;\r\nName;Phone\r\nAda;1") == [{"name": "Ada", "phone": "1"}]


def test_quotes_commas_and_line_breaks() -> None:
    text = 'Name,Phone\n"Lovelace, ""Ada""\r\nCountess",1\nGrace,2\n'
    assert [(line.number, line.values["name"]) for line in lines(text)] == [
        (2, 'Lovelace, "Ada" Countess'),
        (3, "Grace"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file is empty"),
        ("\n,,\n", "file is empty"),
        ("Name,E-mail\n", "no candidates below"),
        ('Name\nAda\n"Grace\nAlan', "Row 3 can't be read"),
        ("Name\n" + "Ada\n" * (MOST_ROWS + 1), "more than 10,000 rows"),
    ],
)
def test_what_makes_no_table_says_what_to_do(text: str, words: str) -> None:
    assert words in refusal(text)


def test_as_many_rows_as_fit() -> None:
    assert len(table("Name\n" + "Ada\n" * MOST_ROWS).below) == MOST_ROWS


def test_rows_that_are_right() -> None:
    people, problems = checked(
        "Name,E-mail,Phone,Time zone,Job,Stage\n"
        "Ada,ada@example.com,+49 171,europe/berlin,ENGINEER,phone  screen\n"
        "Grace,,,,,\n"
    )
    assert problems == []
    assert people == [
        CheckedRow(2, "Ada", "ada@example.com", "+49 171", "Europe/Berlin", 1, "Engineer", 12, "Phone screen"),
        CheckedRow(3, "Grace", "", "", "", None, "", None, ""),
    ]


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (",ada@example.com,,,,", "Name", "", "missing"),
        ("Ada,ada@example,,,,", "E-mail", "ada@example", "Mail can't go to"),
        ("Ada,,,Atlantis,,", "Time zone", "Atlantis", "not a time zone"),
        ("Ada,,,,Nobody,", "Job", "Nobody", "No job has this name"),
        ("Ada,,,,Chef,", "Job", "Chef", "Several jobs"),
        ("Ada,,,,Engineer,Final", "Stage", "Final", "Its stages: Onsite, Phone screen."),
        ("Ada,,,,,Onsite", "Job", "", "needs a job"),
        ("A" * 151 + ",,,,,", "Name", "A" * 80, "151 characters"),
        (f"Ada,,{'1' * 41},,,", "Phone", "1" * 41, "at most 40"),
        ("Ada\x92s,,,,,", "Name", "Ada\x92s", "can't be read"),
        ("J\ufffdrgen,,,,,", "Name", "J\ufffdrgen", "can't be read"),
        ("Ada,,,,,,Countess", "–", "Countess", "have no column"),
    ],
)
def test_a_wrong_value_is_named(row: str, column: str, value: str, words: str) -> None:
    people, problems = checked(f"{','.join(HEADER)}\nGrace,,,,,\n{row}\n")
    assert [person.name for person in people] == ["Grace"]
    assert [(each.row, each.column, each.value) for each in problems] == [(3, column, value)]
    assert words in problems[0].reason


def test_all_that_is_wrong_with_a_row_is_named_at_once() -> None:
    _people, problems = checked(f"{','.join(HEADER)}\n,nonsense,,Mars,Nobody,\n")
    assert sorted(problem.column for problem in problems) == ["E-mail", "Job", "Name", "Time zone"]


@pytest.mark.parametrize("value", ["=1+1", "+49 171 1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "'=1", "＝1"])
def test_nothing_written_is_a_formula(value: str) -> None:
    text = "".join(write([[value, "", "", "", "", ""]]))
    cell = list(csv.reader(io.StringIO(text, newline="")))[1][0]
    assert cell == "'" + value.replace("\t", " ").replace("\r", " ")
    assert clean_cell(cell) == value.strip()


def test_apostrophes_that_are_part_of_a_name_stay() -> None:
    for name in ("'t Hooft", "O'Brien", "''", "'"):
        assert unescape_formula(escape_formula(name)) == name


def test_what_is_written_opens_in_excel() -> None:
    text = "".join(write([["Ada", "", "", "", "", ""]]))
    assert text == ('\ufeff"Name","E-mail","Phone","Time zone","Job","Stage"\r\n"Ada","","","","",""\r\n')


# A value as a candidate can have it: on one line, without blanks around it. Signs that begin formulas come often. What
# stands for a sign that was lost, or a number that a spreadsheet shortened, is refused by an import.
_signs = st.one_of(
    st.sampled_from("=+-@'\" ,;|＋"),
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffd"),
)
_value = st.text(_signs, max_size=40).map(cleaned_text.line)
# `4.91511E+11` and `491511.0`: a telephone number that a spreadsheet took for a quantity.
QUANTITY = re.compile(r"[+-]?\d+([.,]\d+|([.,]\d+)?\s*e\s*[+-]?\d+)", re.IGNORECASE)
_name = _value.filter(lambda value: value.strip("#"))
_phone = (
    _value.map(cleaned_text.phone)
    .filter(lambda value: not value or (value.strip("#-") and value.casefold() not in NOTHING))
    .filter(lambda value: not QUANTITY.fullmatch(value) and len(value) <= 40)  # cleaning may make it longer
)
_zone = st.sampled_from(zone_names())
_email = st.builds(
    "{}{}@example.com".format, st.sampled_from(["", "=", "+", "-", "'="]), st.from_regex(r"[a-z]{1,9}", fullmatch=True)
)
_person = st.tuples(
    _name, st.one_of(st.just(""), _email), _phone, _zone, st.sampled_from(["", "Engineer"]), st.just("")
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(_person, min_size=1, max_size=6))
@example([("+Ada", "+a@example.com", "+49 170 1", "Europe/Berlin", "Engineer", "")])
@example([("'=1", "", "'", "UTC", "", ""), ('a"b', "", "''@", "UTC", "", "")])
def test_an_export_imports_as_the_same_candidates(people: list[tuple[str, ...]]) -> None:
    found, problems = checked(decode("".join(write(people)).encode(), "utf-8"))
    assert problems == []
    assert [(p.name, p.email, p.phone, p.time_zone, p.job, p.stage) for p in found] == people


def _read_anything(data: bytes) -> list[ImportRow] | str:
    try:
        found = lines(decode(data, guess_encoding(data)[0]))
    except Unreadable as error:
        return str(error)
    check(found, JOBS)
    return found


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"Name,mail\n{text}".encode())))
@example(b"\xff\xfe\x00\xd8")
@example(b"Name\n\xed\xa0\x80")
@example(b"Name\n" + b"x" * 200_000)
def test_any_bytes_get_rows_or_a_sentence(data: bytes) -> None:
    assert _read_anything(data)
