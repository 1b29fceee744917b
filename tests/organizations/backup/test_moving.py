"""`manage.py move_to_postgres` copies everything from a SQLite file to an empty PostgreSQL, or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet

from tests.config.running import ROOT, environment

pytestmark = [
    pytest.mark.services,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(900),
]
#: MOVE_INTERVIEWS=100000 is what `benchmarks/RESULTS.md` has.
INTERVIEWS = os.environ.get("MOVE_INTERVIEWS", "3000")


@dataclass
class Move:
    folder: Path
    values: dict[str, str]
    target: str

    @property
    def source(self) -> Path:
        return self.folder / "panelist.sqlite3"

    def run(self, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        shell = environment(**self.values | values)
        return subprocess.run(command, cwd=ROOT, env=shell, capture_output=True, text=True, check=False)

    def done(self, *arguments: str, **values: str) -> str:
        ended = self.run(*arguments, **values)
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    def move(self) -> subprocess.CompletedProcess[str]:
        return self.run("manage.py", "move_to_postgres", self.target)

    def tell(self, **values: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.done("-m", "tests.organizations.backup.filled", "tell", **values))
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Move:
    """A filled SQLite installation, made once."""
    folder = tmp_path_factory.mktemp("moved")
    values = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-tests-of-the-move",
        "FERNET_KEYS": Fernet.generate_key().decode(),
        "BASE_URL": "http://testserver",
    }
    move = Move(folder, values, "")
    move.done("manage.py", "migrate", "--verbosity", "0")
    move.done("-m", "tests.organizations.backup.filled", "fill", INTERVIEWS)
    return move


@pytest.fixture(scope="module")
def move(made: Move) -> Iterator[Move]:
    """The installation, and an empty database of the tests' PostgreSQL."""
    server = os.environ["TEST_DATABASE_URL"]
    name = f"moved_{os.getpid()}"
    with closing(psycopg.connect(server, autocommit=True)) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield Move(made.folder, made.values, f"{server.rpartition('/')[0]}/{name}")
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def rows_of(move: Move, table: str) -> int:
    with closing(psycopg.connect(move.target)) as database:
        found = database.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert found
    return int(found[0])


def write(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(statement).rowcount == 1


def fingerprint(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


def test_a_move_that_is_refused_or_cut_off_begins_again_until_everything_is_there(move: Move) -> None:
    """One story, because each migration of an empty PostgreSQL takes seconds."""
    # Somebody writes to the source.
    with closing(sqlite3.connect(move.source, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        ended = move.move()
    assert (ended.returncode, "Stop the web server, the workers and beat" in ended.stderr) == (1, True)
    # The target is somebody else's.
    with closing(psycopg.connect(move.target, autocommit=True)) as database:
        database.execute("CREATE TABLE letters (id int)")
        ended = move.move()
        database.execute("DROP TABLE letters")
    assert (ended.returncode, "tables that are not Panelist's (letters)" in ended.stderr) == (1, True)
    # A row that PostgreSQL does not take ends it in the middle: nothing of it stays.
    which = "WHERE id = (SELECT max(id) FROM scheduling_candidate)"
    write(move.source, f"UPDATE scheduling_candidate SET time_zone = 'cut' || char(0) || 'off' {which}")
    ended = move.move()
    write(move.source, f"UPDATE scheduling_candidate SET time_zone = 'UTC' {which}")
    assert (ended.returncode, "scheduling_candidate has a value that PostgreSQL" in ended.stderr) == (1, True)
    assert rows_of(move, "organizations_user") == 0
    # Now it is whole.
    before = fingerprint(move.source)
    ended = move.move()
    assert ended.returncode == 0, ended.stderr
    assert "and compared them" in ended.stdout
    assert fingerprint(move.source) == before
    # What it moved is not moved over.
    ended = move.move()
    assert (ended.returncode, "The target is not empty" in ended.stderr) == (1, True)
    there, here = move.tell(DATABASE_URL=move.target), move.tell()
    assert there == here
    assert "a secret that moves along" in there["keys"]
    assert here["rows"]["scheduling_interview"] >= int(INTERVIEWS)


def test_a_wrong_address_is_refused_and_not_repeated(made: Move) -> None:
    ended = made.run("manage.py", "move_to_postgres", "mysql://user:hidden@host/name")
    assert (ended.returncode, "must be an address like postgres://" in ended.stderr) == (1, True)
    assert "hidden" not in ended.stderr
