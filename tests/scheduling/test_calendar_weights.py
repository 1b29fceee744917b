"""How much an entry of a calendar counts: by words in its title, and by the calendar's signs."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from integrations.calendars import Answer, TimeKind
from scheduling.availability.weights import DEFAULT_WORDS, Words, weigh
from scheduling.models.calendars import Weight

HARD, SOFT, IGNORED = Weight.HARD, Weight.SOFT, Weight.IGNORED


@dataclass(frozen=True)
class Entry:
    title: str = ""
    kind: str = TimeKind.DEFAULT
    answer: str = Answer.NONE
    is_free: bool = False
    is_tentative: bool = False
    is_all_day: bool = False


@pytest.mark.parametrize(
    ("entry", "weight"),
    [
        (Entry("Dentist"), HARD),
        (Entry(""), HARD),
        (Entry("Dentist", is_free=True), IGNORED),
        (Entry("Dentist", answer=Answer.DECLINED), IGNORED),
        (Entry("Dentist", answer=Answer.TENTATIVE), SOFT),
        (Entry("Dentist", answer=Answer.ACCEPTED), HARD),
        (Entry("Dentist", is_tentative=True), SOFT),
        (Entry("Away", kind=TimeKind.OUT_OF_OFFICE), HARD),
        (Entry("Away", kind=TimeKind.OUT_OF_OFFICE, is_free=True), HARD),
        (Entry("", kind=TimeKind.FOCUS), SOFT),
        (Entry("Home", kind=TimeKind.WORKING_LOCATION), IGNORED),
        (Entry("Ivy's birthday", kind=TimeKind.BIRTHDAY), IGNORED),
        (Entry("Offsite", is_all_day=True), HARD),
        (Entry("Payday", is_all_day=True, is_free=True), IGNORED),
        # The default words.
        (Entry("Focus: design"), SOFT),
        (Entry("HOLD for Ada"), SOFT),
        (Entry("Lunch with Ada"), SOFT),
        (Entry("Lunch?"), IGNORED),
        (Entry("Vacation", is_all_day=True, is_free=True), HARD),
        (Entry("out-of-office"), HARD),
        (Entry("Out of Office (sick)"), HARD),
        (Entry("Urlaub", is_free=True), HARD),
        (Entry("Vacation of Bo", answer=Answer.DECLINED), IGNORED),
        (Entry("Household chores"), HARD),  # "hold" is only found as a word
        (Entry("Hold: vacation planning"), HARD),  # of two words, the one that counts more
    ],
)
def test_signs_and_default_words(entry: Entry, weight: Weight) -> None:
    assert weigh(entry) == weight


@pytest.mark.parametrize(
    ("title", "own", "weight"),
    [
        ("Focus", Words(hard="focus"), HARD),
        ("Focus", Words(ignored="focus"), IGNORED),
        ("Focus", Words(hard="deep work"), SOFT),
        ("Vacation", Words(ignored="vacation"), IGNORED),
        ("École: réunion", Words(soft="ecole reunion"), SOFT),
        ("STRASSE", Words(soft="Straße"), SOFT),
        ("team sync weekly", Words(hard="sync", ignored="team sync"), IGNORED),  # the longer phrase
        ("team sync weekly", Words(hard="sync weekly", ignored="team sync"), HARD),  # as long: counts more
        ("team  sync", Words(soft="\n\n team sync \n"), SOFT),
        ("Dentist", Words(soft="\n \n"), HARD),
        ("Dentist", Words(soft="?"), HARD),
    ],
)
def test_own_words_win(title: str, own: Words, weight: Weight) -> None:
    assert weigh(Entry(title), DEFAULT_WORDS, own) == weight


def test_words_find_a_phrase_in_any_case_accent_and_place() -> None:
    chance = random.Random(12)
    letters = "abcdeéèüß"
    for _ in range(300):
        phrase = [
            "".join(chance.choice(letters) for _ in range(chance.randint(1, 6))) for _ in range(chance.randint(1, 3))
        ]
        around = ["xx", "yy"]
        title = " ".join([around[0], *(word.upper() if chance.random() < 0.5 else word for word in phrase), around[1]])
        words = Words(soft=" ".join(phrase))
        assert weigh(Entry(title), words) == SOFT
        glued = title.replace(" ", "")
        assert weigh(Entry(glued), words) == HARD
