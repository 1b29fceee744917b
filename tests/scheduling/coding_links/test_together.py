"""Links of one key that are created together: each as if it were alone, and cheaper."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from integrations import rate_limit
from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.coding_links.queue import MAX_TOGETHER
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench, Crash

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
# At most so many statements a link: seven out of ten serve several links at once.
MOST_STATEMENTS = 8


def waiting(bench: Bench, number: int) -> list[CodingLink]:
    """Request links that a plan asks for, of people whom nobody has looked up."""
    people = [bench.interview(name=f"Ada {one}", email=f"ada{one}@example.com") for one in range(number)]
    links = [bench.request(interview, by_default=True) for interview in people]
    bench.workers.lose_all()
    return links


def looked_up(bench: Bench, number: int) -> list[CodingLink]:
    """The same, looked up, and claimed together for the worker that the next message comes to."""
    links = waiting(bench, number)
    for link in links:
        assert link.candidate is not None
        coding_links.look_up_candidate(bench.integration.pk, link.candidate.pk)
    coding_links.sweep()
    assert len(bench.workers.messages) == 1
    return links


def states(links: list[CodingLink]) -> list[str]:
    found = dict(CodingLink.objects.filter(pk__in=[link.pk for link in links]).values_list("pk", "state"))
    return [found[link.pk] for link in links]


def test_a_link_costs_few_statements(bench: Bench) -> None:
    links = waiting(bench, 40)
    kinds: Counter[str] = Counter()

    def count(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        kinds[sql.split(maxsplit=1)[0]] += 1
        return execute(sql, *arguments)

    with connection.execute_wrapper(count):
        coding_links.sweep()
        bench.run()
    assert states(links) == [LinkState.READY] * len(links)
    assert kinds.total() / len(links) <= MOST_STATEMENTS, kinds


def test_what_goes_wrong_for_one_touches_no_other(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    bench.workers.some(1)
    assert sum("answer_lost" in bench.codes(link) for link in links) == 1
    bench.until_settled()
    assert states(links) == [LinkState.READY] * MAX_TOGETHER
    assert len(bench.at_vendor()) == MAX_TOGETHER


def test_one_that_is_removed_while_it_waits_is_not_sent(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)
    coding_links.remove_link(link=links[2], actor=bench.team.recruiter.user)
    bench.workers.some(1)
    assert states(links) == [LinkState.CANCELLED if link == links[2] else LinkState.READY for link in links]
    assert len(bench.at_vendor("ada2@example.com")) == 0


def test_one_that_is_removed_as_the_others_begin_is_not_sent(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)
    removals = [lambda: coding_links.remove_link(link=links[2], actor=bench.team.recruiter.user)]

    def remove(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith('SELECT "scheduling_vendorsnapshot"') and removals:  # the links have been read
            removals.pop()()
        return execute(sql, *arguments)

    with connection.execute_wrapper(remove):
        bench.workers.some(1)
    bench.until_settled()
    assert states(links) == [LinkState.CANCELLED if link == links[2] else LinkState.READY for link in links]
    assert bench.at_vendor("ada2@example.com") == []


def test_one_that_is_removed_before_its_answer_is_stored_is_deleted_there(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)

    def remove() -> None:
        coding_links.remove_link(link=links[2], actor=bench.team.recruiter.user)

    bench.boundary.after = [remove]
    bench.workers.some(1)
    bench.until_settled()
    assert states(links) == [LinkState.CANCELLED if link == links[2] else LinkState.READY for link in links]
    assert bench.at_vendor("ada2@example.com") == []


def test_a_worker_that_dies_among_them_loses_none_and_doubles_none(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)

    def die() -> None:
        raise Crash

    bench.boundary.after = [None, die]
    bench.workers.some(1)
    bench.until_settled()
    assert states(links) == [LinkState.READY] * MAX_TOGETHER
    assert len(bench.at_vendor()) == MAX_TOGETHER


def test_what_each_candidate_had_before_is_known_of_each(bench: Bench) -> None:
    by_hand = bench.sandbox.add_interview(
        company="Acme Corp", candidate_email="ada2@example.com", candidate_name="Ada 2"
    )
    links = looked_up(bench, MAX_TOGETHER)
    bench.workers.some(1)
    known = dict(CodingLink.objects.filter(state=LinkState.READY).values_list("candidate_email", "known_ids"))
    assert known == {link.candidate_email: [] for link in links} | {"ada2@example.com": [by_hand.id]}


def test_a_key_that_is_refused_pauses_and_no_link_is_lost(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)
    bench.sandbox.revoke(bench.integration.api_key)
    bench.workers.some(1)
    bench.integration.refresh_from_db()
    assert bench.integration.state == Integration.State.PAUSED
    assert states(links) == [LinkState.PENDING] * MAX_TOGETHER


def test_slots_that_are_taken_together_are_as_far_apart_as_others(bench: Bench) -> None:
    Integration.objects.update(write_ceiling=5, write_rate=5)
    slots = rate_limit.reserve_several(bench.integration.pk, "write", 9, max_wait=0.7)
    gaps = [after - before for before, after in itertools.pairwise(slots)]
    assert len(slots) == 4
    assert min(gaps) >= timedelta(seconds=0.2)
    assert rate_limit.reserve(bench.integration.pk, "write", max_wait=9) - slots[-1] >= timedelta(seconds=0.2)


def test_together_they_keep_to_the_limit_of_their_key(bench: Bench) -> None:
    links = looked_up(bench, MAX_TOGETHER)
    Integration.objects.update(write_ceiling=5, write_rate=5)
    bench.until_settled()
    assert states(links) == [LinkState.READY] * MAX_TOGETHER
    assert bench.sandbox.max_in_any_second("mutation") <= 5
