"""Writers of an older version, which go on while an upgrade runs on PostgreSQL: they know its columns only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
from django.core.management import call_command
from django.db import connection

from organizations.backup import postgres

#: The version that the upgrade begins with. Migrations up to here are older than the rules of `test_new_migrations`.
BASE: list[tuple[str, str | None]] = [
    ("organizations", "0032_languages"),
    ("integrations", "0015_admin_words"),
    ("jobs", "0006_admin_words"),
    ("scheduling", "0030_kept_candidates"),
]
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
    """Threads that copy rows of each table, column by column, as the older version knows them.

    `taken` has the seconds of each statement, by table. A statement that fails ends its thread.
    """

    columns: dict[str, list[str]]
    over: threading.Event = field(default_factory=threading.Event)
    began: threading.Barrier = field(default_factory=lambda: threading.Barrier(len(WRITTEN) + 1, timeout=120))
    taken: dict[str, list[float]] = field(default_factory=lambda: {table: [] for table in WRITTEN})
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
                    self.taken[table].append(time.perf_counter() - start)
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


def upgrade() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def written_while(act: Callable[[], object]) -> Writers:
    """Let the writers insert into a database of BASE while `act` runs; return what they met."""
    writers = Writers({table: columns_of(table) for table in WRITTEN})
    threads = writers.run()
    connection.close()
    try:
        act()
    finally:
        writers.over.set()
        for thread in threads:
            thread.join()
    return writers
