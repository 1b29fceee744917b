"""Made links are fetched: begun, over, used early, deleted by hand, expired, and their feedback."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.steps import latest, ready

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_look_that_fails_is_made_up_for_without_a_word(bench: Bench) -> None:
    link = ready(bench)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="liveInterview")
    coding_links.vendor_says(integration=bench.integration, external_id=link.external_id)
    bench.run()
    link.refresh_from_db()
    assert (link.state, link.problem_code, link.attempts) == (LinkState.READY, "", 1)
    bench.later(60)
    link.refresh_from_db()
    assert (link.state, link.attempts) == (LinkState.ACTIVE, 0)


def test_a_used_link_that_somebody_deleted_at_the_vendor_is_asked_for_no_more(bench: Bench) -> None:
    link = ready(bench)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    coding_links.vendor_says(integration=bench.integration, external_id=link.external_id)
    bench.run()
    bench.sandbox.delete(link.external_id)
    bench.later(700)
    link.refresh_from_db()
    assert (link.state, link.next_attempt_at) == (LinkState.FINISHED, None)


def test_what_somebody_deleted_at_the_vendor_is_replaced(bench: Bench) -> None:
    interview = bench.interview()
    old = ready(bench, interview)
    bench.sandbox.delete(old.external_id)
    bench.later((interview.starts_at - timezone.now()).total_seconds() - 3600 * 23)
    bench.until_settled()
    old.refresh_from_db()
    new = latest(interview)
    assert old.state == LinkState.CANCELLED
    assert new.pk != old.pk and new.state == LinkState.READY
    assert bench.codes(new)[0] == "replaces_vanished"


def test_a_null_that_is_a_fault_replaces_nothing(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    bench.sandbox.fault(Fault.NULL_FIELD_BEFORE, operation="liveInterview", times=6)
    bench.later(24 * 3600 + 60)
    bench.until_settled()
    bench.later(600)
    link.refresh_from_db()
    assert (link.state, latest(interview).pk) == (LinkState.READY, link.pk)
    assert bench.at_vendor() == [link.external_id]


def test_state_and_feedback_come_back_by_polling(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(hours=2))
    link = ready(bench, interview)
    bench.later(2 * 3600 + 60)
    bench.sandbox.start_interview(link.external_id)
    bench.later(400)
    link.refresh_from_db()
    assert link.state == LinkState.ACTIVE
    assert link.started_at is not None
    bench.sandbox.finish(link.external_id)
    bench.later(400)
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED
    bench.sandbox.leave_feedback(link.external_id, notes="Solid.", evaluation="yes")
    bench.later(700)
    link.refresh_from_db()
    assert [(one["notes"], one["evaluation"]) for one in link.feedback] == [("Solid.", "yes")]


def test_one_that_is_still_open_after_its_end_is_asked_for_each_hour_of_a_day(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(minutes=30))
    link = ready(bench, interview)
    bench.clock.move_to(interview.ends_at + timedelta(hours=2))
    bench.sandbox.start_interview(link.external_id)
    bench.later(1)
    link.refresh_from_db()
    assert link.state == LinkState.ACTIVE and link.next_attempt_at is not None
    assert timedelta(minutes=55) < link.next_attempt_at - timezone.now() <= timedelta(hours=1)
    bench.clock.move_to(interview.ends_at + timedelta(hours=24, minutes=1))
    bench.later(1)
    link.refresh_from_db()
    assert link.next_attempt_at == (link.expires_at or timezone.now()) + timedelta(seconds=1)


def test_feedback_is_waited_for_three_days_and_no_longer(bench: Bench) -> None:
    link = ready(bench, bench.interview(starts_in=timedelta(minutes=30)))
    bench.clock.shift(timedelta(minutes=30))
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    coding_links.vendor_says(integration=bench.integration, external_id=link.external_id)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED and link.finished_at is not None
    assert link.next_attempt_at == link.finished_at + timedelta(minutes=10)
    bench.later(2 * 24 * 3600)
    link.refresh_from_db()
    assert link.next_attempt_at == link.finished_at + timedelta(days=3)
    bench.later(25 * 3600)
    link.refresh_from_db()
    assert link.next_attempt_at is None


def test_a_link_used_up_long_before_its_interview_is_followed_by_another(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(days=2))
    link = ready(bench, interview)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    bench.later(24 * 3600 + 60)
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED
    assert latest(interview).state == LinkState.READY
    assert latest(interview).pk != link.pk


@pytest.mark.parametrize(("minutes_before", "followed"), [(16, True), (14, False)])
def test_a_link_used_up_shortly_before_its_interview_was_used_for_it(
    bench: Bench, minutes_before: int, followed: bool
) -> None:
    interview = bench.interview(starts_in=timedelta(minutes=30))
    link = ready(bench, interview)
    bench.clock.shift(timedelta(minutes=30 - minutes_before))
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    coding_links.vendor_says(integration=bench.integration, external_id=link.external_id)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED
    assert (latest(interview).pk != link.pk) is followed


def test_an_unused_link_expires_and_says_so(bench: Bench) -> None:
    link = ready(bench, bench.interview(starts_in=timedelta(hours=1)))
    bench.later(336 * 3600 + 60)
    link.refresh_from_db()
    assert link.state == LinkState.EXPIRED
