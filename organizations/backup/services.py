"""Back up, and restore: the acts. Both raise BackupProblem, and then nothing has changed."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from organizations.backup import archive, keys, postgres, running, sqlite
from organizations.backup.archive import DATABASE, MAIL, Archive, Manifest
from organizations.backup.problem import BackupProblem
from organizations.backup.tables import Ask, applied_migrations, count_rows, has_rows, table_names
from organizations.hooks import restores

#: Whoever has accounts has data.
ACCOUNTS = "organizations_user"
MIGRATE = "The database is of an older version. Run manage.py migrate, then try again."


@dataclass(frozen=True, slots=True)
class Restored:
    """The outcome of a restore. `notes` are for a person to read."""

    manifest: Manifest
    rows: int
    mails: int
    notes: list[str] = field(default_factory=list)


def version() -> str:
    found: str = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    return found


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def back_up(target: Path) -> Manifest:
    """Write a backup while Panelist runs. Everything in it is of one moment."""
    if target.exists():
        raise BackupProblem(f"{target} exists already. Choose another name.")
    if not target.parent.is_dir():
        raise BackupProblem(f"The folder {target.parent} does not exist. Create it first.")
    folder = Path(str(settings.EMAIL_FILE_PATH))
    with tempfile.TemporaryDirectory(prefix=".panelist-backup-", dir=target.parent) as beside:
        database = Path(beside, DATABASE)
        made_at = timezone.now()
        dumped = _dump_sqlite(database) if is_sqlite() else _dump_postgres(database)
        mails = sorted(mail for mail in folder.iterdir() if archive.is_savable(mail)) if folder.is_dir() else []
        manifest = Manifest(
            version=version(),
            made_at=made_at.isoformat(),
            engine=connection.vendor,
            engine_version=dumped.engine_version,
            migrations=dumped.migrations,
            rows=dumped.rows,
            sha256={DATABASE: archive.sha256_of(database)}
            | {f"{MAIL}{mail.name}": archive.sha256_of(mail) for mail in mails},
        )
        archive.write(target, manifest, database, mails)
    return manifest


@dataclass(frozen=True, slots=True)
class _Dumped:
    migrations: list[str]
    rows: dict[str, int]
    engine_version: int = 0


def _dump_sqlite(database: Path) -> _Dumped:
    sqlite.copy(database_file(), database)
    with closing(sqlite3.connect(database)) as copied:
        return _looked_at(sqlite.asking(copied))


def _dump_postgres(database: Path) -> _Dumped:
    with closing(postgres.connect()) as source, postgres.moment(source) as snapshot:
        found = _looked_at(postgres.asking(source), postgres.server_version(source))
        postgres.dump(snapshot, found.engine_version, database)
        return found


def _looked_at(ask: Ask, engine_version: int = 0) -> _Dumped:
    try:
        return _Dumped(applied_migrations(ask), count_rows(ask, table_names()), engine_version)
    except (sqlite3.Error, psycopg.Error):
        raise BackupProblem(MIGRATE) from None


def restore(source: Path, *, replace: bool = False, without_keys: bool = False) -> Restored:
    """Put a backup in the place of the database. Until it is whole there, the present database stays as it is.

    `replace`: also where there are accounts. `without_keys`: also where FERNET_KEYS can't read its secrets.
    """
    with ExitStack() as held:
        backup = held.enter_context(archive.opened(source))
        _refuse_unfit(backup.manifest)
        lock = running.lock(settings.DATA_DIR)
        if lock is None:
            raise BackupProblem(
                f"Panelist is running with the data in {settings.DATA_DIR}. Stop it first, then restore."
            )
        held.callback(os.close, lock)
        connection.close()
        _refuse_data(replace)
        backup.check()
        if is_sqlite():
            return _restore_sqlite(backup, without_keys)
        return _restore_postgres(backup, without_keys)


def _refuse_unfit(manifest: Manifest) -> None:
    """Raise BackupProblem for a backup of a newer version, or of the other engine."""
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if set(manifest.migrations) - known:
        raise BackupProblem(
            f"The backup is of a newer version of Panelist ({manifest.version}; this is {version()}). "
            "Install that version, then restore."
        )
    if manifest.engine != connection.vendor:
        there, here = ("SQLite", "PostgreSQL") if manifest.engine == "sqlite" else ("PostgreSQL", "SQLite")
        cure = " Then move it: manage.py move_to_postgres" if manifest.engine == "sqlite" else ""
        raise BackupProblem(
            f"The backup is of {there}, and DATABASE_URL names {here}. Set DATABASE_URL for {there}, "
            f"and restore there.{cure}"
        )


def _refuse_data(replace: bool) -> None:
    """Raise BackupProblem where a restore would take what somebody wants to keep, or what somebody uses."""
    if is_sqlite():
        has_data = sqlite.has_rows(database_file(), ACCOUNTS)
        sqlite.release(database_file())
    else:
        with closing(postgres.connect()) as database:
            there = postgres.tables(database)
            if strange := sorted(set(there) - {*table_names(), "django_migrations"}):
                raise BackupProblem(
                    f"The database has tables that are not Panelist's ({', '.join(strange[:3])}). "
                    "Restore into a database of its own."
                )
            has_data = ACCOUNTS in there and has_rows(postgres.asking(database), ACCOUNTS)
        postgres.refuse_users()
    if has_data and not replace:
        raise BackupProblem(
            "The database has accounts already. A restore would replace everything in it. If that is what you want, "
            "back it up first, then restore with --replace."
        )


def _restore_sqlite(backup: Archive, without_keys: bool) -> Restored:
    current = database_file()
    fresh = current.with_name(f"{current.name}.restoring-{secrets.token_hex(4)}")
    _refuse_full_disk(backup, current.parent)
    try:
        backup.extract(DATABASE, fresh)
        if sqlite.check(fresh):
            raise backup.damaged()
        with closing(sqlite3.connect(fresh)) as database:
            _compare(sqlite.asking(database), backup)
        with connected_to(str(fresh)):
            notes = _bring_up_to_date(backup.manifest, without_keys)
        sqlite.release(current)
        sqlite.exchange(fresh, current)
    finally:
        sqlite.discard(fresh)
    return _finished(backup, notes)


def _refuse_full_disk(backup: Archive, folder: Path) -> None:
    needed = backup.size_of(DATABASE) * 2
    if shutil.disk_usage(folder).free < needed:
        raise BackupProblem(f"{folder} needs {needed // 1_000_000} MB of free space for the restore. Make room first.")


def _restore_postgres(backup: Archive, without_keys: bool) -> Restored:
    with closing(postgres.connect()) as database:
        server = postgres.server_version(database)
    if server < backup.manifest.engine_version:
        raise BackupProblem(
            f"The backup is of PostgreSQL {backup.manifest.engine_version}, and this server of {server}. "
            f"Restore on version {backup.manifest.engine_version} or newer."
        )
    with tempfile.TemporaryDirectory(prefix="panelist-restore-") as folder:
        dumped = Path(folder, DATABASE)
        backup.extract(DATABASE, dumped)
        with postgres.fresh_database() as fresh:
            postgres.load(dumped, fresh, server)
            with closing(postgres.connect(fresh)) as database:
                _compare(postgres.asking(database), backup)
            with connected_to(fresh):
                notes = _bring_up_to_date(backup.manifest, without_keys)
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
            postgres.exchange(fresh)
    return _finished(backup, notes)


def _compare(ask: Ask, backup: Archive) -> None:
    """Raise BackupProblem unless a restored database has the rows and migrations that its manifest names."""
    try:
        same = count_rows(ask, backup.manifest.rows) == backup.manifest.rows
        same = same and applied_migrations(ask) == backup.manifest.migrations
    except (sqlite3.Error, psycopg.Error):
        same = False
    if not same:
        raise backup.damaged()


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Let Django's connection use another file, or another database of the same server."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _bring_up_to_date(manifest: Manifest, without_keys: bool) -> list[str]:
    """Migrate the connected database, and let each app take care of what happened since the backup."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as problem:
        raise BackupProblem(f"The backup can't be brought to this version ({type(problem).__name__}).") from None
    lost = keys.unreadable()
    if lost and not without_keys:
        raise BackupProblem(
            f"{' '.join(lost)} Copy the keys of that installation to DATA_DIR/secrets.env, or set FERNET_KEYS, then "
            "restore again. To restore without these secrets: --without-keys"
        )
    return [note for step in restores.STEPS for note in step(manifest.moment)] + lost


def _finished(backup: Archive, notes: list[str]) -> Restored:
    """Add the saved mails that are missing, and forget tasks of the former database."""
    folder, added = Path(str(settings.EMAIL_FILE_PATH)), 0
    for name in backup.mails:
        target = folder / name.removeprefix(MAIL)
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            backup.extract(name, target)
            added += 1
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
            current_app.control.purge(connection=broker)
    except (OSError, ChannelError, OperationalError):
        notes.append("The broker did not answer. Empty it before the start: its tasks are of the former database.")
    return Restored(backup.manifest, sum(backup.manifest.rows.values()), added, notes)
