"""Guessing passwords is bounded, and nobody is kept out by what strangers do."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from organizations import guessing, passwords, throttle
from organizations.models import Attempt, AuditEvent, User
from organizations.tasks import mail_guessing
from organizations.trail import Trail
from tests.conftest import Team

HOME = {"REMOTE_ADDR": "198.51.100.7"}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
PERSON = "recruiter@acme.example"
REFUSED = "Too many wrong passwords."


def sign_in(client: Client, password: str, *, email: str = PERSON, path: str = "/sign-in/", **meta: str) -> str:
    """The page's text; empty when it led on, signed in."""
    response = client.post(path, {"login": email, "password": password}, **meta)  # type: ignore[arg-type]
    return "" if response.status_code == 302 else response.content.decode()


def guess(times: int, *, email: str = PERSON, path: str = "/sign-in/", **meta: str) -> str:
    page = ""
    for _ in range(times):
        page = sign_in(Client(), "wrong", email=email, path=path, **meta)
    return page


@pytest.fixture
def at_noon(team: Team) -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        yield clock


def test_five_wrong_passwords_and_then_a_wait_that_is_told(at_noon: time_machine.Traveller) -> None:
    assert "Wrong e-mail address or password" in guess(5, **HOME)
    at_noon.shift(timedelta(minutes=5))
    page = sign_in(Client(), "demo", **HOME)
    assert REFUSED in page
    assert "Try again in 10 minutes" in page
    assert f'value="{PERSON}"' in page


def test_the_wait_ends_by_itself_and_trying_meanwhile_does_not_lengthen_it(at_noon: time_machine.Traveller) -> None:
    guess(5, **HOME)
    at_noon.shift(timedelta(minutes=14, seconds=30))
    assert "Try again in 1 minute," in guess(20, **HOME)
    at_noon.shift(timedelta(seconds=31))
    assert sign_in(Client(), "demo", **HOME) == ""


def test_writing_the_address_differently_gives_no_more_tries(team: Team) -> None:
    guess(5, **HOME)
    assert REFUSED in guess(1, email=" Recruiter@ACME.example ", **HOME)


def test_an_unknown_account_reads_the_same(team: Team) -> None:
    assert "Wrong e-mail address or password" in guess(5, email="nobody@acme.example", **HOME)
    assert REFUSED in guess(1, email="nobody@acme.example", **HOME)


def test_a_stranger_elsewhere_keeps_nobody_out(team: Team) -> None:
    guess(8, **ELSEWHERE)
    assert sign_in(Client(), "demo", **HOME) == ""


def test_a_known_browser_has_its_own_tries_even_at_the_strangers_address(team: Team) -> None:
    mine = Client()
    assert sign_in(mine, "demo", **HOME) == ""
    mine.post("/sign-out/")
    guess(8, **HOME)
    assert sign_in(mine, "demo", **HOME) == ""


def test_a_known_browser_is_bounded_too_and_known_to_one_account_only(team: Team) -> None:
    mine = Client()
    assert sign_in(mine, "demo", **HOME) == ""
    mine.post("/sign-out/")
    for _ in range(5):
        sign_in(mine, "wrong", **HOME)
    assert REFUSED in sign_in(mine, "demo", **ELSEWHERE)
    for _ in range(5):
        sign_in(mine, "wrong", email="admin@acme.example", **HOME)
    assert REFUSED in guess(1, email="admin@acme.example", **HOME)


def test_a_made_up_cookie_makes_no_browser_known(team: Team) -> None:
    guess(5, **HOME)
    forged = Client()
    for value in ("", "x", "a:b:c", "WyJhIiwiYiJd:1tN:abc"):
        forged.cookies[throttle.COOKIE] = value
        assert REFUSED in sign_in(forged, "demo", **HOME)


def test_the_cookie_is_for_the_server_only(team: Team) -> None:
    client = Client()
    sign_in(client, "demo", **HOME)
    cookie = client.cookies[throttle.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert PERSON not in cookie.value


def test_one_address_can_not_try_one_password_on_everybody(team: Team) -> None:
    for number in range(throttle.TRIES_PER_IP):
        sign_in(Client(), "Summer2027", email=f"person{number}@acme.example", **HOME)
    assert REFUSED in sign_in(Client(), "demo", **HOME)
    assert sign_in(Client(), "demo", **ELSEWHERE) == ""


def test_signing_in_forgets_the_wrong_tries_before(team: Team) -> None:
    guess(4, **HOME)
    assert sign_in(Client(), "demo", **HOME) == ""
    assert "Wrong e-mail address or password" in guess(4, **HOME)
    assert sign_in(Client(), "demo", **HOME) == ""


def test_the_django_admin_checks_no_password_of_its_own(team: Team) -> None:
    User.objects.filter(email=PERSON).update(is_staff=True, is_superuser=True)
    client = Client()
    sent = {"username": PERSON, "password": "demo"}
    assert client.post("/admin/login/?next=/admin/", sent, **HOME)["Location"] == "/sign-in/?next=%2Fadmin%2F"  # type: ignore[arg-type]
    assert Attempt.objects.count() == 0
    guess(5, **HOME)
    assert REFUSED in sign_in(client, "demo", path="/sign-in/?next=/admin/", **HOME)


def test_a_new_password_by_mail_lets_in_at_once_wherever_one_is(team: Team) -> None:
    guess(8, **HOME)
    passwords.mail(team.recruiter.user.pk)
    found = re.search(r"/password/\S+", str(mail.outbox[-1].body))
    assert found is not None
    client = Client()
    form = client.get(found.group(), follow=True)
    words = {"password1": "a-long-enough-one", "password2": "a-long-enough-one"}
    client.post(form.redirect_chain[-1][0], words, **HOME)  # type: ignore[arg-type]
    guess(8, **HOME)
    assert sign_in(client, "a-long-enough-one", **HOME) == ""


def test_mails_with_a_new_password_are_bounded_per_account(
    team: Team, at_noon: time_machine.Traveller, django_capture_on_commit_callbacks: type
) -> None:
    def asked() -> int:
        with django_capture_on_commit_callbacks() as sent:
            response = Client().post("/password/", {"email": PERSON})
        assert response["Location"] == "/sign-in/"
        return len(sent)

    assert [asked() for _ in range(5)] == [1, 1, 1, 0, 0]
    at_noon.shift(timedelta(minutes=61))
    assert asked() == 1


def test_old_tries_are_forgotten_and_tell_of_nobody(at_noon: time_machine.Traveller) -> None:
    guess(5, **HOME)
    stored = "".join(str(value) for row in Attempt.objects.values() for value in row.values())
    assert PERSON not in stored
    assert HOME["REMOTE_ADDR"] not in stored
    at_noon.shift(throttle.WINDOW + timedelta(minutes=1))
    guess(1, **ELSEWHERE)
    assert list(Attempt.objects.values_list("at", flat=True)) == [timezone.now()]


def test_an_invented_address_gives_no_more_tries(team: Team, settings: Settings) -> None:
    """B8: a visitor who is no proxy, of a server that is reached over https."""
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = True, [ip_network("127.0.0.0/8")]
    pages = [guess(1, **HOME, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}") for number in range(12)]
    assert sum("Wrong e-mail" in page for page in pages) == throttle.TRIES_PER_ACCOUNT


def test_what_a_proxy_can_not_read_makes_no_visitor_everybody(team: Team, settings: Settings) -> None:
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = True, [ip_network("10.0.0.0/24")]
    guess(8, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9:51234")
    assert sign_in(Client(), "demo", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.8:51234") == ""
    guess(8, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="nonsense")
    assert sign_in(Client(), "demo", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.8") == ""


def from_many_places(times: int, *, email: str = PERSON) -> int:
    """The number of wrong passwords that were checked, of `times` from different places."""
    pages = [guess(1, email=email, REMOTE_ADDR=f"203.0.{n // 250}.{n % 250}") for n in range(times)]
    return sum("Wrong e-mail address or password" in page for page in pages)


def test_an_account_is_guessed_at_so_often_from_everywhere_together(
    team: Team, at_noon: time_machine.Traveller
) -> None:
    """B7: 40 addresses with 5 tries each, all of which were checked."""
    mine = Client()
    assert sign_in(mine, "demo", **HOME) == ""
    mine.post("/sign-out/")
    assert from_many_places(200) == throttle.TRIES_PER_ACCOUNT_ANYWHERE
    assert REFUSED in sign_in(Client(), "demo", **ELSEWHERE)
    assert sign_in(mine, "demo", **ELSEWHERE) == ""
    at_noon.shift(throttle.WINDOW + timedelta(seconds=1))
    assert sign_in(Client(), "demo", **ELSEWHERE) == ""


def test_its_owner_gets_one_mail_a_day_and_admins_a_line(
    team: Team, at_noon: time_machine.Traveller, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail_guessing, "apply_async", lambda args, **_options: asked.append(args[0]))
        for email in (PERSON, "nobody@acme.example"):
            with django_capture_on_commit_callbacks(execute=True):
                from_many_places(throttle.TRIES_PER_ACCOUNT_ANYWHERE + 20, email=email)
        assert asked == [team.recruiter.user_id, 0]
        at_noon.shift(timedelta(hours=3))
        with django_capture_on_commit_callbacks(execute=True):
            from_many_places(throttle.TRIES_PER_ACCOUNT_ANYWHERE + 1)
        assert len(asked) == 2
    for user_id in asked:
        guessing.mail(user_id)
    (message,) = mail.outbox
    assert message.to == [f"Recruiter Acme <{PERSON}>"]
    assert "http://testserver/password/" in str(message.body)
    told = AuditEvent.objects.get(action="member.password_guessed")
    assert "tried for Recruiter Acme from different places" in Trail([told]).sentence(told)


def test_known_and_unknown_accounts_cost_the_same_queries(team: Team) -> None:
    """Wrong, refused, and where the owner is warned."""

    def shapes(email: str) -> list[list[str]]:
        found = []
        for number in range(throttle.TRIES_PER_ACCOUNT_ANYWHERE + 1):
            with CaptureQueriesContext(connection) as queries:
                guess(1, email=email, REMOTE_ADDR=f"203.0.113.{number}")
            found.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries])
        return found

    assert shapes(PERSON) == shapes("nobody@acme.example")


def test_the_networks_of_one_ipv6_site_are_no_other_visitors(team: Team) -> None:
    """B7: a provider's customer has 65,536 of them."""
    pages = [guess(1, REMOTE_ADDR=f"2001:db8:7:{number:x}::1") for number in range(12)]
    assert sum("Wrong e-mail" in page for page in pages) == throttle.TRIES_PER_ACCOUNT_AND_SITE
    assert sign_in(Client(), "demo", REMOTE_ADDR="2001:db8:8::1") == ""


@pytest.mark.thorough
def test_one_ipv6_site_can_not_try_one_password_on_everybody(team: Team) -> None:
    for number in range(throttle.TRIES_PER_SITE):
        guess(1, email=f"person{number}@acme.example", REMOTE_ADDR=f"2001:db8:7:{number:x}::1")
    assert REFUSED in sign_in(Client(), "demo", REMOTE_ADDR="2001:db8:7:ffff::1")
    assert sign_in(Client(), "demo", REMOTE_ADDR="2001:db8:8::1") == ""


@pytest.mark.parametrize("path", ["/o/acme/settings/profile/password/", "/account/confirm/", "/admin/password_change/"])
def test_the_old_password_can_not_be_guessed_either(team: Team, path: str) -> None:
    """B21: 30 of 30 were checked with a stolen session."""
    User.objects.filter(email=PERSON).update(is_staff=True)
    client, new = team.client(team.recruiter), "tall-ships-sail-9"
    pages = []
    for number in range(throttle.TRIES_PER_ACCOUNT + 3):
        old = dict.fromkeys(("password", "oldpassword", "old_password"), f"wrong-{number}")
        news = dict.fromkeys(("password1", "password2", "new_password1", "new_password2"), new)
        pages.append(client.post(path, old | news, **HOME).content.decode())  # type: ignore[arg-type]
    assert sum(REFUSED not in page for page in pages) == throttle.TRIES_PER_ACCOUNT
    assert User.objects.get(email=PERSON).check_password("demo")


def test_links_to_a_new_password_can_be_asked_for_so_often_from_one_place(team: Team) -> None:
    """B22: 600 requests from one address were answered."""
    answers = [Client().post("/password/", {"email": f"p{n}@acme.example"}, **HOME) for n in range(32)]  # type: ignore[arg-type]
    assert [answer.status_code for answer in answers] == [302] * 30 + [200] * 2
    assert "30 links were asked for from your network within an hour." in answers[-1].content.decode()
    assert Client().post("/password/", {"email": PERSON}, **ELSEWHERE).status_code == 302  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_count_each_other(team: Team) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time; `make test-all` runs this on PostgreSQL")
    start = threading.Barrier(12)
    pages: list[str] = []

    def one() -> None:
        start.wait(timeout=20)
        try:
            pages.append(sign_in(Client(), "wrong", **HOME))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pages) == 12
    assert sum("Wrong e-mail address or password" in page for page in pages) <= throttle.TRIES_PER_ACCOUNT
    # Where all of them saw each other, all were refused, and a refused one does not count: then five are left.
    assert REFUSED in guess(throttle.TRIES_PER_ACCOUNT + 1, **HOME)
