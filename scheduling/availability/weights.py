"""The weight of an entry in a calendar: whether it blocks its owner, may be booked over, or does not count.

Decided by the first of these that has something to say:

1. the answer "declined", and entries that are no appointments (working location, birthday): they do not count;
2. the person's own words in the title, then the organization's;
3. signs of the calendar: out of office blocks, "free" does not count, focus time and tentative entries may be booked
   over. Anything else blocks, whole days too: calendars mark those as free unless their owner says otherwise.

Words come before "free" because whole days of vacation are often left as free by mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from integrations.calendars import Answer, TimeKind
from organizations.search import fold
from scheduling.models.calendars import Weight

#: What an organization begins with: one word or phrase a line.
DEFAULT_HARD = (
    "out of office\nOOO\nvacation\nholiday\nannual leave\nparental leave\nPTO\nday off\nsick\n"
    "Urlaub\nabwesend\nkrank\nElternzeit\nFeiertag"
)
DEFAULT_SOFT = "focus\nfocus time\nhold\nblocker\nlunch\nFokuszeit\nMittagspause\nPlatzhalter"
DEFAULT_IGNORED = "lunch?"
#: A question mark is a word of its own: "lunch?" is another phrase than "lunch".
_WORD = re.compile(r"\w+|\?")
_NO_APPOINTMENTS = frozenset({TimeKind.WORKING_LOCATION, TimeKind.BIRTHDAY})
_ORDER = (Weight.HARD, Weight.SOFT, Weight.IGNORED)

Phrase = tuple[str, ...]


class Entry(Protocol):
    """The parts of an entry that its weight depends on. `title` is empty where it is private."""

    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def is_free(self) -> bool: ...
    @property
    def is_tentative(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Words:
    """Words and phrases, one a line, of each weight."""

    hard: str = ""
    soft: str = ""
    ignored: str = ""

    def weight_of(self, title: str) -> Weight | None:
        """The weight of the longest phrase in the title; of phrases as long, the one that counts most.

        Only whole words are found, whatever their case and accents.
        """
        words = _words(title)
        found: list[tuple[int, int]] = []
        for place, text in enumerate((self.hard, self.soft, self.ignored)):
            found += [(-len(phrase), place) for phrase in _phrases(text) if _contains(words, phrase)]
        return _ORDER[min(found)[1]] if found else None


DEFAULT_WORDS = Words(DEFAULT_HARD, DEFAULT_SOFT, DEFAULT_IGNORED)


def weigh(entry: Entry, organization: Words = DEFAULT_WORDS, own: Words | None = None) -> Weight:
    """Return how much an entry counts. `own` are the words of the calendar's owner: they win."""
    if entry.answer == Answer.DECLINED or entry.kind in _NO_APPOINTMENTS:
        return Weight.IGNORED
    for words in (own, organization):
        if words is not None and entry.title and (weight := words.weight_of(entry.title)) is not None:
            return weight
    if entry.kind == TimeKind.OUT_OF_OFFICE:
        return Weight.HARD
    if entry.is_free:
        return Weight.IGNORED
    if entry.kind == TimeKind.FOCUS or entry.is_tentative or entry.answer == Answer.TENTATIVE:
        return Weight.SOFT
    return Weight.HARD


@lru_cache(maxsize=8192)
def _words(text: str) -> Phrase:
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=1024)
def _phrases(text: str) -> tuple[Phrase, ...]:
    return tuple(phrase for line in text.splitlines() if (phrase := _words(line)))


def _contains(words: Phrase, phrase: Phrase) -> bool:
    length = len(phrase)
    return any(words[at : at + length] == phrase for at in range(len(words) - length + 1))
