"""A bench for the engine: an organization whose key talks to a sandbox, and workers that run on demand."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations import actions
from integrations.base import Account, CodingTool
from integrations.models import Integration, KeyCheck
from integrations.registry import TOOLS
from integrations.sandbox import Sandbox
from scheduling import coding_links, tasks
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule, VendorSnapshot
from tests.conftest import Team


class Crash(BaseException):
    """The sudden death of a worker: no code of the product catches it."""


@dataclass
class Workers:
    """Stand in for the broker: keep messages, and carry them out when the test says so, in any order."""

    messages: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    # Those that are to be carried out later, each with its time.
    delayed: list[tuple[datetime, tuple[str, tuple[Any, ...]]]] = field(default_factory=list)

    def keep(self, task: str, arguments: tuple[Any, ...], countdown: float | None) -> None:
        if countdown:
            self.delayed.append((timezone.now() + timedelta(seconds=countdown), (task, tuple(arguments))))
        else:
            self.messages.append((task, tuple(arguments)))

    def wake(self) -> None:
        """Add the delayed messages whose time has come to the others."""
        now = timezone.now()
        self.messages += [message for at, message in self.delayed if at <= now]
        self.delayed = [(at, message) for at, message in self.delayed if at > now]

    def lose_all(self) -> None:
        """Lose all messages, as when the broker was flushed."""
        self.messages.clear()
        self.delayed.clear()

    def do(self, message: tuple[str, tuple[Any, ...]]) -> None:
        """Run one task. A worker that dies in it loses nothing else: its message is gone, its rows stay claimed."""
        task, arguments = message
        with contextlib.suppress(Crash):
            getattr(coding_links, task)(*arguments)

    def some(self, most: int) -> None:
        """Run the oldest messages, so many of them."""
        self.wake()
        for _ in range(min(most, len(self.messages))):
            self.do(self.messages.pop(0))

    def until(self, done: Callable[[], bool], most: int = 400) -> int:
        """Run tasks in the order of their messages until `done`. Return how many that took."""
        for number in range(most):
            if done():
                return number
            self.wake()
            assert self.messages, "nothing is left to do, and it is not done"
            self.do(self.messages.pop(0))
        raise AssertionError(f"not done after {most} tasks")

    def run_all(self, most: int = 400) -> None:
        """Run tasks until no message is left but the delayed ones."""
        for _ in range(most):
            self.wake()
            if not self.messages:
                return
            self.do(self.messages.pop(0))
        raise AssertionError(f"still busy after {most} tasks: {self.messages[:5]}")


@dataclass
class Boundary:
    """The place where a vendor is called: a test can let something happen there, such as another's click, or a crash.

    Each of `before` and `after` is used up by one call, in order; None lets that call pass.
    """

    before: list[Callable[[], None] | None] = field(default_factory=list)
    after: list[Callable[[], None] | None] = field(default_factory=list)

    def call(self, question: Callable[[], Any]) -> Any:
        self._happen(self.before)
        try:
            return question()
        finally:
            self._happen(self.after)

    def _happen(self, what: list[Callable[[], None] | None]) -> None:
        if what and (deed := what.pop(0)) is not None:
            deed()


@dataclass
class Bench:
    team: Team
    sandbox: Sandbox
    integration: Integration
    workers: Workers
    clock: time_machine.Traveller
    boundary: Boundary = field(default_factory=Boundary)

    def interview(
        self, *, email: str = "ada@example.com", name: str = "Ada Byron", starts_in: timedelta = timedelta(days=2)
    ) -> Interview:
        candidate, _ = Candidate.objects.get_or_create(
            organization=self.team.organization, name=name, email=email, defaults={"time_zone": "Europe/London"}
        )
        schedule = Schedule.objects.create(organization=self.team.organization, candidate=candidate)
        start = timezone.now() + starts_in
        return Interview.objects.create(
            organization=self.team.organization,
            schedule=schedule,
            name="Coding",
            place="https://meet.example/acme",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )

    def request(self, interview: Interview | None = None, **kwargs: Any) -> CodingLink:
        return coding_links.request_link(
            interview=interview or self.interview(),
            integration=self.integration,
            actor=self.team.recruiter.user,
            **kwargs,
        )

    def disconnect(self, *, delete_links: bool = False) -> None:
        actions.disconnect(integration=self.integration, actor=self.team.admin.user, delete_links=delete_links)
        self.integration.refresh_from_db()

    def connect(self, company: str = "", company_id: str = "") -> None:
        """Connect with a new key, as the settings do; of the same company where none is named."""
        company = company or self.integration.company_name
        check = KeyCheck.objects.create(
            organization=self.team.organization,
            kind="codesignal",
            api_key=self.sandbox.make_key(company=company),
            asked_by=self.team.admin.user,
            company_change_accepted=True,
        )
        made = actions.connect(check=check, account=Account(company_id or self.integration.company_id, company, {}))
        assert made is not None
        self.integration = made

    def run(self) -> None:
        self.workers.run_all()

    def work_on_queue(self) -> None:
        """Run one task for what is due, where the sweep sends one."""
        before = len(self.workers.messages)
        coding_links.sweep()
        for message in self.workers.messages[before:]:
            self.workers.messages.remove(message)
            self.workers.do(message)

    def sweep_later(self, seconds: float) -> None:
        """Move the clock and run the sweep; what it finds is left to the workers."""
        self.clock.shift(timedelta(seconds=seconds))
        coding_links.sweep()

    def later(self, seconds: float) -> None:
        """Move the clock (the sandbox's too: same process), run the sweep, and let workers do what is due."""
        self.sweep_later(seconds)
        self.run()

    def until_settled(self, hours: float = 3) -> None:
        """Let time pass from timer to timer until nothing is in flight."""
        end = timezone.now() + timedelta(hours=hours)
        busy = [LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.CANCELLING]
        self.run()
        while timezone.now() < end:
            due = (
                CodingLink.objects.filter(state__in=busy, next_attempt_at__isnull=False)
                .order_by("next_attempt_at")
                .values_list("next_attempt_at", flat=True)
                .first()
            )
            if due is None or due > end:
                return
            self.later(max(0.01, (due - timezone.now()).total_seconds() + 0.01))

    def at_vendor(self, email: str | None = None) -> list[str]:
        """Ids of the live interviews at the vendor (of one candidate), sorted."""
        return sorted(
            one.id for one in self.sandbox.interviews(live_only=True) if email is None or one.candidate_email == email
        )

    def codes(self, link: CodingLink) -> list[str]:
        return list(link.events.order_by("id").values_list("code", flat=True))


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    made = Workers()

    def keep(name: str) -> Any:
        def apply_async(args: tuple[Any, ...], countdown: float | None = None, **_options: Any) -> None:
            made.keep(name, args, countdown)

        return apply_async

    for name in ("work_on_link", "look_up_candidate", "request_missing_links", "advance_link_run"):
        monkeypatch.setattr(getattr(tasks, name), "apply_async", keep(name))
    return made


@pytest.fixture
def boundary(monkeypatch: pytest.MonkeyPatch) -> Boundary:
    """A boundary that every call of the tool passes; the tool itself is the real one."""
    made = Boundary()

    class Watched:
        def __init__(self, tool: CodingTool) -> None:
            self._tool = tool

        def __getattr__(self, name: str) -> Any:
            method = getattr(self._tool, name)
            if not callable(method) or name.endswith("_webhook"):  # those talk to nobody
                return method
            return lambda *args, **kwargs: made.call(lambda: method(*args, **kwargs))

    entry = TOOLS["codesignal"]

    def watched(*arguments: Any, **options: Any) -> Any:
        return Watched(entry.factory(*arguments, **options))

    monkeypatch.setitem(TOOLS, "codesignal", replace(entry, factory=watched))
    return made


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.configure(queries_per_second=0, mutations_per_second=0)
        yield running


@pytest.fixture
def ticks() -> bool:
    """Whether the bench's clock runs beside the test. A module that moves the time in its tests overrides it: False."""
    return True


@pytest.fixture
def bench(
    transactional_db: None,
    team: Team,
    sandbox: Sandbox,
    workers: Workers,
    boundary: Boundary,
    settings: Any,
    ticks: bool,
) -> Iterator[Bench]:
    settings.CODESIGNAL_API_URL = sandbox.graphql_url
    settings.CODESIGNAL_TIMEOUT = 5
    key = sandbox.make_key(company="Acme Corp")
    integration = Integration.objects.create(
        organization=team.organization,
        kind="codesignal",
        state=Integration.State.CONNECTED,
        api_key=key,
        key_last4=key[-4:],
        key_version=1,
        company_id="acme",
        company_name="Acme Corp",
        write_ceiling=1000,
        read_ceiling=1000,
        write_rate=1000,
        read_rate=1000,
    )
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=timezone.get_current_timezone()), tick=ticks) as clock:
        Integration.objects.update(next_write_at=timezone.now(), next_read_at=timezone.now())
        yield Bench(team, sandbox, integration, workers, clock, boundary)
    VendorSnapshot.objects.all().delete()


@pytest.fixture
def post(bench: Bench, client: Client, settings: Any) -> Callable[..., int]:
    """Post a body as CodeSignal would, signed for the public address unless `signature` says otherwise."""
    settings.BASE_URL = "https://panelist.example"

    integration = Integration.objects.get()

    def send(body: dict[str, Any] | str, *, signature: str | None = None, end: str = "/") -> int:
        path = f"/hooks/codesignal/{integration.webhook_token}{end}"
        text = body if isinstance(body, str) else json.dumps(body)
        if signature is None and isinstance(body, dict):
            signed = f"https://panelist.example{path}{body.get('event')}{body.get('triggeredOn')}"
            signature = hmac.new(integration.webhook_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        headers = {"X-CodeSignal-Signature": signature or ""}
        return client.post(path, text, content_type="application/json", headers=headers).status_code

    return send


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many cells of the fault matrix held, and on which database."""
    cells = {
        outcome: sum("test_fault_matrix.py::test_cell" in getattr(report, "nodeid", "") for report in reports)
        for outcome, reports in terminalreporter.stats.items()
        if outcome in {"passed", "failed", "error"}
    }
    if total := sum(cells.values()):
        terminalreporter.write_line(
            f"fault matrix on {connection.vendor}: {cells.get('passed', 0)} of {total} cells held"
        )
