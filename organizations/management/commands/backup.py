"""`manage.py backup FILE`: write a backup while Panelist runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.backup import keys, services
from organizations.backup.problem import BackupProblem


class Command(BaseCommand):
    help = "Writes a backup of the database and of saved mails to FILE, while Panelist runs. It holds no keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--keys", type=Path, metavar="FILE", help="write the keys, too, to a file of their own")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        try:
            made = services.back_up(target)
            if options["keys"]:
                keys.write(options["keys"])
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        size = target.stat().st_size / 1_000_000
        self.stdout.write(f"Backed up {sum(made.rows.values())} rows to {target} ({size:.1f} MB).")
        if options["keys"]:
            self.stdout.write(f"The keys are in {options['keys']}. Keep them in another place than the backup.")
        else:
            self.stdout.write("The keys are not in it. Keep them in another place: add --keys FILE.")
