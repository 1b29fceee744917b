"""Operations for migrations of big tables: indexes come and go while people work.

PostgreSQL makes and drops them concurrently, outside a transaction, so a migration with these operations sets
`atomic = False`. SQLite, which has one writer at a time anyway, does both at once.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


def _is_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


class AddIndexOnline(AddIndexConcurrently):
    """Add an index; on PostgreSQL without keeping writers out."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        how = AddIndexConcurrently if _is_postgresql(schema_editor) else migrations.AddIndex
        how.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        how = AddIndexConcurrently if _is_postgresql(schema_editor) else migrations.AddIndex
        how.database_backwards(self, app_label, schema_editor, *states)


class RemoveIndexOnline(RemoveIndexConcurrently):
    """Remove an index; on PostgreSQL without keeping writers out."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        how = RemoveIndexConcurrently if _is_postgresql(schema_editor) else migrations.RemoveIndex
        how.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        how = RemoveIndexConcurrently if _is_postgresql(schema_editor) else migrations.RemoveIndex
        how.database_backwards(self, app_label, schema_editor, *states)


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
        schema_editor.execute(f"{how} {name} ON {quote(table)} ({quote(column)})")

    def describe(self) -> str:
        return f"Drop the index of {self.model_name}.{self.name}"

    def _of(self, app_label: str, state: ProjectState) -> tuple[type[models.Model], str]:
        """The model and the key's column."""
        model = state.apps.get_model(app_label, self.model_name)
        return model, model._meta.get_field(self.name).column
