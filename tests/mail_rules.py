"""A linter for mails by what mail programs understand of HTML and CSS, and HTML as Outlook draws it.

The facts are those of caniemail.com of June 2026, for Outlook on Windows (it draws with Word), Gmail and Apple Mail.
There is no such linter on PyPI, and the two on npm read style sheets only; mails here have next to none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

#: Gmail cuts a mail off after so many bytes of HTML, and hides the rest behind a link.
GMAIL_CLIPS_AT = 102 * 1024
CELLS = {"td", "th"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th"),
    *("p", "ul", "li", "a", "strong", "bdi", "br", "img", "span"),
}
#: Properties that all three draw, and where Outlook alone needs a certain tag, those tags.
EVERYWHERE: dict[str, set[str] | None] = {
    "color": None,
    "background-color": {"body", "table", *CELLS},  # elsewhere Outlook paints margins too
    "font-family": None,
    "font-size": None,
    "font-weight": None,
    "line-height": {"p", "ul", "li", "a", *CELLS},
    "text-align": None,
    "text-decoration": None,
    "word-break": None,
    "border": {"table", *CELLS},
    "border-top": {"table", *CELLS},
    "border-bottom": {"table", *CELLS},
    "border-collapse": {"table"},
    "padding": CELLS,
    "padding-left": CELLS,
    "padding-right": CELLS,
    "margin": {"body", "p", "ul", "li"},
    "margin-left": {"ul"},
    "margin-right": {"ul"},
    "width": CELLS,
    "height": CELLS,
}
#: Properties that some leave out, without harm: corners are square, the table is as wide as its attribute says.
WHERE_KNOWN = {"border-radius", "max-width", "mso-padding-alt", "mso-hide"}
#: What they do in a link, Outlook takes from the cell around it, which has `mso-padding-alt`.
IN_A_LINK = {"padding", "display"}
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_MSO = re.compile(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", re.DOTALL)


def declarations(style: str) -> list[tuple[str, str]]:
    return [(name, value.strip()) for name, value in _STYLE.findall(style)]


class _Linter(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.sheet = ""
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        values = {name: value or "" for name, value in attrs}
        self.faults += [f"<{tag}>: {fault}" for fault in _faults(tag, values)]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        self.sheet += data if self._in_style else ""

    def handle_comment(self, data: str) -> None:
        if not data.startswith("[if mso]>"):
            self.faults.append(f"a comment that is sent: {data[:40]}")


def _faults(tag: str, values: dict[str, str]) -> Iterator[str]:
    if tag not in TAGS:
        yield "not drawn everywhere"
    styles = dict(declarations(values.get("style", "")))
    for name, value in styles.items():
        if not _is_drawn(tag, name, value):
            yield f"{name}:{value} is not drawn everywhere"
        if "color" in name and not _COLOUR.fullmatch(value):
            yield f"{name}:{value} is no #rrggbb"
    if styles.get("background-color", "") != values.get("bgcolor", ""):
        yield "the ground stands not in both, bgcolor and background-color"
    if styles.get("width", "").removesuffix("px") != values.get("width", "") and tag in CELLS:
        yield "the width stands not in both, width and style"
    if tag == "table" and not {"cellpadding", "cellspacing", "border"} <= set(values):
        yield "a table without cellpadding, cellspacing and border"
    if tag == "img" and not ({"alt", "width", "height"} <= set(values) and values.get("src", "").startswith("cid:")):
        yield "a picture without alt, width and height, or from somewhere else"
    if tag == "a" and not re.match(r"https?://|mailto:", values.get("href", "")):
        yield f"leads to {values.get('href')}"
    if {"background", "onclick", "id", "hidden"} & set(values):
        yield "an attribute that is not for mails"


def _is_drawn(tag: str, name: str, value: str) -> bool:
    if name == "display":
        return value == "none" or tag == "a"
    if name in WHERE_KNOWN or (tag == "a" and name in IN_A_LINK):
        return "url(" not in value
    tags = EVERYWHERE.get(name, set())
    return (tags is None or tag in tags or (name in {"margin", "padding"} and value == "0")) and "url(" not in value


def _sheet_faults(sheet: str) -> Iterator[str]:
    """A style sheet is for dark grounds alone: programs that drop it show the same mail, light."""
    for name, value in declarations(re.sub(r"\([^)]*\)", "", sheet)):
        if name in {"color-scheme", "supported-color-schemes"}:
            continue
        if name not in {"color", "background-color", "border-color"} or not value.split("}")[0].strip().endswith(
            "!important"
        ):
            yield f"<style>: {name}: {value}"


def faults(html: str) -> list[str]:
    """Return what is wrong with the HTML of a mail."""
    linter = _Linter()
    linter.feed(_MSO.sub("", html))
    found = [*linter.faults, *_sheet_faults(linter.sheet)]
    size = len(html.encode())
    if size > GMAIL_CLIPS_AT:
        found.append(f"{size} bytes: Gmail clips it")
    if "url(" in html or "@import" in html or "<link" in html:
        found.append("it loads something")
    return found


def as_outlook_draws(html: str) -> str:
    """Return the HTML without what Outlook on Windows leaves out, and with what only Outlook reads."""
    html = _MSO.sub(lambda found: re.sub(r"<xml>.*?</xml>", "", found[1]), html)
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    html = re.sub(r'\sclass="[^"]*"', "", html)
    return re.sub(r'<(\w+)([^>]*?)\sstyle="([^"]*)"', _without_unknown, html)


def _without_unknown(found: re.Match[str]) -> str:
    tag, kept = found[1], []
    for name, value in declarations(found[3]):
        if name == "mso-padding-alt":
            kept.append(f"padding:{value}")
        elif name == "display" and value == "none":
            kept.append("display:none")
        elif name in EVERYWHERE and _is_drawn(tag, name, value) and not (tag == "a" and name in IN_A_LINK):
            kept.append(f"{name}:{value}")
    return f'<{tag}{found[2]} style="{";".join(kept)}"'
