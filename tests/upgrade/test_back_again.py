"""Migrating back to the version before django-allauth, and on again, loses no more than the migrations say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from tests.upgrade.before import LEAVES, NOW, Rows, insert, leaves, migrate, rows_of_before, stored

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

#: Written by the migrations themselves, and by Django after them.
NO_DATA = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}


@pytest.fixture
def lives() -> Iterator[list[Rows]]:
    """The rows before, after the migrations, back again, and after them once more."""
    now = leaves()
    with time_machine.travel(NOW, tick=True):
        try:
            insert(rows_of_before(), migrate(LEAVES))
            found = [stored()]
            for to in (now, LEAVES, now):
                migrate(to)
                found.append(stored())
            yield found
        finally:
            migrate(now)
            call_command("flush", interactive=False, verbosity=0)


def by_key(rows: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """The rows by their first column, which is the primary key of each table."""
    return {next(iter(row.values())): row for row in rows}


def differences(one: Rows, other: Rows) -> dict[str, set[str]]:
    """The columns of each table that have other values; `+` and `-` for rows that only one has."""
    found: dict[str, set[str]] = {}
    for table in {*one, *other} - NO_DATA:
        first, second = by_key(one.get(table, [])), by_key(other.get(table, []))
        changed = {
            name
            for key in first.keys() & second.keys()
            for name, value in first[key].items()
            if value != second[key].get(name)
        }
        changed |= {"-"} if first.keys() - second.keys() else set()
        changed |= {"+"} if second.keys() - first.keys() else set()
        if changed:
            found[table] = changed
    return found


#: Back again: everybody signs in anew, names stay out of the trail, addresses keep their one spelling, and what was
#: looked up at the vendor is looked up anew.
BACK = {
    "django_session": {"-"},
    "organizations_auditevent": {"+", "summary", "detail", "search_key"},
    "organizations_invitation": {"email"},
    "organizations_user": {"email", "search_key"},
    "scheduling_vendorsnapshot": {"-"},
}
#: On again: the sessions were over before. Of the trail the earlier version had no place for whom a row is about, nor
#: for texts about people, so what cannot be told from its sentences is gone. An account that was told apart has its
#: address already, and counts as proven like all others. The token is encrypted anew.
ON_AGAIN = {
    "account_emailaddress": {"verified"},
    "integrations_integration": {"webhook_token"},
    "organizations_auditevent": {"person_type", "person_id", "texts"},
    "organizations_session": {"-"},
}


def test_back_and_on_again(lives: list[Rows]) -> None:
    before, after, back, again = lives
    assert differences(before, back) == BACK
    assert differences(after, again) == ON_AGAIN
