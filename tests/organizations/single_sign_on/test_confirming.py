"""Confirm who it is at the provider: the way of people whose accounts have no password."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import Membership, User
from tests.conftest import Team
from tests.organizations.directory.client import prove
from tests.organizations.single_sign_on.provider import Provider, bent, provider
from tests.organizations.single_sign_on.saml_provider import SamlProvider, request_in

__all__ = ["provider"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture(autouse=True)
def domain(team: Team) -> None:
    prove(team, "corp.example")


def asked(team: Team, browser: Client) -> str:
    """The provider's address to which the page for another address leads."""
    page = team.url("settings/profile/address/")
    led = browser.get(page)
    confirm = reverse("single-sign-on-confirm", kwargs={"organization": team.slug})
    assert (led.status_code, led["Location"]) == (302, f"{confirm}?{urlencode({'next': page})}")
    there = browser.get(led["Location"])
    assert there.status_code == 302
    return str(there["Location"])


def confirmed(team: Team, browser: Client) -> bool:
    return browser.get(team.url("settings/profile/address/")).status_code == 200


def come_back(provider: Provider, browser: Client, there: str, **claims: Any) -> Any:
    assert "prompt=login" in there and "max_age=0" in there
    with bent(**claims):
        # The provider in the tests would show its own sign-in page.
        return browser.get(provider.answer(there.replace("&prompt=login&max_age=0", "")))


def test_the_provider_confirms_and_the_page_opens(team: Team, provider: Provider) -> None:
    browser = Client()
    provider.sign_in(browser)
    response = come_back(provider, browser, asked(team, browser), auth_time=int(time.time()))
    assert response["Location"] == team.url("settings/profile/address/")
    assert confirmed(team, browser)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"auth_time": int(time.time()) - 3600}, "ask who you are"),
        ({"auth_time": None}, "ask who you are"),
        ({"auth_time": "now"}, "ask who you are"),
        ({"auth_time": int(time.time()) + 60, "sub": "somebody-else"}, "another account at your provider"),
    ],
)
def test_an_open_session_at_the_provider_and_another_person_confirm_nothing(
    claims: dict[str, Any], said: str, team: Team, provider: Provider
) -> None:
    browser = Client()
    provider.sign_in(browser)
    response = come_back(provider, browser, asked(team, browser), **claims)
    assert response.status_code == 403 and said in response.content.decode()
    assert not confirmed(team, browser)
    assert Membership.objects.filter(user__email="ann@corp.example").count() == 1


def test_it_counts_for_the_account_that_asked(team: Team, provider: Provider) -> None:
    browser = Client()
    provider.sign_in(browser)
    there = asked(team, browser)
    session = browser.session
    attempts = [one | {"confirms": team.admin.user.pk} for one in session["single_sign_on_attempts"]]
    session["single_sign_on_attempts"] = attempts
    session.save()
    response = come_back(provider, browser, there, auth_time=int(time.time()))
    assert response.status_code == 403 and not confirmed(team, browser)


def test_whoever_the_provider_does_not_know_has_no_such_way(team: Team, provider: Provider, as_admin: Client) -> None:
    assert as_admin.get(reverse("single-sign-on-confirm", kwargs={"organization": team.slug})).status_code == 404
    assert Client().get(reverse("single-sign-on-confirm", kwargs={"organization": team.slug})).status_code == 302
    assert "single sign-on" not in as_admin.get(reverse("account_reauthenticate")).content.decode()


def test_an_account_with_nothing_to_confirm_with_reads_what_to_do(team: Team) -> None:
    user = User.objects.create_user("ann@corp.example", None, name="Ann")
    Membership.objects.create(organization=team.organization, user=user, role="recruiter")
    browser = Client()
    browser.force_login(user)
    page = browser.get(team.url("settings/profile/address/"), follow=True)
    assert page.status_code == 200 and "Your account has no password" in page.content.decode()
    assert reverse("password-forgotten") in page.content.decode()


def test_a_saml_provider_is_asked_to_ask_anew(team: Team) -> None:
    there = SamlProvider.new(team)
    for signed_in, opens in ((timedelta(), True), (timedelta(hours=-1), False)):
        browser = Client()
        there.sign_in(browser)
        sent = request_in(asked(team, browser))
        assert 'ForceAuthn="true"' in sent["document"]
        there.post(browser, there.signed(there.said(sent["request"], signed_in=signed_in)), sent["state"])
        assert confirmed(team, browser) is opens


def test_the_dialog_of_a_session_that_ended_offers_single_sign_on(team: Team, provider: Provider) -> None:
    said = Client().get(reverse("sign-in-again"), headers={"HX-Request": "true"}).content.decode()
    assert reverse("single-sign-on") in said and "Continue after single sign-on" in said
    provider.row.delete()
    assert "single sign-on" not in Client().get(reverse("sign-in-again")).content.decode()
