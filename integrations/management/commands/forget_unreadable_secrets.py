"""`manage.py forget_unreadable_secrets`: let go of secrets whose encryption key is lost for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.unreadable import forget, pause_unreadable, secret_columns, unread
from organizations import two_factors


class Command(BaseCommand):
    help = "Forgets stored secrets that can't be read with any of FERNET_KEYS. Use it only when their key is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", action="store_true", help="do not ask first")

    def handle(self, *args: Any, **options: Any) -> None:
        found = unread()
        if not found:
            self.stdout.write("All stored secrets can be read. Nothing to forget.")
            return
        self.stdout.write(f"Can't be read with FERNET_KEYS: {', '.join(map(str, found))}.")
        if not options["no_input"] and not _is_sure():
            raise CommandError("Nothing was forgotten.")
        pause_unreadable()
        for model, names in secret_columns():
            if count := forget(model, names):
                self.stdout.write(f"{model._meta.label}: {count} rows forgotten ({', '.join(names)})")
        if count := two_factors.forget_unreadable():
            self.stdout.write(f"{count} second steps taken off: their people sign in without, and set them up again.")
        self.stdout.write(
            "Next: paste API keys again and enter new signing secrets under Organization Settings > Integrations. "
            "Join links that people have still work. Renew one to send it again."
        )


def _is_sure() -> bool:
    question = "They can't be restored after this, not even with the old key. Forget them? [y/N] "
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False
