"""What people type or paste, cleaned once where it comes in. Pure: it knows no Django.

Text that was copied from pages, chats and spreadsheets carries signs that nobody sees: they break searching, finding
duplicates, mail headers and calendars, and some turn the direction of everything behind them.
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_JOINERS = {ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER}
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
# Letters to some programs, and nothing to the eye: as blank as a blank at an end of a line.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
# Signs of the category Cf that are printed: numbers' and years' signs in Arabic, Syriac, Kaithi and others.
_VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
# Scripts in which a joiner tells how the letters beside it are written: Hebrew to Myanmar, Khmer to Mongolian, ...
_JOINING = (
    (0x0590, 0x109F),
    (0x1780, 0x18AF),
    (0x1A00, 0x1CFF),
    (0xA800, 0xA8FF),
    (0xA980, 0xA9FF),
    (0xAA00, 0xABFF),
    (0xFB1D, 0xFDFF),
    (0xFE70, 0xFEFC),
    (0x10A00, 0x11FFF),
    (0x1E900, 0x1E95F),
)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_BLACK_FLAG = "\U0001f3f4"


def line(text: str) -> str:
    """One line, composed (NFC), with plain blanks and without signs that nobody sees.

    Joiners stay where they belong to the letters beside them (Persian, Indic scripts) or hold an emoji together.
    """
    return _trimmed(_without_formats(unicodedata.normalize("NFC", text)))


def lines(text: str) -> str:
    """The same for several lines: their breaks, the blanks within them and isolates stay."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(
        _without_formats(each.replace("\t", "    "), isolates=_closes(each)).rstrip() for each in text.split("\n")
    ).strip()


def for_header(text: str) -> str:
    """One line as it leaves, in a mail's header or a calendar. Isolates stay: they stand around names on purpose."""
    return _trimmed(_without_formats(unicodedata.normalize("NFC", text), isolates=_closes(text)))


def phone(text: str) -> str:
    """A telephone number: one line, wide digits and every dash as plain ones, without the `tel:` of a link."""
    plain = line(unicodedata.normalize("NFKC", _DASHES.sub("-", text)))
    plain = "".join(sign for sign in plain if sign not in _JOINERS)
    return plain[4:].strip() if plain[:4].lower() == "tel:" else plain


def _closes(text: str) -> bool:
    return text.count(_FIRST_STRONG_ISOLATE) == text.count(_POP_ISOLATE)


def _trimmed(text: str) -> str:
    text = " ".join(text.split())
    while text and (text[0] in _BLANK_LETTERS or text[-1] in _BLANK_LETTERS):
        text = text.strip(_BLANK_LETTERS).strip()
    return text


def _without_formats(text: str, *, isolates: bool = False) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for place, sign in enumerate(text):
        if sign.isspace():
            kept.append(sign if unicodedata.category(sign) == "Zs" else " ")
        elif sign in _JOINERS:
            if _joins(sign, kept[-1] if kept else "", text[place + 1 : place + 2]):
                kept.append(sign)
        elif _stays(sign, kept) or (isolates and sign in {_FIRST_STRONG_ISOLATE, _POP_ISOLATE}):
            kept.append(sign)
    return "".join(kept)


def _stays(sign: str, before: list[str]) -> bool:
    category, code = unicodedata.category(sign), ord(sign)
    if category == "Cf":
        return code in _VISIBLE_FORMATS or (0xE0020 <= code <= 0xE007F and _in_flag(before))
    nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # what Unicode keeps free for ever
    return category not in {"Cc", "Cs"} and sign not in "\u180e\ufffc" and not nothing


def _in_flag(before: list[str]) -> bool:
    """Whether a tag goes on with a flag: England's is a black flag followed by tags."""
    return bool(before) and (before[-1] == _BLACK_FLAG or 0xE0020 <= ord(before[-1]) <= 0xE007F)


def _joins(sign: str, before: str, after: str) -> bool:
    if not before or before in _JOINERS:
        return False
    if _is_letter_that_joins(before):
        # A virama may end a word, and the joiner behind it makes it the letter it is (Malayalam, Bengali).
        ends = unicodedata.combining(before) == 9 or sign == ZERO_WIDTH_JOINER
        return ends or (bool(after) and _is_letter_that_joins(after))
    return sign == ZERO_WIDTH_JOINER and _is_picture(before) and bool(after) and _is_picture(after)


def _is_letter_that_joins(sign: str) -> bool:
    code = ord(sign)
    return unicodedata.category(sign)[0] in "LM" and any(first <= code <= last for first, last in _JOINING)


def _is_picture(sign: str) -> bool:
    return unicodedata.category(sign) in {"So", "Sk", "Sm"} or sign in "\ufe0f\u20e3"
