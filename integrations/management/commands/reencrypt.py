"""`manage.py reencrypt`: encrypt every stored secret with the first of FERNET_KEYS, so that the others can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.unreadable import reencrypt, secret_columns
from organizations import two_factors


class Command(BaseCommand):
    help = "Encrypts all stored secrets with the first of FERNET_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        lost = []
        for model, names in secret_columns():
            done, unreadable = reencrypt(model, names)
            self.stdout.write(f"{model._meta.label}: {done} rows re-encrypted ({', '.join(names)})")
            if unreadable:
                lost.append(f"{unreadable} {model._meta.verbose_name_plural}")
        done, unreadable = two_factors.reencrypt()
        self.stdout.write(f"Second steps of sign-in: {done} rows re-encrypted")
        if unreadable:
            lost.append(f"{unreadable} second steps")
        if lost:
            raise CommandError(
                f"{', '.join(lost)} can't be read with any of FERNET_KEYS and stayed as they were. Add the key they "
                "were encrypted with, then run this again. If that key is lost: manage.py forget_unreadable_secrets."
            )
