"""The sandbox from another process: the controls of `Sandbox`, over `POST /_control`."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from integrations.sandbox.calendars.by_hand import EntryView
from integrations.sandbox.limits import RequestRecord
from integrations.sandbox.model import InterviewView
from integrations.sandbox.remote import ACTIONS, PROPERTIES
from integrations.sandbox.webhooks import Webhook

PROJECT = Path(__file__).resolve().parents[2]
ENDS_WITHIN = 20.0
ANSWERS_WITHIN = 60.0
#: The class of the rows in an action's answer; the answers of other actions are plain.
ROWS: dict[str, Callable[..., object]] = {
    "add_interview": InterviewView,
    "interviews": InterviewView,
    "requests": RequestRecord,
    "add_webhook": Webhook,
    "webhook_states": Webhook,
    "add_calendar_entry": EntryView,
    "answer_calendar_entry": EntryView,
    "calendar_entries": EntryView,
    "delete_calendar_entry": EntryView,
    "move_calendar_entry": EntryView,
}


class ControlError(Exception):
    """The sandbox did not do it; the text says why."""


class SandboxClient:
    """Controls the sandbox at `url`. Has the methods and properties of `Controls` that `remote.ACTIONS` names."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    @property
    def graphql_url(self) -> str:
        """The value for CODESIGNAL_API_URL."""
        return f"{self.url}/graphql"

    def __getattr__(self, name: str) -> Any:
        if name in PROPERTIES:
            return self.call(name)
        if name in ACTIONS:
            return partial(self.call, name)
        raise AttributeError(name)

    def call(self, action: str, *positional: Any, **arguments: Any) -> Any:
        """One control call. Raises ControlError when it is refused, OSError when nobody listens."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=ANSWERS_WITHIN)
        try:
            body = json.dumps({"action": action, "positional": positional, "arguments": arguments})
            connection.request("POST", "/_control", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "result" not in answer:
            raise ControlError(answer["error"])
        result, row = answer["result"], ROWS.get(action)
        if row is None:
            return result
        return [row(**each) for each in result] if isinstance(result, list) else row(**result)


class SandboxProcess(SandboxClient):
    """A sandbox in a process of its own, which can be killed and started again on the same port and state.

    `options` go to the command as they are, e.g. ("--latency-ms", "300").
    """

    def __init__(self, state_path: str | Path | None = None, *, port: int = 0, options: Sequence[str] = ()) -> None:
        super().__init__("")
        self._port = port
        self._options = (*options, *(("--state", str(Path(state_path).absolute())) if state_path else ()))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it and return once it listens. Raises ControlError when it ends instead."""
        # The command is our own, with the interpreter that runs us.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "integrations.sandbox", "--port", str(self._port), *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=PROJECT,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.kill()
            raise ControlError("The sandbox did not start.")
        self.url = line.split()[-1]
        self._port = urlsplit(self.url).port or 0
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a supervisor would and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        process.communicate(timeout=ENDS_WITHIN)
        return process.returncode

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
