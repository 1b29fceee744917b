"""Panelist as `make run` starts it. What it stands on is killed, and each request still ends with one working link."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis import Redis

from integrations.sandbox import Sandbox
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule
from tests import services
from tests.config.running import Running, below, command_line, running, wait_until
from tests.conftest import Team
from tests.integrations.conftest import make_connected

pytestmark = [
    pytest.mark.services,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(240),
]

WORKER, BEAT, WEB = " worker --pool ", " beat --loglevel ", " config.web --host "
TOKEN = "c" * 32


@dataclass
class Installation:
    """A supervisor with its web server, worker and beat, on the tests' database and a Redis of its own."""

    team: Team
    sandbox: Sandbox
    broker: services.Server
    command: Running
    address: str

    def click(self, interview: Interview) -> int:
        """Click as a recruiter. Return the status of the answer; raise ConnectionError when there is none."""
        client = Client()
        client.force_login(self.team.recruiter.user)
        return requests.post(
            f"{self.address}{self.team.url(f'interviews/{interview.pk}/links/codesignal/add/')}",
            headers={"X-CSRFToken": TOKEN},
            cookies={"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN},
            timeout=60,
        ).status_code

    def pids(self, words: str) -> list[int]:
        return [pid for pid in sorted(below(self.command.pid)) if words in command_line(pid)]

    def kill(self, words: str) -> None:
        """Kill the supervisor's own child. Return when the supervisor has noticed."""
        os.kill(self.pids(words)[0], signal.SIGKILL)
        self.command.until("was killed by SIGKILL. It restarts", 30)

    def messages(self) -> int:
        waiting = Redis.from_url(self.broker.address).llen("celery")
        assert isinstance(waiting, int)
        return waiting

    @contextmanager
    def worker_held(self) -> Iterator[None]:
        """Stop the workers: they take no message until the end of the block."""
        workers = self.pids(WORKER)
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        yield
        for worker in workers:
            os.kill(worker, signal.SIGCONT)

    def await_one_link_each(self, interviews: list[Interview]) -> None:
        """Wait until each interview has a working link, which is the vendor's, and the vendor has no other."""
        wait_until(lambda: ready() == {one.pk for one in interviews}, 90, "a working link for each")
        there = {one.id: one.url for one in self.sandbox.interviews(live_only=True)}
        assert dict(CodingLink.objects.order_by("id").values_list("external_id", "url")) == there
        assert len(there) == len(interviews)


def ready() -> set[int | None]:
    return set(CodingLink.objects.filter(state=LinkState.READY).values_list("interview_id", flat=True))


def interviews(team: Team, count: int) -> list[Interview]:
    """Make interviews, each of a candidate of its own."""
    start, made = timezone.now() + timedelta(days=2), []
    for number in range(count):
        candidate = Candidate.objects.create(
            organization=team.organization, name=f"Candidate {number}", email=f"candidate{number}@example.com"
        )
        schedule = Schedule.objects.create(organization=team.organization, candidate=candidate)
        fields: dict[str, Any] = {"starts_at": start, "ends_at": start + timedelta(hours=1), "name": "Coding"}
        made.append(Interview.objects.create(organization=team.organization, schedule=schedule, **fields))
    return made


@pytest.fixture
def installation(transactional_db: None, team: Team, settings: Any, tmp_path: Path) -> Iterator[Installation]:
    port = services.free_port()
    database = f"{os.environ['TEST_DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    with Sandbox() as sandbox, services.redis(tmp_path / "redis") as broker:
        make_connected(team, api_key=sandbox.make_key(company="Acme Corp"))
        values = {
            "PORT": str(port),
            "DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": database,
            "REDIS_URL": broker.address,
            "SECRET_KEY": settings.SECRET_KEY,
            "FERNET_KEYS": ",".join(settings.FERNET_KEYS),
            "CODESIGNAL_API_URL": sandbox.graphql_url,
            "CODESIGNAL_TIMEOUT": "4",
            "LINK_SETTLE_SECONDS": "5",
        }
        with running("config.supervisor", "run", **values) as command:
            command.until("Ctrl-C stops everything", 120)
            yield Installation(team, sandbox, broker, command, f"http://127.0.0.1:{port}")


def test_redis_dies_with_messages_in_it_and_comes_back_empty(installation: Installation) -> None:
    wanted = interviews(installation.team, 4)
    with installation.worker_held():
        assert [installation.click(one) for one in wanted[:3]] == [200] * 3
        wait_until(lambda: installation.messages() > 0, 30, "a message")
        installation.broker.kill()
    assert installation.click(wanted[3]) == 200
    installation.broker.start()
    assert installation.messages() == 0
    installation.await_one_link_each(wanted)


def test_beat_dies_with_the_only_messages(installation: Installation) -> None:
    wanted = interviews(installation.team, 2)
    broker = Redis.from_url(installation.broker.address)
    with installation.worker_held():
        # It waits at Redis for its next message and would be handed the first one, held or not.
        broker.client_kill_filter(_type="normal", skipme=True)
        assert [installation.click(one) for one in wanted] == [200] * 2
        wait_until(lambda: installation.messages() > 0, 30, "a message")
        installation.kill(BEAT)
        broker.flushall()
    installation.await_one_link_each(wanted)


def test_the_web_server_dies_before_it_has_answered_a_click_that_was_taken(installation: Installation) -> None:
    [interview] = interviews(installation.team, 1)
    broker = installation.broker.process
    assert broker is not None
    # Once the click is committed, Redis is told of it: there it waits.
    broker.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as person:
        click = person.submit(installation.click, interview)
        wait_until(CodingLink.objects.exists, 30, "the click's row")
        assert not click.done()
        installation.kill(WEB)
        with pytest.raises(requests.ConnectionError):
            click.result(30)
    broker.send_signal(signal.SIGCONT)
    wait_until(lambda: answers(installation, interview), 60, "an answer to the second click")
    installation.await_one_link_each([interview])


def answers(installation: Installation, interview: Interview) -> bool:
    try:
        return installation.click(interview) == 200
    except requests.ConnectionError:
        return False


def test_a_stop_lets_a_create_that_is_on_its_way_come_to_its_end(installation: Installation) -> None:
    [interview] = interviews(installation.team, 1)
    installation.sandbox.configure(latency=1.5)
    assert installation.click(interview) == 200
    assert installation.sandbox.wait_for_requests(1, "createLiveInterview", timeout=60)
    installation.command.process.send_signal(signal.SIGTERM)
    assert installation.command.end(60) == 0
    assert "The worker was stopped before it finished its work." not in installation.command.said
    link = CodingLink.objects.get()
    assert link.state == LinkState.READY
    assert list(link.events.order_by("id").values_list("code", flat=True)) == ["asked", "sent", "made"]


def test_a_stop_takes_nothing_new_and_leaves_nothing_half_done(installation: Installation) -> None:
    wanted = interviews(installation.team, 12)
    installation.sandbox.configure(latency=1.5)
    assert [installation.click(one) for one in wanted] == [200] * 12
    assert installation.sandbox.wait_for_requests(1, "createLiveInterview", timeout=60)
    installation.command.process.send_signal(signal.SIGTERM)
    assert installation.command.end(60) == 0
    assert "The worker was stopped before it finished its work." not in installation.command.said
    found = dict(CodingLink.objects.order_by("id").values_list("pk", "state"))
    assert set(found.values()) == {LinkState.READY, LinkState.PENDING}
    there = {one.id for one in installation.sandbox.interviews(live_only=True)}
    assert set(CodingLink.objects.filter(state=LinkState.READY).values_list("external_id", flat=True)) == there
