"""FERNET_KEYS of a test: as it changes while Panelist is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.unreadable import secret_columns
from organizations.secret_fields import SecretTextField


def use(settings: Any, *keys: str) -> None:
    """Use these keys from now on: each column remembers the ones that it was first used with."""
    settings.FERNET_KEYS = list(keys)
    forget()


def forget() -> None:
    for model, names in secret_columns():
        for name in names:
            field = model._meta.get_field(name)
            assert isinstance(field, SecretTextField)
            for remembered in ("keys", "fernet_keys", "fernet"):
                field.__dict__.pop(remembered, None)


@pytest.fixture(autouse=True)
def fresh_columns() -> Iterator[None]:
    yield
    forget()
