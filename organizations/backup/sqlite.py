"""SQLite's part of backups: a copy while writers write, and the exchange of a file that nobody has open."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from organizations.backup import tables
from organizations.backup.problem import BackupProblem
from organizations.backup.tables import Ask

#: What belongs to a database's file while it is open.
BESIDE = ("-wal", "-shm", "-journal")
#: Seconds that a copy waits for a writer.
PATIENCE = 20


def copy(source: Path, target: Path) -> None:
    """Copy the database as it is at one moment. Writers go on; what was deleted leaves nothing in the copy."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source, timeout=PATIENCE, isolation_level=None)) as database:
            database.execute("VACUUM INTO ?", [str(target)])
    except sqlite3.Error as problem:
        raise BackupProblem(f"The database can't be copied ({problem}).") from None


def asking(database: sqlite3.Connection) -> Ask:
    return lambda statement: database.execute(statement).fetchall()


def check(path: Path) -> str:
    """Return what SQLite finds wrong in a file, "" for nothing."""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as problem:
        return str(problem)
    return "" if found == "ok" else str(found)


def release(path: Path) -> None:
    """Put what is in the write-ahead log into the file. Raises BackupProblem while another process has it open."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise BackupProblem(
                f"Another process has {path} open. Stop the web server, the workers and beat, then try again."
            ) from None
    except sqlite3.DatabaseError:
        pass  # a damaged file is what a restore is for


def exchange(fresh: Path, current: Path) -> None:
    """Put `fresh` in the place of `current`, in one step. Call `release` before."""
    release(fresh)
    # The log of the one file would be read into the other.
    for end in BESIDE:
        Path(f"{current}{end}").unlink(missing_ok=True)
    _to_disk(fresh)
    fresh.replace(current)
    _to_disk(current.parent)


def discard(path: Path) -> None:
    for end in ("", *BESIDE):
        with suppress(OSError):
            Path(f"{path}{end}").unlink(missing_ok=True)


def has_rows(path: Path, table: str) -> bool:
    """Whether a table of a file has rows. A file that can't be read counts as one with rows."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as database:
            named = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone()
            if named is None:
                return False
            return tables.has_rows(asking(database), table)
    except sqlite3.Error:
        return True


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
