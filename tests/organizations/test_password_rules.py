"""The rules for new passwords, and how passwords are kept."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pwned_passwords_django.api import default_client
from pytest_django import Settings

from config import settings as real
from organizations import password_rules
from organizations.models import Organization, User
from organizations.password_hashing import AT_ONCE, SmallArgon2
from tests.conftest import Team

BREACHED = "correct horse battery staple"


def problems(password: str, user: User | None = None) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.fixture
def robin(team: Team) -> User:
    """A member of Umbra Partners, at this very server."""
    Organization.objects.filter(pk=team.organization.pk).update(name="Umbra Partners")
    team.recruiter.user.name = "Robin Becker"
    return team.recruiter.user


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("tall-ships", "too short"),
        ("Umbra-Umbra-2026", "mostly your name"),
        ("umbrapartners1", "mostly your name"),
        ("Panelist-2026!", "mostly your name"),
        ("testserver-1234", "mostly your name"),
        ("becker-becker-1", "mostly your name"),
        ("recruiter-at-acme", "too similar"),
        ("password123456", "common password with a few characters added"),
        ("Sunshine!2026!", "common password with a few characters added"),
        ("monkeymonkeymonkey", "common password with a few characters added"),
        ("aaaaaaaaaaaaaaa", "repeats too few"),
        ("121212121212", "repeats too few"),
        ("719402856314", "entirely numeric"),
    ],
)
def test_what_everybody_would_try_is_refused(robin: User, settings: Settings, password: str, said: str) -> None:
    settings.BASE_URL = "https://testserver.intern.example"
    assert said in problems(password, robin)


@pytest.mark.parametrize(
    "password",
    [
        "tall-ships-sail-9",
        "x7#Qp2!zLm4$",
        "drei Rüben im Acker",
        "私は毎朝五時に起きて海まで走る",
        "umbra hires four bakers",
    ],
)
def test_what_nobody_would_try_is_taken(robin: User, password: str) -> None:
    assert problems(password, robin) == ""


@pytest.mark.django_db
def test_who_is_invited_may_not_take_the_organizations_name() -> None:
    invited = User(email="robin@new.example", name="Robin")
    invited.joins = "Umbra"
    assert "mostly your name" in problems("Umbra-Umbra-Umbra", invited)


class Breaches:
    """Have I Been Pwned: counts what it is asked, and answers as its API does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str], httpx.Response] = self.known

    def known(self, prefix: str) -> httpx.Response:
        digest = hashlib.sha1(BREACHED.encode()).hexdigest().upper()
        lines = ["0018A45C4D1DEF81644B54AB7F969B88D65:0"]
        if digest.startswith(prefix):
            lines.append(f"{digest[5:]}:312")
        return httpx.Response(200, text="\r\n".join(lines))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        prefix = request.url.path.removeprefix("/range/")
        self.asked.append(prefix)
        return self.answer(prefix)


@pytest.fixture
def breaches(settings: Settings) -> Iterator[Breaches]:
    settings.CHECK_BREACHED_PASSWORDS = True
    answers, before = Breaches(), default_client.client
    default_client.client = httpx.Client(transport=httpx.MockTransport(answers))
    yield answers
    default_client.client = before


def test_a_password_of_a_breach_is_refused_and_five_signs_of_its_hash_leave(breaches: Breaches) -> None:
    assert "known data breach" in problems(BREACHED)
    assert problems("tall-ships-sail-9") == ""
    assert [len(prefix) for prefix in breaches.asked] == [5, 5]


def test_a_network_that_is_away_keeps_nobody_out(breaches: Breaches) -> None:
    def away(prefix: str) -> httpx.Response:
        raise httpx.ConnectError("no route")

    breaches.answer = away
    assert problems("tall-ships-sail-9") == ""
    breaches.answer = lambda prefix: httpx.Response(503)
    assert problems("tall-ships-sail-9") == ""
    assert "common password" in problems("password123456")


def test_a_network_that_hangs_does_not_hold_the_person_up(breaches: Breaches, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(prefix: str) -> httpx.Response:
        over.wait(60)
        return httpx.Response(200, text="")

    breaches.answer = hang
    monkeypatch.setattr(password_rules, "LONGEST_LOOKUP", 0.05)
    began = time.monotonic()
    try:
        assert problems("tall-ships-sail-9") == ""
    finally:
        over.set()
    assert time.monotonic() - began < 30


def test_the_setting_asks_nobody(breaches: Breaches, settings: Settings) -> None:
    settings.CHECK_BREACHED_PASSWORDS = False
    assert problems(BREACHED) == ""
    assert breaches.asked == []


@pytest.mark.django_db
def test_a_password_of_before_goes_on_and_becomes_argon2id(client: Client, team: Team, settings: Settings) -> None:
    """With the hash that Django 5.2 made of it."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    user = team.recruiter.user
    user.password = make_password("tall-ships-sail-9", hasher="pbkdf2_sha256")
    user.save()
    assert user.password.startswith("pbkdf2_sha256$1000000$")
    sent = {"login": user.email, "password": "tall-ships-sail-9"}
    assert client.post("/sign-in/", sent).status_code == 302
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.get(team.url("home/")).status_code == 200
    assert Client().post("/sign-in/", sent).status_code == 302


HASHES: list[str] = []


class CountedArgon2(SmallArgon2):
    """Counts the hashes. `verify` computes one; `encode` inside `verify` is another's."""

    def encode(self, password: str, salt: str, **options: object) -> str:
        HASHES.append("argon2")
        return super().encode(password, salt, **options)

    def verify(self, password: str, encoded: str) -> bool:
        HASHES.append("argon2")
        return super().verify(password, encoded)


@pytest.fixture
def counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountedArgon2", *real.PASSWORD_HASHERS[1:]]
    encode = PBKDF2PasswordHasher.encode

    def counted_encode(self: PBKDF2PasswordHasher, password: str, salt: str, iterations: int | None = None) -> str:
        HASHES.append("pbkdf2")
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted_encode)
    return HASHES


def of_one_try(counted: list[str], email: str) -> list[str]:
    counted.clear()
    page = Client().post("/sign-in/", {"login": email, "password": "wrong-wrong-wrong"})
    assert "Wrong e-mail address or password" in page.content.decode()
    return sorted(counted)


def test_known_and_unknown_accounts_cost_the_same_hashes(team: Team, counted: list[str]) -> None:
    """Also while some accounts have the older hash, which takes another time."""
    new, old, none = team.admin.user, team.recruiter.user, team.interviewer.user
    for user, password in ((new, make_password("a" * 12)), (none, "!")):
        User.objects.filter(pk=user.pk).update(password=password)
    User.objects.filter(pk=old.pk).update(password=make_password("b" * 12, hasher="pbkdf2_sha256"))
    people = [new.email, old.email, none.email, "nobody@acme.example"]
    assert [of_one_try(counted, email) for email in people] == [["argon2", "pbkdf2"]] * 4
    User.objects.filter(pk=old.pk).update(password=make_password("b" * 12))
    assert [of_one_try(counted, email) for email in people] == [["argon2"]] * 4


def test_hashing_takes_no_more_memory_than_a_small_server_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most AT_ONCE hashes of 19 MiB at the same time, however many sign in."""
    assert AT_ONCE * SmallArgon2.memory_cost <= 80 * 1024
    running, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def slow(self: object, password: str, salt: str, **options: object) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == AT_ONCE:
                full.set()
        full.wait(20)
        with lock:
            running -= 1
        return "x"

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", slow)
    threads = [threading.Thread(target=SmallArgon2().encode, args=("p", "salt-salt")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_ONCE
