"""Names in built sentences keep their own direction, and leave the sentence's alone."""

from __future__ import annotations

import pytest
from django.utils import translation

from organizations.bidi import isolated


@pytest.mark.parametrize("name", ["محمد", "דוד לוי", "Sam محمد"])
def test_a_name_that_reads_from_the_right_is_set_apart(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", ["", "Ada Osei", "Marek Novák", "渡辺 由紀", "12", "👩‍💻 Ada"])
def test_what_reads_like_the_sentence_stays_as_it_was(name: str) -> None:
    assert isolated(name) == name


def test_marks_in_the_name_do_not_reach_out_of_it() -> None:
    assert isolated("محمد\u2069\u202e!") == "\u2068محمد!\u2069"


def test_in_a_language_from_the_right_every_name_is_set_apart() -> None:
    with translation.override("he"):
        assert isolated("Ada") == "\u2068Ada\u2069"
