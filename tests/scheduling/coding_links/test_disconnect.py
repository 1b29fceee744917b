"""A disconnect loses no request: what waits goes on waiting, and resumes with the next key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import actions
from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.coding_links import defaults
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.clicks import plan_of
from tests.scheduling.coding_links.conftest import Bench

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def state(link: CodingLink) -> str:
    link.refresh_from_db()
    return link.state


def planned(bench: Bench, email: str = "ada@example.com", **fields: object) -> Interview:
    """An interview whose plan asks for a link, scheduled without one."""
    interview = bench.interview(email=email, **fields)  # type: ignore[arg-type]
    plan_of(interview, link_tool="codesignal", template_id="", template_name="")
    interview.refresh_from_db()
    return interview


def link_of(interview: Interview) -> CodingLink:
    return CodingLink.objects.filter(interview=interview).latest("id")


# -- the same company ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delete_links", [False, True])
def test_planned_links_wait_and_resume_with_a_key_of_the_same_company(bench: Bench, delete_links: bool) -> None:
    far = bench.request(bench.interview(email="far@example.com", starts_in=timedelta(days=30)))
    near = bench.request(bench.interview(email="near@example.com"))
    bench.workers.lose_all()
    bench.disconnect(delete_links=delete_links)
    bench.later(3600)
    actions.forget_keys()
    assert (state(far), state(near)) == (LinkState.PENDING, LinkState.PENDING)
    assert bench.at_vendor() == []
    bench.connect()
    bench.run()
    assert (state(far), state(near)) == (LinkState.PENDING, LinkState.READY)
    bench.later(17 * 24 * 3600)
    assert state(far) == LinkState.READY


def test_what_a_worker_has_just_taken_up_is_not_sent_with_the_old_key(bench: Bench) -> None:
    """The disconnect comes while its candidate is being looked up."""
    link = bench.request()
    bench.boundary.after = [bench.disconnect]
    bench.run()
    assert state(link) == LinkState.PENDING
    assert "createLiveInterview" not in [request.operation for request in bench.sandbox.requests]
    bench.connect()
    bench.run()
    assert state(link) == LinkState.READY


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_create_on_its_way_ends_as_a_working_link(bench: Bench, moment: str) -> None:
    link = bench.request()
    getattr(bench.boundary, moment)[:] = [None, bench.disconnect]
    bench.run()
    assert state(link) == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_create_on_its_way_is_removed_too_when_the_links_are(bench: Bench, moment: str) -> None:
    link = bench.request()
    getattr(bench.boundary, moment)[:] = [None, lambda: bench.disconnect(delete_links=True)]
    bench.run()
    bench.until_settled()
    assert state(link) == LinkState.CANCELLED
    assert bench.at_vendor() == []
    actions.forget_keys()
    assert Integration.objects.get().api_key == ""


def test_a_create_that_was_turned_away_meanwhile_waits(bench: Bench) -> None:
    link = bench.request()
    bench.sandbox.fault(Fault.RATE_LIMITED_BARE, operation="createLiveInterview")
    bench.boundary.before = [None, bench.disconnect]
    bench.run()
    bench.later(3600)
    assert state(link) == LinkState.PENDING
    bench.connect()
    bench.until_settled()
    assert state(link) == LinkState.READY


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_a_lost_answer_is_settled_with_the_next_key(bench: Bench, fault: Fault) -> None:
    bench.sandbox.fault(fault, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    bench.disconnect()
    bench.later(3600)
    assert state(link) == LinkState.UNKNOWN
    bench.connect()
    bench.until_settled()
    assert state(link) == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_what_waits_ends_with_its_interview(bench: Bench) -> None:
    waiting = bench.request(bench.interview(email="a@example.com", starts_in=timedelta(days=20)))
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    lost = bench.request(bench.interview(email="b@example.com"))
    coding_links.work_on_link(lost.pk)
    bench.disconnect()
    bench.later(21 * 24 * 3600)
    for link in (waiting, lost):
        assert (state(link), link.problem_code) == (LinkState.FAILED, "too_late")


def test_a_move_while_nothing_is_connected_asks_for_the_link_that_is_needed_then(bench: Bench) -> None:
    interview = bench.interview()
    link = bench.request(interview)
    bench.run()
    bench.disconnect()
    interview.starts_at += timedelta(days=20)
    interview.ends_at += timedelta(days=20)
    interview.save()
    coding_links.interview_changed(interview=interview, actor=None)
    assert link_of(interview).is_too_early
    bench.connect()
    bench.later(10 * 24 * 3600)
    assert link_of(interview).state == LinkState.READY
    assert state(link) == LinkState.CANCELLED


# -- another company ----------------------------------------------------------------------------------------------


def test_with_a_key_of_another_company_planned_links_are_made_there(bench: Bench) -> None:
    made = bench.request(bench.interview(email="made@example.com"))
    bench.run()
    waiting = bench.request(bench.interview(email="waiting@example.com"))
    bench.workers.lose_all()
    bench.disconnect()
    bench.connect("Globex", "globex")
    bench.run()
    assert (state(made), state(waiting)) == (LinkState.READY, LinkState.READY)
    assert (made.company_id, waiting.company_id) == ("acme", "globex")
    assert {one.company for one in bench.sandbox.interviews(live_only=True)} == {"Acme Corp", "Globex"}


def test_a_request_in_a_workers_hands_is_made_at_the_company_of_the_new_key(bench: Bench) -> None:
    link = bench.request()
    bench.boundary.after = [lambda: bench.connect("Globex", "globex")]
    bench.run()
    assert (state(link), link.company_id) == (LinkState.READY, "globex")
    assert [one.company for one in bench.sandbox.interviews(live_only=True)] == ["Globex"]


def test_what_may_exist_at_the_old_company_is_left_to_a_person(bench: Bench) -> None:
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    bench.disconnect()
    bench.connect("Globex", "globex")
    bench.until_settled()
    assert (state(link), link.problem_code) == (LinkState.FAILED, "company_changed")
    coding_links.retry_link(link=link, actor=None)
    bench.until_settled()
    assert (state(link), link.company_id) == (LinkState.READY, "globex")


# -- interviews that were there before the tool -------------------------------------------------------------------


def test_interviews_scheduled_before_the_first_connect_get_their_links(bench: Bench) -> None:
    Integration.objects.update(state=Integration.State.DISCONNECTED, api_key="", company_id="", connected_at=None)
    bench.integration.refresh_from_db()
    wanted, past = planned(bench), planned(bench, "past@example.com", starts_in=timedelta(hours=-3))
    far = planned(bench, "far@example.com", starts_in=timedelta(days=40))
    plain = bench.interview(email="plain@example.com")
    bench.connect("Acme Corp", "acme")
    assert not CodingLink.objects.exists(), "nothing of it may be done in the request"
    bench.run()
    assert link_of(wanted).state == LinkState.READY
    assert link_of(wanted).by_default
    assert link_of(far).is_too_early
    assert not CodingLink.objects.filter(interview__in=[past, plain]).exists()


def test_they_are_asked_for_in_batches_the_soonest_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "BATCH", 2)
    bench.disconnect()
    days = [9, 1, 5, 3, 7]
    made = {day: planned(bench, f"d{day}@example.com", starts_in=timedelta(days=day)) for day in days}
    bench.connect()
    bench.workers.lose_all()
    coding_links.request_missing_links(bench.integration.pk)
    assert set(CodingLink.objects.values_list("interview", flat=True)) == {made[1].pk, made[3].pk}
    bench.run()
    assert set(CodingLink.objects.values_list("state", flat=True)) == {LinkState.READY}
    assert CodingLink.objects.count() == 5
    assert Integration.objects.get().default_links_due_at is None


def test_a_lost_message_is_found_by_the_sweeper(bench: Bench) -> None:
    bench.disconnect()
    interview = planned(bench)
    bench.connect()
    bench.workers.lose_all()
    bench.later(10)
    assert link_of(interview).state == LinkState.READY


def test_a_second_message_asks_for_nothing_twice(bench: Bench) -> None:
    bench.disconnect()
    planned(bench)
    bench.connect()
    bench.workers.messages *= 2
    bench.run()
    assert CodingLink.objects.count() == 1


def test_a_message_that_comes_after_the_next_disconnect_asks_for_nothing(bench: Bench) -> None:
    bench.disconnect()
    planned(bench)
    bench.connect()
    bench.disconnect()
    bench.run()
    assert not CodingLink.objects.exists()


def test_a_link_that_a_person_took_away_stays_away(bench: Bench) -> None:
    taken, in_flight = planned(bench, "a@example.com"), planned(bench, "b@example.com")
    coding_links.remove_link(link=bench.request(taken), actor=None)
    bench.workers.lose_all()
    link = bench.request(in_flight)

    def take() -> None:
        coding_links.remove_link(link=link, actor=None)

    bench.boundary.after = [None, take]
    bench.run()
    bench.until_settled()
    bench.disconnect()
    bench.connect()
    bench.run()
    assert (link_of(taken).state, link_of(in_flight).state) == (LinkState.CANCELLED, LinkState.CANCELLED)


def test_a_link_that_went_with_the_disconnect_comes_back_where_the_plan_asks_for_one(bench: Bench) -> None:
    made, in_flight = planned(bench, "a@example.com"), planned(bench, "b@example.com")
    by_hand = bench.interview(email="c@example.com")
    bench.request(made)
    bench.request(by_hand)
    bench.run()
    bench.request(in_flight)
    bench.boundary.after = [None, lambda: bench.disconnect(delete_links=True)]
    bench.run()
    bench.until_settled()
    bench.connect()
    bench.run()
    assert (link_of(made).state, link_of(in_flight).state) == (LinkState.READY, LinkState.READY)
    assert link_of(by_hand).state == LinkState.CANCELLED


def test_a_link_that_was_used_is_not_made_again(bench: Bench) -> None:
    interview = planned(bench, starts_in=timedelta(minutes=5))
    link = bench.request(interview)
    bench.run()
    CodingLink.objects.filter(pk=link.pk).update(state=LinkState.FINISHED, finished_at=timezone.now())
    bench.disconnect()
    bench.connect()
    bench.run()
    assert CodingLink.objects.get().pk == link.pk
