"""Accounts of the version before django-allauth: they keep their address, their password and their sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from organizations.models import AuditEvent, Invitation, User
from organizations.trail import Trail
from tests.conftest import Team

BEFORE = [("organizations", "0009_more_roles")]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def migrate(to: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def migrate_on() -> None:
    """Bring all apps up to date but those that build on accounts."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate([leaf for leaf in leaves if leaf[0] not in {"integrations", "jobs", "scheduling"}])


@pytest.fixture
def old(empty_database: None) -> Any:
    return migrate(BEFORE)


@pytest.mark.thorough
@pytest.mark.landed
def test_each_gets_its_address_proven(old: Any) -> None:
    people = old.get_model("organizations", "User").objects
    for email in ("ada@acme.example", "bo@acme.example"):
        people.create(email=email, password="!")
    migrate_on()
    found = EmailAddress.objects.order_by("email").values_list("user__email", "email", "primary", "verified")
    assert list(found) == [(email, email, True, True) for email in ("ada@acme.example", "bo@acme.example")]


@pytest.mark.thorough
@pytest.mark.landed
def test_two_spellings_of_one_address_stay_two_accounts(old: Any) -> None:
    people = old.get_model("organizations", "User").objects
    organization = old.get_model("organizations", "Organization").objects.create(name="Acme", slug="acme")
    for age, email in enumerate(("Ann@straße.example", "ann@xn--strae-oqa.example", "\uff42ob@acme.example")):
        password = make_password(f"password-{age}")
        user = people.create(email=email, name="Ann", password=password, created_at=NOW + timedelta(days=age))
        old.get_model("organizations", "Membership").objects.create(organization=organization, user=user, role="admin")
    migrate_on()
    older, newer, bob = User.objects.order_by("created_at")
    assert older.email == "ann@xn--strae-oqa.example"
    assert newer.email == f"ann+{newer.pk}@xn--strae-oqa.example"
    assert bob.email == "bob@acme.example"
    assert "ann+" in newer.search_key
    assert list(EmailAddress.objects.order_by("user_id").values_list("email", "verified")) == [
        (older.email, True),
        (newer.email, False),
        (bob.email, True),
    ]
    told = AuditEvent.objects.get(action="member.address_told_apart")
    assert Trail([told]).sentence(told) == "Told the address of Ann apart from the same one of an older account"
    for age, typed in enumerate(("ANN@straße.example", newer.email, "bob@acme.example")):
        sent = {"login": typed, "password": f"password-{age}"}
        assert Client().post("/sign-in/", sent).status_code == 302


@pytest.mark.thorough
@pytest.mark.landed
def test_of_two_open_invitations_of_one_address_the_newer_stays(old: Any) -> None:
    organization = old.get_model("organizations", "Organization").objects.create(name="Acme", slug="acme")
    for age, email in enumerate(("ann@straße.example", "ann@xn--strae-oqa.example", "Bo@acme.example")):
        old.get_model("organizations", "Invitation").objects.create(
            organization=organization,
            email=email,
            role="admin",
            token_hash=str(age),
            created_at=NOW + timedelta(days=age),
            expires_at=NOW,
        )
    migrate_on()
    found = Invitation.objects.order_by("created_at").values_list("created_at", "email")
    assert list(found) == [
        (NOW + timedelta(days=1), "ann@xn--strae-oqa.example"),
        (NOW + timedelta(days=2), "bo@acme.example"),
    ]


def test_a_session_of_before_goes_on(client: Client, team: Team) -> None:
    """As Django's own view stored it."""
    session = client.session
    session["_auth_user_id"] = str(team.recruiter.user.pk)
    session["_auth_user_backend"] = "organizations.throttle.ThrottledBackend"
    session["_auth_user_hash"] = team.recruiter.user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    assert client.get(team.url("home/")).status_code == 200


@pytest.mark.django_db
def test_a_new_account_gets_its_address_too_and_keeps_it_with_every_change() -> None:
    user = User.objects.create_user("Ada@Acme.example", name="Ada", address_is_proven=False)
    row = EmailAddress.objects.get()
    assert (row.user, row.email, row.primary, row.verified) == (user, "ada@acme.example", True, False)
    user.name = "Ada L."
    user.save()
    assert not EmailAddress.objects.get().verified
    again = User.objects.get()
    again.email = "lovelace@acme.example"
    again.save(update_fields=["email"])
    row = EmailAddress.objects.get()
    assert (row.email, row.primary, row.verified) == ("lovelace@acme.example", True, True)
