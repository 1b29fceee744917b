"""Render a text with placeholders into what is sent: a subject, a text and its HTML. The preview shows the same.

Rendering is a function of a `RenderContext` and nothing else: no clock, no database, no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.html import escape
from django.utils.safestring import mark_safe

from organizations import mail_page
from organizations.hyperlinks import linked
from organizations.text import for_header
from scheduling.messages.placeholder_syntax import tokens
from scheduling.messages.placeholders import PLACEHOLDERS
from scheduling.messages.render_context import RenderContext

# Characters of a subject whose placeholders are filled in; as many as the column of a message holds.
LONGEST_SUBJECT = 500

# Whether it is a block, the plain text and the HTML of a piece of a text.
Piece = tuple[bool, str, str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A subject, a text, and the same text as a whole HTML document with its styles in attributes."""

    subject: str
    text: str
    html: str


def render(subject: str, body: str, context: RenderContext) -> Rendered:
    """Fill the placeholders in. What would not pass `placeholder_syntax.problems` is shown as it is."""
    lines = _without_empty_lines(body.replace("\r\n", "\n"), context)
    filled_subject = for_header(_inline(subject, context))
    if len(filled_subject) > LONGEST_SUBJECT:
        filled_subject = filled_subject[: LONGEST_SUBJECT - 1] + "…"
    # What a person wrote has a direction; what fills the placeholders may be in other languages.
    written = "".join(value for sort, value in tokens(lines) if sort == "text")
    context = replace(context, right_to_left=mail_page.runs_right_to_left(written))
    pieces = list(_pieces(lines, context))
    text = _text(pieces)
    return Rendered(filled_subject, text, _html(filled_subject, text, pieces, context))


def _without_empty_lines(body: str, context: RenderContext) -> str:
    """Drop lines like `Reason: {reason}` whose only placeholder, at their end, has nothing to say."""
    kept = []
    for line in body.split("\n"):
        names = [value for sort, value in tokens(line) if sort == "placeholder"]
        is_empty = bool(names) and not any(PLACEHOLDERS[name].value(context) for name in names)
        if not (is_empty and re.fullmatch(r"[^{}]{0,40}\{[a-z_]+\}[\s.]*", line)):
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _inline(text: str, context: RenderContext) -> str:
    return "".join(
        PLACEHOLDERS[value].value(context) if sort == "placeholder" else value for sort, value in tokens(text)
    )


def _pieces(body: str, context: RenderContext) -> Iterable[Piece]:
    attributes = mail_page.link_attributes(context.look)
    for sort, value in tokens(body):
        if sort != "placeholder":
            yield False, value, linked(value, attributes)
            continue
        placeholder = PLACEHOLDERS[value]
        filled = placeholder.value(context)
        if placeholder.html is not None:
            yield True, filled, placeholder.html(context) if filled else ""
        else:
            yield False, filled, linked(filled, attributes) if placeholder.is_address else escape(filled)


def _text(pieces: Sequence[Piece]) -> str:
    text = ""
    after_block = False
    for is_block, plain, _markup in pieces:
        # A block stands on lines of its own, wherever in a sentence it was written.
        if (is_block or after_block) and text and not text.endswith("\n") and not plain.startswith("\n"):
            text += "\n"
        text += plain
        after_block = is_block
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _html(subject: str, text: str, pieces: Sequence[Piece], context: RenderContext) -> str:
    parts: list[str] = []
    running = ""
    for is_block, _plain, markup in [*pieces, (True, "", "")]:
        if not is_block:
            running += markup
            continue
        parts += [mail_page.paragraph(piece) for piece in re.split(r"\n\s*\n", running) if piece.strip()]
        parts.append(markup)
        running = ""
    # Every piece was escaped where it was made.
    content = mark_safe("\n".join(part for part in parts if part))  # noqa: S308
    return mail_page.page(subject, text, content, context.look, right_to_left=context.right_to_left)
