"""Columns that hold secrets."""

from __future__ import annotations

from typing import Any

from fernet_fields import EncryptedTextField


class SecretTextField(EncryptedTextField):  # type: ignore[misc]
    """Encrypted at rest, and never written into a fixture: `dumpdata` gives an empty text in its place."""

    def value_to_string(self, obj: Any) -> str:  # noqa: ARG002
        return ""
