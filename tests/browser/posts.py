"""The register of what posts: every form and button of the templates, and the browser test that presses it.

Django's test client sends no Origin, follows no Referrer-Policy, runs no script and fills no dialog. For a green run to
mean that people can do what the pages offer, each form is posted at least once by Chromium, from its own page.

A form or button that is new has to be written down in `REGISTER` (tests/test_posts.py fails until then), and the test
module named there has to post it: that is looked at whenever a whole module of browser tests has run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.browser.register import REGISTER, Entry

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Request

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"

#: What the template engine reads, which may hold any sign; then a tag whose attributes may hold such parts.
_CODE = r"(?>\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\})"
_TAG = re.compile(rf"<(?P<kind>[a-z]+)\b(?>{_CODE}|\"(?>{_CODE}|[^\"])*+\"|'(?>{_CODE}|[^'])*+'|[^<>])*+>", re.S)
#: Wide on purpose: how often it is found in a template is how many posting attributes there are to be seen.
POSTING = re.compile(r"hx-(?:post|put|patch|delete)\b|\bmethod\s*=\s*[\"']?post|\bformaction\b", re.I)
_ADDRESS = re.compile(rf"\b(?:hx-(?:post|put|patch|delete)|formaction|action)=\"(?P<value>(?>{_CODE}|[^\"])*+)\"", re.S)
_NAMED = re.compile(r"\{% url ['\"](?P<name>[\w-]+)['\"]")
_NAME = re.compile(r"\bname=\"(?P<name>[\w-]+)\"")
_VALUE = re.compile(rf"\bvalue=\"(?P<value>(?>{_CODE}|[^\"])*+)\"", re.S)


class Place(NamedTuple):
    """Something in a template that posts: to which address ("" where the view says it), or with which button."""

    template: str
    address: str = ""
    button: str = ""


def posting_tags(text: str) -> Iterator[str]:
    """The tags of a template that post: forms, and elements that htmx posts for."""
    return filter(POSTING.search, (tag[0] for tag in _TAG.finditer(text)))


@cache
def places() -> Counter[Place]:
    """Every place in today's templates, and how many tags there are like it."""
    return Counter(_places())


def _places() -> Iterator[Place]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        text, template = path.read_text(), path.relative_to(TEMPLATES).as_posix()
        for tag in posting_tags(text):
            for value in {each["value"] for each in _ADDRESS.finditer(tag)} or {""}:
                named = _NAMED.search(value)
                yield Place(template, address=named["name"] if named else "")
        for found in _TAG.finditer(text):
            if found["kind"] == "button" and (pair := _pair(found[0])):
                yield Place(template, button=pair)


def _pair(button: str) -> str:
    """A button's `name=value`; "*" stands for what its template fills in."""
    name, value = _NAME.search(button), _VALUE.search(button)
    if name is None:
        return ""
    filled = re.sub(r"\{%.*%\}", "*", value["value"] if value else "", flags=re.S)
    return f"{name['name']}={re.sub(r'{{.*?}}', '*', filled)}"


class Post(NamedTuple):
    """A post of the browser: from which page, to which address, with which values in the form `name=value`."""

    page: str
    address: str
    pairs: frozenset[str]

    def is_of(self, entry: Entry) -> bool:
        return (self.page, self.address) == (entry.page, entry.address) and (
            not entry.button or any(map(entry.fits, self.pairs))
        )


class Recorder:
    """Listen to every window of the run's browser, and keep its posts by the test module that was running."""

    def __init__(self) -> None:
        self.listens = False
        self.module = ""
        self.posts: dict[str, set[Post]] = {}

    def listen(self, browser: Browser) -> None:
        open_context = browser.new_context

        def new_context(**options: Any) -> BrowserContext:
            context = open_context(**options)
            context.on("request", self._note)
            return context

        browser.new_context = new_context  # type: ignore[method-assign]
        self.listens = True

    def _note(self, request: Request) -> None:
        if request.method == "GET":
            return
        page, address = _name(request.frame.url), _name(request.url)
        if page and address:
            sent = parse_qsl((request.post_data_buffer or b"").decode("latin-1"), keep_blank_values=True)
            pairs = frozenset(f"{name}={value}" for name, value in sent)
            self.posts.setdefault(self.module, set()).add(Post(page, address, pairs))

    def missing(self, module: str) -> list[Entry]:
        """The entries of the register that this module should have posted, and did not."""
        sent = self.posts.get(module, set())
        return [entry for entry in REGISTER if entry.module == module and not any(post.is_of(entry) for post in sent)]


def _name(url: str) -> str:
    """The name of an address of the product; "" for others, such as the sandbox's."""
    try:
        return resolve(urlsplit(url).path).url_name or ""
    except Resolver404:
        return ""


RECORDER = Recorder()


def module_of(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def begins(item: pytest.Item) -> None:
    RECORDER.module = module_of(item)


def ends(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Fail the last test of a module whose tests all ran in a browser, when one of its posts was not seen."""
    module = module_of(item)
    if next_item is not None and module_of(next_item) == module:
        return
    if not RECORDER.listens or item.config.option.keyword or any("::" in argument for argument in item.config.args):
        return
    if item.session.testsfailed == 0 and (missing := RECORDER.missing(module)):
        pytest.fail(f"{module} did not post what tests/browser/register.py says: {missing}")
