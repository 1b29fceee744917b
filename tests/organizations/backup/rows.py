"""The rows of every table, and how a restore may change them."""

from __future__ import annotations

from typing import Any

from django.db import connection

from organizations.backup.tables import table_names

Rows = dict[str, list[dict[str, Any]]]

#: Tables whose rows a restore takes away or adds to.
OWN_WAYS = frozenset({"organizations_session", "organizations_heartbeat", "organizations_auditevent"})
#: Columns that a restore sets, because the world went on.
SET = {
    "scheduling_calendarentry": {"sequence"},
    "scheduling_calendarevent": {"next_attempt_at", "claim", "claimed_at", "sent_at", "check_at"},
    "scheduling_codinglink": {"next_attempt_at", "claim", "claimed_at", "problem_code", "sent_at", "known_ids"},
    "scheduling_membercalendar": {
        *("claim", "sync_token", "due_at"),
        *("watch_id", "watch_resource", "watch_token_hash", "watch_ends_at"),
    },
    "scheduling_message": {"state", "problem", "problem_code"},
}


def stored() -> Rows:
    """Every row as it is now, by table."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in table_names():
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            columns = [column[0] for column in cursor.description]
            found[table] = [dict(zip(columns, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def kept(rows: Rows) -> Rows:
    """Leave out what a restore changes."""
    return {
        table: [{name: value for name, value in row.items() if name not in SET.get(table, ())} for row in several]
        for table, several in rows.items()
        if table not in OWN_WAYS
    }


def alone() -> None:
    """End the connections that threads of earlier tests left open to PostgreSQL."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
