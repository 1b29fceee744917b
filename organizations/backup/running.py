"""Whether Panelist runs on this data. Imports no Django: the supervisor uses it too."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

LOCK = "supervisor.lock"


def lock(folder: Path, name: str = LOCK) -> int | None:
    """Take the lock of a DATA_DIR, or one of another name, which ends with this process or with `os.close`.

    None while another has it.
    """
    held = os.open(folder / name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held
