"""Clean typed or pasted text once, where it comes in. Pure: no Django.

Text copied from pages, chats and spreadsheets carries invisible characters. They break search, duplicate detection,
mail headers and calendars, and some reverse the direction of the text after them.
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_JOINERS = {ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER}
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
# Letters to programs, blank to the eye: stripped like spaces at the ends of a line.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
# Characters of category Cf that are printed: number and year marks in Arabic, Syriac, Kaithi and others.
_VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
# Scripts in which a joiner shapes the letters beside it: Hebrew to Myanmar, Khmer to Mongolian, ...
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
    """One line in NFC, with plain spaces and without invisible characters.

    Joiners stay where they shape the letters beside them (Persian, Indic scripts) or hold an emoji together.
    """
    return _trimmed(_without_formats(unicodedata.normalize("NFC", text)))


def lines(text: str) -> str:
    """Clean several lines: line breaks, spaces within lines and isolates stay."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(
        _without_formats(each.replace("\t", "    "), isolates=_closes(each)).rstrip() for each in text.split("\n")
    ).strip()


def for_header(text: str) -> str:
    """Clean one line for a mail header or a calendar. Isolates stay: they stand around names on purpose."""
    return _trimmed(_without_formats(unicodedata.normalize("NFC", text), isolates=_closes(text)))


def phone(text: str) -> str:
    """Clean a telephone number: one line, plain digits and hyphens, without the `tel:` of a link."""
    plain = line(unicodedata.normalize("NFKC", _DASHES.sub("-", text)))
    plain = "".join(char for char in plain if char not in _JOINERS)
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
    for place, char in enumerate(text):
        if char.isspace():
            kept.append(char if unicodedata.category(char) == "Zs" else " ")
        elif char in _JOINERS:
            if _joins(char, kept[-1] if kept else "", text[place + 1 : place + 2]):
                kept.append(char)
        elif _stays(char, kept) or (isolates and char in {_FIRST_STRONG_ISOLATE, _POP_ISOLATE}):
            kept.append(char)
    return "".join(kept)


def _stays(char: str, before: list[str]) -> bool:
    category, code = unicodedata.category(char), ord(char)
    if category == "Cf":
        return code in _VISIBLE_FORMATS or (0xE0020 <= code <= 0xE007F and _in_flag(before))
    nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noncharacters
    return category not in {"Cc", "Cs"} and char not in "\u180e\ufffc" and not nothing


def _in_flag(before: list[str]) -> bool:
    """Whether a tag continues a flag: England's is a black flag followed by tags."""
    return bool(before) and (before[-1] == _BLACK_FLAG or 0xE0020 <= ord(before[-1]) <= 0xE007F)


def _joins(char: str, before: str, after: str) -> bool:
    if not before or before in _JOINERS:
        return False
    if _is_letter_that_joins(before):
        # A joiner after a virama at a word's end makes another letter (Malayalam, Bengali).
        ends = unicodedata.combining(before) == 9 or char == ZERO_WIDTH_JOINER
        return ends or (bool(after) and _is_letter_that_joins(after))
    return char == ZERO_WIDTH_JOINER and _is_picture(before) and bool(after) and _is_picture(after)


def _is_letter_that_joins(char: str) -> bool:
    code = ord(char)
    return unicodedata.category(char)[0] in "LM" and any(first <= code <= last for first, last in _JOINING)


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk", "Sm"} or char in "\ufe0f\u20e3"
