"""The rows of an installation of the version before django-allauth, put into a database of its schema.

`before.json.gz` was made by that version (commit 4a9000a): see `make_before.py`.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import time_machine
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

#: The last migration of each app that the version had; it knew nothing of the apps of django-allauth.
LEAVES: list[tuple[str, str | None]] = [
    ("account", None),
    ("mfa", None),
    ("socialaccount", None),
    ("scheduling", "0024_action_needed"),
    ("jobs", "0004_fill_search_keys"),
    ("integrations", "0011_problem_codes"),
    ("organizations", "0007_fill_audit_search_keys"),
]
#: The rows were made at noon; an hour later the new version starts.
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]


@cache
def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name("before.json.gz").read_bytes()))
    return found


def rows_of_before() -> Rows:
    """The rows of each table, by column."""
    return {
        table: [dict(zip(columns, map(_value, row), strict=True)) for row in rows]
        for table, (columns, *rows) in content()["tables"].items()
    }


def _value(plain: Any) -> Any:
    return base64.b64decode(plain["base64"]) if isinstance(plain, dict) else plain


def migrate(to: list[tuple[str, str | None]]) -> Any:
    """Migrate, and return the apps as they are then."""
    MigrationExecutor(connection).migrate(to)
    return MigrationExecutor(connection).loader.project_state([one for one in to if one[1]]).apps  # type: ignore[misc]


def leaves() -> list[tuple[str, str | None]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


def stored() -> Rows:
    """The rows of each table as they are now."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            columns = [column[0] for column in cursor.description]
            found[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def insert(rows: Rows, apps: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, several in rows.items():
            columns = ", ".join(f'"{name}"' for name in several[0])
            places = ", ".join(["%s"] * len(several[0]))
            cursor.executemany(
                f'INSERT INTO "{table}" ({columns}) VALUES ({places})', [list(row.values()) for row in several]
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


@contextmanager
def upgraded() -> Iterator[dict[str, Any]]:
    """Migrate back, insert the rows, and migrate to now. Yields what people hold; leaves an empty database."""
    now = leaves()
    with time_machine.travel(NOW, tick=True):
        apps = migrate(LEAVES)
        try:
            insert(rows_of_before(), apps)
            migrate(now)
            yield content()["known"]
        finally:
            migrate(now)
            call_command("flush", interactive=False, verbosity=0)
