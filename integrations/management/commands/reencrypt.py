"""`manage.py reencrypt`: encrypt every stored secret with the first of FERNET_KEYS, so that the others can go."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from integrations.fields import SecretTextField


def secret_columns() -> list[tuple[type[models.Model], list[str]]]:
    """Each model that holds secrets, with the names of those columns."""
    found = [
        (model, [field.name for field in model._meta.concrete_fields if isinstance(field, SecretTextField)])
        for model in apps.get_models()
    ]
    return [(model, names) for model, names in found if names]


def reencrypt(model: type[models.Model], names: list[str]) -> int:
    """Re-encrypt the rows one by one, so that locks are short, and return their number. Concurrent changes are kept."""
    count = 0
    for pk in model._base_manager.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            values = model._base_manager.select_for_update().filter(pk=pk).values(*names).first()
            if values is not None:
                count += model._base_manager.filter(pk=pk).update(**values)
    return count


class Command(BaseCommand):
    help = "Encrypts all stored secrets with the first of FERNET_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        for model, names in secret_columns():
            try:
                count = reencrypt(model, names)
            except InvalidToken:
                raise CommandError(
                    f"A stored secret ({model._meta.label}) can't be read with any of FERNET_KEYS. Add the key it was "
                    "encrypted with, then run this again. Rows that are done stay done."
                ) from None
            print(f"{model._meta.label}: {count} rows re-encrypted ({', '.join(names)})")
