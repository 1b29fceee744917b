"""Read a mail that anybody may have written: its headers and parts as plain values, within limits.

Nothing in it is unpacked, fetched or rendered. Depth, number and size of parts are bounded before a parser sees them.
"""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Content
from html.parser import HTMLParser

from organizations import text

#: Parts that mail programs send are a handful. Each level of nesting costs the parser time for every line.
_MOST_PARTS, _MOST_BOUNDARIES = 60, 20
_LONGEST_HEADER = 2000
#: An earlier mail is quoted after these.
_QUOTED = re.compile(r"^(?:>|-{2,} ?Original|_{20,}|On .{5,200} wrote:$|Am .{5,200} schrieb .{1,200}:$)", re.MULTILINE)
#: Names of text encodings that mails are in. Python's other ones take long for some inputs, or mean something else.
_ENCODINGS = ("utf-8", "utf-16", "ascii", "iso8859", "cp", "koi8", "gb", "big5", "euc", "shift_jis", "iso2022", "mac")


class Hostile(Exception):
    """A mail with more parts than a person's program makes."""


def parsed(raw: bytes) -> Content:
    """Parse a mail. Raises Hostile."""
    low = raw.lower()
    if low.count(b"content-type:") > _MOST_PARTS or low.count(b"boundary") > _MOST_BOUNDARIES:
        raise Hostile
    if low.count(b"\nbegin:") > 10 * _MOST_PARTS:
        raise Hostile
    try:
        return email.message_from_bytes(raw)
    except (RecursionError, ValueError, LookupError, TypeError):
        raise Hostile from None


def leaves(mail: Content) -> Iterator[Content]:
    """Yield the parts that have no parts. Mails inside of the mail are none of its own."""
    waiting = [mail]
    for _number in range(10 * _MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        inside = part.get_payload()
        if part.get_content_maintype() == "message" or not isinstance(inside, list):
            yield part
        else:
            waiting = [one for one in inside if isinstance(one, Content)] + waiting


def header(mail: Content, name: str) -> str:
    """Return a header as one clean line; empty without it."""
    return text.line(_decoded(str(mail.get(name, ""))[:_LONGEST_HEADER]))


def headers(mail: Content, *names: str) -> list[str]:
    """Return all values of some headers, as they stand there."""
    return [str(value)[:_LONGEST_HEADER] for name in names for value in mail.get_all(name, [])]


def _decoded(value: str) -> str:
    try:
        found = decode_header(value)
    except (HeaderParseError, ValueError, TypeError):
        return _plain(value)
    return "".join(one if isinstance(one, str) else _in_words(one, charset or "") for one, charset in found)


def _plain(value: str) -> str:
    """Return a text without the halves of characters that can't be stored."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _in_words(data: bytes, charset: str) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        name = "utf-8"
    known = name if name.startswith(_ENCODINGS) else "utf-8"
    return data.decode(known, "replace")


def body_of(part: Content) -> bytes:
    """Return what a part holds, with its transfer encoding undone."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        data = None
    return data if isinstance(data, bytes) else b""


def text_of(part: Content) -> str:
    """Return a part as text, with a declared encoding that is known."""
    return _plain(_in_words(body_of(part), str(part.get_content_charset() or "")))


def written(mail: Content, most: int) -> str:
    """Return the words of a mail, without those that it quotes, cut to `most` characters. Of HTML only its text."""
    plain = html = ""
    for part in leaves(mail):
        if part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain" and not plain:
            plain = text_of(part)
        elif part.get_content_type() == "text/html" and not html:
            html = text_of(part)
    found = text.lines((plain.strip() or _without_tags(html))[: 10 * most])
    quoted = _QUOTED.search(found)
    kept = found[: quoted.start()].strip() if quoted and quoted.start() else found
    return kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"


class _Words(HTMLParser):
    """Collects the text between tags."""

    _BREAKS = frozenset({"br", "p", "div", "li", "tr"})
    _UNSEEN = frozenset({"script", "style", "title", "head"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.unseen = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in self._UNSEEN:
            self.unseen = self.unseen or tag
        if tag in self._BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.unseen = ""

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.found.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def _without_tags(html: str) -> str:
    words = _Words()
    words.feed(html[:100_000])
    return "".join(words.found)
