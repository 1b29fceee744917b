"""A backup each night in BACKUP_DIR, the removal of older ones, and what `manage.py doctor` says of them.

The task comes every hour: the first one of a day after NIGHT writes that day's backup, later ones only try again what
failed. A backup is read back once before an older one goes.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from organizations.backup import archive, postgres, running, services
from organizations.backup.problem import BackupProblem
from organizations.hooks.diagnosis import Fault

log = structlog.get_logger(__name__)

#: The hour of the day, by UTC, in which a backup is made.
NIGHT = 2
#: A night's backup is made within a day and some hours of the one before.
TOO_OLD = timedelta(hours=36)
#: Unfinished files are left by processes that died. None takes so long.
ABANDONED = timedelta(days=1)
LOCK = ".panelist-nightly.lock"
_NAME = re.compile(r"panelist-(\d{4}-\d{2}-\d{2})\.backup")
_UNFINISHED = (".panelist-backup-*", "panelist-*.backup.part")


def back_up() -> Path | None:
    """Write this day's backup and remove older ones. None where it is not due, or another worker is at it.

    A failure is logged, without anything of the data in it, and tried again in an hour.
    """
    folder = settings.BACKUP_DIR
    now = timezone.now()
    if folder is None or now.hour < NIGHT or _path(folder, now.date()).exists():
        return None
    try:
        lock = running.lock(folder, LOCK)
        if lock is None:
            return None
        try:
            return _back_up(folder, now)
        finally:
            os.close(lock)
    except (BackupProblem, OSError) as problem:
        log.error("backup_failed", problem=problem.strerror if isinstance(problem, OSError) else str(problem))
        return None


def _back_up(folder: Path, now: datetime) -> Path:
    _remove_unfinished(folder, now)
    target = _path(folder, now.date())
    services.back_up(target)
    if _good_moment(target) is None:
        target.unlink()
        raise BackupProblem(f"{target} could not be read back. The disk may be failing.")
    for old in backups(folder)[settings.BACKUP_KEEP :]:
        old.unlink(missing_ok=True)
    log.info("backup_made", bytes=target.stat().st_size)
    return target


def _path(folder: Path, day: date) -> Path:
    return folder / f"panelist-{day:%Y-%m-%d}.backup"


def backups(folder: Path) -> list[Path]:
    """The nightly backups in the folder, the newest first. Files of other names are somebody's own."""
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)


def _good_moment(path: Path) -> datetime | None:
    """The moment of a backup that is whole, which is read to its end; None for a damaged one."""
    try:
        with archive.opened(path) as found:
            found.check()
            return found.manifest.moment
    except (BackupProblem, OSError):
        return None


def _remove_unfinished(folder: Path, now: datetime) -> None:
    for pattern in _UNFINISHED:
        for path in folder.glob(pattern):
            if now.timestamp() - path.stat().st_mtime > ABANDONED.total_seconds():
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def newest_age(now: datetime) -> timedelta | None:
    """How old the newest nightly backup is, as it says; None where none are made, or none is there."""
    if settings.BACKUP_DIR is None:
        return None
    try:
        for path in backups(settings.BACKUP_DIR)[:1]:
            with archive.opened(path) as found:
                return now - found.manifest.moment
    except (BackupProblem, OSError):
        pass
    return None


# --- what the doctor says -----------------------------------------------------------------------------------------


def faults() -> Iterator[Fault]:
    """Say what is wrong with nightly backups. Reads the newest one whole."""
    folder = settings.BACKUP_DIR
    if folder is None:
        cure = "Set BACKUP_DIR, then restart. Or run manage.py backup from a timer of your own."
        yield Fault("No nightly backups are made.", cure, is_serious=False)
        return
    if problem := _unwritable(folder):
        yield Fault(f"No backup can be written to {folder} ({problem}).", "Correct BACKUP_DIR, or its rights.")
        return
    yield from _missing_program()
    yield from _age(backups(folder))


def _unwritable(folder: Path) -> str:
    """Why nothing can be written to a folder, "" where something can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as problem:
        return problem.strerror or type(problem).__name__
    return ""


def _missing_program() -> Iterator[Fault]:
    if connection.vendor != "postgresql":
        return
    try:
        with closing(postgres.connect()) as database:
            postgres.program("pg_dump", postgres.server_version(database))
    except BackupProblem as problem:
        yield Fault("No backup can be made.", str(problem))


def _age(found: list[Path]) -> Iterator[Fault]:
    """Look for the newest good backup, and say how old it is where that is too old."""
    look = "Look in the worker's log for backup_failed."
    for path in found:
        made_at = _good_moment(path)
        if made_at is None:
            yield Fault(f"{path} is damaged.", "Remove it, and check the disk.")
            continue
        age = timezone.now() - made_at
        if age > TOO_OLD:
            yield Fault(f"The last good backup is {age // timedelta(hours=1)} hours old.", look)
        return
    yield Fault("There is no good backup yet.", f"The next one is made after {NIGHT:02}:00 UTC. {look}")
