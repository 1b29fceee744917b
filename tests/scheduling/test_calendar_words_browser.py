"""Words in calendars, as an admin and a member type them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER


def test_words_are_saved_for_everybody_and_for_oneself(admin_visitor: Visitor, team: Team) -> None:
    page = admin_visitor.page
    page.goto(team.url("home/"))
    admin_visitor.go("Organization Settings", "Scheduling")
    page.get_by_role("link", name="Words in calendars").click()
    page.get_by_label("May be booked over").fill("focus\nreading time")
    page.get_by_role("button", name="Save words").click()
    expect(page.get_by_text("Words saved.")).to_be_visible()
    expect(page.get_by_label("May be booked over")).to_have_value("focus\nreading time")
    page.goto(team.url("settings/profile/"))
    page.get_by_role("link", name="Your calendars").click()
    page.get_by_role("link", name="Words in calendars").click()
    page.get_by_label("Busy", exact=True).fill("Reading time")
    page.get_by_role("button", name="Save words").click()
    expect(page.get_by_text("Words saved.")).to_be_visible()
    expect(page.get_by_label("Busy", exact=True)).to_have_value("Reading time")
