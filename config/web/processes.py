"""Several processes that serve one socket: whichever has time takes the next connection."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable

from config.supervisor.child import die_with_parent

STOPS = {signal.SIGTERM, signal.SIGINT}
#: Seconds until a process that has ended is started again: one that can't run keeps no core busy.
PAUSE = 1.0


class Processes:
    """`count` forks of this process. Each calls `serve`, which ends at a signal to stop, as `run` does.

    What has been imported before is in memory once. No thread that matters may run yet.
    """

    def __init__(self, count: int, serve: Callable[[], None]) -> None:
        self.count, self.serve = count, serve
        self.running: set[int] = set()
        self.stopping = False

    def run(self) -> None:
        """Serve until a signal asks to stop; start again what ends before."""
        for number in STOPS:
            signal.signal(number, self._stop)
        for _ in range(self.count):
            self._start()
        while self.running:
            pid, _status = os.waitpid(-1, 0)
            self.running.discard(pid)
            if not self.stopping:
                sys.stderr.write(f"Process {pid} of the web server has ended. Another one starts.\n")
                time.sleep(PAUSE)
                self._start()

    def _start(self) -> None:
        # A signal counts once the new process is known, and has handlers of its own.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        pid = 0 if self.stopping else os.fork()
        if not pid and not self.stopping:
            self._serve()
        if pid:
            self.running.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def _serve(self) -> None:
        """Serve in a new process, and end it."""
        code = 1
        try:
            die_with_parent()
            for number in STOPS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            self.serve()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _stop(self, *_signal: object) -> None:
        self.stopping = True
        for pid in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
