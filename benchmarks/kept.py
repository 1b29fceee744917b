"""Databases that are filled once and kept: a million interviews take minutes to make, and the next run takes them.

`BENCH_DATA` is the folder, by default `/var/tmp/panelist-bench`. A database is made anew when what fills it has
changed, and after a day: its loops to come are past soon. New migrations run on it as they do on a team's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.stage import ROOT, set_up
from tests import services

FOLDER = Path(os.environ.get("BENCH_DATA", "/var/tmp/panelist-bench"))
KEY = "a2V5LW9mLWEtYmVuY2htYXJrLXRoYXQtaXMta2VwdC4="  # nothing in these databases is secret
FILLED_BY = ("organization.py", "loops.py", "names.py", "rows.py")
LASTS = 24 * 3600
FAST = ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-200000", "foreign_keys=OFF", "secure_delete=OFF")


def slug(size: int) -> str:
    return f"size-{size}"


@contextlib.contextmanager
def database(kind: str, sizes: Sequence[int]) -> Iterator[int | None]:
    """Set this process up on a database with one organization of each size. Once per process.

    `kind`: "sqlite" or "postgresql", whose server runs until the end of the block. Yields its process id, or None.
    """
    folder = FOLDER / f"{kind}-{'-'.join(map(str, sizes))}"
    stamp, kept = folder / "stamp", _stamp()
    if not _is_kept(stamp, kept):
        shutil.rmtree(folder, ignore_errors=True)
    is_new = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data" / "static").mkdir(parents=True, exist_ok=True)
    for parent in (FOLDER, folder):
        parent.chmod(0o755)  # the user postgres has to get through
    environment = {"FERNET_KEYS": KEY, "SECRET_KEY": KEY, "BASE_URL": "http://127.0.0.1"}
    postmaster: int | None = None
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            server = stack.enter_context(services.postgres(folder / "postgres", (*services.FAST, "shared_buffers=1GB")))
            environment["DATABASE_URL"] = server.address
            postmaster = server.process.pid if server.process else None
        set_up("http://127.0.0.1:1/graphql", folder / "data", environment)
        if is_new:
            _fill(sizes)
            stamp.write_text(kept)
        _refresh()
        yield postmaster


def _is_kept(stamp: Path, kept: str) -> bool:
    return stamp.is_file() and stamp.read_text() == kept and time.time() - stamp.stat().st_mtime < LASTS


def _stamp() -> str:
    """A digest of what fills the tables."""
    filled = [(ROOT / "benchmarks" / name).read_bytes() for name in FILLED_BY]
    return hashlib.sha256(b"\n".join(filled)).hexdigest()


def _fill(sizes: Sequence[int]) -> None:
    from django.db import connection

    from benchmarks.organization import fill

    with connection.cursor() as cursor:
        for setting in FAST if connection.vendor == "sqlite" else ():
            cursor.execute(f"PRAGMA {setting}")
    for size in sizes:
        began = time.monotonic()
        fill(slug(size), interviews=size)
        print(f"{connection.vendor}: {size:,} interviews made in {time.monotonic() - began:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does
    connection.close()


def _refresh() -> None:
    """Let SQLite's planner know the tables, and the indexes that migrations of today have made, as beat does."""
    from django.db import connection

    from organizations.tasks import refresh_statistics

    refresh_statistics()
    connection.close()
