"""Migrations that came after the rules keep them: people work on while they run, and so does the version before."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import Q

from organizations.migration_operations import AddIndexOnline, RemoveIndexOnline
from organizations.state_only import StateOnly
from tests.upgrade.rules import LATER, problems

#: The number of each app's last migration that is older than the rules.
OLDER = {"organizations": 35, "integrations": 15, "jobs": 6, "scheduling": 34}
#: Migrations that break a rule and are safe all the same, each with the reason.
CHECKED: dict[str, str] = {
    "integrations.0018_ways_to_connect_calendars": (
        "The table came with 0017 of the same release: no version before it inserts rows there."
    ),
}


def is_newer(app: str, name: str) -> bool:
    return app in OLDER and int(name[:4]) > OLDER[app]


def test_each_migration_lets_people_work() -> None:
    loader = MigrationLoader(None)
    found = {}
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if is_newer(app, name) and f"{app}.{name}" not in CHECKED:
            found[f"{app}.{name}"] = problems(migration, loader.project_state((app, name), at_end=False))
    assert {name: said for name, said in found.items() if said} == {}


def test_what_is_checked_exists_and_has_a_reason() -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    assert set(CHECKED) <= known
    assert all(len(reason.split()) > 3 for reason in CHECKED.values())


@cache
def now() -> ProjectState:
    """The models as all migrations together make them. To put them together takes seconds."""
    return MigrationLoader(None).project_state()


def fill(apps: Any, schema_editor: Any) -> None:
    """Stand for a change of rows."""


def made_of(*operations: Any, atomic: bool = True) -> Migration:
    kind = type("Migration", (Migration,), {"operations": list(operations), "atomic": atomic})
    made: Migration = kind("9999_of_a_test", "scheduling")
    return made


SHORT = models.CharField(max_length=10)
INDEX = models.Index(fields=["name"], name="a_new_index")
CHECK = models.CheckConstraint(condition=~Q(name=""), name="a_new_check")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (migrations.AddIndex("candidate", INDEX), "AddIndexOnline"),
        (AddIndexOnline("candidate", INDEX), ""),
        (migrations.RemoveIndex("message", "message_by_state"), "RemoveIndexOnline"),
        (RemoveIndexOnline("message", "message_by_state"), ""),
        (migrations.AddConstraint("candidate", CHECK), "AddConstraintNotValid"),
        (AddConstraintNotValid("candidate", CHECK), ""),
        (migrations.AddField("candidate", "note", SHORT), "db_default"),
        (migrations.AddField("candidate", "note", models.CharField(max_length=10, default="")), "db_default"),
        (migrations.AddField("candidate", "note", models.CharField(max_length=10, default="", db_default="")), ""),
        (migrations.AddField("candidate", "note", models.CharField(max_length=10, null=True)), ""),
        (migrations.AddField("candidate", "note", models.DateField(null=True, db_index=True)), "db_index=False"),
        (
            migrations.AddField("candidate", "job2", models.ForeignKey("jobs.Job", models.CASCADE, null=True)),
            "db_index=False",
        ),
        (migrations.AlterField("candidate", "name", models.TextField()), "written anew"),
        (migrations.AlterField("candidate", "name", models.CharField(max_length=150, null=True)), "written anew"),
        (StateOnly([migrations.AlterField("candidate", "name", models.TextField())]), ""),
        (migrations.RemoveField("candidate", "name"), LATER),
        (migrations.RenameField("candidate", "name", "full_name"), LATER),
        (migrations.DeleteModel("candidate"), LATER),
        (migrations.RenameModel("candidate", "applicant"), LATER),
        (migrations.RunPython(fill), "small batches"),
        (migrations.RunPython(migrations.RunPython.noop), ""),
        (migrations.RunSQL("VACUUM FULL"), "CHECKED"),
        (migrations.CreateModel("note", [("id", models.BigAutoField(primary_key=True)), ("text", SHORT)]), ""),
    ],
)
def test_each_rule_names_what_to_do_instead(operation: Any, said: str) -> None:
    migration = made_of(operation)
    found = problems(migration, now())
    assert len(found) == bool(said), found
    assert said in "".join(found)


def test_a_table_that_the_same_migration_makes_has_no_rows_to_wait_for() -> None:
    migration = made_of(
        migrations.CreateModel("note", [("id", models.BigAutoField(primary_key=True)), ("text", SHORT)]),
        migrations.AddField("note", "more", SHORT),
    )
    assert problems(migration, now()) == []


def test_rows_may_be_changed_outside_of_one_transaction() -> None:
    migration = made_of(migrations.RunPython(fill), atomic=False)
    assert problems(migration, now()) == []
