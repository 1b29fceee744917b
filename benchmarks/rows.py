"""Rows by the thousand: written with COPY in PostgreSQL and in prepared statements in SQLite, without model objects."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models.expressions import DatabaseDefault

Value = str | int | bool | bytes | None


class Rows:
    """A table that grows: `add` takes the columns that vary, all others have the model's defaults, or `fixed`.

    Values are as the database takes them: `moment` makes one of a time, and JSON is text. Ids are given here, so that
    rows can refer to others that are not written yet.
    """

    def __init__(self, model: type[models.Model], *varying: str, **fixed: Any) -> None:
        self.model = model
        sample, rest = model(**fixed), {}
        for field in model._meta.concrete_fields:
            value = field.pre_save(sample, True)
            if field.column not in {"id", *varying} and not isinstance(value, DatabaseDefault):
                rest[field.column] = field.get_db_prep_save(value, connection)
        self.columns = ["id", *varying, *rest]
        self.next_id: int = (model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1
        self._rest = tuple(map(_plain, rest.values()))
        self._waiting: list[tuple[Value, ...]] = []

    def add(self, *values: Value) -> int:
        """Add a row and return its id. It is written with the next `write`."""
        pk, self.next_id = self.next_id, self.next_id + 1
        self._waiting.append((pk, *values, *self._rest))
        return pk

    def write(self) -> None:
        names = ", ".join(f'"{column}"' for column in self.columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{self.model._meta.db_table}" ({names}) FROM STDIN') as copy:
                    copy.write("".join("\t".join(map(_copied, row)) + "\n" for row in self._waiting))
            else:
                places = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(
                    f'INSERT INTO "{self.model._meta.db_table}" ({names}) VALUES ({places})',
                    self._waiting,
                )
        self._waiting.clear()

    def go_on(self) -> None:
        """Let the database number the rows after these."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [self.model._meta.db_table, self.next_id]
                )


def write_all(*tables: Rows) -> None:
    """Write what waits in tables, of which each may refer to those before it, in one transaction."""
    with transaction.atomic():
        for table in tables:
            table.write()


def moment(at: datetime) -> str:
    """A time in UTC, as the database takes it: connections of Django's speak UTC."""
    return str(at)[:19]


def stored(model: type[models.Model], column: str, value: Any) -> Any:
    """A value as this column stores it, such as an encrypted one."""
    field = model._meta.get_field(column)
    assert isinstance(field, models.Field)
    return _plain(field.get_db_prep_save(value, connection))


def _plain(value: Any) -> Any:
    """A prepared value without psycopg's wrappers of JSON and of bytes."""
    if type(value).__name__ in {"Json", "Jsonb"}:
        return (value.dumps or json.dumps)(value.obj)
    if type(value).__name__ == "Binary":
        return bytes(value.obj)
    return bytes(value) if isinstance(value, memoryview) else value


def _copied(value: Value | datetime) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)
