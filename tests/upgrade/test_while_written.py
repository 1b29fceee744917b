"""An upgrade on PostgreSQL while an older version writes: nobody waits for it, and no big table is written anew.

The older version is played by writers that know its columns only. `UPGRADE_INTERVIEWS=100000` makes the tables big.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from benchmarks.organization import fill
from organizations.backup import postgres
from tests.upgrade.before import leaves, migrate

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(900),
]

#: The version that the upgrade begins with. Migrations up to here are older than the rules of `test_new_migrations`.
BASE: list[tuple[str, str | None]] = [
    ("organizations", "0032_languages"),
    ("integrations", "0015_admin_words"),
    ("jobs", "0006_admin_words"),
    ("scheduling", "0030_kept_candidates"),
]
INTERVIEWS = int(os.environ.get("UPGRADE_INTERVIEWS", "3000"))
#: The tables that are written to, and which of their rows may be there twice.
WRITTEN = {
    "organizations_auditevent": "true",
    "scheduling_candidate": "true",
    "scheduling_interview": "true",
    "scheduling_linkevent": "true",
    "scheduling_message": "state = 'sent'",
}
#: Seconds that a statement of the older version may wait for a lock. A loaded machine adds to what a migration takes.
LONGEST_WAIT = 3


@dataclass
class Writers:
    """Threads that copy rows of each table, column by column, as the older version knows them."""

    columns: dict[str, list[str]]
    over: threading.Event = field(default_factory=threading.Event)
    began: threading.Barrier = field(default_factory=lambda: threading.Barrier(len(WRITTEN) + 1, timeout=120))
    written: dict[str, int] = field(default_factory=dict)
    longest: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def run(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._write, args=(table,)) for table in WRITTEN]
        for thread in threads:
            thread.start()
        self.began.wait()
        return threads

    def _write(self, table: str) -> None:
        names = ", ".join(f'"{name}"' for name in self.columns[table])
        values = ", ".join(
            "md5(random()::text) || '@new.example'" if name in {"email", "message_id"} else f'"{name}"'
            for name in self.columns[table]
        )
        statement = (
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE {WRITTEN[table]} ORDER BY id LIMIT 1'
        )
        try:
            with closing(postgres.connect()) as database:
                database.execute(f"SET lock_timeout = '{LONGEST_WAIT}s'".encode())
                database.execute(statement.encode())
                self.began.wait()
                while not self.over.is_set():
                    start = time.perf_counter()
                    database.execute(statement.encode())
                    self.written[table] = self.written.get(table, 0) + 1
                    self.longest[table] = max(self.longest.get(table, 0), time.perf_counter() - start)
                    self.over.wait(0.002)
        except (psycopg.Error, threading.BrokenBarrierError) as problem:
            self.problems.append(f"{table}: {type(problem).__name__} {problem}")
            self.began.abort()


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
            " AND table_schema = current_schema() ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def files() -> dict[str, int]:
    """The file of each table: another one means that the table was written anew, under a lock that all wait for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relfilenode FROM pg_class WHERE relname = ANY(%s)", [list(WRITTEN)])
        return dict(cursor.fetchall())


@pytest.fixture
def older() -> Iterator[None]:
    """A filled database of the older version."""
    now = leaves()
    fill("many", interviews=INTERVIEWS)
    try:
        migrate(BASE)
        yield
    finally:
        migrate(now)
        call_command("flush", interactive=False, verbosity=0)


def test_writers_of_the_older_version_go_on(older: None) -> None:
    before = files()
    writers = Writers({table: columns_of(table) for table in WRITTEN})
    threads = writers.run()
    connection.close()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        writers.over.set()
        for thread in threads:
            thread.join()
    print("longest statement, in ms:", {table: round(1000 * longest) for table, longest in writers.longest.items()})
    assert writers.problems == []
    assert set(writers.written) == set(WRITTEN)
    assert files() == before


class Told(io.StringIO):
    """Standard error, which says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if "Trying again" in text:
            self.event.set()
        return written


def test_a_table_in_use_delays_the_upgrade_and_nobody_else() -> None:
    """While somebody holds a table, the migration gives up its turn; a reader gets theirs, and the next try is made."""
    migrate([("scheduling", "0032_queue_of_messages")])
    held, told, read = threading.Event(), Told(), threading.Event()

    def hold() -> None:
        with closing(postgres.connect()) as database, closing(postgres.connect()) as reader:
            with database.transaction():
                database.execute("LOCK TABLE scheduling_message IN ACCESS SHARE MODE")
                held.set()
                assert told.event.wait(120)
                reader.execute("SET lock_timeout = '20s'")
                reader.execute("SELECT 1 FROM scheduling_message LIMIT 1")
            read.set()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(60)
        connection.close()
        call_command("migrate", "scheduling", interactive=False, verbosity=0, stderr=told)
    finally:
        told.event.set()
        holder.join()
    assert "A table is in use. Trying again." in told.getvalue()
    assert read.is_set()
    assert "cc" in columns_of("scheduling_message")
