"""Several processes of the web server on one port: one that dies is replaced, and all end with their parent."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.config.running import Running, below, gone, running, wait_until
from tests.config.test_supervisor import get
from tests.services import free_port

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(240),
]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def web(port: int, tmp_path: Path) -> Iterator[Running]:
    """Two processes that serve; the first page has been answered."""
    secrets = {"SECRET_KEY": "k" * 50, "FERNET_KEYS": Fernet.generate_key().decode()}
    (tmp_path / "static").mkdir()
    values = {"DATA_DIR": str(tmp_path), "WEB_PROCESSES": "2", "DEBUG": "true", **secrets}
    with running("config.web", "--port", str(port), **values) as command:
        wait_until(lambda: len(below(command.pid)) == 2, 60, "two processes")
        wait_until(lambda: answers(port), 60, "an answer")
        yield command


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz").status == 200
    except OSError:
        return False


def test_a_process_that_dies_is_replaced_while_the_others_answer(web: Running, port: int) -> None:
    first = below(web.pid)
    killed = min(first)
    os.kill(killed, signal.SIGKILL)
    web.until(f"Process {killed} of the web server has ended. Another one starts.")
    assert answers(port)
    wait_until(lambda: len(below(web.pid)) == 2, 30, "two processes again")
    assert killed not in below(web.pid)
    assert all(answers(port) for _ in range(10))


def test_a_signal_ends_all_of_them(web: Running, port: int) -> None:
    processes = below(web.pid)
    web.process.send_signal(signal.SIGTERM)
    assert web.end(30) == 0
    assert gone(processes)
    assert not answers(port)
    assert "has ended" not in " ".join(web.said)


def test_none_is_left_when_the_parent_is_killed(web: Running) -> None:
    processes = below(web.pid)
    web.process.kill()
    wait_until(lambda: gone(processes), 30, "the end of all")
    assert web.end(30) == -signal.SIGKILL
