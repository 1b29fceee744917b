"""Another address for an account: asked for by its person, proven by its mailbox."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings

from organizations import address_change, invitations
from organizations.hooks import address_changes
from organizations.models import AuditEvent, User
from organizations.trail import Trail
from tests.conftest import Team

NEW = "robin@acme.example"


@pytest.fixture
def confirmed(team: Team) -> Client:
    """The recruiter's browser, after the password was entered once more."""
    client = team.client(team.recruiter)
    client.post("/account/confirm/", {"password": "demo"})
    return client


def ask(client: Client, team: Team, email: str = NEW) -> Any:
    return client.post(team.url("settings/profile/address/"), {"email": email})


def link(user: User) -> str:
    """The path in the mail to the new address."""
    mail.outbox.clear()
    address_change.mail(user.pk)
    found = re.search(r"http://testserver(/account/address/\S+)", str(mail.outbox[0].body))
    assert found is not None
    return found[1]


def email_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_a_new_address_is_asked_for_after_the_password_alone(team: Team, as_recruiter: Client) -> None:
    path = team.url("settings/profile/address/")
    for answer in (as_recruiter.get(path), as_recruiter.post(path, {"email": NEW})):
        assert answer["Location"] == f"/account/confirm/?next={path.replace('/', '%2F')}"
    assert User.objects.get(pk=team.recruiter.user_id).pending_email == ""


def test_what_was_sent_is_done_after_the_password(team: Team, as_recruiter: Client) -> None:
    path = team.url("settings/profile/address/")
    as_recruiter.post(path, {"email": NEW})
    answer = as_recruiter.post("/account/confirm/", {"password": "demo", "next": path})
    assert answer["Location"] == team.url("settings/profile/")
    assert User.objects.get(pk=team.recruiter.user_id).pending_email == NEW


def test_the_new_mailbox_proves_it_and_the_old_one_is_told(team: Team, confirmed: Client) -> None:
    user = team.recruiter.user
    assert (
        "Waiting for robin@acme.example"
        in ask(confirmed, team, "Robin@ACME.example").client.get(team.url("settings/profile/")).content.decode()
    )
    path = link(user)
    to_new, to_old = mail.outbox
    assert (to_new.to, to_old.to) == ([f"Recruiter Acme <{NEW}>"], ["Recruiter Acme <recruiter@acme.example>"])
    assert "change your address to robin@acme.example" in to_old.body
    assert "/account/address/" not in to_old.body
    assert confirmed.get(path).status_code == 200
    assert email_of(user) == "recruiter@acme.example"
    page = confirmed.post(path, follow=True)
    assert "Your address is now robin@acme.example." in page.content.decode()
    row = EmailAddress.objects.get(user=user)
    assert (email_of(user), row.email, row.verified, row.primary) == (NEW, NEW, True, True)
    assert Client().post("/sign-in/", {"login": NEW, "password": "demo"}).status_code == 302
    assert Client().post("/sign-in/", {"login": "recruiter@acme.example", "password": "demo"}).status_code == 200
    assert confirmed.get(path).status_code == 404
    told = list(AuditEvent.objects.filter(action__startswith="member.address").order_by("id"))
    assert [Trail([row]).sentence(row) for row in told] == [
        "Recruiter Acme asked for another e-mail address",
        "Recruiter Acme changed their e-mail address",
    ]


def test_others_follow_and_other_sessions_end(
    team: Team, other_team: Team, confirmed: Client, as_recruiter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        address_changes,
        "LISTENERS",
        [lambda user, actor: told.append((user.email, User.objects.get(pk=user.pk).email))],
    )
    open_one = invitations.invite(
        organization=other_team.organization,
        email="recruiter@acme.example",
        role="recruiter",
        actor=other_team.admin.user,
    )
    ask(confirmed, team)
    confirmed.post(link(team.recruiter.user))
    assert told == [(NEW, NEW)]
    open_one.refresh_from_db()
    assert open_one.email == NEW
    assert confirmed.get(team.url("home/")).status_code == 200
    assert as_recruiter.get(team.url("home/")).status_code == 302


def test_only_the_account_that_asked_can_use_the_link(team: Team, confirmed: Client, as_admin: Client) -> None:
    """Mistyped, the address is a stranger's: who reads its mail gets no account by it."""
    ask(confirmed, team)
    path = link(team.recruiter.user)
    assert Client().get(path)["Location"] == f"/sign-in/?next={path}"
    assert Client().post(path)["Location"] == f"/sign-in/?next={path}"
    assert as_admin.post(path).status_code == 404
    assert email_of(team.recruiter.user) == "recruiter@acme.example"


def test_the_link_is_over_with_another_wish_a_new_password_or_time(team: Team, confirmed: Client) -> None:
    user = team.recruiter.user
    ask(confirmed, team)
    first = link(user)
    ask(confirmed, team, "else@acme.example")
    assert confirmed.post(first).status_code == 404
    second = link(user)
    with time_machine.travel(timedelta(hours=5)):
        fresh = team.client(team.recruiter)
        assert fresh.post(second).status_code == 404
    user.refresh_from_db()
    user.set_password("another-one-quite-long")
    user.save()
    assert team.client(team.recruiter).post(second).status_code == 404
    confirmed.post(team.url("settings/profile/address/cancel/"))
    assert email_of(user) == "recruiter@acme.example"


def test_a_wish_that_was_given_up_is_over(team: Team, confirmed: Client) -> None:
    ask(confirmed, team)
    path = link(team.recruiter.user)
    assert confirmed.post(team.url("settings/profile/address/cancel/"))["Location"] == team.url("settings/profile/")
    assert confirmed.post(path).status_code == 404
    mail.outbox.clear()
    address_change.mail(team.recruiter.user.pk)
    assert mail.outbox == []


def test_an_address_of_another_account_is_told_to_its_mailbox_alone(
    team: Team, other_team: Team, confirmed: Client
) -> None:
    free, taken = ask(confirmed, team), ask(confirmed, team, other_team.admin.user.email)
    assert (free.status_code, free["Location"]) == (taken.status_code, taken["Location"])
    mail.outbox.clear()
    address_change.mail(team.recruiter.user.pk)
    to_them = mail.outbox[0]
    assert to_them.to == [other_team.admin.user.email]
    assert "It has an account already" in to_them.body
    assert "/account/address/" not in to_them.body
    assert "Recruiter" not in to_them.body


def test_an_address_that_was_taken_meanwhile_stays_the_others(team: Team, confirmed: Client) -> None:
    ask(confirmed, team)
    path = link(team.recruiter.user)
    User.objects.create_user(NEW, "demo", name="Faster")
    assert "Another account has this address." in confirmed.post(path, follow=True).content.decode()
    assert email_of(team.recruiter.user) == "recruiter@acme.example"
    assert EmailAddress.objects.get(user=team.recruiter.user).email == "recruiter@acme.example"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nothing", "This is not an e-mail address."),
        ("Recruiter@acme.example", "This is your address already."),
        ("r\u0131ta@acme.example", "work before the @"),
    ],
)
def test_a_wrong_address_says_why(team: Team, confirmed: Client, typed: str, said: str) -> None:
    assert said in ask(confirmed, team, typed).content.decode()
    assert User.objects.get(pk=team.recruiter.user_id).pending_email == ""


def test_nobody_can_have_a_stranger_mailed_again_and_again(team: Team, confirmed: Client) -> None:
    pages = [ask(confirmed, team) for _ in range(4)]
    assert [page.status_code for page in pages] == [302, 302, 302, 200]
    assert "This address got 3 e-mails about it within a day." in pages[-1].content.decode()


def test_without_a_mail_server_it_says_who_can_change_it(team: Team, confirmed: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    page = confirmed.get(team.url("settings/profile/address/")).content.decode()
    assert "There is no mail server" in page
    ask(confirmed, team)
    assert User.objects.get(pk=team.recruiter.user_id).pending_email == ""
