"""Names inside built sentences, kept from turning round what stands beside them."""

from __future__ import annotations

import unicodedata

from django.utils.translation import get_language_bidi

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
#: Marks that would end our isolate early, or reach out of it.
_MARKS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def isolated(text: object) -> str:
    """A name, or other words typed by people, for a sentence that is put together: `<bdi>` where there is no HTML.

    “System design with محمد, 8 Dec” would otherwise show the 8 left of the name. What reads in the sentence's own
    direction comes back as it was, so that most subjects, copies and exports hold no invisible characters.
    """
    words = str(text)
    turns = not words.isascii() and any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in words)
    if turns or get_language_bidi():
        return f"{FIRST_STRONG_ISOLATE}{words.translate(_MARKS)}{POP_ISOLATE}"
    return words
