"""Compile the catalogues of `locale/` for gettext: at each start, so that they never differ from their sources.

In Python alone: a machine that runs Panelist needs no gettext.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.environment import BASE_DIR

SOURCES = BASE_DIR / "locale"
#: The file of a language in `locale/`, and in the compiled folder with `.mo`.
CATALOGUE = Path("LC_MESSAGES", "django.po")


def compile_catalogues(compiled: Path, sources: Path = SOURCES) -> None:
    """Write the compiled form of each catalogue below the folder `compiled`. Raises OSError and ValueError."""
    for source in sorted(sources.glob(f"*/{CATALOGUE}")):
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        content = io.BytesIO()
        write_mo(content, catalogue)
        target = (compiled / source.relative_to(sources)).with_suffix(".mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = target.with_suffix(".new")  # a process that runs already never reads half a file
        whole.write_bytes(content.getvalue())
        whole.replace(target)
