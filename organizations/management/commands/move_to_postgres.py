"""`manage.py move_to_postgres ADDRESS`: copy everything from SQLite to an empty PostgreSQL."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.backup import moving
from organizations.backup.problem import BackupProblem


class Command(BaseCommand):
    help = "Copies all data from SQLite to an empty PostgreSQL, and compares it. SQLite's file stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="like postgres://user:password@host:5432/name")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            moved = moving.move(options["address"], self.stdout.write)
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        rows, took = sum(moved.rows.values()), time.monotonic() - began
        self.stdout.write(f"Moved {rows} rows in {took:.0f} s, and compared them ({moved.size / 1_000_000:.0f} MB).")
        self.stdout.write("Set DATABASE_URL to this address, then start Panelist. The SQLite file is as it was.")
