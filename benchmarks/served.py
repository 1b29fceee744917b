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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


@dataclass
class Web:
    """A running web server. `database`: the process id of PostgreSQL's postmaster, or None."""

    port: int
    process: subprocess.Popen[bytes]
    database: int | None

    def cost(self, address: str, cookie: str, *, part: bool, times: int) -> Cost:
        """Ask for an address so often, one answer after the other, over one connection."""
        headers = {"Host": "127.0.0.1", "Cookie": cookie, "Accept-Encoding": "gzip"}
        headers |= {"HX-Request": "true"} if part else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            first, body, encoding = _ask(connection, address, headers)
            for _ in range(WARM - 1):
                _ask(connection, address, headers)
            before = _seconds_of(self.process.pid), _seconds_of(self.database)
            taken = [_ask(connection, address, headers)[0] for _ in range(times)]
            web, database = _seconds_of(self.process.pid) - before[0], _seconds_of(self.database) - before[1]
        raw = gzip.decompress(body) if encoding == "gzip" else body
        packed = body if encoding == "gzip" else gzip.compress(body, 6)
        milliseconds = 1000 / times
        return Cost(
            first * 1000, statistics.median(taken) * 1000, web * milliseconds, database * milliseconds,
            len(raw), len(packed),
        )  # fmt: skip


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
