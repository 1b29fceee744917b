"""Changes under a create that is on its way: spellings, keys, companies, and what people want."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.truth import another_company, let_pass

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def lost(bench: Bench, fault: Fault = Fault.DROP_BEFORE, *, email: str = "ada@example.com") -> CodingLink:
    """A link whose create got no answer."""
    link = bench.request(bench.interview(email=email))
    bench.sandbox.fault(fault, operation="createLiveInterview")
    coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.UNKNOWN
    return link


def test_a_choice_that_waits_for_a_person_holds_up_no_other_link(bench: Bench) -> None:
    link = lost(bench)
    for _ in range(2):
        bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    other = bench.request(bench.interview())
    let_pass(bench, hours=3)
    link.refresh_from_db()
    other.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.UNKNOWN, "ambiguous")
    assert other.state == LinkState.READY
    assert other.external_id not in [choice["id"] for choice in link.choices]


@pytest.mark.parametrize("address", ["Ada.Byron@Example.COM", " ada@example.com "])
def test_a_lost_create_is_found_however_the_address_is_spelt(bench: Bench, address: str) -> None:
    """The vendor may look addresses up by their exact spelling; it does not say."""
    link = lost(bench, Fault.DROP_AFTER, email=address)
    let_pass(bench, hours=3)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_a_new_company_is_looked_at_with_fresh_eyes(bench: Bench) -> None:
    """A snapshot of the old company says nothing about what was there before at the new one."""
    foreign = bench.sandbox.add_interview(
        company="Globex", candidate_email="ada@example.com", candidate_name="Ada Byron"
    )
    first = bench.request()
    bench.run()
    another_company(bench)
    second = lost(bench, Fault.DROP_BEFORE)
    let_pass(bench, hours=3)
    second.refresh_from_db()
    assert second.state == LinkState.READY
    assert second.external_id != foreign.id
    assert sorted(bench.at_vendor()) == sorted(
        [foreign.id, CodingLink.objects.get(pk=first.pk).external_id, second.external_id]
    )


def test_a_look_with_the_old_key_counts_for_nothing_under_the_new(bench: Bench) -> None:
    foreign = bench.sandbox.add_interview(
        company="Globex", candidate_email="ada@example.com", candidate_name="Ada Byron"
    )
    link = bench.request()
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    bench.boundary.after = [lambda: another_company(bench)]  # the look has been made, its answer not yet stored
    let_pass(bench, hours=3)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert sorted(bench.at_vendor()) == sorted([foreign.id, link.external_id])


def test_an_answer_lost_under_the_old_key_is_not_looked_for_with_the_new(bench: Bench) -> None:
    link = bench.request()
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    bench.boundary.before = [None, lambda: another_company(bench)]  # after the look, while the create is sent
    let_pass(bench, hours=3)
    link.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.FAILED, "company_changed")
    assert len(bench.at_vendor()) == 1


def test_a_deletion_that_the_new_key_cannot_do_says_so(bench: Bench) -> None:
    link = bench.request()
    bench.run()
    coding_links.remove_link(link=link, actor=None)
    another_company(bench)
    asked = len(bench.sandbox.requests)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert link.events.latest("id").params == {"because": "left_elsewhere"}
    assert len(bench.sandbox.requests) == asked


def test_what_nobody_wants_any_more_asks_nobody_to_choose(bench: Bench) -> None:
    link = lost(bench)
    for _ in range(2):
        bench.sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada Byron")
    coding_links.remove_link(link=link, actor=None)
    waiting = bench.request(bench.interview())
    let_pass(bench, hours=3)
    link.refresh_from_db()
    waiting.refresh_from_db()
    assert link.state == LinkState.CANCELLED
    assert link.events.latest("id").params == {"because": "left_as_is"}
    assert waiting.state == LinkState.READY


def test_a_paused_key_costs_no_work(bench: Bench) -> None:
    bench.request()
    bench.sandbox.fault(Fault.UNAUTHORIZED)
    with CaptureQueriesContext(connection) as captured:
        bench.work_on_queue()
    assert Integration.objects.get().state == Integration.State.PAUSED
    assert len(captured) < 60


def rename(bench: Bench, link: CodingLink, name: str = "Ada Lovelace") -> None:
    interview = Interview.objects.select_related("schedule__candidate").get(coding_links=link)
    candidate = interview.schedule.candidate
    candidate.name, candidate.email = name, "lovelace@example.com"
    candidate.save()
    coding_links.candidate_changed(candidate=candidate)


@pytest.mark.parametrize("call", [0, 1], ids=["while it is looked for", "while it is made"])
def test_a_name_changed_under_a_request_reaches_the_vendor(bench: Bench, call: int) -> None:
    link = bench.request()
    bench.boundary.before = [*[None] * call, lambda: rename(bench, link)]
    let_pass(bench, hours=1)
    link.refresh_from_db()
    assert (link.state, link.candidate_name) == (LinkState.READY, "Ada Lovelace")
    (there,) = bench.sandbox.interviews(live_only=True)
    assert (there.candidate_name, there.candidate_email) == ("Ada Lovelace", "lovelace@example.com")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_name_changed_while_the_link_is_looked_at_reaches_the_vendor(bench: Bench, moment: str) -> None:
    link = bench.request()
    bench.run()
    setattr(bench.boundary, moment, [lambda: rename(bench, link)])
    bench.later(24 * 3600 + 60)
    let_pass(bench, hours=0.1)
    (there,) = bench.sandbox.interviews(live_only=True)
    assert there.candidate_name == "Ada Lovelace"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_name_changed_again_while_it_is_told_reaches_the_vendor_last(bench: Bench, moment: str) -> None:
    link = bench.request()
    bench.run()
    setattr(bench.boundary, moment, [lambda: rename(bench, link, "Countess of Lovelace")])
    rename(bench, link)
    let_pass(bench, hours=0.1)
    (there,) = bench.sandbox.interviews(live_only=True)
    assert there.candidate_name == "Countess of Lovelace"
    assert not CodingLink.objects.get(pk=link.pk).edit_due


@pytest.mark.parametrize("call", [0, 1], ids=["while it is looked for", "while it is made"])
def test_an_interview_moved_under_a_request_gets_a_link_that_lives_long_enough(bench: Bench, call: int) -> None:
    interview = bench.interview()
    link = bench.request(interview)

    def move() -> None:
        interview.starts_at += timedelta(days=20)
        interview.ends_at += timedelta(days=20)
        interview.save()
        coding_links.interview_changed(interview=interview, actor=None)

    bench.boundary.before = [*[None] * call, move]
    let_pass(bench, hours=0.1)
    newest = CodingLink.objects.filter(interview=interview).latest("id")
    assert newest.state == LinkState.PENDING and newest.is_too_early
    assert bench.at_vendor() == []
    assert link.pk == newest.pk or CodingLink.objects.get(pk=link.pk).state == LinkState.CANCELLED


def test_an_interview_moved_forward_while_its_link_is_made_is_looked_after_at_its_new_time(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(days=6))
    link = bench.request(interview)

    def move() -> None:
        interview.starts_at -= timedelta(days=3)
        interview.ends_at -= timedelta(days=3)
        interview.save()
        coding_links.interview_changed(interview=interview, actor=None)

    bench.boundary.before = [None, move]
    let_pass(bench, hours=0.1)
    link.refresh_from_db()
    assert (link.state, link.next_attempt_at) == (LinkState.READY, interview.starts_at - timedelta(days=1))


def test_an_event_that_comes_while_the_link_is_fetched_is_not_lost(bench: Bench) -> None:
    interview = bench.interview(starts_in=timedelta(hours=25))
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()

    def begin() -> None:
        bench.sandbox.start_interview(link.external_id)
        coding_links.vendor_says(integration=bench.integration, external_id=link.external_id)

    bench.boundary.after = [begin]  # the answer on its way is from before
    bench.later(3660)
    let_pass(bench, hours=0.01)
    link.refresh_from_db()
    assert link.state == LinkState.ACTIVE
