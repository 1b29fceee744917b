"""Sign in by a real provider: who is let in as whom, and every way in which an answer can be wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from organizations import members
from organizations.models import AuditEvent, DirectoryUser, Domain, GroupRole, IdentityProvider, Membership, User
from organizations.single_sign_on import configuration
from tests.conftest import Team
from tests.organizations.directory.client import prove
from tests.organizations.single_sign_on.provider import Bent, Provider, bent, new_key, parameters_of, provider

__all__ = ["provider"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture(autouse=True)
def domain(team: Team) -> Domain:
    return prove(team, "corp.example")


def who(browser: Client) -> str | None:
    """The address of the account that a browser is signed in to."""
    pk = browser.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else None


def test_a_person_of_the_domain_becomes_a_member(team: Team, provider: Provider) -> None:
    browser = Client()
    response = provider.sign_in(browser)
    assert response["Location"] == team.url("home/")
    assert browser.get(response["Location"]).status_code == 200
    membership = Membership.objects.get(user__email="ann@corp.example")
    assert (membership.role, membership.user.name, membership.organization) == (
        "interviewer",
        "Ann Ito",
        team.organization,
    )
    assert not membership.user.has_usable_password()
    assert AuditEvent.objects.get(action="member.joined").actor == membership.user


def test_the_page_that_was_asked_for_opens_and_no_other_site(team: Team, provider: Provider) -> None:
    assert provider.sign_in(Client(), team.url("schedules/"))["Location"] == team.url("schedules/")
    assert provider.sign_in(Client(), "https://evil.example/")["Location"] == team.url("home/")
    assert provider.sign_in(Client(), "//evil.example/")["Location"] == team.url("home/")


def test_the_account_is_found_by_subject_once_it_is_linked(team: Team, provider: Provider) -> None:
    """Addresses move to other people: the subject does not."""
    provider.sign_in(Client())
    ann = User.objects.get(email="ann@corp.example")
    ann.email = "ann.new@corp.example"
    ann.save()
    Bent.person = Bent.person | {"email": "changed@elsewhere.example", "email_verified": False}
    browser = Client()
    provider.sign_in(browser)
    assert who(browser) == "ann.new@corp.example"
    Bent.person = Bent.person | {"sub": "subject-2", "email": "ann@corp.example", "email_verified": True}
    other = Client()
    provider.sign_in(other)
    assert who(other) == "ann@corp.example" and User.objects.get(email="ann@corp.example") != ann


def test_an_account_that_was_there_is_linked(team: Team, provider: Provider) -> None:
    there = User.objects.create_user("ann@corp.example", "secret", name="Ann")
    membership = Membership.objects.create(organization=team.organization, user=there, role="recruiter")
    browser = Client()
    provider.sign_in(browser)
    assert who(browser) == there.email
    membership.refresh_from_db()
    assert membership.role == "recruiter"
    assert SocialAccount.objects.get().user == there


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["panelist", "another"]},
        {"aud": ["panelist", "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": 7},
    ],
)
def test_a_token_that_proves_nothing_lets_nobody_in(claims: dict[str, Any], provider: Provider) -> None:
    browser = Client()
    with bent(**claims):
        response = provider.sign_in(browser)
    assert response.status_code == 403 and "trusted" in response.content.decode()
    assert who(browser) is None and not SocialAccount.objects.exists()


def test_a_token_signed_by_another_key_lets_nobody_in(provider: Provider, settings: Any) -> None:
    configuration.check(provider.row.pk)
    keys = IdentityProvider.objects.get().keys
    settings.IDP_OIDC_PRIVATE_KEY = new_key()
    browser = Client()
    assert provider.sign_in(browser).status_code == 403
    assert who(browser) is None
    assert IdentityProvider.objects.get().keys == keys  # just read: not again within a minute


def test_a_new_key_of_the_provider_is_read(provider: Provider, settings: Any) -> None:
    settings.IDP_OIDC_PRIVATE_KEY = new_key()
    IdentityProvider.objects.update(keys_at=None)
    browser = Client()
    provider.sign_in(browser)
    assert who(browser) == "ann@corp.example"


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ({"email_verified": False}, "hasn&#x27;t verified"),
        ({"email": "ann@foreign.example"}, "isn&#x27;t of a domain"),
        ({"email": "ann@sub.corp.example"}, "isn&#x27;t of a domain"),
        ({"email": "ann@corp.example.evil.example"}, "isn&#x27;t of a domain"),
        ({"email": "ann@corp.exampl\u0435"}, "Not signed in"),
        ({"email": ""}, "doesn&#x27;t tell your e-mail"),
        ({"email": "x"}, "doesn&#x27;t tell your e-mail"),
        ({"email": ["ann@corp.example"]}, "doesn&#x27;t tell your e-mail"),
    ],
)
def test_an_address_that_the_organization_cant_vouch_for(person: dict[str, Any], said: str, provider: Provider) -> None:
    Bent.person = Bent.person | person
    browser, before = Client(), User.objects.count()
    response = provider.sign_in(browser)
    assert response.status_code == 403 and said in response.content.decode()
    assert who(browser) is None and User.objects.count() == before


def test_a_domain_that_is_not_proven_counts_for_nothing(provider: Provider, domain: Domain) -> None:
    Domain.objects.update(proven_at=None)
    browser = Client()
    assert provider.sign_in(browser).status_code == 403
    assert who(browser) is None


def test_a_hostile_organization_gets_into_nobodys_account(team: Team, other_team: Team, provider: Provider) -> None:
    """Its provider says that its person is the admin of another organization."""
    Bent.person = Bent.person | {"email": other_team.admin.user.email}
    browser = Client()
    assert provider.sign_in(browser).status_code == 403
    prove(other_team, "globex.example")
    assert provider.sign_in(browser).status_code == 403
    assert who(browser) is None


def test_an_account_of_the_django_admin_is_not_entered(team: Team, provider: Provider) -> None:
    root = User.objects.create_superuser("ann@corp.example", "secret", name="Root")
    Membership.objects.create(organization=team.organization, user=root, role="admin")
    browser = Client()
    response = provider.sign_in(browser)
    assert response.status_code == 403 and "Django admin" in response.content.decode()
    assert who(browser) is None


def test_signing_out_is_local_and_says_so(team: Team, provider: Provider, as_admin: Client) -> None:
    browser, said = Client(), "still be signed in at your provider"
    provider.sign_in(browser)
    assert said in browser.post(reverse("sign-out"), follow=True).content.decode()
    assert who(browser) is None
    assert said not in as_admin.post(reverse("sign-out"), follow=True).content.decode()


def test_an_account_that_is_off_is_not_entered(team: Team, provider: Provider) -> None:
    User.objects.create_user("ann@corp.example", "secret", name="Ann", is_active=False)
    browser = Client()
    provider.sign_in(browser)
    assert who(browser) is None


def test_a_state_works_once_in_its_own_browser(provider: Provider) -> None:
    mine, theirs = Client(), Client()
    back = provider.answer(provider.begin(mine))
    assert "began in another browser" in theirs.get(back).content.decode()
    assert mine.get(back).status_code == 302
    again = mine.get(back)
    assert again.status_code == 403 and "over" in again.content.decode()


def test_an_answer_for_another_organization_is_refused(team: Team, other_team: Team, provider: Provider) -> None:
    """Mix-up: the code of one provider is brought to the address of another."""
    IdentityProvider.objects.create(
        organization=other_team.organization,
        issuer="https://evil.example",
        client_id="panelist",
        client_secret="theirs",
        document=provider.row.document | {"token_endpoint": "https://evil.example/token"},
        keys=provider.row.keys,
    )
    browser = Client()
    values = parameters_of(provider.answer(provider.begin(browser)))
    other = reverse("single-sign-on-callback", kwargs={"organization": other_team.slug})
    assert browser.get(other, values).status_code == 403
    assert who(browser) is None


def test_an_answer_that_names_another_issuer_is_refused(provider: Provider) -> None:
    browser = Client()
    back = provider.answer(provider.begin(browser))
    address = reverse("single-sign-on-callback", kwargs={"organization": provider.team.slug})
    assert browser.get(address, parameters_of(back) | {"iss": "https://evil.example"}).status_code == 403
    assert who(browser) is None


@pytest.mark.parametrize("values", [{}, {"error": "access_denied"}, {"error": "server_error"}, {"code": "wrong"}])
def test_an_answer_without_a_right_code_is_said(values: dict[str, str], provider: Provider) -> None:
    browser = Client()
    state = parameters_of(provider.begin(browser))["state"]
    address = reverse("single-sign-on-callback", kwargs={"organization": provider.team.slug})
    response = browser.get(address, values | {"state": state})
    assert response.status_code == 403 and "Not signed in" in response.content.decode()
    assert who(browser) is None


def test_a_provider_that_is_away_is_said(provider: Provider) -> None:
    browser = Client()
    back = provider.answer(provider.begin(browser))
    document = provider.row.document | {"token_endpoint": "http://127.0.0.1:9/token"}
    IdentityProvider.objects.update(document=document)
    response = browser.get(back)
    assert response.status_code == 403 and "unknown who you are" in response.content.decode()


def test_groups_give_a_role_and_take_it_back(team: Team, provider: Provider) -> None:
    GroupRole.objects.create(organization=team.organization, group="Recruiting", role="recruiter")
    Bent.person = Bent.person | {"groups": ["Chess", "Recruiting"]}
    provider.sign_in(Client())
    membership = Membership.objects.get(user__email="ann@corp.example")
    assert membership.role == "recruiter"
    Bent.person = Bent.person | {"groups": ["Chess"]}
    provider.sign_in(Client())
    membership.refresh_from_db()
    assert membership.role == "interviewer"


def test_whom_the_directory_deactivated_stays_out(team: Team, provider: Provider) -> None:
    DirectoryUser.objects.create(
        organization=team.organization, user_name="ann", email="ann@corp.example", active=False
    )
    browser = Client()
    assert "has ended" in provider.sign_in(browser).content.decode()
    assert who(browser) is None


def test_new_people_only_where_the_organization_adds_them(team: Team, provider: Provider) -> None:
    IdentityProvider.objects.update(adds_members=False)
    browser = Client()
    assert "invitation" in provider.sign_in(browser).content.decode()
    assert who(browser) is None


def test_a_session_of_the_provider_ends_with_the_membership(team: Team, other_team: Team, provider: Provider) -> None:
    browser = Client()
    provider.sign_in(browser)
    membership = Membership.objects.get(user__email="ann@corp.example")
    Membership.objects.create(organization=other_team.organization, user=membership.user, role="interviewer")
    members.remove_member(membership=membership, actor=team.admin.user)
    assert browser.get(other_team.url("home/")).status_code == 302


def test_single_sign_on_only(team: Team, other_team: Team, provider: Provider) -> None:
    """Passwords open other organizations, and this one for the admin who was named."""
    IdentityProvider.objects.get().exempt.set([team.admin])
    IdentityProvider.objects.update(is_required=True)
    shared = Membership.objects.create(
        organization=other_team.organization, user=team.recruiter.user, role="interviewer"
    )

    def password(user: User) -> Client:
        browser = Client()
        browser.post(reverse("sign-in"), {"login": user.email, "password": "demo"})
        return browser

    assert who(password(team.interviewer.user)) is None
    refused = Client().post(reverse("sign-in"), {"login": team.interviewer.user.email, "password": "demo"}, follow=True)
    assert "opens with single sign-on only" in refused.content.decode()
    assert password(team.admin.user).get(team.url("home/")).status_code == 200
    both = password(shared.user)
    assert both.get(other_team.url("home/")).status_code == 200
    closed = both.get(team.url("home/"))
    assert closed.status_code == 403 and "Continue with single sign-on" in closed.content.decode()
    assert both.post(team.url("settings/profile/"), {"name": "X"}).status_code == 403

    Bent.person = Bent.person | {"email": "ann@corp.example"}
    Membership.objects.create(
        organization=team.organization,
        user=User.objects.create_user("ann@corp.example", "demo", name="Ann"),
        role="interviewer",
    )
    browser = Client()
    provider.sign_in(browser)
    assert browser.get(team.url("home/")).status_code == 200


def test_the_page_asks_for_the_address_and_tells_nothing_of_accounts(team: Team, provider: Provider) -> None:
    pages = [
        Client().post(reverse("single-sign-on"), {"email": email}) for email in ("known@corp.example", "x@corp.example")
    ]
    User.objects.create_user("known@corp.example", "demo", name="Known")
    assert all("Sign in to" in page.content.decode() for page in pages)
    begin = reverse("single-sign-on-begin", kwargs={"organization": team.slug})
    assert f'content="0;url={begin}"' in pages[0].content.decode()
    foreign = Client().post(reverse("single-sign-on"), {"email": "x@foreign.example"}).content.decode()
    assert "No single sign-on is set up for this domain" in foreign
    assert Client().get(reverse("single-sign-on-begin", kwargs={"organization": "nothing"})).status_code == 404


def test_a_provider_that_is_not_ready_is_not_there(team: Team, provider: Provider) -> None:
    IdentityProvider.objects.update(document={})
    assert Client().get(reverse("single-sign-on-begin", kwargs={"organization": team.slug})).status_code == 404
