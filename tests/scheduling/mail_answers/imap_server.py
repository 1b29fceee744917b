"""A real IMAP server as a process of its own: pymap, in memory, on 127.0.0.1."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.child import die_with_parent
from tests.services import free_port

USER, PASSWORD = "demouser", "demopass"
_FOLDER = "Answers"


@dataclass
class ImapServer:
    """The server, running or not. Its folder is empty at each start, and has another UIDVALIDITY."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        pymap = str(Path(sys.executable).with_name("pymap"))
        command = [pymap, "--host", "127.0.0.1", "--port", str(self.port), "--no-tls"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "dict", "--demo-data"], stdout=log, stderr=log, preexec_fn=die_with_parent
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                self._talk("CREATE")
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def put(self, raw: bytes) -> None:
        """Deliver a mail."""
        self._talk("APPEND", raw)

    def _talk(self, what: str, raw: bytes = b"") -> None:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as client:
            client.login(USER, PASSWORD)
            if what == "CREATE":
                client.create(_FOLDER)
            else:
                state, said = client.append(_FOLDER, "", None, raw)
                assert state == "OK", said

    def flags(self) -> list[bytes]:
        """The flags of all mails, as the server tells them."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as client:
            client.login(USER, PASSWORD)
            client.select(_FOLDER, readonly=True)
            return [one for one in client.fetch("1:*", "(FLAGS)")[1] if isinstance(one, bytes)]
