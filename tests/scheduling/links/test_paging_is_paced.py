"""A look-up of many pages keeps to the budget with every page."""

from __future__ import annotations

import pytest

from integrations.models import Integration
from scheduling.models import LinkState
from tests.scheduling.links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_every_page_of_a_look_up_takes_its_turn(bench: Bench) -> None:
    Integration.objects.update(query_ceiling=3, query_rate=3)
    bench.sandbox.configure(queries_per_second=3)
    for number in range(330):
        bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name=f"Ada {number}")
    link = bench.request()
    bench.until_settled()
    link.refresh_from_db()
    for _again in range(10):  # on a busy machine a look-up may miss its turns, and begins anew
        if link.state == LinkState.READY:
            break
        bench.later(30)
        bench.until_settled()
        link.refresh_from_db()
    assert link.state == LinkState.READY
    assert len([r for r in bench.sandbox.requests if r.kind == "query"]) >= 6
    assert bench.sandbox.refused_by_rate_limit == 0
