"""The sandbox from another process: the same methods as `Sandbox`, over `POST /_control`."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from integrations.sandbox.faults import ANY, Fault
from integrations.sandbox.limits import RequestRecord
from integrations.sandbox.model import ALL, DEFAULT_COMPANY, EVENTS, MAX_HOURS, InterviewView
from integrations.sandbox.webhooks import Webhook

PROJECT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 20.0
ANSWERS_WITHIN = 60.0


class ControlError(Exception):
    """The sandbox did not do it; the text says why."""


class SandboxClient:
    """Controls the sandbox at `url`. Each method is the one of the same name in `Sandbox`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    @property
    def graphql_url(self) -> str:
        """What CODESIGNAL_API_URL is to be."""
        return f"{self.url}/graphql"

    def call(self, action: str, **arguments: Any) -> Any:
        """One control call. Raises ControlError when it is refused, OSError when nobody listens."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=ANSWERS_WITHIN)
        try:
            body = json.dumps({"action": action, "arguments": arguments})
            connection.request("POST", "/_control", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "result" not in answer:
            raise ControlError(str(answer.get("error", "The sandbox gave no answer.")))
        return answer["result"]

    def make_key(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        permissions: Sequence[str] = ALL,
        description: str = "",
        key: str = "",
    ) -> str:
        return str(
            self.call("make_key", company=company, permissions=list(permissions), description=description, key=key)
        )

    def key_id(self, key: str) -> str:
        return str(self.call("key_id", key=key))

    def revoke(self, key: str) -> None:
        self.call("revoke", key=key)

    def add_template(self, name: str, *, company: str = DEFAULT_COMPANY) -> str:
        return str(self.call("add_template", name=name, company=company))

    def templates(self, *, company: str = DEFAULT_COMPANY) -> dict[str, str]:
        return dict(self.call("templates", company=company))

    def interviews(self, *, company: str | None = None, live_only: bool = True) -> list[InterviewView]:
        return [InterviewView(**row) for row in self.call("interviews", company=company, live_only=live_only)]

    def add_interview(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        candidate_email: str | None = None,
        candidate_name: str | None = None,
        hours: float = MAX_HOURS,
        template_id: str | None = None,
    ) -> InterviewView:
        row = self.call(
            "add_interview",
            company=company,
            candidate_email=candidate_email,
            candidate_name=candidate_name,
            hours=hours,
            template_id=template_id,
        )
        return InterviewView(**row)

    def start_interview(self, interview_id: str) -> None:
        self.call("start_interview", interview_id=interview_id)

    def finish(self, interview_id: str) -> None:
        self.call("finish", interview_id=interview_id)

    def leave_feedback(
        self,
        interview_id: str,
        *,
        author: str = "Sam Interviewer",
        notes: str = "",
        evaluation: str = "",
        recommended_level: str = "",
        scores: Mapping[str, int] | None = None,
    ) -> None:
        self.call(
            "leave_feedback",
            interview_id=interview_id,
            author=author,
            notes=notes,
            evaluation=evaluation,
            recommended_level=recommended_level,
            scores=dict(scores or {}),
        )

    def delete(self, interview_id: str) -> None:
        self.call("delete", interview_id=interview_id)

    def advance(self, seconds: float) -> None:
        self.call("advance", seconds=seconds)

    def add_webhook(
        self, url: str, *, company: str = DEFAULT_COMPANY, events: Sequence[str] = EVENTS, secret: str = ""
    ) -> Webhook:
        return Webhook(**self.call("add_webhook", url=url, company=company, events=list(events), secret=secret))

    def webhook_states(self) -> list[Webhook]:
        return [Webhook(**row) for row in self.call("webhook_states")]

    def wait_webhooks_idle(self, timeout: float = 10.0) -> bool:
        return bool(self.call("wait_webhooks_idle", timeout=timeout))

    def configure(self, **changes: Any) -> None:
        self.call("configure", **changes)

    def fault(
        self,
        fault: Fault,
        *,
        operation: str = ANY,
        times: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        hold: float | None = None,
        retry_after: int = 1,
    ) -> int:
        return int(
            self.call(
                "fault",
                fault=fault.value,
                operation=operation,
                times=times,
                probability=probability,
                seed=seed,
                hold=hold,
                retry_after=retry_after,
            )
        )

    def clear_faults(self) -> None:
        self.call("clear_faults")

    @property
    def faults_fired(self) -> dict[str, int]:
        return dict(self.call("faults_fired"))

    @property
    def requests(self) -> list[RequestRecord]:
        return [RequestRecord(**row) for row in self.call("requests")]

    @property
    def refused_by_rate_limit(self) -> int:
        return int(self.call("refused_by_rate_limit"))

    def max_in_any_second(self, kind: str | None = None, key_id: str | None = None) -> int:
        return int(self.call("max_in_any_second", kind=kind, key_id=key_id))

    def wait_for_requests(
        self, count: int, operation: str | None = None, *, answered: bool = False, timeout: float = 10.0
    ) -> bool:
        return bool(
            self.call("wait_for_requests", count=count, operation=operation, answered=answered, timeout=timeout)
        )

    def forget_requests(self) -> None:
        self.call("forget_requests")


class SandboxProcess(SandboxClient):
    """A sandbox in a process of its own, which can be killed and started again on the same port and state.

    `options` go to the command as they are, e.g. ("--latency-ms", "300").
    """

    def __init__(self, state_path: str | Path | None = None, *, port: int = 0, options: Sequence[str] = ()) -> None:
        super().__init__("")
        self._state_path, self._port, self._options = state_path, port, tuple(options)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Starts it and returns once it listens. Raises ControlError when it ends or says nothing."""
        command = [sys.executable, "-m", "integrations.sandbox", "--port", str(self._port), *self._options]
        if self._state_path is not None:
            command += ["--state", str(self._state_path)]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        # The command is our own, with the interpreter that runs us.
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        self._process = process
        watchdog = threading.Timer(STARTS_WITHIN, process.kill)
        watchdog.start()
        try:
            line = process.stdout.readline() if process.stdout else ""
        finally:
            watchdog.cancel()
        if not line.startswith("Sandbox listening on "):
            self.kill()
            raise ControlError("The sandbox did not start.")
        self.url = line.split()[-1]
        self._port = urlsplit(self.url).port or 0
        return self

    @property
    def pid(self) -> int:
        """The process's id. Raises ControlError when it does not run."""
        if self._process is None:
            raise ControlError("The sandbox does not run.")
        return self._process.pid

    def stop(self) -> int:
        """Ends it as a supervisor would and returns its exit code."""
        return self._end(kill=False)

    def kill(self) -> None:
        """Ends it without warning, as a power cut would."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if kill:
            process.kill()
        else:
            process.terminate()
        code = process.wait(STARTS_WITHIN)
        if process.stdout:
            process.stdout.close()
        return code

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
