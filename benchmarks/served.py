"""The product's web server in a process of its own, and what its answers cost: time, CPU and bytes."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from benchmarks.stage import ROOT, end
from tests import services

WARM = 3


@dataclass(frozen=True)
class Cost:
    """Of one address: milliseconds of the first answer and of the median one, milliseconds of CPU, and bytes."""

    first_ms: float
    median_ms: float
    web_ms: float
    database_ms: float
    raw: int
    packed: int

    @property
    def cpu_ms(self) -> float:
        return self.web_ms + self.database_ms


class Asked(TypedDict):
    """A page to ask for: of which port and process, with which cookie, and whether as a part of a page."""

    server: tuple[int, int]
    address: str
    cookie: str
    part: bool
    queries: int | str


@dataclass
class Web:
    """A running web server. `database`: the process id of PostgreSQL's postmaster, or None."""

    port: int
    process: subprocess.Popen[bytes]
    database: int | None


def in_turn(pages: Sequence[tuple[Asked, int | None]], times: int) -> list[Cost]:
    """Ask for each page so often, one answer of each in turn, and return what they cost.

    The number beside a page is the process id of its PostgreSQL, or None.
    """
    with contextlib.ExitStack() as stack:
        asking = [_Asking(one, database, stack) for one, database in pages]
        for each in asking:
            each.warm()
        for _ in range(times):
            for each in asking:
                each.once()
    return [each.cost() for each in asking]


class _Asking:
    """One address that is asked for again and again, over one connection."""

    def __init__(self, page: Asked, database: int | None, stack: contextlib.ExitStack) -> None:
        port, self.process = page["server"]
        self.page, self.database = page, database
        self.headers = {"Host": "127.0.0.1", "Cookie": page["cookie"], "Accept-Encoding": "gzip"}
        self.headers |= {"HX-Request": "true"} if page["part"] else {}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.connection = stack.enter_context(contextlib.closing(connection))
        self.taken: list[float] = []
        self.web: list[float] = []
        self.stored: list[float] = []

    def _ask(self) -> tuple[float, bytes, str]:
        return _ask(self.connection, self.page["address"], self.headers)

    def warm(self) -> None:
        self.first, self.body, self.encoding = self._ask()
        for _ in range(WARM - 1):
            self._ask()

    def once(self) -> None:
        web, stored = _seconds_of(self.process), _seconds_of(self.database)
        self.taken.append(self._ask()[0])
        self.web.append(_seconds_of(self.process) - web)
        self.stored.append(_seconds_of(self.database) - stored)

    def cost(self) -> Cost:
        raw = gzip.decompress(self.body) if self.encoding == "gzip" else self.body
        packed = self.body if self.encoding == "gzip" else gzip.compress(self.body, 6)
        taken, web, stored = (1000 * statistics.median(many) for many in (self.taken, self.web, self.stored))
        return Cost(self.first * 1000, taken, web, stored, len(raw), len(packed))


def _ask(connection: http.client.HTTPConnection, address: str, headers: dict[str, str]) -> tuple[float, bytes, str]:
    began = time.perf_counter()
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    taken = time.perf_counter() - began
    if answer.status not in {200, 204, 302}:
        raise SystemExit(f"{address} answered {answer.status}")
    return taken, body, answer.headers.get("Content-Encoding", "")


@contextlib.contextmanager
def web(log: Path, database: int | None = None, settings: str = "config.settings") -> Iterator[Web]:
    """Start the web server as `make run` does, in this process' environment, with these settings."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    port = services.free_port()
    command = [sys.executable, "-m", "config.web", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        _await(port, process, log)
        yield Web(port, process, database)
    finally:
        end(process)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
                connection.getresponse()
                return
        time.sleep(0.1)
    raise SystemExit(f"The web server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _seconds_of(pid: int | None) -> float:
    """Seconds of CPU that a process and its children have had."""
    return sum(_own_seconds(one) for one in _family(pid)) if pid is not None else 0.0


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                waiting += map(int, children.read_text().split())
    return found


def _own_seconds(pid: int) -> float:
    """In nanoseconds, by thread, where the kernel counts them; in its clock ticks elsewhere."""
    with contextlib.suppress(OSError, IndexError):
        return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    with contextlib.suppress(OSError):
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
