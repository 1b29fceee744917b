"""The placeholders of message texts: `{candidate}`, `{interviews}` and so on.

A name in braces stands for something of the schedule; `{{` and `}}` are the braces themselves. Anything else in
braces is an error that is found when a text is saved, never in an inbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.models.messages import Audience, MessageKind


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`block`: more than one line, so not for a subject. `internal`: never for a candidate's eyes. `later`: says
    something only to who was told something before."""

    name: str
    meaning: str | Promise
    block: bool = False
    internal: bool = False
    later: bool = False

    @property
    def written(self) -> str:
        return f"{{{self.name}}}"


PLACEHOLDERS = {
    placeholder.name: placeholder
    for placeholder in (
        Placeholder("recipient", gettext_lazy("The name of the person who reads this")),
        Placeholder("candidate", gettext_lazy("The candidate's name")),
        Placeholder("job", gettext_lazy("The job's title")),
        Placeholder("stage", gettext_lazy("The stage's name")),
        Placeholder("dates", gettext_lazy("The day of the interviews, or the first and the last")),
        Placeholder(
            "interviews",
            gettext_lazy("All interviews that concern the reader, with times in the reader's zone and join links"),
            block=True,
        ),
        Placeholder("interviewers", gettext_lazy("The interviewers' names")),
        Placeholder("join_link", gettext_lazy("The join link of each interview that has a coding link"), block=True),
        Placeholder("organization", gettext_lazy("Your organization's name")),
        Placeholder("sender", gettext_lazy("The name of the person who sends the message")),
        Placeholder("changes", gettext_lazy("What changed, old and new"), block=True, later=True),
        Placeholder("reason", gettext_lazy("The reason noted for the change"), internal=True),
        Placeholder("candidate_email", gettext_lazy("The candidate's e-mail address"), internal=True),
        Placeholder("candidate_phone", gettext_lazy("The candidate's phone number"), internal=True),
        Placeholder("schedule_link", gettext_lazy("The schedule's page, for members"), internal=True),
    )
}

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}\n]*\}|[{}]")


def known(kind: MessageKind) -> list[Placeholder]:
    """Those that a text of this kind may use."""
    return [
        placeholder
        for placeholder in PLACEHOLDERS.values()
        if not (placeholder.internal and kind.audience == Audience.CANDIDATE)
        and not (placeholder.later and kind.occasion == "invitation")
    ]


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Cuts a text into ("text", words), ("slot", name) and ("wrong", what stands there)."""
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            yield "text", text[at : match.start()]
        at = match.end()
        found = match.group()
        if found in {"{{", "}}"}:
            yield "text", found[0]
        elif len(found) > 1 and found[1:-1] in PLACEHOLDERS:
            yield "slot", found[1:-1]
        else:
            yield "wrong", found
    if at < len(text):
        yield "text", text[at:]


def used(text: str) -> set[str]:
    return {value for sort, value in tokens(text) if sort == "slot"}


def problems(text: str, kind: MessageKind, *, subject: bool = False) -> list[str]:
    """One sentence for each thing that must not be in this text. Empty: it can be used."""
    allowed = {placeholder.name for placeholder in known(kind) if not (subject and placeholder.block)}
    names = ", ".join(placeholder.written for placeholder in known(kind) if placeholder.name in allowed)
    found: list[str] = []
    for sort, value in tokens(text):
        sentence = ""
        if sort == "wrong":
            sentence = _wrong(value, names)
        elif sort == "slot" and value not in allowed:
            sentence = _refused(PLACEHOLDERS[value], kind, names)
        if sentence and sentence not in found:
            found.append(sentence)
    return found


def _wrong(value: str, names: str) -> str:
    if len(value) == 1:
        return _("A single “%(brace)s” stands in the text. Write “%(double)s” to show a brace.") % {
            "brace": value,
            "double": value * 2,
        }
    return _("“%(name)s” is not a placeholder. There are: %(known)s.") % {"name": value[:60], "known": names}


def _refused(placeholder: Placeholder, kind: MessageKind, names: str) -> str:
    values = {"name": placeholder.written, "known": names}
    if placeholder.internal and kind.audience == Audience.CANDIDATE:
        return _("“%(name)s” is for interviewers only; a candidate must not read it. There are: %(known)s.") % values
    if placeholder.later and kind.occasion == "invitation":
        return _("“%(name)s” has nothing to say in an invitation. There are: %(known)s.") % values
    return _("“%(name)s” has several lines and does not fit into a subject. There are: %(known)s.") % values
