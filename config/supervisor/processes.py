"""Start processes, restart crashed ones, and stop them all. Knows nothing of what they do."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.child import SUPERVISOR_SOCKET

ROOT = Path(__file__).resolve().parents[2]
LONGEST_RESTART_DELAY = 30.0
# One that ran this long is taken for healthy: its next crash waits for a second again.
HEALTHY_AFTER = 60.0
LARGEST_LOG = 10_000_000


@dataclass(frozen=True)
class Program:
    """A module to run: `python -m <module> <arguments>`.

    `answers` returns whether it is ready; None: it calls `config.supervisor.child.say_ready`. At the end, programs of a
    lower `stop_phase` are stopped first; each has `grace` seconds until it is killed. One that is not `trusted` gets no
    secrets.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    answers: Callable[[], bool] | None = None
    stop_phase: int = 0
    grace: float = 10.0
    trusted: bool = True


@dataclass
class Child:
    """A program, and the process that runs it now."""

    program: Program
    environment: Mapping[str, str]
    log: Path | None
    process: subprocess.Popen[bytes] | None = None
    connection: socket.socket | None = None
    ready: bool = False
    started: float = 0.0
    restart_delay: float = 1.0
    start_at: float | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor only, which stops everything in order."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        output = None if self.log is None else open_log(self.log)
        command = [sys.executable, "-m", "config.supervisor.child", self.program.module, *self.program.arguments]
        self.process = subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env={**self.environment, SUPERVISOR_SOCKET: str(theirs.fileno())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        if output is not None:
            os.close(output)
        self.connection, self.ready, self.started, self.start_at = ours, False, time.monotonic(), None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def check_ready(self) -> bool:
        """Whether it is ready. Once it was, it is not asked again."""
        if not self.ready and self.running:
            if self.program.answers is not None:
                self.ready = self.program.answers()
            elif self.connection is not None:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    self.ready = bool(self.connection.recv(16))
        return self.ready

    def signal(self, number: int) -> None:
        """Signal the process; SIGKILL goes to everything it has started, too."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def clear(self) -> None:
        """Kill everything it has started, and close its socket."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        if self.connection is not None:
            self.connection.close()
        self.process = self.connection = None

    def ending(self) -> str:
        """How it ended, as the end of a sentence."""
        code = None if self.process is None else self.process.returncode
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"exited with status {code}"


def open_log(path: Path) -> int:
    """Open the file for appending; a large one is moved aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


@dataclass
class Supervisor:
    """Runs until SIGINT, SIGTERM or SIGHUP; a second one of them kills what is left.

    `say` prints a line. Use: `start()`, then `run()`; `close()` whatever happens.
    """

    children: list[Child]
    say: Callable[[str], None]
    asked: int = 0
    _wake: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def listen(self) -> None:
        """Let `wait` read signals, so that they interrupt nothing else."""
        for end in self._wake:
            end.setblocking(False)
        self._selector.register(self._wake[0], selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake[1].fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, lambda *_: None)

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes, such as the end of a child, or the time is over."""
        if self._selector.select(max(seconds, 0)):
            with contextlib.suppress(BlockingIOError):
                received = self._wake[0].recv(4096)
                self.asked += sum(number != signal.SIGCHLD for number in received)

    def start(self, deadline: float) -> str:
        """Start all and wait until each is ready. Returns what went wrong, "" for nothing. `deadline`: seconds."""
        until = time.monotonic() + deadline
        for child in self.children:
            child.start()
        while not self.asked:
            for child in self.children:
                if not child.running:
                    return f"The {child.program.name} {child.ending()} while starting."
            waiting = [child.program.name for child in self.children if not child.check_ready()]
            if not waiting:
                return ""
            if time.monotonic() > until:
                return f"No answer within {deadline:g} s from: {', '.join(waiting)}."
            self.wait(0.05)
        return ""

    def run(self) -> None:
        """Restart what ends, until a signal asks to stop."""
        while not self.asked:
            now = time.monotonic()
            for child in self.children:
                self._restart_if_ended(child, now)
            due = [child.start_at - now for child in self.children if child.start_at is not None]
            self.wait(min(due, default=60.0))

    def _restart_if_ended(self, child: Child, now: float) -> None:
        if child.start_at is not None:
            if now >= child.start_at:
                child.start()
        elif not child.running:
            child.restart_delay = 1.0 if now - child.started > HEALTHY_AFTER else child.restart_delay
            self.say(f"The {child.program.name} {child.ending()}. It restarts in {child.restart_delay:g} s.")
            child.clear()
            child.start_at = now + child.restart_delay
            child.restart_delay = min(child.restart_delay * 2, LONGEST_RESTART_DELAY)

    def stop(self) -> None:
        """Ask each to finish its work, phase by phase; kill what takes longer than its grace."""
        answered = self.asked
        for phase in sorted({child.program.stop_phase for child in self.children}):
            group = [child for child in self.children if child.program.stop_phase == phase]
            for child in group:
                child.signal(signal.SIGTERM)
            began = time.monotonic()
            while any(child.running for child in group):
                left = [child.program.grace - (time.monotonic() - began) for child in group if child.running]
                if self.asked != answered:
                    break
                self._kill(child for child in group if time.monotonic() - began >= child.program.grace)
                self.wait(max(0.0, min([1.0, *left])))
            self._kill(group)

    def _kill(self, group: Iterable[Child]) -> None:
        for child in group:
            if child.running:
                self.say(f"The {child.program.name} was stopped before it finished its work.")
            child.clear()

    def close(self) -> None:
        """Kill all processes that are left."""
        for child in self.children:
            child.clear()
        signal.set_wakeup_fd(-1)
        self._selector.close()
        for end in self._wake:
            end.close()
