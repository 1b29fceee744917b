"""The command palette and the shortcuts in a real browser: by keys alone, by a phone's button, and switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.models import Job
from tests.browser.steps import dialog
from tests.browser.visitor import DESKTOP, PHONE, Visitor, broken_rules, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import make_loop

pytestmark = IN_BROWSER


@pytest.fixture
def page(visitor: Visitor, team: Team) -> Page:
    """The recruiter at Home, of an organization with a candidate, a schedule and a job."""
    make_loop(team, "Coding")
    Job.objects.create(organization=team.organization, title="Backend engineer")
    visitor.page.goto(team.url("home/"))
    return visitor.page


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search and commands")


def chosen(page: Page) -> Locator:
    """The option that Enter takes: the one that the field names to screen readers."""
    found = palette(page).get_by_role("combobox").get_attribute("aria-activedescendant")
    return page.locator(f"#{found}")


def test_a_page_is_reached_by_keys_alone(page: Page) -> None:
    page.keyboard.press("Control+k")
    field = palette(page).get_by_role("combobox")
    expect(field).to_be_focused()
    expect(palette(page).get_by_role("option", name="New schedule")).to_have_attribute("aria-selected", "true")
    for size, theme in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")):
        show(page, size, theme)
        assert broken_rules(page) == [], (size, theme)
    show(page, DESKTOP, "light")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Add candidate")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_contain_text("Organization Settings")
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("ada os")
    expect(palette(page).get_by_role("group", name="Schedules").get_by_role("option")).to_have_count(1)
    expect(page.get_by_text("2 results")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada Osei")
    expect(page.get_by_role("link", name="Communications")).to_be_visible()


def test_enter_waits_for_what_was_typed_last(page: Page) -> None:
    """Typed and entered faster than the answer comes: it leads to what was typed, not to what was shown before."""
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("option", name="New schedule")).to_be_visible()
    page.keyboard.type("backend")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Backend engineer")


def test_an_action_opens_its_dialog(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("new job")
    expect(palette(page).get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_hidden()
    expect(dialog(page).get_by_label("Title")).to_be_focused()
    # While a dialog is open, nothing opens above it.
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_hidden()


def test_nothing_found_says_what_to_do(page: Page) -> None:
    page.get_by_role("button", name="Search everything").click()
    page.keyboard.type("zzz <b>")
    expect(palette(page)).to_contain_text("Nothing matches “zzz <b>”. Check the spelling.")
    expect(palette(page).get_by_role("combobox")).to_have_attribute("aria-expanded", "false")
    assert broken_rules(page) == []
    page.mouse.click(5, 5)
    expect(palette(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Search everything")).to_be_focused()


def test_it_works_on_a_phone(page: Page) -> None:
    show(page, PHONE, "light")
    page.get_by_role("button", name="Search everything").click()
    page.keyboard.type("ada")
    option = palette(page).get_by_role("group", name="Candidates").get_by_role("option", name="Ada Osei")
    box = option.bounding_box()
    assert box is not None and box["height"] >= 44
    option.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada Osei")


def test_keys_lead_to_pages_and_can_be_switched_off(page: Page, team: Team) -> None:
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("New schedule")
    for size, theme in ((DESKTOP, "light"), (PHONE, "dark")):
        show(page, size, theme)
        assert broken_rules(page) == [], theme
    show(page, DESKTOP, "light")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Candidates")
    page.get_by_label("Search name or e-mail").press("n")
    expect(page.get_by_label("Search name or e-mail")).to_have_value("n")
    page.locator("#content").focus()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_contain_text("New schedule")

    page.goto(team.url("home/"))
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    keys.get_by_role("switch", name="Use shortcuts of single keys").press("Space")
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()
    page.get_by_role("heading", level=1).click()
    for key in ("n", "?", "/", "g", "c"):
        page.keyboard.press(key)
    expect(keys).to_be_hidden()
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_visible()
    expect(page).to_have_url(team.url("home/"))
