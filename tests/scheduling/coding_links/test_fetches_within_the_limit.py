"""Fetches of interviews keep to the rate limit. Look-ups of many pages: see `test_long_look_ups`."""

from __future__ import annotations

import pytest

from integrations.models import Integration
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.thorough
def test_without_webhooks_interviews_that_end_together_are_asked_for_within_the_budget(bench: Bench) -> None:
    waiting = [
        bench.request(bench.interview(name=f"Ada {number}", email=f"ada{number}@example.com")) for number in range(12)
    ]
    bench.until_settled()
    ids = set(CodingLink.objects.filter(state=LinkState.READY).values_list("external_id", flat=True))
    assert len(ids) == len(waiting)
    for external_id in ids:
        bench.sandbox.start_interview(external_id)
        bench.sandbox.finish(external_id)
    # A third under the limit: a busy machine holds a sender up between its slot and its request.
    Integration.objects.update(read_ceiling=2, read_rate=2)
    bench.sandbox.configure(queries_per_second=3)
    bench.sandbox.forget_requests()
    bench.later(49 * 3600)
    for _again in range(60):
        if not CodingLink.objects.exclude(state=LinkState.FINISHED).exists():
            break
        bench.later(1)
    assert CodingLink.objects.filter(state=LinkState.FINISHED).count() == len(waiting)
    looks = [one for one in bench.sandbox.requests if one.operation == "liveInterview"]
    assert len(looks) >= len(waiting)
    assert bench.sandbox.refused_by_rate_limit == 0
    assert bench.sandbox.max_in_any_second("query") <= 3
