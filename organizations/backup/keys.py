"""The keys of an installation, in a file apart from its backups."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from organizations.backup.problem import BackupProblem
from organizations.hooks.diagnosis import CHECKS

HEAD = """\
# The keys of Panelist. Keep them apart from backups: with both, anyone can read stored API keys.
# To use them again, copy this file to DATA_DIR/secrets.env, or set these variables.
"""


def write(target: Path) -> None:
    """Write SECRET_KEY and FERNET_KEYS, as DATA_DIR/secrets.env has them, for the owner alone."""
    lists = {
        "SECRET_KEY": [settings.SECRET_KEY],
        "SECRET_KEY_FALLBACKS": settings.SECRET_KEY_FALLBACKS,
        "FERNET_KEYS": settings.FERNET_KEYS,
    }
    text = HEAD + "".join(f"{name}={','.join(values)}\n" for name, values in lists.items() if values)
    try:
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
            os.fsync(file.fileno())
    except FileExistsError:
        raise BackupProblem(f"{target} exists already. Choose another name.") from None
    except OSError as problem:
        raise BackupProblem(f"{target} can't be written ({problem.strerror}).") from None


def unreadable() -> list[str]:
    """Say which secrets of the connected database the present FERNET_KEYS can't read; empty where they read all."""
    return [fault.text for fault in CHECKS["Keys"]()]
