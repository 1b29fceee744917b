"""After a link is made: moves, cancellations, changes, and what the vendor tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import actions
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.truth import another_company

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def ready(bench: Bench, interview: Interview | None = None) -> CodingLink:
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    return link


def move(interview: Interview, by: timedelta) -> None:
    interview.starts_at += by
    interview.ends_at += by
    interview.save()
    coding_links.interview_changed(interview=interview, actor=None)


def home(bench: Bench) -> str:
    return bench.team.client(bench.team.recruiter).get(bench.team.url("home/")).content.decode()


def latest(interview: Interview) -> CodingLink:
    return CodingLink.objects.filter(interview=interview).latest("id")


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
    assert new.state == LinkState.PENDING and new.waits_for_window
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


def test_a_new_name_and_address_reach_the_vendor(bench: Bench) -> None:
    interview = bench.interview()
    link = ready(bench, interview)
    candidate = interview.schedule.candidate
    candidate.name, candidate.email = "Ada Lovelace", "lovelace@example.com"
    candidate.save()
    bench.sandbox.fault(Fault.DROP_AFTER, operation="editLiveInterview")
    coding_links.candidate_changed(candidate=candidate, actor=None)
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
    coding_links.candidate_changed(candidate=candidate, actor=None)
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
    coding_links.candidate_changed(candidate=candidate, actor=None)
    bench.until_settled()
    bench.later(5)
    link.refresh_from_db()
    assert link.candidate_name == "Ada Lovelace"
    assert [one.candidate_name for one in bench.sandbox.interviews()] == ["Ada Lovelace"]


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


def test_nothing_that_was_not_made_here_is_touched(bench: Bench) -> None:
    foreign = bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    interview = bench.interview()
    link = ready(bench, interview)
    coding_links.remove_link(link=link, actor=None)
    bench.until_settled()
    assert bench.at_vendor() == [foreign.id]
