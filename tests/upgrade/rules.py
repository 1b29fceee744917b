"""Rules for migrations that run while people work, and while workers of the version before still run.

A statement that changes a table waits for all who use it, and all others wait for the statement: it has to be over in
a moment. And the older version goes on reading and writing the columns that it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection, migrations
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField
from django.db.models.fields import NOT_PROVIDED

from organizations.state_only import StateOnly

#: Tables that grow with the interviews of years.
BIG = frozenset(
    {
        ("organizations", "auditevent"),
        ("organizations", "attempt"),
        ("organizations", "session"),
        ("scheduling", "calendarentry"),
        ("scheduling", "candidate"),
        ("scheduling", "codinglink"),
        ("scheduling", "interview"),
        ("scheduling", "interviewerassignment"),
        ("scheduling", "joinlink"),
        ("scheduling", "linkevent"),
        ("scheduling", "mailanswer"),
        ("scheduling", "message"),
        ("scheduling", "schedule"),
        ("scheduling", "vendorevent"),
        ("scheduling", "vendorsnapshot"),
    }
)
#: What takes away a name that the version before uses.
GONE = (
    migrations.AlterModelTable,
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
)
LATER = "Remove what the version before uses one release later: first the code, then the column."


def problems(migration: Migration, before: ProjectState) -> list[str]:
    """Say what is dangerous in a migration. `before` is the state that it begins with."""
    state, made, found = before.clone(), set(), []
    for operation in migration.operations:
        for one in _of_database(operation):
            if isinstance(one, migrations.CreateModel):
                made.add((migration.app_label, one.name.lower()))
            model = (migration.app_label, str(getattr(one, "model_name", getattr(one, "name", ""))).lower())
            if model not in made:
                found += [f"{_named(one)}: {problem}" for problem in _problems(one, model, state, migration)]
        operation.state_forwards(migration.app_label, state)
    return found


def _of_database(operation: Operation) -> list[Operation]:
    """The operations of one that reach the database."""
    if isinstance(operation, StateOnly):
        return []
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return [inner for one in operation.database_operations for inner in _of_database(one)]
    return [operation]


def _named(operation: Operation) -> str:
    names = [str(getattr(operation, name)) for name in ("model_name", "name") if getattr(operation, name, None)]
    return " ".join([type(operation).__name__, ".".join(names)]).strip()


def _problems(one: Operation, model: tuple[str, str], state: ProjectState, migration: Migration) -> Iterator[str]:
    if isinstance(one, GONE):
        yield LATER
    elif isinstance(one, migrations.RunPython) and one.code is not migrations.RunPython.noop and migration.atomic:
        yield "Rows that it changes stay locked until it ends. Set atomic = False, and change them in small batches."
    elif isinstance(one, migrations.RunSQL):
        yield "Nobody can see from here what it locks. Say in CHECKED why people can work beside it."
    elif isinstance(one, migrations.AddField):
        yield from _of_new_field(one.field, model)
    elif model in BIG:
        yield from _of_big_table(one, model, state)


def _of_new_field(field: Field, model: tuple[str, str]) -> Iterator[str]:  # type: ignore[type-arg]
    if isinstance(field, ManyToManyField):
        return
    if not field.null and field.db_default is NOT_PROVIDED:
        yield "The version before can't insert rows without it. Give it a db_default, or let it be null."
    if model in BIG and (field.unique or getattr(field, "db_index", False)):
        yield "Its index is made while writers wait. Set db_index=False, and add an index by AddIndexOnline."


def _of_big_table(one: Operation, model: tuple[str, str], state: ProjectState) -> Iterator[str]:
    if isinstance(one, migrations.AddIndex) and not isinstance(one, AddIndexConcurrently):
        yield "Writers wait until the index is made. Use AddIndexOnline."
    elif isinstance(one, migrations.RemoveIndex) and not isinstance(one, RemoveIndexConcurrently):
        yield "Dropping it waits for all, and all wait for it. Use RemoveIndexOnline."
    elif isinstance(one, migrations.AddConstraint) and not isinstance(one, AddConstraintNotValid):
        yield "All rows are read while writers wait. Use AddConstraintNotValid, and ValidateConstraint after it."
    elif isinstance(one, migrations.AlterField):
        old = state.apps.get_model(*model)._meta.get_field(one.name)
        editor: Any = connection.SchemaEditorClass(connection, collect_sql=True)
        changed = editor._field_should_be_altered(old, _bound(one.field, old))
        if changed:
            yield "The table may be written anew while all wait. Add a column, fill it in batches, and change the code."


def _bound(field: Field, old: Field) -> Field:  # type: ignore[type-arg]
    """A copy of the field that knows its name and model."""
    copied = field.clone()
    copied.set_attributes_from_name(old.name)
    copied.model = old.model
    return copied
