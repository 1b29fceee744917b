"""Fixtures of tests that restore."""

from __future__ import annotations

import pytest

from tests.organizations.backup.rows import alone


@pytest.fixture(autouse=True)
def nobody_else(transactional_db: None) -> None:
    """Let no connection of an earlier test keep a restore from its turn."""
    alone()
