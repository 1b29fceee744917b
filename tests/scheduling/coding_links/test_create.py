"""From a request to one working link, whatever comes between."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, LinkState, VendorSnapshot
from tests.scheduling.clicks import plan_of
from tests.scheduling.coding_links.conftest import Bench, Crash

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_request_becomes_a_link_that_is_at_the_vendor(bench: Bench) -> None:
    link = bench.request()
    assert link.state == LinkState.PENDING
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert [link.external_id] == bench.at_vendor("ada@example.com")
    assert link.url.startswith("http")
    assert link.expires_at is not None and link.expires_at - timezone.now() > timedelta(hours=335)
    assert bench.codes(link) == ["asked", "sent", "made"]


def test_a_link_that_the_plan_asks_for_waits_for_no_sweeper(bench: Bench) -> None:
    interview = bench.interview()
    plan_of(interview, link_tool="codesignal")
    (link,) = coding_links.request_default_links(schedule=interview.schedule, actor=None)
    bench.run()
    link.refresh_from_db()
    assert (link.state, [link.external_id]) == (LinkState.READY, bench.at_vendor())


def test_asking_twice_gives_the_same_link(bench: Bench) -> None:
    interview = bench.interview()
    first, second = bench.request(interview), bench.request(interview)
    bench.run()
    assert first.pk == second.pk
    assert len(bench.at_vendor()) == 1


def test_every_message_twice_and_late_makes_one_link(bench: Bench) -> None:
    link = bench.request()
    bench.workers.messages *= 3
    bench.until_settled()
    coding_links.work_on_link(link.pk)
    bench.work_on_queue()
    assert len(bench.at_vendor()) == 1


def test_a_lost_message_is_made_up_for_by_the_sweeper(bench: Bench) -> None:
    link = bench.request()
    bench.workers.lose_all()
    bench.later(10)
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_an_answer_lost_after_the_vendor_acted_is_found_and_adopted(bench: Bench) -> None:
    bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert len(bench.at_vendor()) == 2
    assert bench.codes(link) == ["asked", "sent", "answer_lost", "found"]
    assert len([r for r in bench.sandbox.requests if r.operation == "createLiveInterview"]) == 1


def test_an_answer_lost_before_the_vendor_acted_leads_to_one_link_after_a_while(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.UNKNOWN
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_a_worker_that_dies_after_sending_leaves_a_link_that_is_found_again(bench: Bench) -> None:
    def die() -> None:
        raise Crash

    bench.boundary.after = [None, die]  # the vendor has answered the create
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CREATING and link.claim
    assert len(bench.at_vendor()) == 1
    bench.later(60)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_before_sending_leaves_a_request_that_is_taken_up_again(bench: Bench, moment: str) -> None:
    def die() -> None:
        raise Crash

    setattr(bench.boundary, moment, [die])  # around the look that precedes the create
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.PENDING and link.claim
    bench.later(60)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_two_that_may_be_ours_are_left_to_a_person(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    one, two = (
        bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron") for _ in range(2)
    )
    bench.until_settled()
    link.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.UNKNOWN, "ambiguous")
    assert sorted(choice["id"] for choice in link.choices) == sorted([one.id, two.id])
    coding_links.choose_link(link=link, external_id=two.id, actor=bench.team.recruiter.user)
    link.refresh_from_db()
    assert (link.state, link.external_id) == (LinkState.READY, two.id)


def test_none_of_them_makes_a_new_one_and_touches_none(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    foreign = [
        bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron").id for _ in range(2)
    ]
    bench.until_settled()
    link.refresh_from_db()
    coding_links.choose_link(link=link, external_id="", actor=None)
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == sorted([*foreign, link.external_id])


def test_a_refusal_stops_at_once_and_says_why(bench: Bench) -> None:
    link = bench.request(template_id="no-such-template")
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.FAILED
    assert link.problem_code
    assert len([r for r in bench.sandbox.requests if r.operation == "createLiveInterview"]) == 1


def test_a_dead_key_pauses_and_no_try_is_burnt(bench: Bench) -> None:
    bench.sandbox.fault(Fault.UNAUTHORIZED)
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    bench.integration.refresh_from_db()
    assert bench.integration.state == Integration.State.PAUSED
    assert (link.state, link.attempts) == (LinkState.PENDING, 0)
    asked = len(bench.sandbox.requests)
    bench.later(600)
    assert len(bench.sandbox.requests) == asked
    Integration.objects.update(state=Integration.State.CONNECTED)
    bench.later(1)
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_too_early_waits_until_the_link_would_live_long_enough(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(days=20))
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.PENDING and link.is_too_early
    assert bench.at_vendor() == []
    assert link.not_before == interview.ends_at + timedelta(hours=1) - timedelta(hours=336)
    bench.later((link.not_before - timezone.now()).total_seconds() + 1)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert link.expires_at is not None and link.expires_at >= interview.ends_at + timedelta(hours=1)


def test_candidates_who_share_an_address_or_have_none_get_one_link_each(bench: Bench) -> None:
    wanted = [
        bench.request(bench.interview(email=email, name=name))
        for email, name in [("x@example.com", "Xa"), ("X@example.com", "Xb"), ("", "Nobody"), ("", "Noone")]
    ]
    bench.until_settled()
    states = [CodingLink.objects.get(pk=link.pk).state for link in wanted]
    assert states == [LinkState.READY] * 4
    assert len(bench.at_vendor()) == 4


@pytest.mark.thorough  # waits for a quarter of a minute for what a dead worker left
def test_two_creates_for_one_candidate_are_never_on_their_way_together(bench: Bench) -> None:
    one, other = (bench.request(bench.interview()) for _ in range(2))

    def die() -> None:
        raise Crash

    def begin_the_other() -> None:
        bench.workers.do(("work_on_link", (other.pk,)))

    bench.boundary.before = [begin_the_other, None, die]
    coding_links.work_on_link(one.pk)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, one.claim, other.state) == (LinkState.PENDING, "", LinkState.CREATING)
    bench.until_settled()
    one.refresh_from_db()
    other.refresh_from_db()
    assert sorted([one.external_id, other.external_id]) == bench.at_vendor()


def test_an_interview_that_is_over_gets_no_link(bench: Bench) -> None:
    with pytest.raises(coding_links.LinkError) as refused:
        bench.request(bench.interview(starts_in=-timedelta(hours=3)))
    assert str(refused.value) == "This interview is over. Move it to a future time, then add a link."


def test_while_one_without_an_address_is_looked_up_the_others_ask_nothing(bench: Bench) -> None:
    one, other = (bench.request(bench.interview(email="", name=name)) for name in ("Nobody", "Noone"))
    asked: list[int] = []

    def look_up_the_other() -> None:
        coding_links.work_on_link(other.pk)
        asked.append(len(bench.sandbox.requests))

    bench.boundary.before = [look_up_the_other]
    coding_links.work_on_link(one.pk)
    one.refresh_from_db()
    assert (one.state, asked) == (LinkState.READY, [0])


def test_an_outage_ends_in_a_visible_failure(bench: Bench) -> None:
    bench.sandbox.fault(Fault.UNAVAILABLE, probability=1.0)
    link = bench.request()
    bench.until_settled(hours=40)
    link.refresh_from_db()
    assert link.state == LinkState.FAILED
    assert link.problem_code
    bench.sandbox.clear_faults()
    coding_links.retry_link(link=link, actor=None)
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_a_look_up_made_ahead_leaves_only_the_create_to_wait_for(bench: Bench) -> None:
    interview = bench.interview()
    coding_links.prepare(candidate=interview.schedule.candidate, integration=bench.integration)
    bench.run()
    bench.sandbox.forget_requests()
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert [r.operation for r in bench.sandbox.requests] == ["createLiveInterview"]


def test_a_look_up_made_ahead_that_fails_harms_nothing(bench: Bench) -> None:
    interview = bench.interview()
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="liveInterviews")
    coding_links.prepare(candidate=interview.schedule.candidate, integration=bench.integration)
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_opening_the_dialog_has_the_candidate_looked_up(bench: Bench) -> None:
    interview = bench.interview()
    page = f"schedules/{interview.schedule_id}/links/codesignal/"
    assert bench.team.client(bench.team.recruiter).get(bench.team.url(page)).status_code == 200
    bench.run()
    assert [r.operation for r in bench.sandbox.requests] == ["liveInterviews"]


@pytest.mark.parametrize("lost", [False, True])
def test_its_time_counts_from_when_it_was_asked_for_not_from_the_answer(bench: Bench, lost: bool) -> None:
    """The vendor does not say from when, and may have counted since it had the request."""
    if lost:
        bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    asked: list[datetime] = []

    def slowly() -> None:
        asked.append(timezone.now())
        bench.clock.shift(timedelta(seconds=8))

    bench.boundary.before = [None, slowly]
    bench.run()
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert link.ready_at is not None and link.ready_at >= asked[0] + timedelta(seconds=8)
    assert link.expires_at is not None and link.expires_at <= asked[0] + timedelta(hours=336)


@pytest.mark.parametrize("somebody_elses", [True, False])
def test_after_a_look_up_that_was_cut_off_nothing_is_adopted_and_nothing_made_again(
    bench: Bench, somebody_elses: bool
) -> None:
    """An incomplete look-up proves nothing: an interview that it lacks may have been there, then and now."""
    if somebody_elses:
        foreign = bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    VendorSnapshot.objects.create(
        integration=bench.integration,
        candidate_key="ada@example.com",
        external_ids=[],
        complete=False,
        taken_at=timezone.now(),
    )
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    link = bench.request()
    bench.run()
    bench.until_settled()
    link.refresh_from_db()
    assert (link.state, link.problem_code, link.external_id) == (LinkState.UNKNOWN, "ambiguous", "")
    assert [one["id"] for one in link.choices] == ([foreign.id] if somebody_elses else [])
    assert len([r for r in bench.sandbox.requests if r.operation == "createLiveInterview"]) == 1
