"""Move everything from SQLite to an empty PostgreSQL: copied in one transaction, compared, and only then committed.

The tables are those of Django's models. SQLite's indexes for searches are none of them; the target has its own, which
its migrations made. Secrets are copied as they are, encrypted.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, models
from django.db.migrations.loader import MigrationLoader
from django.db.utils import load_backend
from psycopg import sql

from organizations.backup import postgres, running, services, sqlite
from organizations.backup.problem import BackupProblem
from organizations.backup.tables import (
    MADE_BY_MIGRATE,
    MIGRATIONS,
    all_models,
    applied_migrations,
    has_rows,
    quoted,
    table_names,
)

BATCH = 2000
MASK = (1 << 64) - 1


@dataclass(slots=True)
class Moved:
    """The outcome of a move: rows by table, and the size of the target in bytes."""

    rows: dict[str, int] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with its columns and their types in PostgreSQL."""

    name: str
    columns: list[str]
    types: list[str]

    @property
    def listed(self) -> str:
        return ", ".join(map(quoted, self.columns))


def move(address: str, report: Callable[[str], object]) -> Moved:
    """Copy all rows of the SQLite database to the PostgreSQL at `address`, which has to be empty. Reports each table.

    Raises BackupProblem; then the target has no rows. The source is only read, and takes no writes until the end.
    """
    if not services.is_sqlite():
        raise BackupProblem("DATABASE_URL names PostgreSQL already. Unset it: the data is moved from SQLite.")
    configured = _configured(address)
    with ExitStack() as held:
        lock = running.lock(settings.DATA_DIR)
        if lock is None:
            raise BackupProblem(f"Panelist is running with the data in {settings.DATA_DIR}. Stop it first.")
        held.callback(os.close, lock)
        source = held.enter_context(_held_source(services.database_file()))
        _refuse_other_version(source)
        held.enter_context(default_database(configured))
        _prepare_target()
        target = held.enter_context(closing(postgres.connect()))
        with target.transaction():
            moved = _copy(source, target, report)
        target.execute("ANALYZE")
        size = target.execute("SELECT pg_database_size(current_database())").fetchone()
        moved.size = size[0] if size else 0
    return moved


def _configured(address: str) -> dict[str, Any]:
    """Django's settings for the target. The error does not repeat the address, which may hold a password."""
    try:
        found = (
            dict(environ.Env().db_url_config(address)) if address.startswith(("postgres://", "postgresql://")) else {}
        )
    except (ValueError, KeyError, TypeError):
        found = {}
    if not found.get("NAME"):
        raise BackupProblem("The target must be an address like postgres://user:password@host:5432/name.")
    configured: dict[str, Any] = connections.configure_settings({"default": found})["default"]
    return configured


@contextmanager
def default_database(configured: dict[str, Any]) -> Iterator[None]:
    """Let Django's connection lead to another database, of another engine too."""
    before = connections["default"]
    before.close()
    connections["default"] = load_backend(configured["ENGINE"]).DatabaseWrapper(configured, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


@contextmanager
def _held_source(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the SQLite file and keep writers out until the end of the block."""
    connection.close()
    address = f"file:{quote(str(path))}?mode=rw"
    try:
        opened = sqlite3.connect(address, uri=True, timeout=2, isolation_level=None)
        opened.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:
        raise BackupProblem(
            f"{path} is missing, or in use. Stop the web server, the workers and beat, then try again."
        ) from None
    with closing(opened):
        yield opened
        opened.execute("ROLLBACK")


def _refuse_other_version(source: sqlite3.Connection) -> None:
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if set(applied_migrations(sqlite.asking(source))) != known:
        raise BackupProblem(services.MIGRATE)


def _prepare_target() -> None:
    """Make the tables in the target. Raises BackupProblem where it holds anything."""
    with closing(postgres.connect()) as target:
        if strange := sorted(set(postgres.tables(target)) - {*table_names(), MIGRATIONS}):
            raise BackupProblem(f"The target has tables that are not Panelist's ({', '.join(strange[:3])}).")
        _refuse_rows(target)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as problem:
        raise BackupProblem(f"The tables can't be made in the target ({type(problem).__name__}: {problem}).") from None
    connection.close()
    with closing(postgres.connect()) as target:
        _refuse_rows(target)


def _refuse_rows(target: psycopg.Connection[Any]) -> None:
    for table in set(postgres.tables(target)) - MADE_BY_MIGRATE:
        if has_rows(postgres.asking(target), table):
            raise BackupProblem(f"The target is not empty: {table} has rows. Create an empty database, then try again.")


def _copy(source: sqlite3.Connection, target: psycopg.Connection[Any], report: Callable[[str], object]) -> Moved:
    """Copy, number and compare every table, in the caller's transaction."""
    target.execute("SET LOCAL TIME ZONE 'UTC'")
    for name in sorted(MADE_BY_MIGRATE - {MIGRATIONS}):
        target.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    moved = Moved()
    for model in all_models():
        table = _described(model, target)
        try:
            moved.rows[table.name] = _copy_rows(source, target, table)
        except psycopg.DataError as problem:
            raise BackupProblem(f"{table.name} has a value that PostgreSQL does not take ({problem}).") from None
        _go_on_counting(source, target, table)
        if moved.rows[table.name]:
            report(f"{table.name}: {moved.rows[table.name]} rows")
    try:
        target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.IntegrityError as problem:
        raise BackupProblem(f"A row refers to one that does not exist ({problem.diag.message_primary}).") from None
    _compare(source, target)
    return moved


def _described(model: type[models.Model], target: psycopg.Connection[Any]) -> _Table:
    name = model._meta.db_table
    found = target.execute(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = %s",
        [name],
    )
    types = dict(found.fetchall())
    columns = [str(column.column) for column in model._meta.concrete_fields]
    return _Table(name, columns, [types[column] for column in columns])


def _rows(source: sqlite3.Connection, table: _Table) -> Iterator[tuple[Any, ...]]:
    read = source.execute(f"SELECT {table.listed} FROM {quoted(table.name)}")  # noqa: S608
    while rows := read.fetchmany(BATCH):
        yield from rows


def _copy_rows(source: sqlite3.Connection, target: psycopg.Connection[Any], table: _Table) -> int:
    """Copy the rows as text: PostgreSQL reads what Django writes into SQLite for times, JSON, UUIDs and booleans."""
    count = 0
    names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    with target.cursor() as cursor, cursor.copy(statement) as written:
        for row in _rows(source, table):
            written.write_row(row)
            count += 1
    return count


def _go_on_counting(source: sqlite3.Connection, target: psycopg.Connection[Any], table: _Table) -> None:
    """Set the table's sequence behind every number that SQLite has given, those of deleted rows included."""
    if "id" not in table.columns:
        return
    named = target.execute("SELECT pg_get_serial_sequence(%s, 'id')", [quoted(table.name)]).fetchone()
    given = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table.name]).fetchone()
    highest = source.execute(f"SELECT max(id) FROM {quoted(table.name)}").fetchone()[0]  # noqa: S608
    last = max(given[0] if given else 0, highest or 0) if isinstance(highest, int | None) else 0
    if named and named[0] and last:
        target.execute("SELECT setval(%s, %s)", [named[0], last])


def _compare(source: sqlite3.Connection, target: psycopg.Connection[Any]) -> None:
    """Raise BackupProblem unless each table has the same rows on both sides, whatever their order."""
    for model in all_models():
        table = _described(model, target)
        here = _digest(_rows(source, table), [_READERS.get(kind, _as_text) for kind in table.types])
        columns = ", ".join(
            f"{quoted(name)}{_ASKED_AS.get(kind, '')}" for name, kind in zip(table.columns, table.types, strict=True)
        )
        with target.cursor(name="compared") as cursor:
            cursor.itersize = BATCH
            cursor.execute(f"SELECT {columns} FROM {quoted(table.name)}".encode())  # noqa: S608
            there = _digest(cursor, [_READERS.get(kind, _as_text) for kind in table.types])
        if here != there:
            raise BackupProblem(f"{table.name} differs after the copy. Nothing was moved. Please report this.")


def _digest(rows: Any, readers: list[Callable[[Any], Any]]) -> tuple[int, int]:
    """Return the number of rows and a sum of their hashes. `readers` give both engines' values one form."""
    count = total = 0
    for row in rows:
        plain = [None if value is None else read(value) for read, value in zip(readers, row, strict=True)]
        total += int.from_bytes(blake2b(repr(plain).encode(), digest_size=8).digest())
        count += 1
    return count, total & MASK


def _as_text(value: Any) -> str:
    return str(value)


def _as_moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _as_json(value: str) -> str:
    return json.dumps(json.loads(value, parse_float=_number), sort_keys=True)


def _number(text: str) -> float:
    found = float(text)
    return int(found) if found.is_integer() else found


def _as_hex(value: Any) -> str:
    return str(value).replace("-", "")


_READERS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "bytea": bytes,
    "float8": float,
    "jsonb": _as_json,
    "timestamptz": _as_moment,
    "uuid": _as_hex,
}
#: What PostgreSQL is asked for as text, because its Python values are of another form.
_ASKED_AS = {"jsonb": "::text", "uuid": "::text", "inet": "::text", "date": "::text", "time": "::text"}
