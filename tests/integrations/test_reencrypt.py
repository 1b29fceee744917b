"""Changing the key that encrypts stored secrets."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from integrations.models import Integration
from tests.conftest import Team

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def stored(team: Team, settings: Any) -> Integration:
    """A key that was written with the old key."""
    settings.FERNET_KEYS = [OLD]
    return Integration.objects.create(organization=team.organization, kind="codesignal", api_key="the-api-key")


def test_afterwards_the_old_key_is_not_needed(stored: Integration, settings: Any) -> None:
    secret = stored.webhook_secret
    settings.FERNET_KEYS = [NEW, OLD]
    call_command("reencrypt")
    settings.FERNET_KEYS = [NEW]
    stored.refresh_from_db()
    assert (stored.api_key, stored.webhook_secret) == ("the-api-key", secret)


def test_a_missing_key_is_said_and_nothing_is_lost(
    stored: Integration, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.FERNET_KEYS = [NEW]
    with pytest.raises(CommandError, match="can't be read with any of FERNET_KEYS"):
        call_command("reencrypt")
    settings.FERNET_KEYS = [OLD]
    stored.refresh_from_db()
    assert stored.api_key == "the-api-key"
    assert "the-api-key" not in capsys.readouterr().out
