"""Every mail in Chromium, as pictures: wide and narrow, light and dark, and without what Outlook does not know.

With MAIL_PICTURES=<folder>, as `make screenshots` sets it, the pictures are stored there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from organizations.mail_logos import in_place, named_in
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.mail_rules import as_outlook_draws
from tests.mails import every_mail, messages, part
from tests.organizations.test_branding import give_logo

pytestmark = IN_BROWSER

FOLDER = os.environ.get("MAIL_PICTURES", "")
WIDE, NARROW = {"width": 700, "height": 500}, {"width": 360, "height": 640}

#: Texts whose contrast to the ground behind them is under 4.5 (WCAG 2.2, 1.4.3), with their colours.
FAINT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (box) => {
    for (; box; box = box.parentElement) {
      const colour = getComputedStyle(box).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const box = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !box.checkVisibility()) continue;
    const [one, other] = [getComputedStyle(box).color, ground(box)].map(light).sort((a, b) => a - b);
    const contrast = (other + 0.05) / (one + 0.05);
    if (contrast < 4.5) found.push(`${walker.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
  }
  return found;
}"""
#: Boxes that reach out of the window, or out of the cell that they stand in.
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((box) => box.checkVisibility() && box.getBoundingClientRect().width)
  .filter((box) => box.getBoundingClientRect().right > innerWidth + 1 || box.getBoundingClientRect().left < -1)
  .map((box) => `${box.tagName} ${box.textContent.trim().slice(0, 40)}`)"""
BUTTONS = """() => [...document.querySelectorAll("td > a")].filter(
  (link) => link.parentElement.textContent.trim() === link.textContent.trim()
).map((link) => {
  const [cell, card] = [link.closest("td"), document.querySelector("td[dir]")];
  const [box, inside] = [cell.getBoundingClientRect(), card.getBoundingClientRect()];
  return { label: link.textContent.trim(), height: box.height, link: link.getBoundingClientRect().height,
    inside: box.left >= inside.left && box.right <= inside.right };
})"""


@pytest.fixture
def mails(team: Team) -> dict[str, str]:
    return {name: part(mail, "text/html") for name, mail in every_mail(team).items()}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(reduced_motion="reduce")
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    # Nothing is loaded but what a mail brings itself.
    assert [one for one in asked if not one.startswith(("cid:", "data:"))] == []


def show(page: Page, html: str, size: dict[str, int], scheme: str, name: str = "") -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.set_content(html)
    if FOLDER and name:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(FOLDER) / f"{name}-{size['width']}-{scheme}.png", full_page=True)


def test_every_mail_can_be_read_wide_and_narrow_light_and_dark(mails: dict[str, str], page: Page) -> None:
    for name, html in mails.items():
        for size in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                show(page, html, size, scheme, name)
                here = f"{name}, {size['width']}, {scheme}"
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], here
                assert page.evaluate(TOO_WIDE) == [], here
                assert page.evaluate(FAINT) == [], here
                for button in page.evaluate(BUTTONS):
                    assert button["inside"] and button["height"] >= 36, f"{here}: {button}"
                    assert button["link"] >= 36, f"{here}: {button} is not clickable as a whole"


def test_dark_is_dark_and_light_is_light(mails: dict[str, str], page: Page) -> None:
    """Where a program turns colours round itself, it finds a plain light mail: dark words on white."""
    grounds = {}
    for scheme in ("light", "dark"):
        show(page, mails["candidate_invitation"], WIDE, scheme)
        grounds[scheme] = page.evaluate("getComputedStyle(document.querySelector('td[dir]')).backgroundColor")
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(24, 32, 48)"}


def test_outlook_draws_the_same_mail(mails: dict[str, str], page: Page) -> None:
    """Without classes, style sheets, corners and `max-width`; padding in cells alone. Its own comments are read."""
    for name, html in mails.items():
        show(page, as_outlook_draws(html), {"width": 1000, "height": 700}, "light", f"{name}-outlook")
        card = page.locator("td[dir]").bounding_box()
        assert card is not None and card["width"] == 600 and card["x"] == 200, f"{name}: {card}"
        assert page.evaluate(TOO_WIDE) == [], name
        assert page.evaluate(FAINT) == [], name
        for button in page.evaluate(BUTTONS):
            assert button["inside"] and button["height"] >= 36, f"{name}: {button}"


def test_a_logo_is_seen_on_dark_grounds_too(team: Team, page: Page) -> None:
    """It stands on a light ground of its own. Blocked, it leaves its place empty, and the name beside it."""
    give_logo(team.organization)
    html = part(next(iter(messages(team).values())), "text/html")
    shown = in_place(html, named_in(html, team.organization))
    for blocked, document in ((False, shown), (True, html)):
        for size in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                show(page, document, size, scheme, "" if blocked else "with_logo")
                logo = page.locator("img")
                assert logo.evaluate("one => one.getBoundingClientRect().height") == 40
                assert logo.evaluate("one => one.naturalWidth > 0") is not blocked
                ground = logo.evaluate("one => getComputedStyle(one.parentElement).backgroundColor")
                assert ground == "rgb(255, 255, 255)"
                assert page.get_by_text("Acme", exact=True).first.is_visible()
                assert page.evaluate(TOO_WIDE) == page.evaluate(FAINT) == []


def test_times_stand_beside_their_interviews(mails: dict[str, str], page: Page) -> None:
    for drawn in (mails["candidate_invitation"], as_outlook_draws(mails["candidate_invitation"])):
        for size in (WIDE, NARROW):
            show(page, drawn, size, "light")
            for row in page.locator("tr:has(> th[scope=row])").all():
                time, rest = row.locator("> th").bounding_box(), row.locator("> td").bounding_box()
                assert time is not None and rest is not None
                assert time["y"] == rest["y"] and time["x"] + time["width"] <= rest["x"] + 1
                assert time["width"] >= 96 and rest["width"] >= 150
