"""The one error of this package."""

from __future__ import annotations


class BackupProblem(Exception):
    """A backup, restore or move that can't go on. The text says why, and what to do."""
