"""An admin gives the organization its logo and color, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.organizations.test_branding import picture

pytestmark = IN_BROWSER
SHOWS = "image => image.complete && image.naturalWidth > 0"


def test_a_logo_and_a_color_are_shown_at_once(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    expect(page.get_by_role("button", name="Save changes")).to_be_hidden()
    page.get_by_label("New logo").set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    )
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("SVG files can contain programs")).to_be_visible()
    visitor.check()
    page.get_by_label("New logo").set_input_files(
        {"name": "logo.jpg", "mimeType": "x/y", "buffer": picture("teal", "JPEG")}
    )
    page.get_by_role("radio", name="Teal").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert").first).to_contain_text("Settings saved.")
    mark = page.locator(".sidebar-brand .brand-logo")
    assert mark.evaluate(SHOWS)
    expect(page.get_by_role("img", name="Current logo")).to_be_visible()
    expect(page.get_by_role("radio", name="Teal")).to_be_checked()
    color = page.locator("#look-title").evaluate("title => getComputedStyle(title).getPropertyValue('--tblr-primary')")
    assert color.strip() == "#0f766e"
    visitor.check()
    page.get_by_label("Remove logo").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("No logo yet")).to_be_visible()
    expect(page.locator(".sidebar-brand .brand-mark")).to_be_visible()
