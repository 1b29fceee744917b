"""A row is worked on by one worker at a time, and a key has few workers: whoever asks, and however often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from scheduling import coding_links
from scheduling.coding_links.queue import MAX_CLAIMS, MAX_CREATING, MAX_TOGETHER
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def between_reading_and_writing(act: Callable[[], None]) -> Callable[..., Any]:
    """Let `act` happen right before the next UPDATE of a link is carried out."""
    waiting = [act]

    def hook(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "scheduling_codinglink" in sql and waiting:
            waiting.pop()()
        return execute(sql, params, many, context)

    return hook


def waiting(bench: Bench, number: int) -> list[CodingLink]:
    """Request links that a plan asks for: the sweep finds them."""
    people = [bench.interview(name=f"Ada {one}", email=f"ada{one}@example.com") for one in range(number)]
    return [bench.request(interview, by_default=True) for interview in people]


def operations(bench: Bench) -> list[str]:
    return [request.operation or "" for request in bench.sandbox.requests]


def claims() -> list[int]:
    """How many rows each claim has."""
    claimed = CodingLink.objects.filter(next_attempt_at__gt=timezone.now()).exclude(claim="")
    return list(Counter(claimed.values_list("claim", flat=True)).values())


@pytest.mark.parametrize("overlap", [True, False], ids=["at the same moment", "one after the other"])
def test_a_message_that_comes_twice_is_worth_something_once(bench: Bench, overlap: bool) -> None:
    [link] = waiting(bench, 1)
    bench.sweep_later(10)
    [message] = bench.workers.messages
    bench.workers.lose_all()
    if overlap:
        with connection.execute_wrapper(between_reading_and_writing(lambda: bench.workers.do(message))):
            bench.workers.do(message)
    else:
        bench.workers.do(message)
        bench.workers.do(message)
    link.refresh_from_db()
    assert (link.state, bench.at_vendor()) == (LinkState.READY, [link.external_id])
    assert operations(bench) == ["liveInterviews", "createLiveInterview"]


def test_of_two_who_want_the_next_link_each_gets_one_of_its_own(bench: Bench) -> None:
    links = waiting(bench, 2)
    bench.workers.lose_all()
    with connection.execute_wrapper(between_reading_and_writing(bench.work_on_queue)):
        bench.work_on_queue()
    bench.until_settled()
    assert [CodingLink.objects.get(pk=link.pk).state for link in links] == [LinkState.READY] * 2
    assert operations(bench).count("createLiveInterview") == len(links)


def test_however_many_ask_one_key_has_few_claims_of_few_links(bench: Bench) -> None:
    links = waiting(bench, 4 * MAX_CREATING * MAX_TOGETHER)
    seen: list[list[int]] = []

    def ask_again() -> None:
        for _ in range(3):
            bench.work_on_queue()
            coding_links.sweep()
        seen.append(claims())

    bench.boundary.before = [None, *[ask_again] * 3]
    for _ in range(3 * MAX_CLAIMS):
        bench.work_on_queue()
        seen.append(claims())
    # Besides those that create, one may look candidates up.
    assert MAX_CREATING <= max(len(each) for each in seen) <= MAX_CREATING + 1 <= MAX_CLAIMS
    assert max(rows for each in seen for rows in each) == MAX_TOGETHER
    bench.until_settled()
    assert CodingLink.objects.filter(state=LinkState.READY).count() == len(links)
    assert operations(bench).count("createLiveInterview") == len(links)


def test_a_lost_message_delays_its_link_by_a_lease(bench: Bench) -> None:
    [link] = waiting(bench, 1)
    bench.sweep_later(10)
    bench.workers.lose_all()
    bench.sweep_later(1)
    assert bench.workers.messages == []
    bench.later(20)
    link.refresh_from_db()
    assert link.state == LinkState.READY
