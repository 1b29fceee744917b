"""Two-step sign-in in a real browser: a passkey of Chromium's virtual authenticator, an app, a recovery code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.organizations.second_steps import add_app, code, recovery_codes

pytestmark = IN_BROWSER


@pytest.fixture
def somebody(chromium: Browser, live_server: LiveServer, team: Team, settings: Settings) -> Iterator[Visitor]:
    """A person at a browser that can make passkeys, at the address that the installation is known by."""
    settings.BASE_URL = live_server.url
    visitor = Visitor(chromium, live_server.url)
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield visitor
    visitor.close()


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.goto("/account/two-factors/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/sign-in/")


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Continue").click()


def test_a_passkey_is_added_and_signs_in_alone(somebody: Visitor, team: Team) -> None:
    page = somebody.page
    sign_in(page, team.recruiter.user.email)
    page.goto(team.url("settings/profile/"))
    page.get_by_role("link", name="Passkeys and codes").click()
    somebody.check()
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    somebody.check()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Save your recovery codes")).to_be_visible()
    somebody.check()
    expect(page.locator("[data-code]")).to_have_count(10)
    page.get_by_role("link", name="I've saved them").click()
    expect(page.get_by_role("listitem").filter(has_text="Work laptop")).to_contain_text("Added on")
    assert Authenticator.objects.get(type="webauthn").user == team.recruiter.user

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/account/two-factors/")
    expect(page.get_by_role("listitem").filter(has_text="Work laptop")).to_contain_text("Last used")

    sign_out(page)
    sign_in(page, team.recruiter.user.email)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    somebody.check()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    page.goto("/account/two-factors/codes/new/")  # reached by its button alone
    expect(page).to_have_url("/account/two-factors/")
    page.get_by_role("button", name="Remove Work laptop").click()
    expect(page.get_by_role("heading", name="Confirm it's you")).to_be_visible()
    page.get_by_role("link", name="passkey").click()
    somebody.check()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    expect(page.get_by_text("Work laptop")).to_have_count(0)
    somebody.check()


def test_an_app_is_added_used_and_removed(somebody: Visitor, team: Team) -> None:
    page = somebody.page
    sign_in(page, team.recruiter.user.email)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/account/two-factors/")
    page.get_by_role("button", name="Add an app").click()
    confirm(page)
    expect(page.get_by_role("img", name="Picture to scan with the app")).to_be_visible()
    somebody.check()
    secret = page.locator("[data-key]").inner_text()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_text("This code is wrong or was used already.")).to_be_visible()
    expect(page.locator("[data-key]")).to_have_text(secret)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Add the app").click()
    page.get_by_role("link", name="I've saved them").click()

    sign_out(page)
    sign_in(page, team.recruiter.user.email)
    page.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url("/sign-in/")
    sign_in(page, team.recruiter.user.email)
    page.get_by_label("Code").fill(code(secret, later=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    page.goto("/account/two-factors/")
    page.get_by_role("button", name="Make new ones").click()
    confirm(page)
    expect(page.locator("[data-code]").first).to_be_visible()
    page.get_by_role("link", name="I've saved them").click()
    page.get_by_role("button", name="Show recovery codes").click()
    shown = page.locator("[data-code]").all_inner_texts()
    assert shown == recovery_codes(team.recruiter.user)
    page.get_by_role("link", name="I've saved them").click()

    sign_out(page)
    sign_in(page, team.recruiter.user.email)
    page.get_by_label("Code").fill(shown[3])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/account/two-factors/")
    page.get_by_role("button", name="Remove the app").click()
    page.get_by_role("link", name="code").click()
    somebody.check()
    page.get_by_label("Code").fill(recovery_codes(team.recruiter.user)[0])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("The app is removed.")).to_be_visible()
    assert not Authenticator.objects.filter(user=team.recruiter.user).exists()


def test_an_organization_asks_for_it(somebody: Visitor, team: Team) -> None:
    page = somebody.page
    sign_in(page, team.admin.user.email)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(team.url("settings/"))
    page.get_by_role("link", name="Two-step sign-in").click()
    page.get_by_label("Two-step sign-in is needed by").select_option("Everyone")
    page.get_by_label("Days until it's needed").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    expect(page.get_by_text("Acme asks for it from")).to_be_visible()
    somebody.check()
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I've saved them").click()
    page.get_by_role("link", name="Back to Panelist").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(team.url("settings/two-factors/"))
    somebody.check()
    add_app(team.recruiter.user)
    page.get_by_role("link", name="Interviewer Acme").click()
    page.goto(team.url(f"settings/members/{team.recruiter.pk}/"))
    page.get_by_role("button", name="Take the second step off").click()
    expect(page.get_by_text("now signs in with the password alone.")).to_be_visible()
    assert not Authenticator.objects.filter(user=team.recruiter.user).exists()


def test_in_a_dialog_above_a_page_the_second_step_is_taken_beside_it(somebody: Visitor, team: Team) -> None:
    """The page below keeps what was typed."""
    page = somebody.page
    secret = add_app(team.recruiter.user)
    sign_in(page, team.recruiter.user.email)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in").click()
    page.goto(team.url("settings/profile/"))
    page.get_by_label("Name", exact=True).fill("Rosa Recruiter")
    team.recruiter.user.sessions.all().delete()
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("dialog").get_by_label("Password").fill("demo")
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Confirm in a new tab").click()
    beside = opened.value
    beside.get_by_label("Code").fill(code(secret, later=1))
    beside.get_by_role("button", name="Sign in").click()
    expect(beside.get_by_role("navigation", name="Main")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    team.recruiter.user.refresh_from_db()
    assert team.recruiter.user.name == "Rosa Recruiter"
