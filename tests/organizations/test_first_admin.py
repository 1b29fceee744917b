"""The first person of a new installation."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from organizations.models import AuditEvent, Membership, Organization, User

GIVEN = {
    "FIRST_ADMIN_NAME": "Vera Lang",
    "FIRST_ADMIN_EMAIL": "Vera@Example.net",
    "FIRST_ADMIN_PASSWORD": "tall-ships-sail-9",
    "FIRST_ADMIN_ORGANIZATION": "Harbour Works & Sons",
    "FIRST_ADMIN_TIME_ZONE": "Europe/Oslo",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("given")
def test_the_variables_make_an_admin_with_an_organization() -> None:
    call_command("first_admin")
    membership = Membership.objects.select_related("user", "organization").get()
    assert membership.role == Membership.Role.ADMIN
    assert (membership.user.email, membership.user.name) == ("vera@example.net", "Vera Lang")
    assert membership.user.is_superuser and membership.user.check_password("tall-ships-sail-9")
    assert membership.organization.slug == "harbour-works-sons"
    assert membership.organization.time_zone == "Europe/Oslo"
    assert AuditEvent.objects.get().action == "organization.created"
    call_command("first_admin")
    assert User.objects.count() == 1


def test_the_zone_may_be_a_city(given: pytest.MonkeyPatch) -> None:
    given.setenv("FIRST_ADMIN_TIME_ZONE", "Oslo")
    call_command("first_admin")
    assert Membership.objects.get().organization.time_zone == "Europe/Oslo"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRST_ADMIN_NAME", ""),
        ("FIRST_ADMIN_EMAIL", "vera"),
        ("FIRST_ADMIN_PASSWORD", "short"),
        ("FIRST_ADMIN_ORGANIZATION", ""),
        ("FIRST_ADMIN_TIME_ZONE", "Atlantis"),
        ("FIRST_ADMIN_TIME_ZONE", "EST"),
    ],
)
def test_a_bad_variable_is_named_and_nothing_is_made(name: str, value: str, given: pytest.MonkeyPatch) -> None:
    given.setenv(name, value)
    with pytest.raises(CommandError) as caught:
        call_command("first_admin")
    assert f"{name}: " in str(caught.value)
    assert not any(f"{other}: " in str(caught.value) for other in GIVEN if other != name)
    assert not User.objects.exists() and not Organization.objects.exists()


def test_at_a_terminal_it_asks_again_until_an_answer_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["vera", "vera@example.net", "", "Vera Lang", "Harbour Works", "Atlantis", ""])
    passwords = iter(["short", "tall-ships-sail-9", "tall-ships-sail-8", "tall-ships-sail-9", "tall-ships-sail-9"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(passwords))
    call_command("first_admin")
    membership = Membership.objects.select_related("user", "organization").get()
    assert membership.organization.time_zone == "UTC"
    assert (membership.user.email, membership.user.name) == ("vera@example.net", "Vera Lang")
    assert membership.user.check_password("tall-ships-sail-9")
    said = capsys.readouterr().out
    # Before the first try.
    rule = "At least 12 characters."
    assert said.index(rule) < said.index("This password is too short")
    assert "The passwords don't match." in said and "is not a time zone" in said
    assert "tall-ships" not in said
