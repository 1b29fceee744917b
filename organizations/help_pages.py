"""The pages of `docs/` that people read under "Help", as HTML.

They are the repository's own files; HTML inside them is shown as text all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FOLDER: Path = settings.BASE_DIR / "docs"
#: The files by the last part of their addresses, with the words of the menu. "" is the first page.
FILES: dict[str, tuple[str, StrOrPromise]] = {
    "": ("README.md", _("Help")),
    "user-guide": ("user-guide.md", _("Using Panelist")),
    "admin-guide": ("admin-guide.md", _("Administering an organization")),
    "single-sign-on": ("single-sign-on.md", _("Single sign-on and directories")),
    "personal-data": ("personal-data.md", _("Personal data")),
    "operating": ("operating.md", _("Operating Panelist")),
    "troubleshooting": ("troubleshooting.md", _("Troubleshooting")),
}


@dataclass(frozen=True, slots=True)
class Article:
    """A page: its heading, its text, and its sections as (anchor, heading)."""

    heading: str
    content: SafeString
    sections: tuple[tuple[str, str], ...]


def article(name: str, address_of: Callable[[str], str]) -> Article:
    """Render a page of FILES. `address_of` gives the address of another one by its name."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((FOLDER / FILES[name][0]).read_text())
    title, *tokens = tokens[1], *tokens[3:]
    sections = []
    for token, following in zip(tokens, [*tokens[1:], Token("", "", 0)], strict=True):
        if token.type == "heading_open":
            token.attrSet("id", anchor(following.content))
            if token.tag == "h2":
                sections.append((anchor(following.content), following.content))
        elif token.type == "table_open":
            token.attrSet("class", "table")
        elif token.type == "inline":
            token.children = _inline(token.children or [], address_of)
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Article(title.content, mark_safe(html), tuple(sections))  # noqa: S308 - our own text, its HTML escaped


def anchor(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _inline(tokens: list[Token], address_of: Callable[[str], str]) -> list[Token]:
    """The pieces of a line, whose links and pictures lead to where they are in the product.

    A link to a file that is not under "Help" becomes its words.
    """
    kept, is_dead = [], False
    for token in tokens:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")), address_of)
            is_dead = not address
            token.attrSet("href", address)
        elif token.type == "image":
            token.attrSet("src", static(f"help/{Path(str(token.attrGet('src'))).name}"))
            token.attrSet("class", "img-fluid border rounded")
            token.attrSet("loading", "lazy")
        if not (is_dead and token.type in {"link_open", "link_close"}):
            kept.append(token)
    return kept


def _address(written: str, address_of: Callable[[str], str]) -> str:
    """The address of a link as it is written in a file; "" for a file that is not under "Help"."""
    file, _hash, section = written.partition("#")
    if file.startswith("https://") or not file:
        return written
    found = next((name for name, (known, _title) in FILES.items() if known == file), None)
    if found is None:
        return ""
    return address_of(found) + (f"#{section}" if section else "")
