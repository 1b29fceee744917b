"""The frame of every page in a real browser: the menu on a phone, the menu of one's name, the theme, long names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from organizations.models import Membership
from tests.browser.visitor import DESKTOP, PHONE, Visitor, broken_rules, show
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team

pytestmark = IN_BROWSER
#: A window of 1280 pixels at 200 % zoom.
ZOOMED = {"width": 640, "height": 400}
SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-bs-theme")


def test_a_phone_has_a_low_bar_and_the_whole_menu(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    show(page, PHONE, "light")
    page.goto(team.url("home/"))
    bar = page.locator(".top-bar").bounding_box()
    assert bar is not None and bar["height"] <= 56
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    menu = page.get_by_role("dialog", name="Menu")
    expect(menu).to_be_visible()
    assert broken_rules(page) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    menu.get_by_role("link", name="Candidates", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Candidates")).to_be_visible()
    page.get_by_role("link", name="New schedule").first.click()
    expect(page.get_by_role("heading", level=1, name="New schedule")).to_be_visible()


def test_the_theme_is_chosen_by_keyboard_and_kept(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("home/"))
    assert theme(page) == "light"
    account = page.get_by_role("button", name="Account: Recruiter")
    account.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    for size, shown in ((DESKTOP, "light"), (DESKTOP, "dark")):
        show(page, size, shown)
        assert broken_rules(page) == [], shown
    page.get_by_role("button", name="Dark").press("Enter")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert theme(page) == "dark"
    page.keyboard.press("Escape")
    expect(account).to_be_focused()
    page.goto(team.url("schedules/"))
    assert theme(page) == "dark"
    account.click()
    page.get_by_role("button", name="As this device").click()
    assert theme(page) == "light"
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("size", [DESKTOP, ZOOMED, PHONE], ids=["wide", "zoomed", "phone"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_long_names_and_both_directions_fit(visitor: Visitor, team: Team, size: dict[str, int], direction: str) -> None:
    page = visitor.page
    team.organization.name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau " + "x" * 63
    team.organization.save()
    team.recruiter.user.name = "Wolfeschlegelsteinhausenbergerdorff " * 3
    team.recruiter.user.save()
    show(page, size, "light")
    for path in ("home/", "schedules/", "candidates/", "settings/profile/"):
        page.goto(team.url(path))
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert not page.evaluate(SIDEWAYS), path
        if size != DESKTOP:
            page.get_by_role("button", name="Menu", exact=True).click()
            expect(page.get_by_role("dialog", name="Menu")).to_be_visible()
        box = page.get_by_role("navigation", name="Main").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size["width"], path
        expect(page.get_by_role("button", name="Account:")).to_be_in_viewport()


def test_people_of_two_organizations_change_between_them(
    chromium: Browser, live_server: LiveServer, team: Team, other_team: Team
) -> None:
    with at_window(chromium, live_server, team, team.recruiter) as visitor:
        page = visitor.page
        page.goto(team.url("home/"))
        switcher = page.get_by_role("button", name=re.compile("Organization:"))
        expect(switcher).to_have_count(0)
        Membership.objects.create(organization=other_team.organization, user=team.recruiter.user, role="interviewer")
        page.reload()
        switcher.press("Enter")
        expect(page.get_by_role("link", name="Acme Recruiter")).to_have_attribute("aria-current", "true")
        for size, shown in ((DESKTOP, "light"), (DESKTOP, "dark")):
            show(page, size, shown)
            assert broken_rules(page) == [], shown
        page.keyboard.press("Escape")
        expect(switcher).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("link", name="Globex Interviewer")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".sidebar .brand-name")).to_contain_text(other_team.organization.name)
        switcher.click()
        page.get_by_role("link", name="All organizations").click()
        expect(page.get_by_role("heading", name="Your organizations")).to_be_visible()


def test_the_settings_are_one_line_on_a_phone(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    show(page, PHONE, "light")
    page.goto(team.url("settings/members/"))
    pages = page.get_by_role("navigation", name="Settings")
    expect(pages.get_by_role("link", name="Roles")).to_be_hidden()
    box = pages.bounding_box()
    assert box is not None and box["height"] <= 64
    pages.get_by_role("button", name="Members All settings").press("Enter")
    assert broken_rules(page) == []
    pages.get_by_role("link", name="Roles").click()
    expect(pages.get_by_role("button", name="Roles All settings")).to_be_visible()
    visitor.check()
