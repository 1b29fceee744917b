"""`make test-all`: every test, on a PostgreSQL, a Redis and a Chromium of this machine.

What is missing is installed with apt. The servers are throw-away instances in a temporary folder, on free ports, and
are stopped at the end whatever happened. The last line is pytest's own.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.child import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_PLACES = "/usr/lib/postgresql/*/bin"
# Program to look for, and the Debian package that has it.
NEEDED = {"initdb": "postgresql", "redis-server": "redis-server", "chromium": "chromium"}
# Without these, tests/config/test_image.py is skipped, and says so.
WANTED = {"podman": "podman", "buildah": "buildah", "runc": "runc", "mmdebstrap": "mmdebstrap", "nginx": "nginx"}
MANY = ("max_connections=200",)
# Nobody misses this data after a crash. And no statistics but those that a test makes: what one test fills, another
# connection finds empty, and with that as its statistics PostgreSQL reads whole tables for each row of others.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", *MANY)


class Missing(Exception):
    """A program that is not installed. The text says which one, and what to do."""


def find(program: str) -> str | None:
    """The path of a program. Debian keeps PostgreSQL's own ones out of PATH, by version: the newest is taken."""
    places = sorted(Path("/").glob(POSTGRES_PLACES.lstrip("/")), key=lambda path: path.parent.name, reverse=True)
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(str(place) for place in places))


def install_missing() -> None:
    """Install with apt what is not there. Raise Missing where that can't be done."""
    packages = [package for program, package in {**NEEDED, **WANTED}.items() if find(program) is None]
    if not packages:
        return
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (become and shutil.which("sudo") is None):
        raise Missing(f"make test-all needs {', '.join(packages)}. Install them, and start again.")
    print(f"Installing {', '.join(packages)} ...", flush=True)
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    subprocess.run([*apt, "update"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # a stale index may do
    subprocess.run(install, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if any(find(program) is None for program in NEEDED):
        raise Missing(f"apt could not install {', '.join(packages)}. Install them, and start again.")


def free_port() -> int:
    """A port that nobody listens on, and the next one neither: the demo's sandbox takes that.

    From below the range out of which a busy machine serves its outgoing connections at any moment.
    """
    while True:
        port = random.randrange(20_000, 32_000, 10)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", port))
            next_one.bind(("127.0.0.1", port + 1))
            return port


@dataclass
class Server:
    """One throw-away server. It can be killed as a power cut would, and started again on the same port and folder."""

    command: list[str]
    port: int
    address: str
    user: str | None
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 30) -> None:
        """Start it, and return once it listens. After a kill it may refuse until the last of its old processes is gone.

        Raise Missing with the end of the log when it does not come up.
        """
        until = time.monotonic() + seconds
        while not self._listens(until):
            if time.monotonic() > until:
                said = self.log.read_text(errors="replace")[-2000:]
                raise Missing(f"{self.command!r} did not start:\n{said}")

    def _listens(self, until: float) -> bool:
        """Start it once. False when it ended, or did not listen until then."""
        with self.log.open("ab") as output:
            process = self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.user,
                cwd=self.log.parent,
            )
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        return False

    def kill(self) -> None:
        """Kill the process that was started, with SIGKILL; its own children have to notice."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()


@contextlib.contextmanager
def started(server: Server) -> Iterator[Server]:
    """Run the server, from its first answer until the end of the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def postgres(folder: Path, settings: tuple[str, ...] = FAST) -> Iterator[Server]:
    """Start a PostgreSQL, new where the folder has none. It refuses root, so then it runs as the user `postgres`."""
    user = "postgres" if os.geteuid() == 0 else None
    initdb, program = find("initdb"), find("postgres")
    if initdb is None or program is None:
        raise Missing("PostgreSQL's programs initdb and postgres were not found.")
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = folder / "data"
    if not (data / "PG_VERSION").is_file():
        _init(initdb, data, user)
    port = free_port()
    options = [part for setting in settings for part in ("-c", setting)]
    command = [program, "-D", str(data), "-k", str(folder), "-h", "127.0.0.1", "-p", str(port), *options]
    address = f"postgres://panelist@127.0.0.1:{port}/postgres"
    with started(Server(command, port, address, user, folder / "log")) as server:
        yield server


def _init(initdb: str, data: Path, user: str | None) -> None:
    make = [initdb, "--pgdata", str(data), "--username", "panelist", "--auth", "trust", "--encoding", "UTF8"]
    made = subprocess.run(
        [*make, "--no-locale", "--no-sync"], user=user, cwd=data.parent, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise Missing(f"initdb failed:\n{made.stderr[-2000:]}")


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[Server]:
    """Make a new Redis that keeps nothing. Its address is a socket, which tests may use although network is blocked."""
    program = find("redis-server")
    if program is None:
        raise Missing("Redis' program redis-server was not found.")
    folder.mkdir(parents=True)
    port, path = free_port(), folder / "redis.sock"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", str(path)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    with started(Server(command, port, f"unix://{path}", None, folder / "log")) as server:
        yield server


@contextlib.contextmanager
def both() -> Iterator[dict[str, str]]:
    """Run PostgreSQL and Redis; yield the variables for the tests' environment."""
    with tempfile.TemporaryDirectory(prefix="panelist-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the user postgres has to get through
        with postgres(folder / "postgres") as database, redis(folder / "redis") as broker:
            yield {"TEST_DATABASE_URL": database.address, "TEST_REDIS_URL": broker.address}


def pytest(*arguments: str, **environment: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    environment = {**os.environ, "TESTS_MUST_RUN": "1", **environment}  # nothing is skipped: see tests/chromium.py
    return subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)


def main() -> int:
    """Run all tests on real services. Return the exit status: 0 when every test passed."""
    try:
        install_missing()
        print("In a real Chromium:", flush=True)
        browser = pytest("-n", "2", "--dist", "loadfile", "-m", "browser")
        print("The long searches, on SQLite:", flush=True)
        thorough = pytest("-n", "2", "--dist", "worksteal", "-m", "thorough and not browser and not services")
        with both() as services:
            print("On PostgreSQL and Redis:", flush=True)
            rest = pytest("-n", "2", "--dist", "worksteal", "-m", "not browser", **services)
    except Missing as problem:
        print(problem, file=sys.stderr)
        return 1
    return browser or thorough or rest


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main())
