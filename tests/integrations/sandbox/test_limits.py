"""Rate limits, the request log and latency."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from integrations.sandbox import RateAnswer, Sandbox
from integrations.sandbox.limits import RateLimiter, busiest_second
from tests.integrations.sandbox.conftest import CREATE, LIST, Caller, Reply

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def burst(sandbox: Sandbox, query: str, count: int, **variables: Any) -> tuple[Caller, list[Reply]]:
    """A new key's requests, all within one second; tried again where a busy machine took longer."""
    while True:
        sandbox.forget_requests()
        caller = Caller(sandbox.url, sandbox.make_key())
        replies = [caller.ask(query, **variables) for _ in range(count)]
        if sandbox.requests[-1].arrived - sandbox.requests[0].arrived < 0.9:
            return caller, replies
        caller.connection.close()


@pytest.mark.parametrize(("query", "kind", "allowed"), [(CREATE, "mutation", 5), (LIST, "query", 10)])
def test_a_key_gets_ten_queries_and_five_mutations_in_a_second(
    sandbox: Sandbox, query: str, kind: str, allowed: int
) -> None:
    caller, replies = burst(sandbox, query, allowed + 2)
    assert [each.status for each in replies] == [200] * allowed + [429] * 2
    assert replies[-1].headers["Retry-After"] == "1"
    assert sandbox.refused_by_rate_limit == 2
    assert sandbox.max_in_any_second(kind) == allowed + 2
    assert [each.acted for each in sandbox.requests] == [True] * allowed + [False] * 2
    caller.connection.close()


def test_kinds_and_keys_do_not_share_a_limit(sandbox: Sandbox) -> None:
    caller, _ = burst(sandbox, CREATE, 6)
    other = Caller(sandbox.url, sandbox.make_key())
    assert caller.ask(LIST).status == 200
    assert other.ask(CREATE, fields={}).status == 200
    assert sandbox.max_in_any_second("query") == 1
    assert sandbox.max_in_any_second(key_id=sandbox.key_id(other.key)) == 1
    for each in (caller, other):
        each.connection.close()


@pytest.mark.parametrize(
    ("style", "status", "retry_after"),
    [(RateAnswer.RETRY_AFTER, 429, "1"), (RateAnswer.BARE, 429, None), (RateAnswer.ERRORS, 200, None)],
)
def test_an_exceeded_limit_is_answered_as_configured(
    sandbox: Sandbox, caller: Caller, style: RateAnswer, status: int, retry_after: str | None
) -> None:
    sandbox.configure(queries_per_second=1, rate_answer=style)
    caller.ask(LIST)
    reply = caller.ask(LIST)
    assert (reply.status, reply.headers["Retry-After"]) == (status, retry_after)
    assert reply.error == "Rate limit exceeded"


def test_the_window_slides() -> None:
    limiter = RateLimiter()
    admitted = [limiter.admit("k", "query", moment, 2) for moment in (0.0, 0.6, 0.9, 1.0, 1.5, 1.6)]
    assert admitted == [True, True, False, True, False, True]


def test_the_busiest_second_is_found() -> None:
    assert busiest_second([]) == 0
    assert busiest_second([0.0, 1.0, 2.0]) == 1
    assert busiest_second([5.0, 0.0, 0.9, 1.8, 0.99]) == 3


def test_the_log_tells_what_came_and_how_it_was_answered(sandbox: Sandbox, caller: Caller) -> None:
    before = time.monotonic()
    caller.create()
    caller.ask(CREATE, fields={"expirationTime": 1})
    caller.ask("{ nope }")
    key = caller.key
    caller.key = "wrong"
    caller.ask(LIST)
    assert [(each.operation, each.kind, each.answered, each.acted) for each in sandbox.requests] == [
        ("createLiveInterview", "mutation", "ok", True),
        ("createLiveInterview", "mutation", "errors", False),
        ("invalid", "invalid", "invalid", False),
        ("liveInterviews", "query", "unauthorized", False),
    ]
    assert [each.key_id for each in sandbox.requests] == [sandbox.key_id(key)] * 3 + [""]
    assert before < sandbox.requests[0].arrived < time.monotonic()
    sandbox.forget_requests()
    assert sandbox.requests == []


def test_latency_is_added_and_others_do_not_wait_for_it(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.configure(latency=0.5)
    callers = [Caller(sandbox.url, caller.key) for _ in range(8)]
    threads = [threading.Thread(target=each.create) for each in callers]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    assert sandbox.wait_for_requests(8, "createLiveInterview", answered=True)
    took = time.monotonic() - began
    for thread in threads:
        thread.join()
    assert 0.5 <= took < 3, "one after the other would take 4 s"
    assert len(sandbox.interviews()) == 8
    for each in callers:
        each.connection.close()


def test_an_unknown_or_bad_setting_is_refused(sandbox: Sandbox) -> None:
    for changes in ({"speed": 1}, {"latency": -1}, {"rate_answer": "503"}, {"webhook_speed": 0}, {"latency": "x"}):
        with pytest.raises(ValueError):
            sandbox.configure(**changes)
    assert sandbox.settings.latency == 0
