"""The audit trail is append-only, for Python and for the database; only erasure empties its texts or deletes rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from organizations import audit
from organizations.append_only import AppendOnly, erasing
from organizations.models import AuditEvent, Membership, Organization
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def record(team: Team) -> AuditEvent:
    return audit.record(
        organization=team.organization,
        actor=team.admin.user,
        action="member.invited",
        subject=team.organization,
        person=audit.Person("invitation", 7),
        detail={"role": "admin"},
        texts={"email": "ada@example.com"},
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda _event: AuditEvent.objects.update(action="job.created"),
        lambda _event: AuditEvent.objects.all().delete(),
        lambda event: AuditEvent.objects.bulk_update([event], ["action"]),
    ],
)
def test_the_model_refuses(team: Team, change: Callable[[AuditEvent], Any]) -> None:
    event = record(team)
    with pytest.raises(AppendOnly):
        change(event)
    assert AuditEvent.objects.get().action == "member.invited"


COLUMNS = [field.column for field in AuditEvent._meta.fields]


@pytest.mark.parametrize("statement", [f"UPDATE %s SET {column} = {column}" for column in COLUMNS] + ["DELETE FROM %s"])
def test_the_database_refuses(team: Team, statement: str) -> None:
    record(team)
    table = AuditEvent._meta.db_table
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement % table)
    assert AuditEvent.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_database_refuses_to_empty_the_table(team: Team) -> None:
    record(team)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {AuditEvent._meta.db_table}")
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in {"texts", "id"}])
def test_erasing_changes_nothing_but_texts(team: Team, column: str) -> None:
    event = record(team)
    value = {
        "actor_id": None,
        "person_id": None,
        "organization_id": 0,
        "subject_id": 0,
        "created_at": timezone.now(),
    }.get(column, "x")
    with pytest.raises(DatabaseError), erasing(), transaction.atomic():
        AuditEvent._base_manager.update(**{column: value})
    event.refresh_from_db()
    assert event.texts == {"email": "ada@example.com"}


def test_a_person_is_forgotten_and_what_happened_stays(team: Team, other_team: Team, as_admin: Client) -> None:
    record(team)
    record(other_team)
    assert audit.forget(team.organization, audit.Person("invitation", 7)) == 1
    assert audit.forget(team.organization, audit.Person("invitation", 7)) == 0
    event = AuditEvent.objects.get(organization=team.organization)
    assert (event.texts, event.detail) == ({}, {"role": "admin"})
    assert AuditEvent.objects.get(organization=other_team.organization).texts == {"email": "ada@example.com"}
    page = as_admin.get(team.url("settings/security/")).content.decode()
    assert "Invited an erased address as Admin" in page


def test_after_an_error_nothing_is_erased_and_nothing_can_be(team: Team) -> None:
    record(team)
    with pytest.raises(ZeroDivisionError), erasing():
        AuditEvent._base_manager.all().delete()
        raise ZeroDivisionError
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent._base_manager.all().delete()
    assert AuditEvent.objects.count() == 1


def test_after_erasing_it_is_refused_again_in_the_same_transaction(team: Team) -> None:
    record(team)
    with erasing():
        AuditEvent._base_manager.all().delete()
    record(team)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent._base_manager.all().delete()


def test_an_organization_goes_with_its_trail_only_on_purpose(team: Team) -> None:
    record(team)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        team.organization.delete()
    with transaction.atomic():
        assert audit.forget_some(team.organization, 10) == 1
        team.organization.delete()
    assert not AuditEvent.objects.exists() and not Organization.objects.exists()


def test_an_account_goes_and_its_rows_stay_as_they_were(team: Team) -> None:
    record(team)
    pk = team.admin.user.pk
    Membership.objects.filter(user=pk).delete()
    team.admin.user.delete()
    assert AuditEvent.objects.get().actor_id == pk
