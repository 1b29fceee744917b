"""The sandbox's rows on disk: one SQLite table, each write committed before the answer is sent."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any


class Journal:
    """Rows of JSON by kind and id; without a path nothing is kept. Callers hold the vendor's lock."""

    def __init__(self, path: str | Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is None:
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # WAL with NORMAL loses nothing when the process dies, and does not wait for the disk on each write.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS entries"
            " (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,"
            " UNIQUE (kind, id))"
        )

    def load(self, kind: str) -> list[dict[str, Any]]:
        """All rows of a kind, in the order they were first written."""
        if self._db is None:
            return []
        rows = self._db.execute("SELECT body FROM entries WHERE kind = ? ORDER BY position", (kind,))
        return [json.loads(body) for (body,) in rows]

    def put(self, kind: str, row_id: str, body: dict[str, Any]) -> None:
        """Write or overwrite one row."""
        if self._db is not None:
            self._db.execute(
                "INSERT INTO entries (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, row_id, json.dumps(body)),
            )

    def remove(self, kind: str, row_id: str) -> None:
        """Forget one row; an unknown one is no error."""
        if self._db is not None:
            self._db.execute("DELETE FROM entries WHERE kind = ? AND id = ?", (kind, row_id))

    def close(self) -> None:
        """Close the file. Later writes are lost."""
        if self._db is not None:
            self._db.close()
            self._db = None
