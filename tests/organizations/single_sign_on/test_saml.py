"""Sign in by a SAML provider: who is let in as whom, and every way in which an answer can be wrong."""

from __future__ import annotations

import copy
import sys
from datetime import timedelta
from typing import Any

import pytest
import time_machine
import xmlsec
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from organizations import tasks
from organizations.models import Domain, GroupRole, IdentityProvider, Membership, SignOnAnswer, User
from tests.conftest import Team
from tests.organizations.directory.client import prove
from tests.organizations.single_sign_on.saml_provider import NAMES, SamlProvider, pair, provider, sign

__all__ = ["provider"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def domain(team: Team) -> Domain:
    return prove(team, "corp.example")


def who(browser: Client) -> str | None:
    """The address of the account that a browser is signed in to."""
    pk = browser.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else None


def assertion_of(response: Any) -> Any:
    return response.find("saml:Assertion", NAMES)


def refused(response: Any, browser: Client, said: str = "trusted") -> None:
    text = response.content.decode().replace("&#x27;", "'")
    assert response.status_code == 403 and "Not signed in" in text and said in text
    assert who(browser) is None and not SocialAccount.objects.exists()


def test_a_person_of_the_domain_becomes_a_member(team: Team, provider: SamlProvider) -> None:
    browser = Client()
    response = provider.sign_in(browser, team.url("schedules/"))
    assert response["Location"] == team.url("schedules/")
    assert browser.get(response["Location"]).status_code == 200
    membership = Membership.objects.get(user__email="ann@corp.example")
    assert (membership.role, membership.user.name) == ("interviewer", "Ann Ito")
    assert not membership.user.has_usable_password()


def test_the_request_says_who_asks_and_where_the_answer_goes(team: Team, provider: SamlProvider) -> None:
    document = provider.begin(Client())["document"]
    root = etree.fromstring(document.encode())
    assert root.findtext("saml:Issuer", namespaces=NAMES) == provider.party.entity_id
    assert root.get("AssertionConsumerServiceURL") == provider.party.back
    assert root.get("Destination") == provider.row.document["sign_on_address"]
    assert root.get("ForceAuthn") is None


def test_the_metadata_says_the_same_of_every_name(team: Team, provider: SamlProvider) -> None:
    address = "single-sign-on-saml-metadata"
    response = Client().get(reverse(address, kwargs={"organization": team.slug}))
    assert response["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(response.content)
    assert root.get("entityID") == provider.party.entity_id
    assert root[0].get("WantAssertionsSigned") == "true"
    assert root.find(".//{*}AssertionConsumerService").get("Location") == provider.party.back
    assert Client().get(reverse(address, kwargs={"organization": "nobody"})).status_code == 200


def test_what_is_kept_of_an_answer_can_be_read_by_nobody_and_goes(team: Team, provider: SamlProvider) -> None:
    browser = Client()
    sent = provider.begin(browser)
    there = provider.posted(provider.signed(provider.said(sent["request"])), sent["state"])["Location"]
    assert "ann" in SignOnAnswer.objects.get().claims and "ann" not in there
    browser.get(there)
    assert who(browser) == "ann@corp.example" and SignOnAnswer.objects.get().claims == ""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        tasks.check_identity_providers()
    assert not SignOnAnswer.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "https://other.example/metadata"},
        {"audience": ""},
        {"recipient": "https://other.example/acs"},
        {"destination": "https://other.example/acs"},
        {"issuer": "https://evil.example"},
        {"ends": timedelta(minutes=-2)},
        {"begins": timedelta(minutes=2), "ends": timedelta(minutes=9)},
        {"name_id": ""},
        {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        {"answers_to": "_another"},
        {"transform": xmlsec.constants.TransformRsaSha1},
        {"digest": xmlsec.constants.TransformSha1},
    ],
)
def test_an_assertion_that_proves_nothing_lets_nobody_in(changes: dict[str, Any], provider: SamlProvider) -> None:
    browser = Client()
    refused(provider.sign_in(browser, **changes), browser)


def test_clocks_may_differ_by_half_a_minute(provider: SamlProvider) -> None:
    differences: list[dict[str, Any]] = [{"ends": timedelta(seconds=-30)}, {"begins": timedelta(seconds=30)}]
    for changes in differences:
        browser = Client()
        provider.sign_in(browser, **changes)
        assert who(browser) == "ann@corp.example"


def unsigned(response: Any) -> Any:
    assertion_of(response).remove(assertion_of(response).find("ds:Signature", NAMES))
    return response


def changed(response: Any) -> Any:
    assertion_of(response).find(".//saml:NameID", NAMES).text = "boss@corp.example"
    return response


def forged(response: Any, identity: str = "_evil") -> Any:
    """A copy of the assertion without a signature, about somebody else."""
    other = unsigned(copy.deepcopy(changed(copy.deepcopy(response))))
    found = assertion_of(other)
    found.set("ID", identity)
    return found


def forged_before(response: Any) -> Any:
    response.insert(2, forged(response))
    return response


def forged_behind(response: Any) -> Any:
    response.append(forged(response))
    return response


def forged_with_the_same_id(response: Any) -> Any:
    response.insert(2, forged(response, assertion_of(response).get("ID")))
    return response


def wrapped(response: Any) -> Any:
    """The signed one inside of the forged one's signature (XSW3, XSW4)."""
    real, fake = assertion_of(response), forged(response)
    response.remove(real)
    response.append(fake)
    fake.append(real)
    return response


def wrapped_in_an_object(response: Any) -> Any:
    """The forged one has the real signature, whose Object has the real assertion (XSW7, XSW8)."""
    real, fake = assertion_of(response), forged(response)
    signature = copy.deepcopy(real.find("ds:Signature", NAMES))
    response.remove(real)
    response.append(fake)
    fake.insert(1, signature)
    signature_object = etree.SubElement(signature, f"{{{NAMES['ds']}}}Object")
    signature_object.append(real)
    return response


def wrapped_in_extensions(response: Any) -> Any:
    """The signed one in an extension of the response, the forged one in its place."""
    real, fake = assertion_of(response), forged(response)
    response.remove(real)
    extensions = etree.Element(f"{{{NAMES['samlp']}}}Extensions")
    extensions.append(real)
    response.insert(1, extensions)
    response.append(fake)
    return response


def wrapped_response(response: Any) -> Any:
    """The whole response inside of another that has the forged assertion (XSW1, XSW2)."""
    outer = copy.deepcopy(response)
    outer.replace(assertion_of(outer), forged(response))
    outer.set("ID", "_outer")
    outer.append(response)
    return outer


def signed_response_alone(response: Any) -> Any:
    """The response is signed, and not the assertion."""
    bare = etree.fromstring(etree.tostring(unsigned(response)))
    sign(bare, *pair())
    return bare


def signed_by_a_stranger(response: Any) -> Any:
    bare = etree.fromstring(etree.tostring(unsigned(response)))
    sign(assertion_of(bare), *pair("stranger"))
    return bare


def twice(response: Any) -> Any:
    response.append(copy.deepcopy(assertion_of(response)))
    return response


def with_comment(response: Any) -> Any:
    """`ann@corp.example<!---->.evil.example` reads as the first half in programs that stop at a comment."""
    data = etree.tostring(response)
    assert b"ann@corp.example</saml:NameID>" in data
    return data.replace(b"ann@corp.example</saml:NameID>", b"ann@corp<!---->.example</saml:NameID>")


def with_instruction(response: Any) -> Any:
    return etree.tostring(response).replace(b"ann@corp.example</saml", b"ann@corp<?x?>.example</saml")


def with_file(response: Any) -> Any:
    data = etree.tostring(response).replace(b"Ann Ito", b"&file;")
    return b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>' + data


def with_bomb(response: Any) -> Any:
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    data = etree.tostring(response).replace(b"Ann Ito", b"&a9;")
    return f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{grown}]>'.encode() + data


def in_other_letters(response: Any) -> Any:
    """The declaration hides in UTF-16."""
    return with_file(response).decode().encode("utf-16")


@pytest.mark.parametrize(
    "change",
    [
        unsigned,
        changed,
        forged_before,
        forged_behind,
        forged_with_the_same_id,
        wrapped,
        wrapped_in_an_object,
        wrapped_in_extensions,
        wrapped_response,
        signed_response_alone,
        signed_by_a_stranger,
        twice,
        with_comment,
        with_instruction,
        with_file,
        with_bomb,
        in_other_letters,
        lambda response: b"",
        lambda response: b"no xml",
        lambda response: etree.tostring(response)[:-20],
        lambda response: b"<x/>",
        lambda response: b"x" * 300_000,
        assertion_of,
    ],
)
def test_a_document_that_was_changed_lets_nobody_in(change: Any, provider: SamlProvider) -> None:
    browser = Client()
    refused(provider.sign_in(browser, change=change), browser)
    assert not User.objects.filter(email__endswith="corp.example").exists()


def test_a_signed_response_around_a_signed_assertion_is_fine(provider: SamlProvider) -> None:
    """Many providers sign both."""

    def both(response: Any) -> Any:
        again = etree.fromstring(etree.tostring(response))
        sign(again, *pair())
        return again

    browser = Client()
    provider.sign_in(browser, change=both)
    assert who(browser) == "ann@corp.example"


def test_an_assertion_works_once(provider: SamlProvider) -> None:
    browser, other = Client(), Client()
    sent = provider.begin(browser)
    response = provider.signed(provider.said(sent["request"]))
    provider.post(browser, response, sent["state"])
    assert who(browser) == "ann@corp.example"
    again = provider.post(other, response, provider.begin(other)["state"])
    assert again.status_code == 403 and who(other) is None


def test_a_state_works_once_in_its_own_browser(provider: SamlProvider) -> None:
    """Nobody is signed in to a stranger's account by a page that posts the stranger's assertion."""
    mine, theirs = Client(), Client()
    sent = provider.begin(mine)
    response = provider.signed(provider.said(sent["request"]))
    there = provider.posted(response, sent["state"])["Location"]
    refused(theirs.get(there), theirs, "began in another browser")
    theirs_sent = provider.begin(theirs)
    swapped = there.replace(sent["state"], theirs_sent["state"])
    refused(theirs.get(swapped), theirs)
    mine.get(there)
    assert who(mine) == "ann@corp.example"
    mine.post(reverse("sign-out"))
    assert mine.get(there).status_code == 403 and who(mine) is None


def test_a_sign_in_that_the_provider_begins_is_refused_with_the_reason(provider: SamlProvider) -> None:
    browser = Client()
    answer = provider.post(browser, provider.signed(provider.said("")), "")
    refused(answer, browser, "Sign-ins begin here, not on the provider's page")
    begin = reverse("single-sign-on-begin", kwargs={"organization": provider.team.slug})
    assert begin in answer.content.decode()


def test_a_provider_that_says_no_is_told(provider: SamlProvider) -> None:
    browser = Client()
    refused(provider.sign_in(browser, status="Responder"), browser, "didn't sign you in")


def test_another_organizations_provider_lets_nobody_in(
    team: Team, other_team: Team, provider: SamlProvider, domain: Domain
) -> None:
    """Its key and issuer are the same, as those of one hostile provider in two organizations would be."""
    other = SamlProvider.new(other_team)
    browser = Client()
    sent = provider.begin(browser)
    refused(other.post(browser, other.signed(other.said(sent["request"])), sent["state"]), browser, "another browser")
    refused(provider.post(browser, other.signed(other.said(sent["request"])), sent["state"]), browser)
    other_person = Client()
    refused(other.sign_in(other_person), other_person, "isn't of a domain")


def test_a_hostile_organization_gets_into_nobodys_account(other_team: Team, provider: SamlProvider) -> None:
    prove(other_team, "globex.example")
    browser = Client()
    refused(provider.sign_in(browser, name_id=other_team.admin.user.email), browser, "isn't of a domain")


def test_an_account_of_the_django_admin_is_not_entered(provider: SamlProvider) -> None:
    User.objects.create_superuser("ann@corp.example", "secret", name="Root")
    browser = Client()
    refused(provider.sign_in(browser), browser, "Django admin")


@pytest.mark.parametrize("name", ["mail", "urn:oid:0.9.2342.19200300.100.1.3", "email"])
def test_the_address_may_be_an_attribute(name: str, provider: SamlProvider) -> None:
    browser = Client()
    persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    provider.sign_in(browser, name_id="x-1", name_format=persistent, attributes={name: ["ann@corp.example"]})
    assert who(browser) == "ann@corp.example"
    other = Client()
    provider.sign_in(other, name_id="x-1", name_format=persistent, attributes={name: ["new@elsewhere.example"]})
    assert who(other) == "ann@corp.example"  # found by the name that does not change


def test_groups_give_a_role_and_take_it_back(team: Team, provider: SamlProvider) -> None:
    GroupRole.objects.create(organization=team.organization, group="Recruiting", role="recruiter")
    IdentityProvider.objects.update(groups_claim="http://schemas.example/groups")
    for groups, role in (
        ({"http://schemas.example/groups": ["Chess", "Recruiting"]}, "recruiter"),
        ({"http://schemas.example/groups.link": ["https://graph.example"]}, "recruiter"),  # too many to tell
        ({}, "interviewer"),
    ):
        provider.sign_in(Client(), attributes=groups)
        assert Membership.objects.get(user__email="ann@corp.example").role == role


def test_single_sign_on_only(team: Team, provider: SamlProvider) -> None:
    """A password opens nothing, except for the admin who was named."""
    IdentityProvider.objects.get().exempt.set([team.admin])
    IdentityProvider.objects.update(is_required=True)
    for email, opens in ((team.interviewer.user.email, False), (team.admin.user.email, True)):
        browser = Client()
        browser.post(reverse("sign-in"), {"login": email, "password": "demo"})
        assert (who(browser) is not None) is opens
    browser = Client()
    provider.sign_in(browser)
    assert browser.get(team.url("home/")).status_code == 200


def test_where_the_extra_is_missing_nobody_signs_in(
    team: Team, provider: SamlProvider, as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client()
    sent = provider.begin(browser)
    response = provider.signed(provider.said(sent["request"]))
    monkeypatch.setitem(sys.modules, "signxml", None)  # as where it was never installed
    assert provider.post(browser, response, sent["state"]).status_code == 404
    address = reverse("single-sign-on-saml-metadata", kwargs={"organization": team.slug})
    assert Client().get(address).status_code == 404
    page = as_admin.get(team.url("settings/single-sign-on/")).content.decode()
    assert "make run EXTRAS=saml" in page and "speak SAML any more" in page and 'name="pasted"' not in page
