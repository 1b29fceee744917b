"""The vendor is told of a candidate's new name and address."""

from __future__ import annotations

import pytest

from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.steps import ready

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_new_name_and_address_reach_the_vendor(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    candidate = interview.schedule.candidate
    candidate.name, candidate.email = "Ada Lovelace", "lovelace@example.com"
    candidate.save()
    bench.sandbox.fault(Fault.DROP_AFTER, operation="editLiveInterview")
    coding_links.candidate_changed(candidate=candidate)
    bench.until_settled()
    bench.later(60)
    link.refresh_from_db()
    assert (link.state, link.edit_due, link.candidate_key) == (LinkState.READY, False, "lovelace@example.com")
    assert bench.at_vendor("lovelace@example.com") == [link.external_id]


def test_an_edit_that_was_refused_is_sent_again_on_demand(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    candidate = interview.schedule.candidate
    candidate.name = "Ada Lovelace"
    candidate.save()
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="editLiveInterview", probability=1.0)
    coding_links.candidate_changed(candidate=candidate)
    for _ in range(12):
        bench.later(700)
    link.refresh_from_db()
    assert link.problem_code and link.candidate_name == "Ada Byron"
    bench.sandbox.clear_faults()
    coding_links.retry_link(link=link, actor=None)
    bench.run()
    link.refresh_from_db()
    assert (link.problem_code, link.candidate_name) == ("", "Ada Lovelace")
    assert [one.candidate_name for one in bench.sandbox.interviews()] == ["Ada Lovelace"]


def test_a_name_changed_while_the_link_was_made_is_made_up_for(bench: Bench) -> None:
    interview = bench.interview()
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request(interview)
    coding_links.work_on_link(link.pk)
    candidate = interview.schedule.candidate
    candidate.name = "Ada Lovelace"
    candidate.save()
    coding_links.candidate_changed(candidate=candidate)
    bench.until_settled()
    bench.later(5)
    link.refresh_from_db()
    assert link.candidate_name == "Ada Lovelace"
    assert [one.candidate_name for one in bench.sandbox.interviews()] == ["Ada Lovelace"]
