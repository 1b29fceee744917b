"""An upgrade on PostgreSQL while an older version writes: nobody waits for it, and no big table is written anew.

The older version is played by `writers`. `python -m benchmarks.upgrade` does the same with a million rows.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection

from benchmarks.organization import fill
from organizations.backup import postgres
from tests.upgrade.before import leaves, migrate
from tests.upgrade.writers import BASE, columns_of, files, upgrade, written_while

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(900),
]

INTERVIEWS = 3000


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
    writers = written_while(upgrade)
    print("longest statement, in ms:", {table: round(1000 * max(taken)) for table, taken in writers.taken.items()})
    assert writers.problems == []
    assert all(writers.taken.values())
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
