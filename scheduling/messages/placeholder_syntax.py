"""Texts with placeholders: `{candidate}` stands for something of the schedule, `{{` and `}}` are braces themselves.

Anything else in braces is an error that is found when a text is saved, never in an inbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from scheduling.messages.placeholders import PLACEHOLDERS, Placeholder
from scheduling.models.messages import Audience, MessageKind

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}\n]*\}|[{}]")


def known(kind: MessageKind) -> list[Placeholder]:
    """Return those that a text of this kind may use."""
    return [
        placeholder
        for placeholder in PLACEHOLDERS.values()
        if not (placeholder.internal and kind.audience == Audience.CANDIDATE)
        and not (placeholder.later and kind.occasion == "invitation")
    ]


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into ("text", words), ("placeholder", name) and ("wrong", the characters that stand there)."""
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            yield "text", text[at : match.start()]
        at = match.end()
        found = match.group()
        if found in {"{{", "}}"}:
            yield "text", found[0]
        elif len(found) > 1 and found[1:-1] in PLACEHOLDERS:
            yield "placeholder", found[1:-1]
        else:
            yield "wrong", found
    if at < len(text):
        yield "text", text[at:]


def used(text: str) -> set[str]:
    """Return the names of the placeholders in a text."""
    return {value for sort, value in tokens(text) if sort == "placeholder"}


def problems(text: str, kind: MessageKind, *, subject: bool = False) -> list[str]:
    """Return a message for each thing that must not be in this text. Empty: it can be used."""
    allowed = {placeholder.name for placeholder in known(kind) if not (subject and placeholder.block)}
    names = ", ".join(placeholder.written for placeholder in known(kind) if placeholder.name in allowed)
    found: list[str] = []
    for sort, value in tokens(text):
        message = ""
        if sort == "wrong":
            message = _wrong(value, names)
        elif sort == "placeholder" and value not in allowed:
            message = _refused(PLACEHOLDERS[value], kind, names)
        if message and message not in found:
            found.append(message)
    return found


def _wrong(value: str, names: str) -> str:
    if len(value) == 1:
        return _("The text has a single “%(brace)s”. Write “%(double)s” to show a brace.") % {
            "brace": value,
            "double": value * 2,
        }
    return _("“%(name)s” is not a placeholder. Use one of %(known)s.") % {"name": value[:60], "known": names}


def _refused(placeholder: Placeholder, kind: MessageKind, names: str) -> str:
    values = {"name": placeholder.written, "known": names}
    if placeholder.internal and kind.audience == Audience.CANDIDATE:
        return _("“%(name)s” is for interviewers only. Use one of %(known)s.") % values
    if placeholder.later and kind.occasion == "invitation":
        return _("“%(name)s” is always empty in an invitation. Use one of %(known)s.") % values
    return _("“%(name)s” has several lines, too many for a subject. Use one of %(known)s.") % values
