"""A program for the supervisor to run in tests, through `config.supervisor.child`: `<name> <behaviour>`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from config.supervisor.child import say_ready


def tell(line: str) -> None:
    """Print a line in one write, so that lines of several processes do not mix."""
    os.write(1, f"{line}\n".encode())


def main(name: str, behaviour: str) -> None:
    stopped = threading.Event()
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, lambda *_: tell(f"{name} refuses"))
    else:
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    if behaviour == "parent":
        # Neither watched nor tied to anything: only its process group leads to it.
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        tell(f"{name} has child {child.pid}")
    if behaviour == "dies":
        sys.exit(3)
    if behaviour != "mute":
        say_ready()
    tell(f"{name} runs as {os.getpid()}")
    while not stopped.wait(0.02):
        pass
    tell(f"{name} stops")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
