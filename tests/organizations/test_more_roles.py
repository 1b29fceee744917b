"""The migration that brings the roles Coordinator and Read only, and what it leaves when it is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE = [("organizations", "0008_kinds_of_attempts"), ("jobs", "0004_fill_search_keys")]
AFTER = [("organizations", "0009_more_roles"), ("jobs", "0005_job_coordinators")]


def migrate(to: list[tuple[str, str]]) -> Any:
    MigrationExecutor(connection).migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


@pytest.fixture
def new(empty_database: None) -> Any:
    return migrate(AFTER)


@pytest.mark.thorough
@pytest.mark.landed
def test_backwards_new_roles_become_interviewers(new: Any) -> None:
    organization = new.get_model("organizations", "Organization").objects.create(name="Acme", slug="acme")
    roles = ["admin", "recruiter", "coordinator", "interviewer", "read_only"]
    for role in roles:
        user = new.get_model("organizations", "User").objects.create(email=f"{role}@acme.example", name=role)
        new.get_model("organizations", "Membership").objects.create(organization=organization, user=user, role=role)
        new.get_model("organizations", "Invitation").objects.create(
            organization=organization,
            email=f"new-{role}@acme.example",
            role=role,
            token_hash=role,
            expires_at=timezone.now(),
        )
    old = migrate(BEFORE)
    wanted = ["admin", "recruiter", "interviewer", "interviewer", "interviewer"]
    for model in ("Membership", "Invitation"):
        rows = old.get_model("organizations", model).objects.order_by("id")
        assert (model, list(rows.values_list("role", flat=True))) == (model, wanted)
    member = old.get_model("organizations", "Membership").objects.last()
    member.role = "read_only"
    with pytest.raises(IntegrityError), transaction.atomic():
        member.save()
