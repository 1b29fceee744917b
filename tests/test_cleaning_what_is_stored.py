"""The migration that cleans what was stored before it was cleaned where it comes in."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from organizations import invitations
from organizations.models import Invitation, User
from scheduling.models import Candidate
from tests.conftest import Team
from tests.scheduling.message_steps import propose, send, staffed_loop

migration = import_module("scheduling.migrations.0012_clean_text")
pytestmark = pytest.mark.django_db


def store(table: str, pk: int, **values: str) -> None:
    """Write to the table past the columns, which clean all that they save."""
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", [value, pk])


def clean() -> None:
    """Clean as the migration does: with models whose columns are plain ones."""
    state = MigrationLoader(connection).project_state(("scheduling", "0012_clean_text"))
    migration.clean(state.apps, None)


def test_candidates_are_cleaned(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    people = [Candidate.objects.create(organization=team.organization, name="Ada") for _ in range(5)]
    for person in people:
        store(
            "scheduling_candidate",
            person.pk,
            name="Zoe\u0308 \u202eCase",
            email="\u200bada@straße.example",
            phone="\u202a+44 1\u202c",
        )
    store("scheduling_candidate", people[4].pk, name="\u200b", email="no address\u200b")
    clean()
    found = Candidate.objects.order_by("id").values_list("name", "email", "phone")
    assert list(found[:4]) == [("Zoë Case", "ada@xn--strae-oqa.example", "+44 1")] * 4
    # Nothing would be left of the name; the address is none, and the next save says so.
    assert found[4] == ("\u200b", "no address", "+44 1")


def test_an_account_stays_when_its_clean_address_is_taken(team: Team) -> None:
    taken = User.objects.create_user("ada@x.example", "demo", name="Ada")
    other = User.objects.create_user("other@x.example", "demo", name="Ada")
    free = User.objects.create_user("free@x.example", "demo", name="Ada")
    store("organizations_user", other.pk, email="ada@x.example\u200b")
    store("organizations_user", free.pk, email="free@straße.example")
    clean()
    found = dict(User.objects.values_list("pk", "email"))
    assert found[taken.pk] == "ada@x.example"
    assert found[other.pk] == "ada@x.example\u200b"
    assert found[free.pk] == "free@xn--strae-oqa.example"


def test_an_invitation_stays_when_another_is_open_at_its_clean_address(team: Team) -> None:
    def invited(email: str) -> Invitation:
        return invitations.invite(organization=team.organization, email=email, role="recruiter", actor=team.admin.user)

    first, second, done = invited("ada@x.example"), invited("b@x.example"), invited("c@x.example")
    Invitation.objects.filter(pk=done.pk).update(accepted_at=timezone.now())
    store("organizations_invitation", second.pk, email="ada@x.example\u200b")
    store("organizations_invitation", done.pk, email="ada@x.example\u200b")
    clean()
    found = dict(Invitation.objects.values_list("pk", "email"))
    assert (found[first.pk], found[second.pk], found[done.pk]) == (
        "ada@x.example", "ada@x.example\u200b", "ada@x.example",
    )  # fmt: skip


def test_who_was_told_is_not_told_again(team: Team) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    for message in schedule.messages.filter(audience="candidate"):
        store("scheduling_message", message.pk, to_email="ada@example.com\u200b")
    store("scheduling_candidate", schedule.candidate_id, email="ada@example.com\u200b")
    clean()
    schedule.refresh_from_db()
    assert propose(schedule, team) == []


def test_back_is_possible() -> None:
    assert all(operation.reversible for operation in migration.Migration.operations)
