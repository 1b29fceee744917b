"""Sign-ins and what people do with their accounts: in the trail of each of their organizations, and in the log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import structlog
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from organizations.models import AuditEvent, Membership
from organizations.session_store import SessionStore
from organizations.tasks import record_failed_sign_in
from organizations.trail import Trail
from tests.conftest import Team

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36"


def sentences(team: Team) -> list[str]:
    events = list(AuditEvent.objects.filter(organization=team.organization).order_by("id"))
    return [Trail(events).sentence(event) for event in events]


def sign_in(client: Client, password: str = "demo", login: str = "recruiter@acme.example") -> None:
    client.post("/sign-in/", {"login": login, "password": password}, headers={"User-Agent": CHROME})


@pytest.fixture
def at_once(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[[], AbstractContextManager[object]]:
    """Do at the end of a block what a worker is asked for in it."""
    monkeypatch.setattr(record_failed_sign_in, "apply_async", lambda args, **_options: record_failed_sign_in(*args))
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_sign_in_and_out_stand_in_the_trail(client: Client, team: Team) -> None:
    sign_in(client)
    client.post("/sign-out/")
    assert sentences(team) == [
        "Recruiter Acme signed in: Chrome on Windows, 127.0.0.x",
        "Recruiter Acme signed out",
    ]
    assert set(AuditEvent.objects.values_list("actor", flat=True)) == {team.recruiter.user.pk}


def test_each_organization_of_the_account_has_its_own_row(client: Client, team: Team, other_team: Team) -> None:
    Membership.objects.create(organization=other_team.organization, user=team.recruiter.user, role="admin")
    sign_in(client)
    assert len(sentences(team)) == len(sentences(other_team)) == 1


def test_a_wrong_password_is_told_to_the_own_organizations_and_to_no_other(
    client: Client, team: Team, other_team: Team, at_once: Callable[[], AbstractContextManager[object]]
) -> None:
    with at_once():
        sign_in(client, "wrong")
    event = AuditEvent.objects.get()
    assert (event.organization, event.action, event.actor) == (team.organization, "account.sign_in_failed", None)
    assert sentences(team) == ["Wrong password for Recruiter Acme: Chrome on Windows, 127.0.0.x"]
    assert Trail([event]).actor(event) == "Not signed in"


def test_an_unknown_address_is_in_no_trail(
    client: Client, team: Team, at_once: Callable[[], AbstractContextManager[object]]
) -> None:
    with at_once():
        sign_in(client, login="nobody@acme.example")
    assert not AuditEvent.objects.exists()


def test_the_log_has_each_sign_in_without_an_address(client: Client, team: Team) -> None:
    structlog.contextvars.clear_contextvars()
    with capture_logs() as lines:
        sign_in(client, "wrong")
        sign_in(client, "wrong", "Nobody@acme.example")
        sign_in(client, "wrong", "nobody@ACME.example")
        sign_in(client)
        client.post("/sign-out/")
    ours = {"signed_in", "sign_in_failed", "signed_out"}
    found = [(line["event"], line["account"]) for line in lines if line["event"] in ours]
    assert [event for event, _account in found] == ["sign_in_failed"] * 3 + ["signed_in", "signed_out"]
    first, second, third, signed_in, signed_out = (account for _event, account in found)
    assert second == third != first
    assert signed_in == signed_out == team.recruiter.user.pk
    assert "acme.example" not in str(lines)


def test_a_new_password_stands_in_the_trail(client: Client, team: Team) -> None:
    client.force_login(team.recruiter.user)
    sent = {"oldpassword": "demo", "password1": "Hammock-Violin-42", "password2": "Hammock-Violin-42"}
    client.post(team.url("settings/profile/password/"), sent)
    assert "Recruiter Acme changed their password" in sentences(team)


def test_second_steps_stand_in_the_trail(team: Team) -> None:
    user = team.recruiter.user
    factor = Authenticator(user=user, type=Authenticator.Type.TOTP, data={})
    request = RequestFactory().post("/")
    request.session = SessionStore()
    for signal in (factor_signals.authenticator_added, factor_signals.authenticator_removed):
        signal.send(sender=Authenticator, request=request, user=user, authenticator=factor)
    assert [line.partition(":")[0] for line in sentences(team)] == [
        "Recruiter Acme added a second step",
        "Recruiter Acme removed a second step",
    ]


def test_recruiters_read_nothing_of_sign_ins(
    client: Client, team: Team, as_admin: Client, as_recruiter: Client
) -> None:
    sign_in(client)
    address = team.url("settings/security/")
    assert "Recruiter Acme signed in" in as_admin.get(address).content.decode()
    assert "Recruiter Acme signed in" in as_admin.get(address, {"about": "access"}).content.decode()
    assert "signed in:" not in as_recruiter.get(address).content.decode()
    assert "signed in:" not in as_recruiter.get(address, {"about": "access"}).content.decode()
