"""The requests that the product's own pages offer: every form and every element of htmx, with its values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

#: What somebody might type into an empty field, by its type.
TYPED = {
    "text": "Text",
    "textarea": "Text",
    "email": "new@example.com",
    "date": "2027-03-01",
    "time": "10:00",
    "number": "7",
    "password": "tall-ships-sail-9",
}
VERBS = {"hx-get": "GET", "hx-post": "POST"}

Fields = dict[str, list[str]]


@dataclass
class Sent:
    """The request of one form or element: where, how, and its names with the values that stand in them.

    `offered` are names that it sends only after a click: buttons, and boxes that aren't ticked. `fixed` are those that
    tell one element from another at the same address.
    """

    address: str
    method: str
    fields: Fields = field(default_factory=dict)
    offered: Fields = field(default_factory=dict)
    fixed: Fields = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    form: Sent | None = None

    def whole(self) -> Sent:
        """The same request with the values of the form that it stands in."""
        around = self.form or Sent("", "")
        fields = around.fields | self.fields | self.fixed
        offered, uploads = around.offered | self.offered, [*around.uploads, *self.uploads]
        return Sent(self.address, self.method, fields, offered, self.fixed, uploads)

    @property
    def names(self) -> list[str]:
        return sorted({*self.fields, *self.offered, *self.uploads})


def sent_by(html: str, address: str) -> list[Sent]:
    """Everything that a page, read at `address`, can send within the product."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    return [one.whole() for one in reader.found if one.address.startswith("/")]


def sent_to(address: str) -> Sent:
    """The request of somebody who opens an address."""
    parts = urlsplit(address)
    fields: Fields = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return Sent(parts.path, "GET", fields)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = address
        self.found: list[Sent] = []
        self._forms: list[Sent] = []
        self._named: dict[str, Sent] = {}
        self._select: tuple[Sent, str, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: tuple[Sent, str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open_form(given)
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        else:
            self._control(tag, given)
        if tag != "form":
            self.found += self._of_htmx(given)
        if tag == "a" and "?" in given.get("href", ""):
            self.found.append(self._sent(given["href"], "GET"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._forms:
            self._forms.pop()
        elif tag == "select" and self._select:
            form, name, several = self._select
            chosen = [value for value, selected in self._options if selected]
            chosen = chosen or [value for value, _selected in self._options if value][:1]
            form.fields.setdefault(name, []).extend(chosen if several else chosen[:1])
            self._select = None
        elif tag == "textarea" and self._textarea:
            form, name = self._textarea
            form.fields.setdefault(name, []).append(self._text.strip() or TYPED["textarea"])
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def _open_form(self, given: dict[str, str]) -> None:
        verb = next((verb for verb in VERBS if verb in given), "")
        method = VERBS[verb] if verb else given.get("method", "get").upper()
        form = self._sent(given[verb] if verb else given.get("action", ""), method)
        self.found.append(form)
        self._forms.append(form)
        self._named[given.get("id", "")] = form

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        form = self._named.get(given["form"]) if "form" in given else next(reversed(self._forms), None)
        if form is None or not name or tag not in {"input", "select", "textarea", "button"}:
            return
        kind = given.get("type", "text") if tag == "input" else tag
        if tag == "select":
            self._select, self._options = (form, name, "multiple" in given), []
        elif tag == "textarea":
            self._textarea, self._text = (form, name), ""
        elif kind == "file":
            form.uploads.append(name)
        elif kind in {"button", "submit", "image"} or (kind in {"checkbox", "radio"} and "checked" not in given):
            form.offered.setdefault(name, []).append(given.get("value", "on"))
        else:
            form.fields.setdefault(name, []).append(given.get("value") or TYPED.get(kind, ""))

    def _of_htmx(self, given: dict[str, str]) -> Iterator[Sent]:
        """The requests of an element alone; inside a form it sends the form's values too, to its own address."""
        for verb, method in VERBS.items():
            if verb not in given:
                continue
            sent = self._sent(given[verb], method)
            sent.form = next(reversed(self._forms), None)
            if given.get("hx-vals", "").startswith("{"):
                sent.fixed = {name: [str(value)] for name, value in json.loads(given["hx-vals"]).items()}
            if given.get("name"):
                sent.offered[given["name"]] = [given.get("value", "")]
            yield sent

    def _sent(self, address: str, method: str) -> Sent:
        sent = sent_to(address)
        return Sent(sent.address or self.page.partition("?")[0], method, sent.fields)
