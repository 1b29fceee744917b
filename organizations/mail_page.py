"""The HTML of mails: one frame around all of them, and its pieces. Pure: the same values always give the same HTML.

Mail programs differ more than browsers. What all of them understand of HTML and CSS is in `tests/mail_rules.py`; every
mail is held to it by `tests/test_mails.py`, and to how it looks in Chromium by `tests/test_mails_browser.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from organizations.bidi import is_right_to_left
from organizations.hyperlinks import linked

_ADDRESS = re.compile(r"\S+(?:://|@)\S+")
#: Characters that a list of mails shows beside the subject; more than any program has room for.
PREHEADER = 120


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that travels with the mail: its Content-ID, and its size in pixels."""

    content_id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """The face of an organization's mails, or of the product's own. Colours can be read on white, and on dark."""

    name: str
    accent: str = "#3447d4"
    accent_on_dark: str = "#a8b3ff"
    logo: Picture | None = None


def page(subject: str, text: str, content: SafeString, look: Look, *, right_to_left: bool = False) -> str:
    """Return the HTML document of a mail. `text` is the plain text that says the same as `content`."""
    values = {
        "subject": subject,
        "preheader": preheader(text),
        "look": look,
        "language": get_language(),
        "direction": "rtl" if right_to_left else "ltr",
        "content": content,
    }
    return _compact(render_to_string("emails/frame.html", values))


def page_of_text(subject: str, text: str, look: Look, buttons: Mapping[str, str]) -> str:
    """Return the HTML document of a mail that was written as plain text.

    A line that is one of the addresses in `buttons` becomes a button with that label; "- " begins a point of a list.
    """
    paragraphs = re.split(r"\n\s*\n", text.strip())
    content = "\n".join(_paragraph(one.split("\n"), look, buttons) for one in paragraphs)
    return page(subject, text, mark_safe(content), look)  # noqa: S308 - each piece was escaped where it was made


def preheader(text: str) -> str:
    """Return what a list of mails shows after the subject: the first sentence that is no greeting and no address."""
    paragraphs = [" ".join(one.split()) for one in re.split(r"\n\s*\n", text.strip())]
    said = [one for one in paragraphs if one[-1:] not in {",", "،", "，", "、"}]
    words = _ADDRESS.sub("", said[0] if said else "").split()
    while words and len(" ".join(words)) > PREHEADER:
        words.pop()
    return " ".join(words)


def runs_right_to_left(text: str) -> bool:
    """Whether a text is written from right to left; its addresses don't count."""
    return is_right_to_left(_ADDRESS.sub("", text))


def link_attributes(look: Look) -> SafeString:
    """Return the attributes of a link in a mail; with a blank before them, for `hyperlinks.linked`."""
    return mark_safe(f' class="link" style="color:{escape(look.accent)}"')  # noqa: S308 - escaped


def button(address: str, label: str, look: Look, *, outline: bool = False) -> SafeString:
    """Return a button that every mail program draws. `outline`: the lesser of two."""
    values = {"address": address, "label": label, "accent": look.accent, "outline": outline}
    return mark_safe(render_to_string("emails/button.html", values).strip())  # noqa: S308 - a template's own


def paragraph(markup: str) -> str:
    """Return lines of HTML as a paragraph; each stays a line."""
    lines = "<br>\n".join(line.strip() for line in markup.strip().split("\n"))
    return f'<p style="margin:0 0 16px">{lines}</p>'


def _compact(html: str) -> str:
    """Return the HTML without the indentation of its templates: Gmail clips long mails. Values have no bare `>`."""
    html = re.sub(r"<[^>]*>", lambda tag: " ".join(tag[0].split()), html)
    return re.sub(r"\s*\n\s*", "\n", html).strip() + "\n"


def _paragraph(lines: list[str], look: Look, buttons: Mapping[str, str]) -> str:
    """Return one paragraph of a plain text: sentences, a button with its address below, or a list."""
    attributes = link_attributes(look)
    if any(line.startswith("- ") for line in lines):
        return _list(lines, attributes)
    found: list[str] = []
    running: list[str] = []
    for line in lines:
        label = buttons.get(line.strip())
        if label is None:
            running.append(linked(line, attributes))
            continue
        found += [_lines(running)] if running else []
        running = []
        address = linked(line.strip(), attributes)
        found += [
            button(line.strip(), label, look),
            f'<p class="quiet" style="margin:8px 0 16px;font-size:13px;line-height:18px;color:#566077">{address}</p>',
        ]
    return "\n".join([*found, *([_lines(running)] if running else [])])


def _list(lines: list[str], attributes: SafeString) -> str:
    """Return a list with the lines before and after it; what is indented goes on with its point."""
    before: list[str] = []
    points: list[list[str]] = []
    after: list[str] = []
    for line in lines:
        markup = linked(line.removeprefix("- ").strip(), attributes)
        if line.startswith("- "):
            points.append([markup])
        elif points and line.startswith(" "):
            points[-1].append(markup)
        else:
            (after if points else before).append(markup)
    items = "".join(f'<li style="margin:0 0 4px">{"<br>".join(point)}</li>' for point in points)
    found = [f'<ul style="margin:0 0 16px 20px;padding:0">{items}</ul>']
    return "\n".join([*map(_lines, [before] if before else []), *found, *map(_lines, [after] if after else [])])


def _lines(lines: list[str]) -> str:
    return paragraph("\n".join(lines))
