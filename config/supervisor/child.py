"""Run a module that dies with its supervisor: `python -m config.supervisor.child <module> [arguments]`.

On Linux the kernel kills the process when its parent ends. On every system a thread watches a socket whose other end
only the supervisor holds: once that is closed, the process kills itself and everything it has started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import signal
import socket
import sys
import threading

# The number of the inherited socket; the supervisor sets it for each child.
SUPERVISOR_SOCKET = "PANELIST_SUPERVISOR_SOCKET"
PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask the kernel to send signal `number` to this process when its parent ends. Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), number)


def say_ready() -> None:
    """Tell the supervisor, where there is one, that this process is ready."""
    number = os.environ.get(SUPERVISOR_SOCKET, "")
    if not number:
        return
    with contextlib.suppress(OSError):
        os.write(int(number), b"ready")


def die_with_supervisor(connection: socket.socket) -> None:
    """Wait for the end of the supervisor, then kill this process and its children."""
    with contextlib.suppress(OSError):
        while connection.recv(1):
            pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main(module: str) -> None:
    """Run `module` as `__main__`; `sys.argv` becomes what `python -m module` would have given it."""
    number = os.environ.get(SUPERVISOR_SOCKET, "")
    if number:
        die_with_parent()
        connection = socket.socket(fileno=int(number))
        threading.Thread(target=die_with_supervisor, args=(connection,), daemon=True, name="supervisor").start()
    sys.argv = [module, *sys.argv[2:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
