"""A restore into the database that a server has from the start, which others use to connect while one is renamed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from tests import services
from tests.organizations.backup.test_moving import Move

pytestmark = [
    pytest.mark.services,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(900),
]


@pytest.fixture
def installation() -> Iterator[Move]:
    """An installation on a PostgreSQL of its own, in the database called `postgres`."""
    with tempfile.TemporaryDirectory(prefix="panelist-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the user postgres has to get through
        (folder / "data").mkdir()
        with services.postgres(folder / "postgres") as server:
            values = {
                "DATA_DIR": str(folder / "data"),
                "DATABASE_URL": server.address,
                "SECRET_KEY": "only-for-tests-of-restores",
                "FERNET_KEYS": Fernet.generate_key().decode(),
                "BASE_URL": "http://testserver",
            }
            yield Move(folder, values, server.address)


def test_a_database_called_postgres_is_restored(installation: Move) -> None:
    assert installation.target.endswith("/postgres")
    installation.done("manage.py", "migrate", "--verbosity", "0")
    installation.done("-m", "tests.organizations.backup.filled", "fill", "60")
    backup = installation.folder / "panelist.backup"
    installation.done("manage.py", "backup", str(backup))
    before = installation.tell()  # which adds a candidate
    said = installation.done("manage.py", "restore", str(backup), "--replace")
    assert "Restored" in said and "Start Panelist." in said
    after = installation.tell()
    assert after["keys"] == before["keys"]
    assert after["rows"]["scheduling_candidate"] == before["rows"]["scheduling_candidate"]
    with closing(psycopg.connect(installation.target)) as database:
        names = [name for (name,) in database.execute("SELECT datname FROM pg_database ORDER BY 1")]
    assert names == ["postgres", "template0", "template1"]
