"""Start a command, read its output while it runs, and find the processes below it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(**values: str) -> dict[str, str]:
    """The environment of a person's shell: without the settings that the tests themselves run with.

    Root may run Panelist there, as CI does, and no password is looked up in the network.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    fixed = {"PANELIST_IGNORE_DOTENV": "1", "ALLOW_ROOT": "true", "CHECK_BREACHED_PASSWORDS": "false"}
    return {**kept, **fixed, "PYTHONUNBUFFERED": "1", **values}


def parents() -> dict[int, int]:
    """Parent by process, of all that run now; those that only wait to be reaped do not count."""
    if sys.platform == "linux":
        return dict(_from_proc())
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _from_proc() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state not in {"Z", "X"}:
                yield int(path.parent.name), int(parent)


def below(pid: int) -> set[int]:
    """All processes that descend from `pid`."""
    known = parents()
    found: set[int] = set()
    level = {pid}
    while level:
        level = {child for child, parent in known.items() if parent in level} - found
        found |= level
    return found


def command_line(pid: int) -> str:
    if sys.platform == "linux":
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as the condition holds; fail with `what` when it does not in time."""
    until = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        assert time.monotonic() < until, f"after {seconds:g} s still not: {what}"
        never.wait(0.02)


def gone(pids: set[int]) -> bool:
    return not pids & set(parents())


class Running:
    """A started command, its output line by line."""

    def __init__(self, *arguments: str, **values: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment(**values),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.all_lines: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.all_lines.append(line)
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def until(self, part: str, seconds: float = 60) -> str:
        """Wait for the next line that has `part` in it, and return it."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not said in {seconds:g} s: {part!r}; said: {self.said}") from None
            if line is None:
                raise AssertionError(f"ended without saying {part!r}; said: {self.said}")
            self.said.append(line)
            if part in line:
                return line

    def end(self, seconds: float = 60) -> int:
        """Wait for its end; return its status. All it said is in `said` then."""
        status = self.process.wait(timeout=seconds)
        while (line := self._lines.get(timeout=seconds)) is not None:
            self.said.append(line)
        return status

    def clean(self) -> None:
        """End it and all processes below it, as after a test that failed half-way."""
        pids = below(self.pid) | {self.pid}
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in pids - {self.pid}:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def running(*arguments: str, **values: str) -> Iterator[Running]:
    command = Running(*arguments, **values)
    try:
        yield command
    finally:
        command.clean()
        print("".join(command.all_lines))  # pytest shows it where the test failed
