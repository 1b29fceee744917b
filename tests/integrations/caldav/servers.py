"""Real CalDAV servers as processes of their own: Radicale and xandikos, on 127.0.0.1, with nothing in them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from config.supervisor.child import die_with_parent
from tests.services import free_port

USER, PASSWORD = "ivy@corp.example", "app-password"
_RADICALE = """[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/data
[logging]
level = warning
"""
_MAKE = b"""<?xml version="1.0"?><mkcalendar xmlns="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:set><d:prop>
<d:displayname>Work</d:displayname><supported-calendar-component-set><comp name="VEVENT"/>
</supported-calendar-component-set></d:prop></d:set></mkcalendar>"""


@dataclass
class Server:
    """A running server. `calendar` is the path of an empty calendar of the user; `stored` is for tests to remember."""

    kind: str
    port: int
    calendar: str
    user: str = USER
    stored: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def credentials(self, address: str = "") -> dict[str, str]:
        return {"address": address or self.url, "username": self.user, "password": PASSWORD}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask the server as another program would."""
        sent = {"Authorization": f"Basic {b64encode(f'{self.user}:{PASSWORD}'.encode()).decode()}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.url}{path}", body or None, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def put(self, name: str, body: bytes, calendar: str = "") -> None:
        """Put an object into the calendar as a person's program does."""
        status, answer = self.ask("PUT", f"{calendar or self.calendar}{name}", body, Content_Type="text/calendar")
        assert status in (200, 201, 204), answer

    def get(self, name: str) -> bytes:
        status, body = self.ask("GET", f"{self.calendar}{name}")
        return body if status == 200 else b""

    def names(self) -> set[str]:
        """Names of the calendar's objects."""
        _status, body = self.ask("PROPFIND", self.calendar, b"", Depth="1")
        found = {part.split(b"<")[0].decode() for part in body.replace(b"href>", b"href>").split(b"href>")[1::2]}
        return {one.rpartition("/")[2] for one in found if one.endswith(".ics")}

    def empty(self) -> None:
        for name in self.names():
            self.ask("DELETE", f"{self.calendar}{name}")


@contextmanager
def radicale() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        Path(folder, "config").write_text(_RADICALE.format(port=port, folder=folder))
        Path(folder, "users").write_text(f"{USER}:{PASSWORD}\n")
        server = Server("radicale", port, f"/{quote(USER)}/work/")
        with _running([sys.executable, "-m", "radicale", "--config", f"{folder}/config"], folder, server):
            yield server


@contextmanager
def xandikos() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = Server("xandikos", port, "/ivy/calendars/work/", user=USER)
        place = ["--directory", f"{folder}/data", "--listen-address", "127.0.0.1", "--port", str(port)]
        command = [sys.executable, "-m", "xandikos", "serve", *place]
        command += ["--current-user-principal", "/ivy", "--autocreate", "--defaults", "--no-detect-systemd"]
        command += ["--state-dir", f"{folder}/state"]
        with _running(command, folder, server):
            yield server


@contextmanager
def _running(command: list[str], folder: str, server: Server) -> Iterator[None]:
    with Path(folder, "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, preexec_fn=die_with_parent)
        try:
            _wait(process, server, log)
            status, body = server.ask("MKCALENDAR", server.calendar, _MAKE, Content_Type="application/xml")
            assert status == 201, body
            yield
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], server: Server, log: IO[str]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            server.ask("OPTIONS", "/")
        except OSError:
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


SERVERS = {"radicale": radicale, "xandikos": xandikos}
