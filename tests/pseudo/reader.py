"""Read what a page shows, and find the words in it that are in no mark of the pseudo-language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from tests.pseudo.language import FIRST, LAST

#: Attributes that people read, or hear.
SPOKEN = {
    "title",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "placeholder",
    "alt",
    "label",
    "hx-confirm",
}
SILENT = {"script", "style", "pre", "code", "kbd"}
INLINE = {"a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "small", "span", "strong", "time"}
MARKED = re.compile(f"{FIRST}[^{FIRST}{LAST}]*{LAST}")
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))+")
#: A sentence for a script: at least two words.
SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")


#: What is the same in all languages: addresses, and placeholders that people write as they are.
ADDRESS = re.compile(r"https?://\S+|[\w.+-]*@[\w.-]+|\{\w+\}")
#: Domains, names of permissions, and what is left of a secret: "9e********".
DOTTED = re.compile(r"\b\w+(?:\.\w+)+\b|\w+\*+")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = [""]
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if self._silent:
            self._silent += [tag] if tag == self._silent[0] else []
            return
        if _is_silent(tag, names):
            self._silent = [tag]
            return
        if names.get("type") in {"submit", "button", "reset"} and tag == "input":
            self.found.insert(0, names.get("value", ""))
        for name, value in names.items():
            is_sentence = name.startswith("data-") and SENTENCE.search(value) and value[0] not in "[{"
            if name in SPOKEN or is_sentence:
                self.found.insert(0, value)
        if tag not in INLINE:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[0]:
            self._silent.pop()
        if tag not in INLINE:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found[-1] += data


def _is_silent(tag: str, names: dict[str, str]) -> bool:
    """Whether an element shows nothing, data, or says itself that it is in another language than the page.

    The initials in a picture are data, and a country gets its name from the browser.
    """
    of_data = {"avatar", "person-face", "home-face"} & set(names.get("class", "").split()) or "data-region" in names
    is_hidden = "display:none" in names.get("style", "").replace(" ", "")  # a mail's first words once more, for lists
    return tag in SILENT or is_hidden or bool(of_data) or (tag != "html" and "lang" in names)


def shown_by(html: str) -> list[str]:
    """Each stretch of text of a page, and each attribute that people read."""
    page = _Page()
    page.feed(html)
    page.close()
    # A text may have elements in it that are blocks: it ends in a later stretch.
    joined: list[str] = []
    for stretch in page.found:
        if joined and joined[-1].count(FIRST) > joined[-1].count(LAST):
            joined[-1] += f" {stretch}"
        else:
            joined.append(stretch)
    return [stretch for stretch in joined if stretch.strip()]


def unmarked(text: str, data: Iterable[str]) -> str:
    """Return what is left of a text without what is marked, and without `data`, longest first; "" without words."""
    while (less := MARKED.sub(" ", text)) != text:
        text = less
    text = ADDRESS.sub(" ", text)
    if not WORD.search(text):
        return ""
    for value in data:
        if value in text:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", text)
    text = " ".join(DOTTED.sub(" ", text).split())
    return text if WORD.search(text) else ""
