"""The direction of texts, and names in messages set apart, so that right-to-left ones don't reorder what is beside."""

from __future__ import annotations

import unicodedata

from django.utils.translation import get_language_bidi

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
#: Marks that would end the isolate early, or reach out of it.
_MARKS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def is_right_to_left(text: str) -> bool:
    """Whether most letters of a text are of a script that is written from right to left."""
    directions = [unicodedata.bidirectional(char) for char in text]
    return sum(one in {"R", "AL"} for one in directions) > sum(one == "L" for one in directions)


def isolated(text: object) -> str:
    """A name, or other text typed by people, for use inside a message: what `<bdi>` is in HTML.

    “System design with محمد, 8 Dec” would otherwise show the 8 left of the name. Text in the message's own direction
    comes back unchanged, so that most subjects, copies and exports hold no invisible characters.
    """
    words = str(text)
    turns = not words.isascii() and any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in words)
    if turns or get_language_bidi():
        return f"{FIRST_STRONG_ISOLATE}{words.translate(_MARKS)}{POP_ISOLATE}"
    return words
