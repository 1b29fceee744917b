"""Links of an erased candidate are deleted at the tool and then here; or an admin sees which are not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.coding_links import erasure
from scheduling.erasure import services
from scheduling.models import Candidate, CodingLink, LinkState, VendorSnapshot
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.steps import ready

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def erase(bench: Bench) -> None:
    for candidate in Candidate.objects.order_by("pk"):
        services.delete_candidate(candidate=candidate, actor=bench.team.admin.user)
    assert not Candidate.objects.exists()


def finished(bench: Bench) -> CodingLink:
    """A coding interview that was held, with what its interviewer wrote."""
    link = ready(bench)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    CodingLink.objects.filter(pk=link.pk).update(
        state=LinkState.FINISHED, next_attempt_at=None, feedback=[{"author": "Ines", "notes": "Good"}]
    )
    return link


@pytest.mark.parametrize("make", [ready, finished])
def test_a_coding_interview_is_deleted_there_and_then_here(bench: Bench, make: object) -> None:
    make(bench)  # type: ignore[operator]
    erase(bench)
    [link] = CodingLink.objects.all()
    assert (link.state, link.candidate_name, link.candidate_email, link.candidate_key, link.feedback) == (
        "cancelling",
        "",
        "",
        "",
        [],
    )
    bench.run()
    assert not CodingLink.objects.exists() and not VendorSnapshot.objects.exists()
    assert bench.at_vendor() == []


def test_what_was_never_made_goes_at_once(bench: Bench) -> None:
    bench.request()
    erase(bench)
    assert not CodingLink.objects.exists()
    bench.run()
    assert bench.at_vendor() == []


FAULTS = [
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.ERROR_500_AFTER,
    Fault.EMPTY_BODY_AFTER,
    Fault.RATE_LIMITED_BARE,
    Fault.RATE_LIMITED_RETRY_AFTER,
    Fault.UNAVAILABLE,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_tool_only_takes_longer(bench: Bench, fault: Fault) -> None:
    ready(bench)
    bench.sandbox.fault(fault, operation="deleteLiveInterview")
    erase(bench)
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_one_that_somebody_deleted_there_is_as_good(bench: Bench) -> None:
    link = ready(bench)
    bench.sandbox.delete(link.external_id)
    erase(bench)
    bench.until_settled()
    assert not CodingLink.objects.exists()


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
def test_one_whose_create_is_lost_is_found_and_deleted(bench: Bench, fault: Fault) -> None:
    bench.sandbox.fault(fault, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.UNKNOWN
    erase(bench)
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_one_that_is_being_made_is_deleted_once_it_is_made(bench: Bench) -> None:
    link = bench.request()
    bench.boundary.after = [None, lambda: erase(bench)]
    coding_links.work_on_link(link.pk)
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_an_answer_that_comes_after_all_is_over_leaves_nothing(bench: Bench) -> None:
    """The worker was silent for so long that its link was looked for, not found, and deleted with its candidate."""
    link = bench.request()

    def erase_meanwhile() -> None:
        erase(bench)
        bench.clock.shift(timedelta(minutes=10))
        CodingLink.objects.all().delete()

    bench.boundary.after = [None, erase_meanwhile]
    coding_links.work_on_link(link.pk)
    [orphan] = CodingLink.objects.all()
    assert (orphan.candidate_name, orphan.candidate_key, orphan.state) == ("", "", "cancelling")
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_a_worker_that_was_deleting_it_does_not_keep_the_row(bench: Bench) -> None:
    link = ready(bench)
    coding_links.remove_link(link=link, actor=None)
    bench.boundary.after = [lambda: erase(bench)]
    coding_links.work_on_link(link.pk)
    bench.until_settled()
    assert not CodingLink.objects.exists()


def test_a_worker_that_dies_while_deleting_is_followed_by_another(bench: Bench) -> None:
    ready(bench)
    erase(bench)

    def die() -> None:
        raise Crash

    bench.boundary.after = [die]
    bench.run()
    assert CodingLink.objects.exists()
    bench.later(120)
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_what_never_works_is_shown_without_a_name_and_tried_again(bench: Bench) -> None:
    ready(bench)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="deleteLiveInterview", probability=1.0)
    erase(bench)
    bench.until_settled(hours=3)
    organization = bench.team.organization
    assert erasure.failed_by_tool(organization) == {"codesignal": 1}
    bench.sandbox.clear_faults()
    assert erasure.try_again(organization=organization, actor=bench.team.admin.user) == 1
    bench.run()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_what_never_works_may_be_left_there(bench: Bench) -> None:
    ready(bench)
    bench.sandbox.fault(Fault.UNAVAILABLE, operation="deleteLiveInterview", probability=1.0)
    erase(bench)
    bench.until_settled(hours=3)
    erasure.leave_there(link=CodingLink.objects.get())
    assert not CodingLink.objects.exists()
    assert len(bench.at_vendor()) == 1


def test_one_that_is_being_deleted_is_not_given_up(bench: Bench) -> None:
    ready(bench)
    erase(bench)
    erasure.leave_there(link=CodingLink.objects.get())
    assert CodingLink.objects.exists()


def test_a_revoked_key_is_shown_and_goes_on_with_the_next(bench: Bench) -> None:
    ready(bench)
    bench.sandbox.revoke(bench.integration.api_key)
    erase(bench)
    bench.run()
    bench.integration.refresh_from_db()
    assert bench.integration.state == Integration.State.PAUSED
    assert erasure.failed_by_tool(bench.team.organization) == {"codesignal": 1}
    bench.connect()
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []


def test_without_a_key_it_is_left_there_and_shown(bench: Bench) -> None:
    ready(bench)
    bench.disconnect()
    bench.clock.shift(timedelta(days=40))
    Integration.objects.update(api_key="", key_last4="", forget_key_at=None)
    erase(bench)
    for _ in range(3):
        bench.later(60)
    [link] = erasure.failed(bench.team.organization)
    assert link.problem_code == "left_without_key"
    assert link.events.count() < 8  # not one more with each sweep
    assert link.next_attempt_at is None or link.next_attempt_at > timezone.now() - timedelta(days=1)


def test_one_that_was_left_at_the_tool_before_is_deleted_now(bench: Bench) -> None:
    link = ready(bench)
    CodingLink.objects.filter(pk=link.pk).update(company_id="elsewhere")
    coding_links.remove_link(link=CodingLink.objects.get(), actor=None)
    assert CodingLink.objects.get().state == LinkState.CANCELLED
    CodingLink.objects.update(company_id="acme")
    erase(bench)
    bench.until_settled()
    assert not CodingLink.objects.exists()
    assert bench.at_vendor() == []
