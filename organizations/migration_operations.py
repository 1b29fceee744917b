"""Operations for migrations of big tables: indexes come and go while people work.

PostgreSQL makes and drops them concurrently, outside a transaction, so a migration with these operations sets
`atomic = False`. SQLite, which has one writer at a time anyway, does both at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import DatabaseError, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from organizations import search_index

#: Nothing is lost without the index: it makes searches fast.
_REFUSED = """
No search index was made: {error}
Searches read all rows until somebody with the right to do so runs, in Panelist's database:
  CREATE EXTENSION pg_trgm;
  CREATE INDEX CONCURRENTLY {table}_grams ON {table} USING gin (search_key gin_trgm_ops);
"""


def _is_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


@contextmanager
def _patient(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Let the statements of the block wait for locks as long as they need: nobody waits for them."""
    if not _is_postgresql(schema_editor):
        yield
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SET lock_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _drop_broken(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    """Drop the index that a concurrent creation left when it was cut off: it has the name, and is never used."""
    if not _is_postgresql(schema_editor):
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
            [schema_editor.quote_name(name)],
        )
        broken = cursor.fetchone() is not None
    if broken:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(name)}")


class _Online(Operation):
    """An operation on an index: `concurrent` on PostgreSQL, without keeping writers out, and `plain` elsewhere."""

    concurrent: ClassVar[type[Operation]]
    plain: ClassVar[type[Operation]]

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        with _patient(schema_editor):
            self._clear_the_way(schema_editor)
            self._how(schema_editor).database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        with _patient(schema_editor):
            self._how(schema_editor).database_backwards(self, app_label, schema_editor, *states)

    def _how(self, schema_editor: BaseDatabaseSchemaEditor) -> type[Operation]:
        return self.concurrent if _is_postgresql(schema_editor) else self.plain

    def _clear_the_way(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        """Do what has to be done before."""


class AddIndexOnline(_Online, AddIndexConcurrently):
    """Add an index while people work."""

    concurrent, plain = AddIndexConcurrently, migrations.AddIndex

    def _clear_the_way(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _drop_broken(schema_editor, self.index.name)


class RemoveIndexOnline(_Online, RemoveIndexConcurrently):
    """Remove an index while people work."""

    concurrent, plain = RemoveIndexConcurrently, migrations.RemoveIndex


class DropIndexOfKey(Operation):
    """Drop the index that Django makes for a foreign key. The state's side is an AlterField with `db_index=False`.

    Without this operation SQLite would copy the whole table.
    """

    reduces_to_sql = True
    atomic = False

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: AlterField does."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,
    ) -> None:
        model, column = self._of(app_label, to_state)
        with schema_editor.connection.cursor() as cursor:
            known = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
        how = "DROP INDEX CONCURRENTLY" if _is_postgresql(schema_editor) else "DROP INDEX"
        with _patient(schema_editor):
            for name, about in known.items():
                if about["index"] and about["columns"] == [column] and not about["unique"]:
                    schema_editor.execute(f"{how} {schema_editor.quote_name(name)}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,
    ) -> None:
        model, column = self._of(app_label, to_state)
        table, quote = model._meta.db_table, schema_editor.quote_name
        name = quote(schema_editor._create_index_name(table, [column]))  # type: ignore[attr-defined]
        how = "CREATE INDEX CONCURRENTLY" if _is_postgresql(schema_editor) else "CREATE INDEX"
        with _patient(schema_editor):
            schema_editor.execute(f"{how} {name} ON {quote(table)} ({quote(column)})")

    def describe(self) -> str:
        return f"Drop the index of {self.model_name}.{self.name}"

    def _of(self, app_label: str, state: ProjectState) -> tuple[type[models.Model], str]:
        """The model and the key's column."""
        model = state.apps.get_model(app_label, self.model_name)
        return model, model._meta.get_field(self.name).column


class AddSearchIndex(Operation):
    """Make the index of letters by which a model's `search_key` is searched (`search_index.py`).

    PostgreSQL needs its extension pg_trgm, which the owner of a database may create since PostgreSQL 13. Where that is
    refused the migration says what to do, and goes on: searches then read all rows of an organization.
    """

    reduces_to_sql = True
    atomic = False

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the index is no part of the model."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,
    ) -> None:
        table = self._table(app_label, to_state)
        if not _is_postgresql(schema_editor):
            for statement in search_index.sqlite_statements(table):
                schema_editor.execute(statement, params=None)
            return
        try:
            with _patient(schema_editor):
                for statement in search_index.postgresql_statements(table):
                    schema_editor.execute(statement)
        except DatabaseError as error:
            print(_REFUSED.format(error=error, table=table), file=sys.stderr)  # noqa: T201 - to whoever migrates

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        back = search_index.postgresql_statements_back
        if not _is_postgresql(schema_editor):
            back = search_index.sqlite_statements_back
        with _patient(schema_editor):
            for statement in back(self._table(app_label, from_state)):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Add a search index to {self.model_name}"

    def _table(self, app_label: str, state: ProjectState) -> str:
        return str(state.apps.get_model(app_label, self.model_name)._meta.db_table)
