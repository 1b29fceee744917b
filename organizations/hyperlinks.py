"""Make addresses in plain text clickable, exactly as they were typed.

Django's `urlize` takes an address apart and builds it anew: `a%2Fb` becomes `a/b`, a key without a value is lost. For
a video call that is another room. Here `href` has the address exactly as it is in the text.
"""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from organizations.web_addresses import is_link

# Up to a blank, a quotation mark, an angle bracket, or a sign that nobody sees or that turns the line round.
_ENDS = r"\s<>\"“”„«»\x00-\x20\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_FOUND = re.compile(
    rf"(?<![\w@./-])(?:(?P<web>https?://[^{_ENDS}]+|www\.[^{_ENDS}]+)"
    rf"|(?P<mail>[\w.!#$%&'*+/=?^`{{|}}~-]+@[\w-]+(?:\.[\w-]+)+))",
    re.IGNORECASE,
)
# What ends a sentence and hardly an address; brackets stay where they are closed within it.
_TRAILING = ".,:;!?…'’`*_、。，．；：！？"
_NO_ATTRIBUTES = mark_safe("")
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "」": "「"}


def linked(text: str, attributes: SafeString = _NO_ATTRIBUTES) -> SafeString:
    """Return the text as HTML with its web and mail addresses as links, each with these further attributes."""
    parts, end = [], 0
    for match in _FOUND.finditer(text):
        address = _without_trailing(match[0])
        if not _leads(address):
            continue
        parts += [escape(text[end : match.start()]), _anchor(address, attributes, is_mail=bool(match["mail"]))]
        end = match.start() + len(address)
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every piece is escaped


def _anchor(address: str, attributes: SafeString, *, is_mail: bool) -> str:
    scheme = "mailto:" if is_mail else "https://" if address[:4].lower() == "www." else ""
    return f'<a href="{escape(scheme + address)}"{attributes}>{escape(address)}</a>'


def _without_trailing(address: str) -> str:
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last)
        if last in _TRAILING or (opening is not None and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            break
    return address


def _leads(address: str) -> bool:
    """Whether it is more than a beginning, and leads where it says: see `web_addresses`."""
    if "://" in address:
        return is_link(address)
    return "@" in address or (address.count(".") > 1 and is_link(f"https://{address}"))
