"""The test database of a run with several workers: on SQLite one of them migrates, the others copy its file."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path


class SharedDatabase:
    """A worker's database file, made from a template that all workers of the run share.

    The worker that finds no template holds the lock until it has migrated its own database and left a copy. Should it
    die before, the lock ends with it, and the next worker migrates.
    """

    def __init__(self, path: Path, run: str) -> None:
        self.path = path
        self._template = path.with_name(f"panelist-tests-{run}.sqlite3")
        self._lock: int | None = None

    def take(self) -> None:
        """Copy the template to this worker's file, or keep the lock where there is none yet."""
        self._lock = os.open(self._template.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self._template.exists():
            _copy(self._template, self.path)
            self._release()

    def share(self) -> None:
        """Leave the migrated database as the template, if this worker was the first."""
        if self._lock is not None:
            _copy(self.path, self._template)
            self._release()

    def remove(self) -> None:
        for path in (self.path, self._template):
            for kept in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), path.with_suffix(".lock")):
                kept.unlink(missing_ok=True)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _copy(source: Path, target: Path) -> None:
    """Copy a database with what is still in its write-ahead log."""
    beside = target.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(source) as read, sqlite3.connect(beside) as written:
        read.backup(written)
    read.close()
    written.close()
    beside.replace(target)
