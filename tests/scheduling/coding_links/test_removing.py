"""A link that nobody wants any more is deleted at the vendor, whatever stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.steps import home, ready

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_removing_a_link_deletes_it_at_the_vendor(bench: Bench) -> None:
    link = ready(bench)
    coding_links.remove_link(link=link, actor=None)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert bench.at_vendor() == []


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.EMPTY_BODY_AFTER])
def test_a_deletion_whose_answer_is_lost_is_repeated_until_it_is_gone(bench: Bench, fault: Fault) -> None:
    link = ready(bench)
    bench.sandbox.fault(fault, operation="deleteLiveInterview")
    coding_links.remove_link(link=link, actor=None)
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert bench.at_vendor() == []


def test_a_link_removed_while_it_is_made_ends_removed_on_both_sides(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.UNKNOWN
    coding_links.remove_link(link=link, actor=None)
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert bench.at_vendor() == []


def test_a_link_removed_while_its_create_is_refused_for_now_is_gone_at_once(bench: Bench) -> None:
    bench.sandbox.fault(Fault.RATE_LIMITED_RETRY_AFTER, operation="createLiveInterview")
    link = bench.request()

    def remove() -> None:
        coding_links.remove_link(link=CodingLink.objects.get(), actor=None)

    bench.boundary.before = [None, remove]
    coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert (link.state, link.next_attempt_at) == (LinkState.CANCELLED, None)
    assert bench.codes(link)[-1] == "removed_meanwhile"
    assert bench.at_vendor() == []


def test_a_deletion_that_comes_too_fast_is_repeated_soon_and_uses_up_no_try(bench: Bench) -> None:
    link = ready(bench)
    bench.sandbox.fault(Fault.RATE_LIMITED_BARE, operation="deleteLiveInterview")
    coding_links.remove_link(link=link, actor=None)
    coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert (link.state, link.attempts) == (LinkState.CANCELLING, 0)
    assert link.next_attempt_at is not None
    assert link.next_attempt_at - timezone.now() <= timedelta(seconds=1)
    bench.until_settled()
    assert bench.at_vendor() == []


def test_a_deletion_that_never_works_stays_on_the_page_with_its_reason(bench: Bench) -> None:
    link = ready(bench)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="deleteLiveInterview", probability=1.0)
    coding_links.remove_link(link=link, actor=None)
    bench.until_settled(hours=48)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLING
    assert link.problem_code and link.next_attempt_at is None
    bench.sandbox.clear_faults()
    coding_links.retry_link(link=link, actor=None)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED


def test_a_cancelled_interview_takes_its_link_with_it(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    interview.state = Interview.State.CANCELLED
    interview.save()
    coding_links.interview_cancelled(interview=interview, actor=None)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert "interview_cancelled" in bench.codes(link)
    assert bench.at_vendor() == []


def test_a_deleted_schedule_still_cleans_up_at_the_vendor(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    coding_links.interview_cancelled(interview=interview, actor=None)
    interview.schedule.delete()
    bench.run()
    link.refresh_from_db()
    assert (link.state, link.interview_id) == (LinkState.CANCELLED, None)
    assert bench.at_vendor() == []


def test_what_a_deleted_schedule_left_at_the_vendor_is_tried_for_until_it_has_expired_there(bench: Bench) -> None:
    """No page of the schedule is left that could offer to try again."""
    interview = bench.interview()
    link = ready(bench, interview)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="deleteLiveInterview", probability=1.0)
    coding_links.interview_cancelled(interview=interview, actor=None)
    interview.schedule.delete()
    bench.until_settled(hours=10 * 24)
    assert "1 link of a deleted schedule is still in CodeSignal" in home(bench)
    tries = len([one for one in bench.sandbox.requests if one.operation == "deleteLiveInterview"])
    assert 10 < tries < 60
    bench.sandbox.clear_faults()
    bench.until_settled(hours=24)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert bench.at_vendor() == []
    assert (
        "deleted schedule" not in bench.team.client(bench.team.recruiter).get(bench.team.url("home/")).content.decode()
    )


def test_what_can_never_be_deleted_ends_when_it_has_expired_at_the_vendor(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="deleteLiveInterview", probability=1.0)
    coding_links.interview_cancelled(interview=interview, actor=None)
    interview.schedule.delete()
    bench.until_settled(hours=400)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert link.events.latest("id").params == {"because": "expired_there"}


def test_nothing_that_was_not_made_here_is_touched(bench: Bench) -> None:
    foreign = bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    interview = bench.interview()
    link = ready(bench, interview)
    coding_links.remove_link(link=link, actor=None)
    bench.until_settled()
    assert bench.at_vendor() == [foreign.id]
