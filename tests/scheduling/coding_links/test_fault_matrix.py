"""Every fault on every kind of request: whatever was lost, each interview ends with one working link.

A cell is one fault at one place. It happens twice (the retry meets it too), then the vendor works again and time
passes. The run's summary says how many cells held. `make test` tries creations with one fault of
each kind, and `make test-all` everywhere with all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.truth import check_end, check_never_two, let_pass, ours_at_vendor, reasons

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

TIMES = 2
ONE_OF_EACH_KIND = {
    Fault.DROP_AFTER,
    Fault.ERROR_500_AFTER,
    Fault.UNAVAILABLE,
    Fault.UNAUTHORIZED,
    Fault.RATE_LIMITED_RETRY_AFTER,
    Fault.ERRORS_IN_200_AFTER,
    Fault.NULL_DATA_AFTER,
    Fault.SILENCE_THEN_ACT,
}


@dataclass(frozen=True)
class Place:
    """Where the fault happens: `operation` at the vendor, reached by `act`; `expect` says what must have come of it."""

    operation: str
    act: Callable[[Bench], CodingLink]
    ready: bool
    expect: Callable[[Bench, CodingLink], None]


def nothing(bench: Bench) -> CodingLink:
    return bench.request()


def one_ready(bench: Bench, link: CodingLink) -> None:
    assert link.state == LinkState.READY, reasons(bench)
    assert list(ours_at_vendor(bench)) == [link.external_id]


def rename(bench: Bench) -> CodingLink:
    link = CodingLink.objects.get()
    assert link.interview is not None
    candidate = link.interview.schedule.candidate
    candidate.name, candidate.email = "Ada Lovelace", "lovelace@example.com"
    candidate.save()
    coding_links.candidate_changed(candidate=candidate)
    return link


def renamed(bench: Bench, link: CodingLink) -> None:
    one_ready(bench, link)
    (there,) = ours_at_vendor(bench).values()
    assert (there.candidate_name, there.candidate_email) == ("Ada Lovelace", "lovelace@example.com")
    assert (link.edit_due, link.problem_code) == (False, "")


def remove(bench: Bench) -> CodingLink:
    return coding_links.remove_link(link=CodingLink.objects.get(), actor=None)


def removed(bench: Bench, link: CodingLink) -> None:
    assert link.state == LinkState.CANCELLED, reasons(bench)
    assert ours_at_vendor(bench) == {}


def begin_there(bench: Bench) -> CodingLink:
    """The candidate and the interviewer begin; without a webhook that is found by fetching near the interview."""
    link = CodingLink.objects.get()
    bench.sandbox.start_interview(link.external_id)
    bench.later(timedelta(days=1).total_seconds() + 60)
    return link


def seen_begun(bench: Bench, link: CodingLink) -> None:
    assert link.state == LinkState.ACTIVE, reasons(bench)
    assert list(ours_at_vendor(bench)) == [link.external_id]


def lose_a_create(bench: Bench) -> CodingLink:
    bench.sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")
    link = bench.request()
    coding_links.work_on_link(link.pk)
    assert CodingLink.objects.get(pk=link.pk).state == LinkState.UNKNOWN
    return link


PLACES = {
    "create": Place("createLiveInterview", nothing, ready=False, expect=one_ready),
    "edit": Place("editLiveInterview", rename, ready=True, expect=renamed),
    "delete": Place("deleteLiveInterview", remove, ready=True, expect=removed),
    "fetch": Place("liveInterview", begin_there, ready=True, expect=seen_begun),
    "list": Place("liveInterviews", nothing, ready=False, expect=one_ready),
}


@pytest.fixture
def inject(bench: Bench, settings: Any) -> Callable[[str, Fault], None]:
    """Let a fault happen at an operation from now on.

    Only against silence do calls give up early, after a quarter of a second, and the vendor acts shortly after that:
    on a busy machine an honest answer may take as long.
    """

    def begin(operation: str, fault: Fault) -> None:
        if fault.silent:
            settings.CODESIGNAL_TIMEOUT = 0.25
            bench.sandbox.configure(hold=0.35)
        bench.sandbox.fault(fault, operation=operation, times=TIMES)

    return begin


each_fault = pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.value)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        pytest.param(
            PLACES[name],
            fault,
            id=f"{name}-{fault.value}",
            marks=[] if name == "create" and fault in ONE_OF_EACH_KIND else [pytest.mark.thorough],
        )
        for name in PLACES
        for fault in Fault
    ],
)
def test_cell(bench: Bench, inject: Callable[[str, Fault], None], place: Place, fault: Fault) -> None:
    if place.ready:
        bench.request()
        bench.run()
    inject(place.operation, fault)
    link = place.act(bench)
    check_never_two(bench)
    let_pass(bench, hours=3)
    link.refresh_from_db()
    assert bench.sandbox.faults_fired.get(fault.value, 0) >= 1, "the fault never happened"
    check_end(bench)
    place.expect(bench, link)


@pytest.mark.thorough
@each_fault
def test_cell_in_the_look_after_a_lost_create(bench: Bench, inject: Callable[[str, Fault], None], fault: Fault) -> None:
    link = lose_a_create(bench)
    inject("liveInterviews", fault)
    let_pass(bench, hours=3)
    link.refresh_from_db()
    assert bench.sandbox.faults_fired.get(fault.value, 0) >= 1 or fault is Fault.DROP_AFTER
    check_end(bench)
    one_ready(bench, link)
    creates = [request for request in bench.sandbox.requests if request.operation == "createLiveInterview"]
    assert len(creates) == 1
