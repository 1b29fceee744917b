"""The demo as `make demo` starts it, on free ports and in a folder of its own."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integrations.sandbox.client import SandboxClient
from integrations.sandbox.model import InterviewView
from tests.config.running import running
from tests.services import free_port
from tests.shared_database import SharedDatabase

READY = "Ctrl-C stops everything"


@dataclass(frozen=True)
class Demo:
    """A running demo: its address without a slash at the end, the CodeSignal sandbox beside it, and its data."""

    url: str
    sandbox: SandboxClient
    folder: Path

    def links_of(self, email: str) -> list[InterviewView]:
        """The stand-in's interviews with a candidate. It has another: the demo's first one gets a link at once."""
        return [one for one in self.sandbox.interviews() if one.candidate_email == email]

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted((self.folder / "logs").iterdir()))


@contextlib.contextmanager
def started(folder: Path, **environment: str) -> Iterator[Demo]:
    """Run a demo, from its first answer until the end of the block; then everything is stopped, whatever happened.

    Its calendars are not connected, unless `DEMO_CALENDARS` says so: busy times differ from week to week. Its database
    is migrated already where the tests' own is at hand: tests/config/test_supervisor.py starts demos from nothing.
    """
    SharedDatabase(folder / "panelist.sqlite3").take_if_there()
    settings = {"PORT": str(free_port()), "DATA_DIR": str(folder), "DEMO_CALENDARS": "false", **environment}
    with running("config.supervisor", "demo", **settings) as command:
        command.until(READY, 180)
        found = re.search(r"CodeSignal stand-in: (http://\S+)", "\n".join(command.said))
        assert found is not None, command.said
        yield Demo(f"http://localhost:{settings['PORT']}", SandboxClient(found[1]), folder)
        command.process.send_signal(signal.SIGTERM)
        command.end(60)
