"""Keep `RESULTS.md`: one section per benchmark, each replaced when that benchmark runs again."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

import django

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
HEAD = """# Results

Written by `make bench`, `make walk`, `make soak`, `make crash`, `make mutants` and `python -m benchmarks.<name>`; each
section names its day and machine. Times are noisy: compare what stands in one section, not two sections.
"""


def put_section(title: str, body: str) -> None:
    """Write a section, in the place of the one with the same title."""
    text = RESULTS.read_text() if RESULTS.exists() else HEAD
    section = f"## {title}\n\n{machine()}\n\n{body.strip()}\n\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    replaced, count = pattern.subn(lambda _old: section, text)
    RESULTS.write_text((replaced if count else f"{text.rstrip()}\n\n{section}").rstrip() + "\n")


def machine() -> str:
    """The day, the machine and the versions, in one line."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, Django {django.get_version()}."
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
