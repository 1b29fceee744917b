"""The sandbox as one object, for tests and benchmarks in the same process and for the command."""

from __future__ import annotations

import dataclasses
import ipaddress
import threading
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Self

from integrations.sandbox.faults import ANY, Fault, FaultPlan
from integrations.sandbox.gateway import Answer, Gateway, error_answer
from integrations.sandbox.limits import RequestRecord
from integrations.sandbox.model import (
    ALL,
    DEFAULT_COMPANY,
    EVENTS,
    MAX_HOURS,
    Handshake,
    InterviewView,
    RateAnswer,
    Refusal,
    Settings,
)
from integrations.sandbox.server import Request, Server
from integrations.sandbox.vendor import Vendor
from integrations.sandbox.webhooks import Webhook, Webhooks

# More than any setting can sensibly be; keeps infinities out of waits.
MOST = 1_000_000


class NotLoopback(ValueError):
    """The sandbox has no sign-in, so it listens on this machine only unless a demo asks for more."""


class Sandbox:
    """A local CodeSignal. See the package's docstring for how to use it.

    `latency` and `hold` are seconds, rates are requests per second and key (0: no limit). `webhook_speed`
    divides every wait between webhook deliveries. `base_url` is what links start with, where it is not the
    server's own.
    """

    def __init__(
        self,
        state_path: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_url: str = "",
        demo: bool = False,
        latency: float = 0.0,
        queries_per_second: int = 10,
        mutations_per_second: int = 5,
        rate_answer: RateAnswer = RateAnswer.RETRY_AFTER,
        bad_key_answer: Refusal = Refusal.UNAUTHORIZED,
        denied_answer: Refusal = Refusal.ERRORS,
        hold: float = 30.0,
        webhook_speed: float = 1.0,
        handshake: Handshake = Handshake.NOTHING,
    ) -> None:
        if not demo and not is_loopback(host):
            raise NotLoopback("The sandbox listens on a loopback address only, unless it is started for a demo.")
        self.settings = Settings(
            latency=latency,
            queries_per_second=queries_per_second,
            mutations_per_second=mutations_per_second,
            rate_answer=rate_answer,
            bad_key_answer=bad_key_answer,
            denied_answer=denied_answer,
            hold=hold,
            webhook_speed=webhook_speed,
            handshake=handshake,
        )
        self._host, self._port, self._base_url = host, port, base_url.rstrip("/")
        self._stopping = threading.Event()
        self._server: Server | None = None
        self.vendor = Vendor(state_path)
        self.faults = FaultPlan()
        self.webhooks = Webhooks(self.vendor, self.settings)
        self.gateway = Gateway(self.vendor, self.settings, self.faults, self._stopping)

    # Life

    def start(self) -> Self:
        """Binds, and serves in threads. Raises OSError when the port is taken."""
        from integrations.sandbox.routes import Routes

        pages = Routes(self)

        def app(request: Request) -> Answer | None:
            if request.path != "/graphql":
                return pages.answer(request)
            if request.method != "POST":
                return error_answer(405, "Use POST.", headers={"Allow": "POST"})
            return self.gateway.answer(request.headers.get("Authorization"), request.body, request.arrived)

        self._server = Server((self._host, self._port), app)
        self._port = self._server.server_port
        self.vendor.base_url = self._base_url or self.url
        self.webhooks.start()
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
        ).start()
        return self

    def stop(self) -> None:
        """Ends all connections and threads and closes the state. Requests in flight get no answer."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.end_connections()
            self._server.server_close()
            self._server = None
        self.webhooks.stop()
        with self.vendor.lock:
            self.vendor.journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def graphql_url(self) -> str:
        """What CODESIGNAL_API_URL is to be."""
        return f"{self.url}/graphql"

    # Keys and interviews

    def make_key(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        permissions: Sequence[str] = ALL,
        description: str = "",
        key: str = "",
    ) -> str:
        """A new key of the company, which is made when it is new. `key` fixes its text."""
        return self.vendor.make_key(company=company, permissions=permissions, description=description, key=key)

    def key_id(self, key: str) -> str:
        """What the request log calls this key. Raises KeyError for an unknown or revoked one."""
        record = self.vendor.find_key(key)
        if record is None:
            raise KeyError("There is no such key.")
        return record.id

    def revoke(self, key: str) -> None:
        """Ends a key, as when its owner's account is deactivated."""
        self.vendor.revoke(key)

    def add_template(self, name: str, *, company: str = DEFAULT_COMPANY) -> str:
        """One more interview template; returns its id."""
        return self.vendor.add_template(name, company=company)

    def templates(self, *, company: str = DEFAULT_COMPANY) -> dict[str, str]:
        """Names by id."""
        owner = self.vendor.company_named(company)
        return {template.id: template.name for template in self.vendor.company_templates(owner.id)}

    def interviews(self, *, company: str | None = None, live_only: bool = True) -> list[InterviewView]:
        """Copies, in the order they were made; of all companies when none is named."""
        return self.vendor.interviews(company=company, live_only=live_only)

    def add_interview(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        candidate_email: str | None = None,
        candidate_name: str | None = None,
        hours: float = MAX_HOURS,
        template_id: str | None = None,
    ) -> InterviewView:
        """An interview that somebody else made by hand."""
        return self.vendor.add_interview(
            company=company,
            candidate_email=candidate_email,
            candidate_name=candidate_name,
            hours=hours,
            template_id=template_id,
        )

    def start_interview(self, interview_id: str) -> None:
        """Pending becomes active."""
        self.vendor.start_interview(interview_id)

    def finish(self, interview_id: str) -> None:
        """The interviewer ends it; webhooks are told."""
        self.vendor.finish(interview_id)

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
        """Sets one interviewer's feedback; webhooks are told."""
        self.vendor.leave_feedback(
            interview_id,
            author=author,
            notes=notes,
            evaluation=evaluation,
            recommended_level=recommended_level,
            scores=scores,
        )

    def delete(self, interview_id: str) -> None:
        """Somebody deletes the interview at the vendor by hand."""
        self.vendor.delete_by_hand(interview_id)

    def advance(self, seconds: float) -> None:
        """Moves the vendor's clock ahead, so that interviews expire."""
        self.vendor.advance(seconds)

    # Webhooks

    def add_webhook(
        self, url: str, *, company: str = DEFAULT_COMPANY, events: Sequence[str] = EVENTS, secret: str = ""
    ) -> Webhook:
        """Saves a webhook; its URL must answer the empty payload. Returns it with its secret."""
        return self.webhooks.save(url=url, company=company, events=events, secret=secret)

    def webhook_states(self) -> list[Webhook]:
        """The webhooks as they are now."""
        return self.webhooks.all()

    def wait_webhooks_idle(self, timeout: float = 10.0) -> bool:
        """Waits until no event is left to deliver; false when that takes longer."""
        return self.webhooks.wait_idle(timeout)

    # Switches, faults and the log

    def configure(self, **changes: Any) -> None:
        """Changes settings by the names of `Settings`. Raises ValueError for an unknown name or a bad
        value.
        """
        known = {each.name for each in dataclasses.fields(Settings)}
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"Unknown setting. Use some of: {', '.join(sorted(known))}.")
            old = getattr(self.settings, name)
            checked[name] = type(old)(value) if isinstance(old, Enum | float | int) else value
            if isinstance(old, float | int) and not 0 <= checked[name] <= MOST:
                raise ValueError(f"{name} must be from 0 to {MOST:,}.")
        if checked.get("webhook_speed") == 0:
            raise ValueError("webhook_speed must be above 0.")
        for name, value in checked.items():
            setattr(self.settings, name, value)

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
        """Programs a fault: the next `times` requests, or each with a probability. Returns the rule's
        number.
        """
        return self.faults.add(
            fault,
            operation=operation,
            times=times,
            probability=probability,
            seed=seed,
            hold=hold,
            retry_after=retry_after,
        )

    def clear_faults(self) -> None:
        """Takes all rules away."""
        self.faults.clear()

    @property
    def faults_fired(self) -> dict[str, int]:
        """How often each fault struck, by its value."""
        return dict(self.faults.fired)

    @property
    def requests(self) -> list[RequestRecord]:
        """The log, oldest first."""
        return self.gateway.log.records()

    @property
    def refused_by_rate_limit(self) -> int:
        """How many requests the rate limit refused."""
        return self.gateway.log.refused_by_rate_limit()

    def max_in_any_second(self, kind: str | None = None, key_id: str | None = None) -> int:
        """The most requests of one key in any one second. `kind`: "query", "mutation" or None for both."""
        return self.gateway.log.max_in_any_second(kind, key_id)

    def wait_for_requests(
        self, count: int, operation: str | None = None, *, answered: bool = False, timeout: float = 10.0
    ) -> bool:
        """Waits until so many requests have arrived (or have been answered) since the log was last
        forgotten.
        """
        return self.gateway.log.wait(count, operation, answered=answered, timeout=timeout)

    def forget_requests(self) -> None:
        """Empties the log and the rate limit's windows."""
        self.gateway.log.clear()
        self.gateway.limiter.forget()


def is_loopback(host: str) -> bool:
    """True for 127.0.0.0/8, ::1 and localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
