"""Accounts of the version before django-allauth: they keep their address, their password and their sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from organizations.models import User
from tests.conftest import Team

BEFORE = [("organizations", "0009_more_roles")]


def migrate(to: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


@pytest.fixture
def old(transactional_db: None) -> Iterator[Any]:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(BEFORE)
    migrate(leaves)


def test_each_gets_its_address_proven(old: Any) -> None:
    people = old.get_model("organizations", "User").objects
    for email in ("ada@acme.example", "bo@acme.example"):
        people.create(email=email, password="!")
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(leaves)
    found = EmailAddress.objects.order_by("email").values_list("user__email", "email", "primary", "verified")
    assert list(found) == [(email, email, True, True) for email in ("ada@acme.example", "bo@acme.example")]


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
