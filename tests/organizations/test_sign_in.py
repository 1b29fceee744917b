"""Signing in by e-mail, and being led to the right place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from config.supervisor.processes import ROOT
from organizations.models import User
from tests.conftest import Team

pytestmark = pytest.mark.django_db

#: Reached by a button alone: GET leads on.
NEVER_DRAWN = {
    "account/logout.html",
    "mfa/recovery_codes/generate.html",
    "mfa/totp/deactivate_form.html",
    "mfa/webauthn/authenticator_confirm_delete.html",
}


def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/"


def test_signing_in_ignores_the_case_of_the_address(client: Client, team: Team) -> None:
    response = client.post("/sign-in/", {"login": "Recruiter@ACME.example", "password": "demo"})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(team.recruiter.user.pk)


def test_a_wrong_password_is_said_and_the_address_kept(client: Client, team: Team) -> None:
    response = client.post("/sign-in/", {"login": "recruiter@acme.example", "password": "no"})
    assert "Wrong e-mail address or password" in response.content.decode()
    assert 'value="recruiter@acme.example"' in response.content.decode()


def test_who_is_in_no_organization_is_told_what_to_do(client: Client) -> None:
    client.force_login(User.objects.create_user("new@example.com", "demo", name="New"))
    assert "Ask an admin" in client.get("/").content.decode()


def test_pages_forbid_inline_code(client: Client) -> None:
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy


def test_the_django_admin_has_the_same_way_in(client: Client, team: Team) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2F"
    sent = {"username": "admin@acme.example", "login": "admin@acme.example", "password": "demo"}
    assert client.post("/admin/login/?next=/admin/", sent)["Location"] == "/sign-in/?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_who_may_not_use_the_django_admin_is_told_so(as_admin: Client, team: Team) -> None:
    assert as_admin.get("/admin/", follow=True).status_code == 403
    team.admin.user.is_staff = True
    team.admin.user.save()
    assert as_admin.get("/admin/").status_code == 200


def test_an_address_of_a_megabyte_is_nobodys(client: Client, team: Team) -> None:
    """SQLite refuses to look it up, which was a server error."""
    answer = client.post("/sign-in/", {"login": f"{'y' * 1_000_000}@acme.example", "password": "demo"})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_no_page_signs_anybody_up(client: Client) -> None:
    for path in ("/sign-up/", "/account/signup/", "/signup/", "/accounts/signup/"):
        assert client.get(path).status_code == 404
    assert "sign up" not in client.get("/sign-in/").content.decode().lower()


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example/", "http:///evil.example", "/\\evil.example"]
)
def test_signing_in_leads_to_this_site_only(client: Client, team: Team, address: str, settings: object) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "evil.example"]  # type: ignore[attr-defined]
    sent = {"login": "admin@acme.example", "password": "demo", "next": address}
    assert client.post("/sign-in/", sent)["Location"] == "/"
    assert client.get("/sign-in/", {"next": address})["Location"] == "/"


def test_a_script_that_asks_gets_the_page_as_everybody(client: Client, team: Team) -> None:
    headers = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
    answer = client.post("/sign-in/", {"login": "admin@acme.example", "password": "no"}, headers=headers)
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "Wrong e-mail address or password" in answer.content.decode()


def test_the_password_is_asked_for_before_what_matters(client: Client, team: Team) -> None:
    assert client.get("/account/confirm/")["Location"] == "/sign-in/?next=/account/confirm/"
    client.force_login(team.recruiter.user)
    page = client.get("/account/confirm/?next=/o/acme/settings/profile/").content.decode()
    assert "Enter the password of recruiter@acme.example" in page
    sent = {"password": "no", "next": "/o/acme/settings/profile/"}
    assert "This is not your password." in client.post("/account/confirm/", sent).content.decode()
    confirmed = client.post("/account/confirm/", sent | {"password": "demo"})
    assert confirmed["Location"] == "/o/acme/settings/profile/"


#: Letters that some database or mail server takes for another: dotless i, dotted capital I.
@pytest.mark.parametrize("twin", ["recru\u0131ter@acme.example", "recru\u0130ter@acme.example"])
def test_a_letter_that_looks_like_another_is_no_second_way_in(client: Client, team: Team, twin: str) -> None:
    """PostgreSQL's UPPER made them one: five tries more for the same account, and 500 with an account of either."""
    sent = {"login": twin, "password": "demo"}
    assert "Wrong e-mail address or password" in client.post("/sign-in/", sent).content.decode()
    User.objects.create_user(twin, "demo", name="Twin")
    assert client.post("/sign-in/", sent).status_code == 302
    theirs = Client()
    assert theirs.post("/sign-in/", sent | {"login": "recruiter@acme.example"}).status_code == 302
    assert theirs.session["_auth_user_id"] == str(team.recruiter.user.pk)


@pytest.mark.parametrize(
    "typed", ["\uff52ecruiter\uff20acme.example", "RECRUITER@ACME\u3002EXAMPLE", "recruiter@acme.example "]
)
def test_an_address_is_found_however_it_is_written(client: Client, team: Team, typed: str) -> None:
    assert client.post("/sign-in/", {"login": typed, "password": "demo"}).status_code == 302


@pytest.mark.parametrize("letter", ["\u0131", "\u017f"])
def test_no_such_letter_is_invited(as_admin: Client, team: Team, letter: str) -> None:
    sent = {"email": f"{letter}nterviewer@acme.example", "role": "recruiter"}
    page = as_admin.post(team.url("settings/members/invite/"), sent).content.decode()
    assert "work before the @" in page
    assert not team.organization.invitations.exists()


def views(patterns: list[Any]) -> Iterator[Any]:
    for pattern in patterns:
        yield from views(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern.callback]


def test_every_page_of_the_library_has_our_look() -> None:
    """Each that is mounted has a template in this repository."""
    classes = {view.view_class for view in views(get_resolver().url_patterns) if hasattr(view, "view_class")}
    theirs = {view for view in classes if any(base.__module__.startswith("allauth.") for base in view.__mro__)}
    names = {view.template_name for view in theirs if getattr(view, "template_name", None)}
    assert {"account/login.html", "account/password_reset.html", "account/reauthenticate.html"} <= names
    elsewhere = {name for name in names if not (ROOT / "templates" / name).is_file()}
    assert elsewhere - NEVER_DRAWN == set()


def test_who_has_no_password_is_told_how_to_get_one(client: Client, team: Team) -> None:
    team.recruiter.user.set_unusable_password()
    team.recruiter.user.save()
    client.force_login(team.recruiter.user)
    page = client.get(team.url("settings/profile/")).content.decode()
    assert "You sign in without a password." in page
    assert "oldpassword" not in page
