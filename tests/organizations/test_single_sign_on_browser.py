"""Single sign-on and the directory in a real browser: each form from its page, and a sign-in from end to end."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from organizations.directory import domains
from organizations.models import Directory, DirectoryToken, Domain, GroupRole, IdentityProvider, Membership
from organizations.single_sign_on import configuration
from organizations.single_sign_on.views import saml_party
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.organizations.directory.client import prove
from tests.organizations.single_sign_on.provider import Provider, provider
from tests.organizations.single_sign_on.saml_provider import SamlServer, metadata, saml_server

__all__ = ["provider", "saml_server"]
pytestmark = IN_BROWSER


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").first).to_contain_text(words)


def test_an_admin_sets_up_the_directory(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    visitor.go("Organization Settings", "Directory")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("status").filter(has_text="Copy the token now")).to_contain_text("scim_")
    visitor.check()
    first = DirectoryToken.objects.get()
    page.goto(team.url("settings/directory/"))
    expect(page.get_by_text("Copy the token now")).to_have_count(0)
    page.get_by_role("button", name=f"Renew {first.prefix}").click()
    expect(page.get_by_role("row").filter(has_text=first.prefix).locator("time")).to_have_count(1)
    page.goto(team.url("settings/directory/"))
    page.get_by_role("button", name=f"End {first.prefix}").click()
    says(page, "Token ended.")
    page.get_by_label("Default role").select_option("Read only")
    page.get_by_role("button", name="Save default role").click()
    says(page, "Default role saved.")
    page.get_by_label("Group", exact=True).fill("Recruiting")
    page.get_by_label("Role", exact=True).select_option("Recruiter")
    page.get_by_role("button", name="Add group").click()
    says(page, "Role of the group saved.")
    assert GroupRole.objects.get().role == "recruiter"
    page.get_by_role("button", name="Remove Recruiting").click()
    says(page, "Role of the group removed.")
    assert Directory.objects.get().default_role == "read_only"


def test_an_admin_sets_up_single_sign_on(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    visitor.go("Organization Settings", "Single sign-on")
    page.get_by_role("textbox", name="Domain").fill("Corp.example")
    page.get_by_role("button", name="Add domain").click()
    says(page, "Domain added.")
    expect(page.get_by_text(domains.record_value(Domain.objects.get()))).to_be_visible()
    page.get_by_role("button", name="Check corp.example").click()
    expect(page.get_by_text("Checking. Reload the page in a moment.")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Remove corp.example").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("can no longer join with single sign-on")
    visitor.check()
    dialog.get_by_role("button", name="Remove corp.example").click()
    says(page, "Domain removed.")

    page.get_by_role("textbox", name="Issuer").fill("https://login.corp.example")
    page.get_by_label("Client ID").fill("panelist")
    page.get_by_label("Client secret").fill("a-secret")
    page.get_by_role("button", name="Save provider").click()
    says(page, "Provider saved.")
    page.get_by_role("button", name="Check provider").click()
    expect(page.get_by_text("Checking. Reload the page in a moment.")).to_be_visible()
    IdentityProvider.objects.update(document={"issuer": "https://login.corp.example"}, keys=[{}])
    page.get_by_label("Members sign in with single sign-on only").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Choose at least one admin who has a password.")).to_be_visible()
    page.get_by_role("checkbox", name="Admin Acme").check()
    page.get_by_role("button", name="Save", exact=True).click()
    says(page, "Saved.")
    assert IdentityProvider.objects.get().is_required
    visitor.check()
    page.get_by_role("button", name="Remove provider").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Single sign-on is then no longer required.")
    visitor.check()
    dialog.get_by_role("button", name="Remove provider").click()
    says(page, "Provider removed.")
    assert not IdentityProvider.objects.exists()


def test_a_person_signs_in_by_their_provider(
    chromium: Browser, live_server: LiveServer, team: Team, provider: Provider, settings: Any
) -> None:
    """Panelist stands at localhost, the provider at 127.0.0.1: sites with cookies of their own."""
    settings.BASE_URL = live_server.url
    there = live_server.url.replace("localhost", "127.0.0.1")
    prove(team, "corp.example")
    provider.client.redirect_uris = f"{live_server.url}/sign-in/single/{team.slug}/back/"
    provider.client.save()
    IdentityProvider.objects.update(issuer=there)
    configuration.check(provider.row.pk)
    visitor = Visitor(chromium, live_server.url)
    session = provider.at_provider.cookies["sessionid"].value
    visitor.context.add_cookies([{"name": "sessionid", "value": session, "url": there}])
    page = visitor.page
    page.goto(team.url("schedules/"))
    page.get_by_role("link", name="Continue with single sign-on").click()
    page.get_by_label("E-mail").fill("ann@corp.example")
    visitor.check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile(re.escape(team.url("schedules/")) + "$"))
    assert Membership.objects.get(user__email="ann@corp.example").role == "interviewer"
    visitor.close()
    assert visitor.complaints == []


def test_an_admin_pastes_the_metadata_of_a_saml_provider(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    visitor.go("Organization Settings", "Single sign-on")
    page.get_by_role("link", name="SAML").click()
    page.get_by_label("Metadata", exact=True).fill("<x/>")
    page.get_by_role("button", name="Save provider").click()
    expect(page.get_by_text("This is no metadata of a SAML 2.0 provider.")).to_be_visible()
    visitor.check()
    page.get_by_label("Metadata", exact=True).fill(metadata())
    page.get_by_role("button", name="Save provider").click()
    says(page, "Provider saved.")
    configuration.check(IdentityProvider.objects.get().pk)
    page.reload()
    expect(page.get_by_role("status").filter(has_text="Ready, SAML")).to_contain_text("Certificate until")
    visitor.check()


def test_a_person_signs_in_by_a_saml_provider(
    chromium: Browser, live_server: LiveServer, team: Team, saml_server: SamlServer, settings: Any
) -> None:
    """From another site comes a POST without the session's cookie: the browser shows whether that is enough."""
    settings.BASE_URL, settings.ALLOW_INTERNAL_PROVIDERS = live_server.url, True
    saml_server.party = saml_party(team.slug)
    saml_server.back = saml_server.party.back
    prove(team, "corp.example")
    row = IdentityProvider.objects.create(
        organization=team.organization, protocol="saml", metadata_address=f"{saml_server.address}/metadata"
    )
    configuration.check(row.pk)
    visitor = Visitor(chromium, live_server.url)
    page = visitor.page
    page.goto(team.url("schedules/"))
    page.get_by_role("link", name="Continue with single sign-on").click()
    page.get_by_label("E-mail").fill("ann@corp.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sign in at the provider").click()
    expect(page).to_have_url(re.compile(re.escape(team.url("schedules/")) + "$"))
    assert Membership.objects.get(user__email="ann@corp.example").role == "interviewer"
    visitor.close()
    assert visitor.complaints == []
