"""PostgreSQL's part of backups: pg_dump of one moment, pg_restore into a database of its own, exchange by renaming."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import conninfo, pq, sql

from organizations.backup.problem import BackupProblem
from organizations.backup.tables import Ask

#: Databases to connect to while another one is renamed: each server has them.
MAINTENANCE = ("postgres", "template1")
STOP = "Stop the web servers, the workers and beat, then try again."


def parameters(database: str = "") -> dict[str, Any]:
    """The parameters that libpq knows of the configured connection. `database`: another one of the same server."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given = {name: value for name, value in connection.get_connection_params().items() if name in known}
    return given | ({"dbname": database} if database else {})


def connect(database: str = "") -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(**parameters(database), autocommit=True)
    except psycopg.OperationalError:
        raise BackupProblem("PostgreSQL can't be reached. Start it, or correct DATABASE_URL.") from None


def server_version(database: psycopg.Connection[Any]) -> int:
    return database.info.server_version // 10000


def program(name: str, least: int) -> str:
    """The path of one of PostgreSQL's programs. Raises BackupProblem where it is missing or too old."""
    found = shutil.which(name)
    install = f"Install PostgreSQL's client programs of version {least} or newer (Debian: postgresql-client-{least})."
    if found is None:
        raise BackupProblem(f"The program {name} was not found. {install}")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"(\d+)", said)
    if version is None or int(version[1]) < least:
        own = version[1] if version else "unknown"
        raise BackupProblem(f"{name} is of version {own}, and PostgreSQL of version {least}. {install}")
    return found


@contextmanager
def moment(database: psycopg.Connection[Any]) -> Iterator[str]:
    """Let `database`, and pg_dump by the yielded id, see one moment until the end of the block."""
    database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield str(database.execute("SELECT pg_export_snapshot()").fetchone()[0])  # type: ignore[index]
    finally:
        database.execute("ROLLBACK")


def dump(snapshot: str, version: int, target: Path) -> None:
    """Write the database as it is at a moment, in pg_dump's own format."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
    _run([program("pg_dump", version), *options], "The database can't be dumped")


def load(dumped: Path, database: str, version: int) -> None:
    options = ["--no-owner", "--no-privileges", "--exit-on-error", str(dumped)]
    _run([program("pg_restore", version), *options], "The backup can't be read into PostgreSQL", database)


def _run(command: list[str], what: str, database: str = "") -> None:
    given = parameters(database)
    # Arguments can be seen by every user of the machine.
    password = {"PGPASSWORD": str(given.pop("password"))} if given.get("password") else {}
    command = [*command, f"--dbname={conninfo.make_conninfo(**given)}"]
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **password}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line), "no reason given")
        raise BackupProblem(f"{what} ({said[:300]}).")


def asking(database: psycopg.Connection[Any]) -> Ask:
    return lambda statement: database.execute(statement.encode())


def tables(database: psycopg.Connection[Any]) -> list[str]:
    """The tables of a database, whatever their schema, but for PostgreSQL's own."""
    rows = database.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    return [name for (name,) in rows]


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make an empty database beside the current one, and yield its name. It goes, unless it was exchanged."""
    current = parameters()["dbname"]
    name = f"{current[:40]}_restoring_{secrets.token_hex(4)}"
    with maintenance() as server:
        like = server.execute(
            "SELECT datcollate, datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [current]
        ).fetchone()
        collate, character, encoding = like or ("C", "C", "UTF8")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}")
        try:
            server.execute(statement.format(sql.Identifier(name), *map(sql.Literal, (encoding, collate, character))))
        except psycopg.errors.InsufficientPrivilege:
            user = parameters().get("user", "the user")
            raise BackupProblem(
                "A restore needs a database of its own until it is whole, and this user may not create one. As an "
                f'administrator of PostgreSQL, run: ALTER ROLE "{user}" CREATEDB'
            ) from None
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def maintenance() -> Iterator[psycopg.Connection[Any]]:
    """Connect to a database of the server that is not renamed."""
    for name in MAINTENANCE:
        if name == parameters()["dbname"]:
            continue  # it is the one to be renamed
        with suppress(psycopg.OperationalError):
            database = psycopg.connect(**parameters(name), autocommit=True)
            break
    else:
        raise BackupProblem("PostgreSQL can't be reached, or lets this user into none of its own databases.")
    try:
        yield database
    finally:
        database.close()


def drop(name: str) -> None:
    with suppress(psycopg.Error, BackupProblem), maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def refuse_users() -> None:
    """Raise BackupProblem while other connections to the database are open."""
    with maintenance() as server:
        row = server.execute(
            # Not PostgreSQL's own workers: autovacuum comes by whenever it likes.
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
            [parameters()["dbname"]],
        ).fetchone()
    if row and row[0]:
        raise BackupProblem(f"{row[0]} connections to the database are open. {STOP}")


def exchange(fresh: str) -> None:
    """Give the name of the current database to `fresh`, in one transaction, and drop the former one."""
    current = parameters()["dbname"]
    former = f"{current[:40]}_former_{secrets.token_hex(4)}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with maintenance() as server:
        try:
            with server.transaction():
                server.execute(rename.format(sql.Identifier(current), sql.Identifier(former)))
                server.execute(rename.format(sql.Identifier(fresh), sql.Identifier(current)))
        except psycopg.errors.ObjectInUse:
            raise BackupProblem(f"Connections to the database are open, so nothing was changed. {STOP}") from None
        except psycopg.errors.InsufficientPrivilege:
            raise BackupProblem(
                "This user is not the owner of the database, so nothing was changed. Make it the owner, then try again."
            ) from None
    drop(former)
