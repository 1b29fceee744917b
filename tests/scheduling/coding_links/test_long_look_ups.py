"""A look-up of many pages keeps to the rate limit with every page, and ends: at a slow vendor, on a slow machine.

Time is told by the test's clock alone, so that this machine's own speed does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from django.utils import timezone

from integrations import rate_limit
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.test_rate_limit import set_rate
from tests.thorough import mostly

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

# Interviews that the vendor has for one candidate already, and the requests that it takes to see them all.
MANY, REQUESTS = 330, 7


@pytest.fixture
def ticks() -> bool:
    return False


@dataclass
class Slowness:
    """How slow everything is, in seconds: a sleep lasts too long by `late`, an `answer` takes so long.

    The sweeper and other workers run at the same time. The worker that is about to send request `dies_at` dies.
    """

    bench: Bench
    late: float = 0
    answer: float = 0
    dies_at: int = 0
    depth: int = 0
    sent_at: list[datetime] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.bench.clock.shift(timedelta(seconds=seconds + self.late))

    def before_post(self) -> None:
        self.sent_at.append(timezone.now())
        if len(self.sent_at) == self.dies_at:
            raise Crash
        self.bench.clock.shift(timedelta(seconds=self.answer))
        if self.depth < 3:
            self.depth += 1
            coding_links.sweep()
            self.bench.workers.some(2)
            self.depth -= 1


@pytest.fixture
def slowness(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Slowness:
    """Let sleeps, and answers of the vendor, take as long as the test says, by the test's clock."""
    made, real_request = Slowness(bench), requests.Session.request

    def request(*args: Any, **kwargs: Any) -> requests.Response:
        made.before_post()
        return real_request(*args, **kwargs)

    monkeypatch.setattr(rate_limit, "time", SimpleNamespace(sleep=made.sleep))
    monkeypatch.setattr(requests.Session, "request", request)
    return made


def many(bench: Bench, email: str | None) -> None:
    for number in range(MANY):
        bench.sandbox.add_interview(candidate_email=email, candidate_name=f"Ada {number}")


def queries(bench: Bench) -> int:
    return sum(request.kind == "query" for request in bench.sandbox.requests)


@pytest.mark.parametrize("late", [0, 0.05, 0.9])
@pytest.mark.parametrize("answer", [0, 2, 4.5])
@pytest.mark.parametrize("rate", mostly([0.1, 1, 10], 1))
def test_a_look_up_of_many_pages_ends(
    bench: Bench, slowness: Slowness, rate: float, answer: float, late: float
) -> None:
    many(bench, "ada@example.com")
    set_rate(bench.integration, rate)
    slowness.late, slowness.answer = late, answer
    link = bench.request()
    bench.until_settled(hours=0.5)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert link.known_ids is not None and len(link.known_ids) == MANY
    assert queries(bench) <= REQUESTS + 1
    *look_up, _create = slowness.sent_at
    assert all(after - before >= timedelta(seconds=1 / rate) for before, after in pairwise(look_up))


def test_those_without_an_address_share_one_long_look_up(bench: Bench, slowness: Slowness) -> None:
    many(bench, None)
    slowness.answer = 2
    waiting = [bench.request(bench.interview(email="", name=f"Nobody {number}")) for number in range(5)]
    bench.until_settled(hours=0.5)
    assert [CodingLink.objects.get(pk=link.pk).state for link in waiting] == [LinkState.READY] * 5
    assert queries(bench) == 4  # of a hundred each


def test_a_lost_answer_is_settled_by_a_long_look_up_at_a_slow_vendor(bench: Bench, slowness: Slowness) -> None:
    many(bench, "ada@example.com")
    slowness.late, slowness.answer = 0.05, 4
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    bench.until_settled(hours=0.5)
    assert bench.codes(link) == ["asked", "sent", "answer_lost", "found"]
    assert queries(bench) <= 2 * REQUESTS + 1


def test_a_worker_that_dies_within_a_long_look_up_is_missed_in_time(bench: Bench, slowness: Slowness) -> None:
    """However long the look-up would have taken: each page is a sign of life, and its absence is noticed."""
    many(bench, "ada@example.com")
    set_rate(bench.integration, 0.1)
    slowness.answer, slowness.dies_at = 2, 4
    link = bench.request()
    bench.workers.do(bench.workers.messages.pop(0))
    died_at = timezone.now()
    bench.workers.lose_all()
    again_at = CodingLink.objects.get(pk=link.pk).next_attempt_at
    assert again_at is not None
    assert died_at < again_at <= died_at + timedelta(seconds=60)
    bench.later((again_at - died_at).total_seconds() + 1)
    bench.until_settled(hours=0.5)
    assert CodingLink.objects.get(pk=link.pk).state == LinkState.READY


def test_a_slow_pace_does_not_give_up_a_slot_that_nobody_follows(bench: Bench) -> None:
    set_rate(bench.integration, 0.5)
    slot = rate_limit.reserve(bench.integration.pk, "read", max_wait=0)
    bench.clock.shift(timedelta(seconds=0.5))
    used_at = timezone.now()
    rate_limit.wait_until(bench.integration.pk, "read", slot, max_wait=0)
    assert rate_limit.reserve(bench.integration.pk, "read", max_wait=9) - used_at >= timedelta(seconds=2)
