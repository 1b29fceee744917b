"""Create the secrets that the environment does not set, and keep them in DATA_DIR."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from config import environment
from config.environment import SECRETS

MAKERS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "FERNET_KEYS": lambda: Fernet.generate_key().decode(),
}


def make_missing(data_dir: Path) -> list[str]:
    """Create the secrets that are not in the environment, and return their names.

    Call `environment.read_secrets` before it, and again after it to use them.
    """
    missing = [name for name in MAKERS if not environment.is_set(name)]
    if not missing:
        return []
    path = data_dir / SECRETS
    kept = (
        path.read_text()
        if path.is_file()
        else "# Created by Panelist. Keep a copy: without it stored API keys are lost.\n"
    )
    replace(path, kept + "".join(f"{name}={MAKERS[name]()}\n" for name in missing))
    return missing


def forget(data_dir: Path, names: list[str]) -> None:
    """Remove what `make_missing` has just created: the database needs the earlier values."""
    path = data_dir / SECRETS
    lines = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in names]
    if any("=" in line for line in lines):
        replace(path, "\n".join(lines) + "\n")
    else:
        path.unlink()


def replace(path: Path, text: str) -> None:
    """Write the file whole or not at all; only its owner can ever read it."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
