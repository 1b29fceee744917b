"""A forgotten password."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from organizations import passwords
from organizations.tasks import mail_password
from tests.conftest import Team


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand in for the broker: ids of the users to whom a mail would go."""
    ids: list[int] = []
    monkeypatch.setattr(mail_password, "apply_async", lambda args, **_options: ids.append(args[0]))
    return ids


def address() -> str:
    found = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_the_link_of_the_mail_sets_a_new_password_once(
    client: Client, team: Team, asked: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post("/password/", {"email": "Recruiter@acme.example"}, follow=True).content.decode()
    assert "it gets an e-mail with a link" in page
    assert asked == [team.recruiter.user.pk]
    passwords.mail(asked[0])
    assert mail.outbox[-1].to == ["Recruiter Acme <recruiter@acme.example>"]
    form = client.get(address(), follow=True)
    new = {"password1": "a long and quiet river", "password2": "a long and quiet river"}
    assert "Sign in with it" in client.post(form.redirect_chain[-1][0], new, follow=True).content.decode()
    assert client.login(username="recruiter@acme.example", password="a long and quiet river")
    assert "no longer valid" in Client().get(address(), follow=True).content.decode()


def test_an_unknown_address_costs_and_says_the_same(
    client: Client, team: Team, asked: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    """The same queries, and a task for a worker either way: the time tells nothing."""
    costs = []
    for email in ("recruiter@acme.example", "nobody@acme.example"):
        with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as queries:
            client.post("/password/", {"email": email})
        costs.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries])
    assert costs[0] == costs[1]
    assert asked == [team.recruiter.user.pk, 0]
    passwords.mail(0)
    assert mail.outbox == []


def test_the_mail_says_that_no_person_sent_it(team: Team) -> None:
    passwords.mail(team.recruiter.user.pk)
    content = mail.outbox[-1].message()
    assert content["Auto-Submitted"] == "auto-generated"
    assert content["From"] == "Panelist <panelist@testserver>"
    assert content["Message-ID"].endswith("@testserver>")
    assert content["Reply-To"] is None
    paragraphs = str(mail.outbox[-1].body).strip().split("\n\n")
    assert paragraphs[0] == "Hi Recruiter,"
    assert paragraphs[-1].endswith("Replies are not read.")


def test_without_a_mail_server_nobody_waits_for_a_mail(
    client: Client, team: Team, asked: list[int], settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    page = client.get("/password/").content.decode()
    assert "There is no mail server" in page
    assert "manage.py changepassword" in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/password/", {"email": "recruiter@acme.example"}, follow=True).content.decode()
    assert "is on its way" not in answer
    assert asked == []


def test_who_may_not_sign_in_gets_no_link(team: Team) -> None:
    team.recruiter.user.is_active = False
    team.recruiter.user.save()
    passwords.mail(team.recruiter.user.pk)
    assert mail.outbox == []


def test_an_easy_password_is_refused_with_its_reason(client: Client, team: Team) -> None:
    passwords.mail(team.recruiter.user.pk)
    form = client.get(address(), follow=True)
    page = client.post(form.redirect_chain[-1][0], {"password1": "password", "password2": "password"})
    assert "too common" in page.content.decode()


def test_an_address_that_is_none_is_said_and_kept(client: Client, db: None) -> None:
    page = client.post("/password/", {"email": "not-an-address"}).content.decode()
    assert 'value="not-an-address"' in page
    assert "This is not an e-mail address." in page


@pytest.mark.parametrize(
    ("old", "again", "said"),
    [
        ("not the password", "a long and quiet river", "This is not your current password. Enter it again."),
        ("demo", "a long and quiet brook", "The two passwords are different. Enter the same one twice."),
    ],
)
def test_a_password_that_is_not_changed_says_why(team: Team, old: str, again: str, said: str) -> None:
    team.recruiter.user.set_password("demo")
    team.recruiter.user.save()
    fields = {"oldpassword": old, "password1": "a long and quiet river", "password2": again}
    page = team.client(team.recruiter).post(team.url("settings/profile/password/"), fields)
    assert said in page.content.decode()
