"""The one file of a backup: a zip with a manifest, the database, and the mails that were saved as files.

The manifest says which version wrote it, which migrations the database has, how many rows each table has, and the
SHA-256 of every other file. A reader trusts no name in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from organizations.backup.problem import BackupProblem

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MAIL = "mail/"
LARGEST_MANIFEST = 10_000_000
CHUNK = 1 << 20
#: A file of the mail folder: no folders in its name.
_SAVED_MAIL = re.compile(r"mail/[\w][\w.@-]*")
#: What zipfile and zlib raise for a file that is cut, or of which some bytes are wrong.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a backup in itself. `engine_version` is PostgreSQL's major version; 0 for SQLite."""

    version: str
    made_at: str
    engine: str
    engine_version: int
    migrations: list[str]
    rows: dict[str, int]
    sha256: dict[str, str]
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def write(target: Path, manifest: Manifest, database: Path, mails: list[Path]) -> None:
    """Write the file whole, or not at all; only its owner can read it."""
    part = target.with_name(f"{target.name}.part")
    try:
        with (
            os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made,
        ):
            made.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1, sort_keys=True))
            # PostgreSQL's own format is compressed already.
            how = zipfile.ZIP_DEFLATED if manifest.engine == "sqlite" else zipfile.ZIP_STORED
            made.write(database, DATABASE, compress_type=how)
            for mail in mails:
                made.write(mail, f"{MAIL}{mail.name}")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as problem:
        raise BackupProblem(f"{target} can't be written ({problem.strerror}). Nothing was kept there.") from None
    finally:
        part.unlink(missing_ok=True)


def is_savable(mail: Path) -> bool:
    """Whether a file of the mail folder has a name that a backup takes, and gives back."""
    return mail.is_file() and _SAVED_MAIL.fullmatch(f"{MAIL}{mail.name}") is not None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Archive:
    """A backup to read. Any reading raises BackupProblem for a damaged file."""

    def __init__(self, path: Path, opened: zipfile.ZipFile) -> None:
        self._path, self._zip = path, opened
        self.manifest = self._read_manifest()

    @property
    def mails(self) -> list[str]:
        return [name for name in self.manifest.sha256 if name.startswith(MAIL)]

    def check(self) -> None:
        """Read everything once, and compare it with the manifest."""
        for name, expected in self.manifest.sha256.items():
            digest = hashlib.sha256()
            with self._open(name) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != expected:
                raise self.damaged()

    def size_of(self, name: str) -> int:
        try:
            return self._zip.getinfo(name).file_size
        except KeyError:
            raise self.damaged() from None

    def extract(self, name: str, target: Path) -> None:
        """Write one file of the backup, for its owner alone."""
        with (
            self._open(name) as file,
            os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written,
        ):
            shutil.copyfileobj(file, written, CHUNK)

    def damaged(self) -> BackupProblem:
        return BackupProblem(f"{self._path} is damaged: it was cut, or changed. Use another backup.")

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as file:
                yield file
        except (KeyError, *_DAMAGE):
            raise self.damaged() from None

    def _read_manifest(self) -> Manifest:
        try:
            with self._open(MANIFEST) as file:
                content = json.loads(file.read(LARGEST_MANIFEST))
            if isinstance(content, dict) and int(content["format"]) > FORMAT:
                raise BackupProblem(
                    f"{self._path} was written by a newer version of Panelist ({content.get('version', 'unknown')}). "
                    "Install that version, then restore."
                )
            manifest = Manifest(**content)
            names = set(manifest.sha256) - {DATABASE}
            aware = manifest.moment.tzinfo is not None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self.damaged() from None
        if not aware or DATABASE not in manifest.sha256 or not all(map(_SAVED_MAIL.fullmatch, names)):
            raise self.damaged()
        return manifest


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup. Raises BackupProblem for what is none, is damaged, or comes from a newer format."""
    try:
        with zipfile.ZipFile(path) as found:
            yield Archive(path, found)
    except FileNotFoundError:
        raise BackupProblem(f"{path} does not exist.") from None
    except zipfile.BadZipFile:
        raise BackupProblem(
            f"{path} is no backup of Panelist, or is damaged: it was cut, or changed. Use another backup."
        ) from None
