"""A time zone is typed and chosen in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from organizations import invitations
from tests.browser.visitor import Visitor
from tests.conftest import Team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.mark.parametrize(
    ("here", "proposed"),
    [("Asia/Calcutta", "Kolkata"), ("Europe/Kiev", "Kyiv"), ("America/New_York", "New York")],
)
def test_somebody_invited_finds_their_own_place(
    chromium: Browser, live_server: LiveServer, team: Team, here: str, proposed: str
) -> None:
    """Browsers tell an older spelling of some zones; the place is found nevertheless, and can be typed for."""
    invitation = invitations.invite(
        organization=team.organization, email="nia@new.example", role="recruiter", actor=team.admin.user
    )
    visitor = Visitor(chromium, live_server.url, timezone_id=here)
    page = visitor.page
    page.goto(f"/invitations/{invitations.link(invitation).split('/invitations/')[1]}")
    field = page.get_by_role("combobox", name="Your time zone")
    expect(field).to_have_value(re.compile(rf"{proposed} \(GMT"))
    field.fill("Buenos")
    expect(page.get_by_role("option", name="Buenos Aires", selected=True)).to_contain_text("Argentina")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Buenos Aires (GMT-3)")
    expect(page.get_by_role("listbox")).to_be_hidden()
    visitor.check()
    visitor.close()


def test_a_zone_is_chosen_by_keyboard_mouse_and_country(admin_visitor: Visitor, team: Team) -> None:
    """Escape and leaving change nothing that was not chosen; what is only typed is understood when it is saved."""
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    field, chosen = page.get_by_role("combobox", name="Time zone"), page.locator("[name='time_zone']")
    field.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(chosen).to_have_value("Europe/Berlin")
    field.fill("united states")
    page.get_by_role("option", name="Chicago").click()
    expect(field).to_have_value(re.compile(r"Chicago \(GMT-"))
    expect(chosen).to_have_value("America/Chicago")
    field.fill("japan")
    expect(page.get_by_role("option", name="Tokyo", selected=True)).to_be_visible()
    field.press("Tab")
    expect(chosen).to_have_value("Asia/Tokyo")
    field.fill("Xyzzy")
    expect(page.get_by_text("No place matches “Xyzzy”")).to_be_visible()
    page.get_by_label("Name", exact=True).focus()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“Xyzzy” is not a time zone.")).to_be_visible()
    page.get_by_role("combobox", name="Time zone").fill("osaka")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Tokyo (GMT+9)")
    visitor.check()
