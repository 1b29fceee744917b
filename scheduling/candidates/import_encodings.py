"""Guess the encoding of a file and decode it. Pure."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Python's codec -> its label. Only these can be chosen.
ENCODINGS = {
    "utf-8": gettext_lazy("Unicode (UTF-8)"),
    "utf-16": gettext_lazy("Unicode (UTF-16)"),
    "cp1252": gettext_lazy("Western European (Windows-1252)"),
    "mac-roman": gettext_lazy("Western European (Mac)"),
    "cp850": gettext_lazy("Western European (DOS 850)"),
    "cp1250": gettext_lazy("Central European (Windows-1250)"),
    "iso8859-2": gettext_lazy("Central European (ISO 8859-2, Latin 2)"),
    "cp1257": gettext_lazy("Baltic (Windows-1257)"),
    "cp1254": gettext_lazy("Turkish (Windows-1254)"),
    "cp1251": gettext_lazy("Cyrillic (Windows-1251)"),
    "koi8-r": gettext_lazy("Cyrillic (KOI8-R)"),
    "cp1253": gettext_lazy("Greek (Windows-1253)"),
    "cp1255": gettext_lazy("Hebrew (Windows-1255)"),
    "cp1256": gettext_lazy("Arabic (Windows-1256)"),
    "cp874": gettext_lazy("Thai (Windows-874)"),
    "cp1258": gettext_lazy("Vietnamese (Windows-1258)"),
    "cp932": gettext_lazy("Japanese (Shift JIS)"),
    "euc-jp": gettext_lazy("Japanese (EUC)"),
    "gb18030": gettext_lazy("Chinese, simplified (GB 18030)"),
    "big5hkscs": gettext_lazy("Chinese, traditional (Big5)"),
    "cp949": gettext_lazy("Korean (Windows-949)"),
}
# Likeliest first: the first of those that read a file equally well wins.
_GUESSED = ["cp1252", "cp1250", "iso8859-2", "mac-roman", "cp1251", "koi8-r", "cp932", "gb18030", "big5hkscs", "cp949"]
# How workbooks begin that people upload as CSV: .xlsx and .xls.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LOOKED_AT = 60_000


class Unreadable(Exception):
    """The file can't be used. `args[0]` is the message: what is wrong, and what to do."""


def guess_encoding(data: bytes) -> tuple[str, bool]:
    """The likeliest encoding, and whether it is certain. Raises Unreadable for a workbook."""
    if data.startswith(_WORKBOOKS):
        raise Unreadable(
            _("This is an Excel workbook, not a CSV file. In Excel, save it as “CSV UTF-8” and upload that file.")
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _wide_order(data):
        return "utf-16", True
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _legacy(data), False
    return "utf-8", True


def decode(data: bytes, encoding: str) -> str:
    """Decode the bytes; what this encoding can't read becomes U+FFFD. Raises Unreadable for binary data."""
    if encoding == "utf-16":
        codec = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _wide_order(data) or "utf-16-le"
    else:
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
    text = data.decode(codec, "replace").removeprefix("\ufeff")
    if "\0" in text:
        raise Unreadable(_("This is not a text file. Save your table as “CSV UTF-8” and upload that file."))
    return text


def _wide_order(data: bytes) -> str:
    """Byte order of UTF-16 without a mark, "" for anything else: every other byte of Western text is 0."""
    start = data[:2000]
    if len(start) < 4 or len(data) % 2:
        return ""
    half = len(start) // 2
    if start[1::2].count(0) > half * 0.6 and not start[0::2].count(0):
        return "utf-16-le"
    if start[0::2].count(0) > half * 0.6 and not start[1::2].count(0):
        return "utf-16-be"
    return ""


def _legacy(data: bytes) -> str:
    start = data[:_LOOKED_AT]
    scores = {encoding: score for encoding in _GUESSED if (score := _score(start, encoding)) is not None}
    return max(scores, key=lambda encoding: scores[encoding], default="cp1252")


def _score(data: bytes, encoding: str) -> float | None:
    """How much the text looks like people's words, the higher the likelier; None when it can't be decoded."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    likely = _LIKELY.get(encoding, _likely_letter)
    padded = f" {text} "
    # A character of two bytes says as much as two of one byte.
    weight = 2 if encoding in _LIKELY else 1
    return sum(
        likely(sign, padded[place], padded[place + 2]) * weight for place, sign in enumerate(text) if not sign.isascii()
    )


def _likely_letter(sign: str, before: str, after: str) -> float:
    """Score a character of an alphabet: words keep to one script, capitals start them, accents stand alone."""
    category = unicodedata.category(sign)
    if category[0] not in "LM":
        inside = before.isalpha() and after.isalpha()
        return -3 if category == "Cc" or (inside and sign not in "’´`·\u00ad") else -0.5
    latin = "LATIN" in unicodedata.name(sign, "")
    score = 1.0
    for beside in (before, after):
        if beside.isalpha() and latin != ("LATIN" in unicodedata.name(beside, "")):
            score -= 2
        elif beside.isalpha() and latin and not beside.isascii():
            score -= 1.2
    if sign.isupper() and before.islower():
        score -= 3
    if latin and sign not in _COMMON_LATIN:
        score -= 0.5
    return score


_COMMON_LATIN = set("áàâäãåæçéèêëíìîïñóòôöõøœúùûüýßÁÀÂÄÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØÚÛÜÝąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰ")


def _likely_ideograph(codec: str, first: int, last: int) -> Callable[[str, str, str], float]:
    """Score East Asian characters: those with a lead byte from `first` to `last` of `codec` are everyday ones."""

    def likely(sign: str, before: str, after: str) -> float:
        if "\u3040" <= sign <= "\u30ff":
            return 1.0 if codec == "cp932" else 0.2
        if "\uff61" <= sign <= "\uff9f":
            return -0.7
        if any(beside.isascii() and beside.isalpha() for beside in (before, after)):
            return -2
        try:
            lead = sign.encode(codec)[0]
        except UnicodeEncodeError:
            return -1
        return 1.1 - (last - first) / 400 if first <= lead <= last else -0.8

    return likely


_LIKELY = {
    "cp932": _likely_ideograph("cp932", 0x88, 0x97),
    "gb18030": _likely_ideograph("gb2312", 0xB0, 0xD7),
    "big5hkscs": _likely_ideograph("big5", 0xA4, 0xC6),
    "cp949": _likely_ideograph("euc-kr", 0xB0, 0xC8),
}
