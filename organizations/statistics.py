"""The sizes of tables, as the database planner knows them."""

from __future__ import annotations

from django.db import connection

#: Rows of an index that are looked at. Enough to tell apart indexes by which few rows are found, in milliseconds.
LOOKED_AT = 1000


def refresh_statistics() -> None:
    """Let SQLite count again. PostgreSQL does without being asked.

    Without statistics SQLite takes one index for as good as another, and reads all rows of an organization to find
    those of one schedule.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
        cursor.execute("ANALYZE")
