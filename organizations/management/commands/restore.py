"""`manage.py restore FILE`: put a backup in the place of the database, while Panelist is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.backup import services
from organizations.backup.problem import BackupProblem


class Command(BaseCommand):
    help = "Restores a backup. The present database stays as it is until the restored one is whole."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="replace a database that has accounts")
        parser.add_argument(
            "--without-keys", action="store_true", help="restore also where FERNET_KEYS can't read the secrets"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = services.restore(options["file"], replace=options["replace"], without_keys=options["without_keys"])
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        made_at = f"{done.manifest.moment:%Y-%m-%d %H:%M} UTC"
        self.stdout.write(f"Restored {done.rows} rows and {done.mails} saved mails of {made_at}.")
        for note in done.notes:
            self.stdout.write(note)
        self.stdout.write("Start Panelist. Everyone signs in again.")
