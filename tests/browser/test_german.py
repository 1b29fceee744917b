"""A member chooses Deutsch, and works in German: no English word is left, and the longer words fit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from organizations.models import User
from tests.browser.conftest import Visitors
from tests.browser.inspection import close_dialog, layout, open_dialog
from tests.browser.test_every_page import Reader, reader, rows
from tests.browser.uninspected import LEFT_OUT
from tests.browser.visitor import DESKTOP, Visitor, show
from tests.conftest import Team
from tests.everything import Rows
from tests.test_addresses import OPENED, address_of, the_demos_pages_too

__all__ = ["reader", "rows", "the_demos_pages_too"]

#: Words of the product that are in no German sentence, and in no name of the demo.
ENGLISH = re.compile(
    r"\b(the|and|your|this|that|with|from|are|been|has|have|nobody|everyone|people|days?|not|yet|none|no|yes"
    r"|saved?|edit|delete|remove|cancel|close|add|send|sent|messages?|schedules?|candidates?|jobs?|stages?"
    r"|members?|settings|search|clear|refresh|create|created|changed?|changes|open|opens|choose|chosen"
    r"|address|language|times?|minutes|hours|today|tomorrow|needs|attention|preview|drafts?|ready|queued|failed"
    r"|waiting|scheduled|cancelled|done|upcoming|past|activity|history|communications|home|help|account|theme|light"
    r"|dark|device|password|roles?)\b",
    re.IGNORECASE,
)
#: Interviews of the demo.
OF_DEMO = re.compile("Values and team|Accessibility and design")
#: What people see or hear, without what people wrote.
SHOWN = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll("script, style, template, iframe, pre, bdi, kbd, [lang=en]").forEach(one => one.remove());
  const spoken = [...copy.querySelectorAll("[aria-label], [title], [placeholder], [alt]")].flatMap(one =>
    ["aria-label", "title", "placeholder", "alt"].map(name => one.getAttribute(name) || ""));
  return [...copy.textContent.split("\\n"), ...spoken, document.title];
}"""
#: Buttons, tabs and heads whose words end in dots. Names of people and things may.
SHORTENED = """() => [...document.querySelectorAll(".btn, .nav-link, .list-group-item, thead th, h1")]
  .filter(box => box.checkVisibility() && !box.querySelector("bdi") && box.scrollWidth > box.clientWidth + 1)
  .map(box => `shortened: ${box.innerText}`)"""


def cut(page: Page) -> Iterator[str]:
    """Yield all that German words are too long for, which go from left to right."""
    yield from (one for one in layout(page) if ", rtl: " not in one)
    yield from page.evaluate(SHORTENED)


def check(visitor: Visitor, page: Page) -> None:
    """No English word stands on the page, and everything fits, wide and narrow."""
    visitor.quiet(page)
    assert page.evaluate("document.documentElement.lang") == "de"
    lines: list[str] = page.evaluate(SHOWN)
    english = [line.strip() for line in lines if ENGLISH.search(OF_DEMO.sub("", line))]
    assert english == [], page.url
    assert list(cut(page)) == [], page.url
    show(page, DESKTOP, "light")


def test_a_member_works_in_german(visitors: Visitors) -> None:
    visitor = visitors()
    page = visitor.page
    page.goto(page.url.replace("/home/", "/settings/profile/"))
    page.get_by_label("Language").select_option("Deutsch")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Profil gespeichert.")).to_be_visible()
    check(visitor, page)
    menu = page.get_by_role("navigation", name="Hauptmenü")
    menu.get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zeiten in")
    check(visitor, page)
    menu.get_by_role("link", name="Zeitpläne", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zeitpläne")
    check(visitor, page)
    page.get_by_role("row").filter(has_text="Amina Haddad").get_by_role("link", name="Amina Haddad").first.click()
    page.get_by_role("link", name="Kommunikation", exact=True).click()
    section = page.get_by_role("region", name="Nachrichten")
    section.get_by_role("button", name="vorbereiten").click()
    section.get_by_role("button", name=re.compile(r"^\d Nachricht(en)? senden$")).click()
    expect(section.get_by_text("Gesendet", exact=True).first).to_be_visible()
    check(visitor, page)
    menu.get_by_role("link", name="Einstellungen der Organisation", exact=True).click()
    expect(page.get_by_label("Sprache der Nachrichten")).to_have_value("en")
    check(visitor, page)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["admin"])
def test_german_words_fit_on_every_page(role: str, reader: Reader, team: Team, rows: Rows) -> None:
    """Without the demo: a row of each model, and every address that answers with a page or a dialog."""
    User.objects.update(language="de")
    page, found, seen = reader.visitor.page, list[str](), 0
    for name in OPENED[role]:
        address = address_of(name, team.slug, rows)
        kind = "" if name in LEFT_OUT else reader.kind(name, address)
        if kind == "page":
            page.goto(address)
        elif kind == "dialog":
            if not page.url.endswith("/roles/"):
                page.goto(team.url("settings/roles/"))
            open_dialog(page, address)
        else:
            continue
        seen += 1
        found += [f"{name}: {one}" for one in cut(page)]
        if kind == "dialog":
            close_dialog(page)
    assert seen > 40
    assert not found, "\n".join(found)
