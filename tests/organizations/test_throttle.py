"""Guessing passwords is bounded, and nobody is kept out by what strangers do."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from organizations import passwords, throttle
from organizations.models import Attempt, User
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
    at_noon.shift(throttle.KEPT_FOR + timedelta(minutes=1))
    guess(1, **ELSEWHERE)
    assert list(Attempt.objects.values_list("at", flat=True)) == [timezone.now()]


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "remote", "address"),
    [
        (False, "203.0.113.9", "198.51.100.7", "198.51.100.7"),
        (True, "", "198.51.100.7", "198.51.100.7"),
        (True, "203.0.113.9", "127.0.0.1", "203.0.113.9"),
        (True, "made-up, 10.0.0.1, 203.0.113.9", "127.0.0.1", "203.0.113.9"),
        (True, "2001:db8:1:2:3:4:5:6", "127.0.0.1", "2001:db8:1:2::/64"),
        (True, "::ffff:203.0.113.9", "127.0.0.1", "203.0.113.9"),
        (True, "nonsense", "127.0.0.1", "unknown"),
        (False, "", "", "unknown"),
    ],
)
def test_the_address_is_the_one_that_the_proxy_wrote(
    rf: object, settings: object, behind_proxy: bool, forwarded: str, remote: str, address: str
) -> None:
    settings.BEHIND_PROXY = behind_proxy  # type: ignore[attr-defined]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = rf.post("/sign-in/", REMOTE_ADDR=remote, **headers)  # type: ignore[attr-defined]
    assert throttle.client_ip(request) == address


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
    assert REFUSED in guess(5, **HOME)
