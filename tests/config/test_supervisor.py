"""`make demo` and `make run` as a person meets them: real processes, real ports."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg import sql

from tests.config.running import Running, below, command_line, gone, running, wait_until
from tests.services import free_port
from tests.shared_database import SharedDatabase
from tests.thorough import mostly

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(240),
]

SUPERVISOR = "config.supervisor"
READY = "Ctrl-C stops everything"
FIRST_ADMIN = {
    "FIRST_ADMIN_NAME": "Vera Lang",
    "FIRST_ADMIN_EMAIL": "vera@example.net",
    "FIRST_ADMIN_PASSWORD": "tall-ships-sail-9",
    "FIRST_ADMIN_ORGANIZATION": "Harbour Works",
    "FIRST_ADMIN_TIME_ZONE": "Europe/Oslo",
}


class Page(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


def get(port: int, path: str = "/sign-in/") -> Page:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        return Page(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
        )
    finally:
        connection.close()


def post_sign_in(port: int, email: str, password: str) -> int:
    """Post the sign-in form. Return the status of the answer: 302 after a success."""
    page = get(port)
    cookie = page.headers["set-cookie"].partition(";")[0]
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None
    body = f"csrfmiddlewaretoken={found[1]}&login={email.replace('@', '%40')}&password={password}"
    headers = {"Host": f"localhost:{port}", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/sign-in/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


class Demo(NamedTuple):
    command: Running
    port: int
    folder: Path


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    port = free_port()
    folder = tmp_path / "my data"
    # The web server and its two processes, the worker, beat and the sandbox.
    with running(SUPERVISOR, "demo", PORT=str(port), DATA_DIR=str(folder), WEB_PROCESSES="2") as command:
        command.until(READY, 120)
        yield Demo(command, port, folder)


@pytest.mark.thorough
def test_the_demo_from_its_first_start_to_its_last_process(demo: Demo) -> None:
    said = "\n".join(demo.command.said)
    assert f"Panelist is ready: http://localhost:{demo.port}" in said
    for email in ("admin@example.com", "recruiter@example.com", "interviewer@example.com"):
        assert re.search(rf"{email} +password: demo", said)
        assert post_sign_in(demo.port, email, "demo") == 302
    page = get(demo.port)
    assert page.status == 200
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert styles and all(get(demo.port, style).status == 200 for style in styles)
    assert get(demo.port, "/healthz").text == "ok\n"

    found = re.search(r"CodeSignal stand-in: http://127\.0\.0\.1:(\d+)", said)
    assert found is not None and get(int(found[1]), "/").status == 200

    # The stand-in is a program of its own: it gets none of Panelist's secrets.
    own = {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in below(demo.command.pid)}
    stand_ins = [pid for pid in own if "integrations.sandbox" in command_line(pid)]
    assert stand_ins and not any(b"FERNET_KEYS=" in own[pid] for pid in stand_ins)
    assert any(b"FERNET_KEYS=" in own[pid] for pid in own)

    # Secrets and data belong to one user only.
    secrets = demo.folder / "secrets.env"
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert (demo.folder / "panelist.sqlite3").stat().st_mode & 0o077 == 0
    values = [line.partition("=")[2] for line in secrets.read_text().splitlines() if "=" in line]
    logs = "".join(path.read_text() for path in (demo.folder / "logs").iterdir())
    assert len(values) == 2 and not any(value in said + logs for value in values)

    with running(SUPERVISOR, "demo", PORT=str(free_port()), DATA_DIR=str(demo.folder)) as second:
        assert second.end(60) == 1
        assert f"Panelist is already running with the data in {demo.folder}." in "\n".join(second.said)

    processes = below(demo.command.pid)
    demo.command.process.send_signal(signal.SIGTERM)
    assert demo.command.end(60) == 0
    assert demo.command.said[-1] == "Stopped."
    assert len(processes) == 6 and gone(processes)
    logs = "".join(path.read_text() for path in (demo.folder / "logs").iterdir())
    assert "Traceback" not in logs and "critical" not in logs


@pytest.mark.thorough
def test_a_crashed_worker_starts_again_and_kill_9_leaves_no_process(demo: Demo) -> None:
    processes = below(demo.command.pid)
    worker = next(pid for pid in processes if " worker --pool " in command_line(pid))
    os.kill(worker, signal.SIGKILL)
    demo.command.until("The worker was killed by SIGKILL. It restarts in 1 s.", 30)
    wait_until(lambda: len(below(demo.command.pid)) >= len(processes), 30, "a new worker")
    processes = below(demo.command.pid)
    assert worker not in processes
    demo.command.process.kill()
    demo.command.process.wait(10)
    wait_until(lambda: gone(processes), 10, "the end of all processes")

    # The second run keeps secrets, data and the sandbox' address, and what people changed.
    secrets = (demo.folder / "secrets.env").read_text()
    with sqlite3.connect(demo.folder / "panelist.sqlite3") as connection:
        connection.execute("UPDATE organizations_organization SET name = 'Acme Renamed'")
        connection.execute("DELETE FROM organizations_user WHERE email = 'kenji.sato@example.com'")
    sandbox = next(line for line in demo.command.said if "stand-in" in line)
    with running(SUPERVISOR, "demo", PORT=str(demo.port), DATA_DIR=str(demo.folder)) as again:
        again.until(READY, 120)
        assert sandbox in again.said
        assert (demo.folder / "secrets.env").read_text() == secrets
        database = demo.folder / "panelist.sqlite3"
        assert rows(database, "SELECT name FROM organizations_organization") == [("Acme Renamed",)]
        assert rows(database, "SELECT count(*) FROM organizations_user") == [(8,)]
        again.process.send_signal(signal.SIGINT)
        assert again.end(60) == 0

    # What the demo made is refused for real use: everybody knows its passwords.
    with running(SUPERVISOR, "run", PORT=str(demo.port), DATA_DIR=str(demo.folder), **FIRST_ADMIN) as real:
        assert real.end(60) == 1
        assert "holds the demo, whose passwords are public" in "\n".join(real.said)


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(SUPERVISOR, "demo", PORT=str(port), DATA_DIR=str(tmp_path)) as command:
            assert command.end(60) == 1
    assert command.said[0].startswith(f"Port {port} is in use")
    assert not (tmp_path / "panelist.sqlite3").exists()


@pytest.mark.thorough
def test_with_an_address_of_codesignal_the_demo_starts_no_sandbox(tmp_path: Path) -> None:
    SharedDatabase(tmp_path / "panelist.sqlite3").take_if_there()
    values = {"PORT": str(free_port()), "DATA_DIR": str(tmp_path), "CODESIGNAL_API_URL": "http://127.0.0.1:9/graphql"}
    with running(SUPERVISOR, "demo", **values) as command:
        command.until(READY, 120)
        assert not any("stand-in" in line for line in command.said)
        assert "Coding links come from CODESIGNAL_API_URL." in command.said
        assert not (tmp_path / "sandbox.sqlite3").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused")
def test_root_is_refused_for_real_use(tmp_path: Path) -> None:
    with running(SUPERVISOR, "run", PORT=str(free_port()), DATA_DIR=str(tmp_path), ALLOW_ROOT="") as command:
        assert command.end(60) == 1
    assert command.said[0].startswith("This user is root") and "ALLOW_ROOT=true" in command.said[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    mostly(
        [
            ("PORT", "eighty"),
            ("DATA_DIR", "/dev/null/data"),
            ("BASE_URL", "panelist.example.com"),
            ("DATABASE_URL", "mysql://user:hidden-word@host/name"),
            ("REDIS_URL", "http://:hidden-word@host"),
            ("EMAIL_URL", "pigeon://user:hidden-word@host"),
            ("FERNET_KEYS", "hidden-word"),
            ("ALLOWED_HOSTS", "https://panelist.example.com"),
            ("CODESIGNAL_API_URL", "app.codesignal.com/graphql"),
            ("HOST", "everywhere"),
        ],
        always=2,
    ),
)
def test_a_malformed_variable_stops_the_start_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    values = {"PORT": str(free_port()), "DATA_DIR": str(tmp_path), **FIRST_ADMIN, name: value}
    with running(SUPERVISOR, "run", **values) as command:
        assert command.end(60) == 1
    said = "\n".join(command.said)
    assert said.startswith(f"{name} ") and "Traceback" not in said
    assert "hidden-word" not in said


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://user:hidden-word@127.0.0.1:1/name"),
        ("DATABASE_URL", "sqlite:////dev/null/name.sqlite3"),
        ("REDIS_URL", "redis://:hidden-word@127.0.0.1:1/0"),
    ],
)
def test_what_can_not_be_reached_stops_the_start_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    values = {"PORT": str(free_port()), "DATA_DIR": str(tmp_path), **FIRST_ADMIN, name: value}
    with running(SUPERVISOR, "run", **values) as command:
        assert command.end(90) == 1
    said = "\n".join(command.said)
    assert said.startswith(f"{name}: ") and "Traceback" not in said
    assert "hidden-word" not in said


@pytest.mark.thorough
def test_real_use_asks_for_the_first_admin_by_variable_where_there_is_no_terminal(tmp_path: Path) -> None:
    SharedDatabase(tmp_path / "panelist.sqlite3").take_if_there()
    with running(SUPERVISOR, "run", PORT=str(free_port()), DATA_DIR=str(tmp_path)) as command:
        assert command.end(60) == 1
    said = "\n".join(command.said)
    assert all(f"{name}: Not set." in said for name in FIRST_ADMIN if name != "FIRST_ADMIN_TIME_ZONE")


def real_use(port: int, folder: Path, **values: str) -> None:
    """From nothing to a signed-in first admin, a stop, and a second start that asks nothing."""
    values = {"PORT": str(port), "DATA_DIR": str(folder), **values}
    with running(SUPERVISOR, "run", **values, **FIRST_ADMIN, DEBUG="true", DEMO="true") as command:
        command.until(READY, 120)
        said = "\n".join(command.said)
        assert f"Created SECRET_KEY and FERNET_KEYS in {folder / 'secrets.env'}. Back up this file" in said
        assert "EMAIL_URL is not set: e-mails are not sent" in said
        assert "stand-in" not in said and "password" not in said
        assert post_sign_in(port, "vera@example.net", "tall-ships-sail-9") == 302
        assert "DEBUG" not in get(port, "/no-such-page/").text
        processes = below(command.pid)
        command.process.send_signal(signal.SIGTERM)
        assert command.end(60) == 0
        assert gone(processes)
    # What is said to the person at the terminal is not buried under lines about tasks, and the end is no accident.
    # Each sign-in has its line, for whoever looks into an attack.
    others = [line for line in command.said if "event='signed_in'" not in line]
    assert [line for line in others if "level='info'" in line or "Traceback" in line] == []
    with running(SUPERVISOR, "run", **values) as command:
        command.until(READY, 120)
        assert not any("Created " in line for line in command.said)
        assert post_sign_in(port, "vera@example.net", "tall-ships-sail-9") == 302


@pytest.mark.thorough
def test_real_use_from_nothing(tmp_path: Path) -> None:
    real_use(free_port(), tmp_path)
    # Its keys are gone: new ones would make the stored ones unreadable, so nothing starts.
    (tmp_path / "secrets.env").unlink()
    with running(SUPERVISOR, "run", PORT=str(free_port()), DATA_DIR=str(tmp_path)) as command:
        assert command.end(60) == 1
    assert "Not set: SECRET_KEY, FERNET_KEYS. The data in the database" in "\n".join(command.said)
    assert not (tmp_path / "secrets.env").exists()
    with running(
        SUPERVISOR, "demo", PORT=str(free_port()), DATA_DIR=str(tmp_path), SECRET_KEY="x" * 20, FERNET_KEYS=KEY
    ) as (command):
        assert command.end(60) == 1
    assert "This database is in real use" in "\n".join(command.said)


KEY = "3a5m0mM7J9p2FZ5S1uG9mQn2q8rj0M2xw9o4rC1s2uE="


@pytest.mark.services
def test_real_use_on_postgresql_and_redis(tmp_path: Path) -> None:
    server = os.environ["TEST_DATABASE_URL"].rpartition("/")[0]
    name = f"real_use_{os.getpid()}"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    redis = os.environ["TEST_REDIS_URL"].partition("?")[0] + "?db=15"
    real_use(free_port(), tmp_path, DATABASE_URL=f"{server}/{name}", REDIS_URL=redis)
    assert not (tmp_path / "panelist.sqlite3").exists()
    assert not (tmp_path / "broker").exists()
