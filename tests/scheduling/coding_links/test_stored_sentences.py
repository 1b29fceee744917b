"""Sentences that were stored before problems were codes: kept by the migration, shown as they stand, and given back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from integrations.error_texts import problem_of
from scheduling.coding_links import problems
from scheduling.coding_links.history import link_story

BEFORE = [("integrations", "0010_no_lookup_lease"), ("scheduling", "0021_candidate_keys")]
AFTER = [("integrations", "0014_webhook_tokens_by_hash"), ("scheduling", "0023_problem_codes")]


def migrate(to: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


@pytest.fixture
def old(empty_database: None) -> Any:
    return migrate(BEFORE)


@pytest.mark.thorough
@pytest.mark.landed
def test_they_are_kept_shown_and_given_back(old: Any) -> None:
    organization = old.get_model("organizations", "Organization").objects.create(name="Acme", slug="acme")
    integration = old.get_model("integrations", "Integration").objects.create(
        organization=organization,
        kind="codesignal",
        state="paused",
        problem_code="key_rejected",
        problem="The key was bad.",
        check_problem="It was away.",
        webhook_token="t",
    )
    link = old.get_model("scheduling", "CodingLink").objects.create(
        organization=organization,
        integration=integration,
        candidate_key="-",
        state="failed",
        problem_code="refused",
        problem="It was refused.",
    )
    quiet = old.get_model("scheduling", "LinkEvent").objects.create(link=link, to_state="pending", code="asked")
    said = old.get_model("scheduling", "LinkEvent").objects.create(
        link=link, from_state="creating", to_state="failed", code="refused", note="It was refused."
    )

    after = migrate(AFTER)
    assert after.get_model("scheduling", "LinkEvent").objects.get(pk=quiet.pk).params == {}
    now = after.get_model("integrations", "Integration").objects.get()
    assert problem_of(now) == "The key was bad."
    assert (now.check_problem_code, now.check_problem_params) == ("unknown", {"text": "It was away."})
    links = after.get_model("scheduling", "CodingLink").objects.select_related("integration")
    assert problems.problem_of(links.get()) == "It was refused."
    assert link_story(after.get_model("scheduling", "LinkEvent").objects.get(pk=said.pk)).note == "It was refused."

    before = migrate(BEFORE)
    row = before.get_model("integrations", "Integration").objects.get()
    assert (row.problem, row.check_problem) == ("The key was bad.", "It was away.")
    assert before.get_model("scheduling", "CodingLink").objects.get().problem == "It was refused."
    notes = before.get_model("scheduling", "LinkEvent").objects.order_by("pk").values_list("note", flat=True)
    assert list(notes) == ["", "It was refused."]
