"""The test database on SQLite: migrated once, and copied by every worker of this run and of later ones.

To migrate an empty database takes longer than most files of tests. The migrated one is kept in `.pytest_cache`, under a
name that changes with whatever could make it another one; `make clean` removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "databases"
#: So many are kept, for those who change between branches.
MOST_KEPT = 4
#: The files that make the schema and its first rows.
SOURCES = (
    "uv.lock",
    "config/settings.py",
    "tests/settings.py",
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "*/*fields.py",
    "*/search*.py",
)


def fingerprint() -> str:
    """A name for what the migrations make here and now."""
    found = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            found.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


class SharedDatabase:
    """A process's database file, made from a template that all processes share.

    The process that finds no template holds the lock until it has migrated its own database and left a copy. Should it
    die before, the lock ends with it, and the next process migrates.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._template = KEPT / f"{fingerprint()}.sqlite3"
        self._lock: int | None = None

    def take(self) -> None:
        """Copy the template to this process's file, or keep the lock where there is none yet."""
        KEPT.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(KEPT / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self._template.exists():
            _copy(self._template, self.path)
            self._release()

    def take_if_there(self) -> None:
        """Copy the template to the file; leave it away where there is no template yet."""
        if self._template.exists():
            _copy(self._template, self.path)

    def share(self) -> None:
        """Leave the migrated database as the template, if this process was the first."""
        if self._lock is not None:
            _copy(self.path, self._template)
            for old in sorted(KEPT.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-MOST_KEPT]:
                old.unlink()
            self._release()

    def remove(self) -> None:
        """Remove this process's file. The template stays."""
        for kept in (self.path, Path(f"{self.path}-wal"), Path(f"{self.path}-shm")):
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
