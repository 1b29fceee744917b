"""`manage.py migrate`, which on PostgreSQL lets nobody wait for it: it gives up a lock that it does not get at once.

A statement that changes a table waits for the transactions that use it, and everybody after it waits for the statement.
So it waits for `LOCK_SECONDS` at most; the migration is rolled back and tried again. Those that make or drop indexes
concurrently block nobody, and wait as long as they need (`organizations.migration_operations`).
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

LOCK_SECONDS = 1
TRIES = 60
PAUSE = 1.0


class Command(Migrate):
    """Django's command, with short waits for locks."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        for turn in range(1, TRIES + 1):
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            try:
                super().handle(*args, **options)
                return
            except OperationalError as problem:
                if not isinstance(problem.__cause__, LockNotAvailable) or turn == TRIES:
                    raise
                self.stderr.write("A table is in use. Trying again.")
                time.sleep(PAUSE)
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
