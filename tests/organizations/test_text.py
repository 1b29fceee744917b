"""Cleaning of typed and pasted text: invisible characters go, what belongs to letters stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations import text


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("\u200bAda", "Ada"),
        ("Ada\u200b", "Ada"),
        ("\ufeffAda\u2060 Ca\u00adse", "Ada Case"),
        ("\u00a0Ada\u202fCase\u3000", "Ada Case"),
        ("\u202eadA\u202c Case", "adA Case"),
        ("\u202a\u202b\u202dAda\u202c", "Ada"),
        ("\u2066Ada\u2067 Case\u2068\u2069", "Ada Case"),
        ("\u200eאדה\u200f", "אדה"),
        ("Zoe\u0308", "Zoë"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Ada\tCase\r\n", "Ada Case"),
        ("Ada\x00\x07 Case\x7f", "Ada Case"),
        ("Ada\u2028Case", "Ada Case"),
        ("A\u200cda", "Ada"),
        ("\u3164", ""),
        ("\u200b\u2060", ""),
        ("Ada\U000e0041", "Ada"),
        ("Ada\ufdd0\uffff", "Ada"),
        ("Ada\ufff9a\ufffb", "Adaa"),
        ("Ada\ufffc", "Ada"),
    ],
)
def test_what_nobody_sees_goes(typed: str, clean: str) -> None:
    assert text.line(typed) == clean


@pytest.mark.parametrize(
    "name",
    [
        "علی\u200cرضا",
        "می\u200cخواهم",
        "രാജന്\u200d",
        "क्\u200dष",
        "শ্রাবন্তী ভট্টাচার্য",
        "\U0001f469\u200d\u2695\ufe0f",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "O’Brien-Łukasz d'Été",
        "李小龍",
        "\u0600\u0661",
    ],
)
def test_what_belongs_to_letters_and_pictures_stays(name: str) -> None:
    assert text.line(name) == name


def test_two_joiners_in_a_row_are_one_and_none_stands_at_an_end() -> None:
    assert text.line("علی\u200c\u200cرضا") == "علی\u200cرضا"
    assert text.line("\u200cعلی\u200c") == "علی"


def test_isolates_stay_in_what_leaves_when_they_are_closed() -> None:
    assert text.for_header("Interview with \u2068אדה\u2069, 10:00") == "Interview with \u2068אדה\u2069, 10:00"
    assert text.for_header("Interview with \u2068אדה, 10:00") == "Interview with אדה, 10:00"
    assert text.for_header("\u202eInterview\u202c") == "Interview"


def test_several_lines_keep_their_breaks_and_blanks() -> None:
    assert text.lines("\ufeffHello \u202eAda,\r\n\r\n  10 Uhr\u200b\r") == "Hello Ada,\n\n  10 Uhr"


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("\u202a+44 20 7946 0000\u202c", "+44 20 7946 0000"),
        ("\u202d+49\u00a0170\u20111\u202c", "+49 170-1"),
        ("０９０−１２３４", "090-1234"),
        ("＋８１\u3000３", "+81 3"),
        ("tel:+44-20", "+44-20"),
        ("\u200e0171\u200c2\ufeff", "01712"),
        ("(030) 1234 ext. 5", "(030) 1234 ext. 5"),
    ],
)
def test_phones(typed: str, clean: str) -> None:
    assert text.phone(typed) == clean


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_and_leaves_no_direction_marks(typed: str) -> None:
    once = text.line(typed)
    assert text.line(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b\n\r\0")
    assert once == " ".join(once.split())
