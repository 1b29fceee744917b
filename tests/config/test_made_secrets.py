"""The secrets that the start makes where none are given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import environment
from config.supervisor import secrets
from tests.config.test_environment import KEY

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "0.0.0.0"])]


@pytest.fixture
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove secrets from the environment; what a test puts there is removed at its end."""
    for name in secrets.MAKERS:
        monkeypatch.setenv(name, "")


@pytest.mark.usefixtures("no_secrets")
def test_secrets_are_made_once_for_this_user_only_and_kept(tmp_path: Path) -> None:
    assert secrets.make_missing(tmp_path) == ["SECRET_KEY", "FERNET_KEYS"]
    path = tmp_path / environment.SECRETS
    first = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    environment.read_secrets(tmp_path)
    assert environment.fernet_keys("FERNET_KEYS") and len(os.environ["SECRET_KEY"]) > 50
    assert secrets.make_missing(tmp_path) == []
    assert path.read_text() == first


def test_a_secret_in_a_file_is_not_made_and_not_replaced(
    no_secrets: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("a-secret-that-is-long")
    (tmp_path / environment.SECRETS).write_text(f"SECRET_KEY=the-one-of-the-first-start\nFERNET_KEYS={KEY}\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    environment.read_secrets(tmp_path)
    assert environment.secret("SECRET_KEY") == "a-secret-that-is-long"
    assert secrets.make_missing(tmp_path) == []


def test_what_is_given_is_not_made_and_not_replaced(
    no_secrets: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERNET_KEYS", KEY)
    assert secrets.make_missing(tmp_path) == ["SECRET_KEY"]
    environment.read_secrets(tmp_path)
    assert os.environ["FERNET_KEYS"] == KEY
    assert KEY not in (tmp_path / environment.SECRETS).read_text()
    secrets.forget(tmp_path, ["SECRET_KEY"])
    assert not (tmp_path / environment.SECRETS).exists()


@pytest.mark.usefixtures("no_secrets")
def test_only_what_was_made_just_now_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / environment.SECRETS
    path.write_text("SECRET_KEY=of-old\n")
    environment.read_secrets(tmp_path)
    assert secrets.make_missing(tmp_path) == ["FERNET_KEYS"]
    secrets.forget(tmp_path, ["FERNET_KEYS"])
    assert path.read_text() == "SECRET_KEY=of-old\n"
