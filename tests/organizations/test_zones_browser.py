"""The menu of time zones in a real browser."""

from __future__ import annotations

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
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("America/New_York", "America/New_York")],
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
    menu = page.get_by_label("Your time zone")
    expect(menu).to_have_value(proposed)
    menu.focus()
    page.keyboard.type("Buenos")
    expect(menu).to_have_value("America/Argentina/Buenos_Aires")
    visitor.check()
    visitor.close()
