"""A link follows its interview to another time, or another takes its place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.steps import latest, move, ready

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_small_move_keeps_the_link(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    move(interview, timedelta(days=3))
    bench.until_settled()
    link.refresh_from_db()
    assert (link.state, link.next_attempt_at) == (LinkState.READY, interview.starts_at - timedelta(days=1))
    assert bench.at_vendor() == [link.external_id]


def test_a_move_beyond_its_life_replaces_the_link(bench: Bench) -> None:
    interview = bench.interview()
    old = ready(bench, interview)
    move(interview, timedelta(days=20))
    bench.until_settled()
    old.refresh_from_db()
    new = latest(interview)
    assert old.state == LinkState.CANCELLED
    assert new.state == LinkState.PENDING and new.is_too_early
    assert bench.at_vendor() == []
    assert new.not_before is not None
    bench.later((new.not_before - timezone.now()).total_seconds() + 1)
    new.refresh_from_db()
    assert new.state == LinkState.READY
    assert bench.at_vendor() == [new.external_id]


def test_a_waiting_link_follows_its_interview_both_ways(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(days=20))
    link = bench.request(interview)
    bench.run()
    before = CodingLink.objects.get(pk=link.pk).not_before
    move(interview, timedelta(days=10))
    link.refresh_from_db()
    assert before is not None and link.not_before == before + timedelta(days=10)
    move(interview, -timedelta(days=28))
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_a_request_that_came_too_late_is_taken_up_again_when_its_interview_is_moved(bench: Bench) -> None:
    interview = bench.interview()
    link = bench.request(interview)
    bench.workers.lose_all()
    bench.later(3 * 24 * 3600)
    link.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.FAILED, "too_late")
    move(interview, timedelta(days=3))
    bench.run()
    link.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.READY, "")
