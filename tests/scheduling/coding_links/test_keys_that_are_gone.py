"""Links whose key was disconnected, or replaced by one of another company."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations import actions
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import LinkState
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.steps import ready
from tests.scheduling.coding_links.truth import another_company

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_disconnecting_deletes_what_is_unused_and_then_forgets_the_key(bench: Bench) -> None:
    made, waiting = ready(bench), bench.request(bench.interview(starts_in=timedelta(days=30)))
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=True)
    bench.until_settled()
    actions.forget_keys()
    made.refresh_from_db()
    waiting.refresh_from_db()
    bench.integration.refresh_from_db()
    assert (made.state, waiting.state) == (LinkState.CANCELLED, LinkState.PENDING)
    assert bench.at_vendor() == []
    assert bench.integration.api_key == ""


def test_disconnecting_may_leave_made_links_working(bench: Bench) -> None:
    made = ready(bench)
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=False)
    bench.later(10)
    made.refresh_from_db()
    assert made.state == LinkState.READY
    assert bench.at_vendor() == [made.external_id]


def test_what_nobody_wants_and_can_not_be_settled_without_the_key_ends_and_says_so(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    coding_links.remove_link(link=link, actor=None)
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=False)
    bench.later(120)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert link.events.latest("id").params == {"because": "left_without_key"}


def test_what_a_dead_worker_left_under_a_key_that_is_gone_ends_and_says_so(bench: Bench) -> None:
    def die() -> None:
        raise Crash

    bench.boundary.after = [None, die]
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CREATING
    coding_links.remove_link(link=link, actor=None)
    bench.disconnect()
    bench.later(120)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert bench.codes(link)[-2:] == ["interrupted", "key_gone"]


def test_a_key_of_another_company_never_touches_what_the_old_one_made(bench: Bench) -> None:
    made = ready(bench)
    another_company(bench)
    asked = len(bench.sandbox.requests)
    bench.later(26 * 3600)
    made.refresh_from_db()
    assert made.state == LinkState.READY
    coding_links.remove_link(link=made, actor=None)
    bench.until_settled()
    made.refresh_from_db()
    assert (made.state, made.next_attempt_at) == (LinkState.CANCELLED, None)
    assert made.events.latest("id").params == {"because": "left_elsewhere"}
    assert len(bench.sandbox.requests) == asked


def test_what_another_company_has_expires_here_when_its_time_is_over(bench: Bench) -> None:
    made = ready(bench)
    another_company(bench)
    bench.later(26 * 3600)
    bench.later(14 * 24 * 3600)
    made.refresh_from_db()
    assert made.state == LinkState.EXPIRED
