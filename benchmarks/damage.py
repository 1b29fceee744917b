"""Kill the services of a running Panelist one after the other, and restart those that no supervisor restarts.

What runs below the supervisor is started again by the supervisor itself. Redis, PostgreSQL and the supervisor are
started again as an operating system's service would, a few seconds later; Redis comes back empty.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import redis
import requests
from django.db import DatabaseError, connection

from benchmarks.people import Recruiter
from benchmarks.stage import Stage
from benchmarks.watch import Watch
from scheduling.models import CodingLink, LinkState
from tests.config.running import below, command_line, gone
from tests.services import Server

# How long, in seconds, Redis and PostgreSQL stay away, or a disk stays full: that is another matter for who tries
# again ever more seldom.
AWAY = (3.0, 20.0)
# How long, in seconds, a moment is waited for in which a death hurts.
MOMENT = 10.0
# The words by which a child of the supervisor is known.
WORKER, BEAT, WEB = " worker --pool ", " beat --loglevel ", " config.web --host "


class Damage:
    """Each kind of damage in turn, in an order that a seed decides."""

    def __init__(self, at: Stage, address: str, recruiters: list[Recruiter]) -> None:
        self._at, self._address, self._recruiters = at, address, recruiters
        self._dice = random.Random(1)
        self._supervisor: subprocess.Popen[bytes] = at.supervisor()
        self._turns = self._endless()
        self.watch = Watch(self.worker_is_there)
        self.done: Counter[str] = Counter()
        # A worker is there and can do nothing.
        self._helpless = False
        # Messages that lay in the broker when it lost them.
        self.lost = 0

    def worker_is_there(self) -> bool:
        """Whether a worker can work: its process runs, and the services that it needs."""
        servers = [one for one in (self._at.database, self._at.broker) if one is not None]
        up = all(one.process is not None and one.process.poll() is None for one in servers) and not self._helpless
        return up and bool(self._pids(WORKER))

    def ready(self) -> bool:
        """Whether web server and worker run."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self._address}/healthz", timeout=5).ok and self.worker_is_there()
        return False

    def next(self) -> str:
        """Do the next kind of damage, and repair it where the supervisor does not. Return its name."""
        name, act = next(self._turns)
        act()
        self.done[name] += 1
        return name

    def _endless(self) -> Iterator[tuple[str, Callable[[], None]]]:
        while True:
            kinds = list(self.kinds.items())
            self._dice.shuffle(kinds)
            yield from kinds

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        common = {
            "worker": lambda: self._kill(WORKER, when=in_a_create),
            "beat": lambda: self._kill(BEAT, when=lambda: True),
            "web server": lambda: self._kill(WEB, when=self._in_a_click),
            "messages lost": self._lose_messages,
            "supervisor": self._kill_supervisor,
        }
        database, broker = self._at.database, self._at.broker
        if database is None or broker is None:
            return common | {"full disk": self._fill_disk}
        return common | {
            "Redis frozen": lambda: self._freeze(broker),
            "Redis": lambda: self._kill_server(broker, lambda: self._with_messages(broker.kill)),
            "PostgreSQL": lambda: self._kill_server(database, lambda: self._in_a_create(database.kill)),
        }

    def _pids(self, words: str) -> list[int]:
        """Ids of processes below the supervisor with these words in their command line, a child before its children."""
        found = []
        for pid in sorted(below(self._supervisor.pid)):
            with contextlib.suppress(OSError):
                if words in command_line(pid):
                    found.append(pid)
        return found

    def _in_a_click(self) -> bool:
        return any(one.sent.is_set() for one in self._recruiters)

    def _await(self, moment: Callable[[], bool]) -> None:
        """Wait for a condition that holds only briefly, checking as often as possible; give up after a while."""
        end = time.monotonic() + MOMENT
        while not moment() and time.monotonic() < end:
            time.sleep(0.005)

    def _kill(self, words: str, *, when: Callable[[], bool]) -> None:
        """Kill the child, or a process that it has started to do the work, at a moment of this kind."""
        self.watch.rest(60, until=lambda: bool(self._pids(words)))
        pids = self._pids(words)
        self._await(when)
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._dice.choice(pids), signal.SIGKILL)
        self.watch.damaged()
        self.watch.look()

    def _kill_supervisor(self) -> None:
        children = below(self._supervisor.pid)
        self._await(in_a_create)
        self._supervisor.kill()
        self._supervisor.wait()
        self.watch.damaged()
        if not self.watch.rest(20, until=lambda: gone(children)):
            raise RuntimeError("Processes outlived their supervisor.")
        self._supervisor = self._at.supervisor()
        if not self.watch.rest(90, until=self.ready):
            raise RuntimeError("After the supervisor's death it did not start again.")

    def _kill_server(self, server: Server, kill: Callable[[], None]) -> None:
        kill()
        self.watch.damaged()
        self.watch.rest(self._dice.choice(AWAY))
        server.start()

    def _freeze(self, server: Server) -> None:
        """Stop the server for a while: it takes connections and says nothing, which is worse than being dead."""
        assert server.process is not None
        self._helpless = True
        server.process.send_signal(signal.SIGSTOP)
        self.watch.damaged()
        self.watch.rest(self._dice.choice(AWAY))
        server.process.send_signal(signal.SIGCONT)
        self._helpless = False

    def _fill_disk(self) -> None:
        """Refuse for a while every byte that a process of Panelist wants to write to a file."""
        self._await(in_a_create)
        limited = below(self._supervisor.pid)
        self._helpless = True
        for pid in limited:
            limit_files(pid, 0)
        self.watch.rest(self._dice.choice(AWAY))
        for pid in limited:
            limit_files(pid, resource.RLIM_INFINITY)
        self._helpless = False
        self.watch.damaged()
        self.watch.look()

    def _in_a_create(self, act: Callable[[], None]) -> None:
        self._await(in_a_create)
        act()

    def _with_messages(self, act: Callable[[], None]) -> None:
        """Do it while the broker holds messages that no worker has taken: the worker is stopped for a moment."""
        held = self._pids(WORKER)
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        self.watch.rest(MOMENT, until=lambda: self._messages() > 0)
        self.lost += self._messages()
        act()
        for pid in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _messages(self) -> int:
        if self._at.broker is not None:
            return int(redis.Redis.from_url(self._at.broker.address).llen("celery"))
        return sum(1 for path in queue_folder().iterdir() if path.name.endswith(".msg"))

    def _lose_messages(self) -> None:
        self._with_messages(self._flush)
        self.watch.damaged()
        self.watch.look()

    def _flush(self) -> None:
        """Delete all messages: FLUSHALL, or the files of the file broker."""
        if self._at.broker is not None:
            redis.Redis.from_url(self._at.broker.address).flushall()
        else:
            for path in queue_folder().iterdir():
                path.unlink(missing_ok=True)


def queue_folder() -> Path:
    """The folder in which messages wait when there is no Redis."""
    return Path(os.environ["DATA_DIR"]) / "broker" / "queue"


def limit_files(pid: int, size: int) -> None:
    """Limit the size of files that a process writes, in bytes. A process that has ended does not matter."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def in_a_create() -> bool:
    """Whether a create is on its way to the vendor at this moment."""
    try:
        return CodingLink.objects.filter(state=LinkState.CREATING).exists()
    except DatabaseError:
        connection.close()
        return False
