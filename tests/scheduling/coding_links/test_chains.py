"""A chain's one message is worth something once, also when two workers have it at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from scheduling.coding_links import worker_slots
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def between_reading_and_writing(deed: Callable[[], None]) -> Callable[..., Any]:
    """Lets `deed` happen right before the next UPDATE of a chain is carried out."""
    waiting = [deed]

    def hook(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "scheduling_chain" in sql and waiting:
            waiting.pop()()
        return execute(sql, params, many, context)

    return hook


@pytest.mark.parametrize("way", [worker_slots.take_up, worker_slots.go_on])
def test_of_two_workers_with_the_same_message_one_goes_on(bench: Bench, way: Callable[[int, str], str | None]) -> None:
    key = bench.integration.pk
    token = worker_slots.begin(key)
    assert token is not None
    got: list[str | None] = []
    with connection.execute_wrapper(between_reading_and_writing(lambda: got.append(way(key, token)))):
        got.append(way(key, token))
    first, second = got
    assert first is not None
    assert second is None
    assert worker_slots.take_up(key, first) is not None, "the one that went on was put aside"


def test_of_two_who_want_to_begin_each_gets_a_chain_of_its_own(bench: Bench) -> None:
    key = bench.integration.pk
    worker_slots.end(key, worker_slots.begin(key) or "")
    got: list[str | None] = []
    with connection.execute_wrapper(between_reading_and_writing(lambda: got.append(worker_slots.begin(key)))):
        got.append(worker_slots.begin(key))
    assert None not in got
    assert all(worker_slots.take_up(key, token or "") is not None for token in got), "one chain was given away twice"
