"""Columns that hold secrets."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from fernet_fields import EncryptedTextField


class Unreadable(str):
    """A stored secret that none of FERNET_KEYS can read: an empty text that remembers what is stored.

    Saved again it stays as it is, so the key that it was encrypted with still reads it once it is back.
    """

    stored: bytes

    def __new__(cls, stored: bytes) -> Unreadable:
        empty = super().__new__(cls)
        empty.stored = stored
        return empty


class SecretTextField(EncryptedTextField):  # type: ignore[misc]
    """Encrypted at rest, and never written into a fixture: `dumpdata` gives an empty text in its place.

    A value that can't be decrypted is read as an `Unreadable`: pages and tasks go on without it.
    """

    def value_to_string(self, obj: Any) -> str:  # noqa: ARG002
        return ""

    def from_db_value(self, value: Any, expression: Expression, connection: BaseDatabaseWrapper, *rest: Any) -> Any:
        try:
            return super().from_db_value(value, expression, connection, *rest)
        except InvalidToken:
            return Unreadable(bytes(value))

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, Unreadable):
            return connection.Database.Binary(value.stored)  # type: ignore[attr-defined]
        return super().get_db_prep_save(value, connection)
