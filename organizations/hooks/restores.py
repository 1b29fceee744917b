"""Restores: what each app does with rows that are older than the world outside.

A step runs in the restored database, migrated to this version, before anybody uses it. It is given the moment of the
backup and yields a sentence for whatever a person should know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

Step = Callable[[datetime], Iterator[str]]

STEPS: list[Step] = []
