"""Signing in by e-mail, and being led to the right place."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations.models import User
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/"


def test_signing_in_ignores_the_case_of_the_address(client: Client, team: Team) -> None:
    response = client.post("/sign-in/", {"username": "Recruiter@ACME.example", "password": "demo"})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(team.recruiter.user.pk)


def test_a_wrong_password_is_said_and_the_address_kept(client: Client, team: Team) -> None:
    response = client.post("/sign-in/", {"username": "recruiter@acme.example", "password": "no"})
    assert "Wrong e-mail address or password" in response.content.decode()
    assert 'value="recruiter@acme.example"' in response.content.decode()


def test_who_is_in_no_organization_is_told_what_to_do(client: Client) -> None:
    client.force_login(User.objects.create_user("new@example.com", "demo", name="New"))
    assert "Ask an admin" in client.get("/").content.decode()


def test_pages_forbid_inline_code(client: Client) -> None:
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize("address", ["/sign-in/", "/admin/login/"])
def test_an_address_of_a_megabyte_is_nobodys(client: Client, team: Team, address: str) -> None:
    """SQLite refuses to look it up, which was a server error."""
    answer = client.post(address, {"username": f"{'y' * 1_000_000}@acme.example", "password": "demo"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
