"""Checks of the promise: what must hold between our rows, our pages and the vendor, whatever happened."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from integrations.models import Integration
from integrations.sandbox import InterviewView
from organizations.access import Access
from scheduling import coding_links
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench

# Longer than any request is held by the sandbox in these tests.
QUIET_WITHIN = 10.0


def quiet(bench: Bench) -> None:
    """Wait until the vendor has finished with every request that it was sent, late ones included."""
    assert bench.sandbox.wait_for_requests(len(bench.sandbox.requests), answered=True, timeout=QUIET_WITHIN)


def resume(bench: Bench) -> bool:
    """Make a paused key work again, as the end of "Replace key" does. False when it was not paused."""
    if not Integration.objects.filter(pk=bench.integration.pk, state=Integration.State.PAUSED).update(
        state=Integration.State.CONNECTED, problem_code="", problem_params={}
    ):
        return False
    bench.integration.refresh_from_db()
    coding_links.on_integration_event("resumed", bench.integration, None)
    return True


def another_company(bench: Bench) -> None:
    """Replace the key by one of another company, which can't see what the old one made."""
    key = bench.sandbox.make_key(company="Globex")
    Integration.objects.update(api_key=key, company_id="globex", key_version=2)
    bench.integration.refresh_from_db()
    coding_links.on_integration_event("company_changed", bench.integration, None)


def let_pass(bench: Bench, hours: float, *, most: int = 400) -> None:
    """Let time pass from timer to timer. The vendor's late effects come before the clock moves, as they do in life."""
    end = timezone.now() + timedelta(hours=hours)
    for _ in range(most):
        quiet(bench)
        bench.run()
        if resume(bench):
            continue
        if timezone.now() >= end:
            return
        # What is due and was not claimed just now waits for something else to happen.
        timers = CodingLink.objects.filter(next_attempt_at__gt=timezone.now(), next_attempt_at__lte=end)
        due = timers.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first() or end
        due = min([due, *(at for at, _message in bench.workers.delayed)])
        quiet(bench)
        bench.later(max(0.01, (due - timezone.now()).total_seconds() + 0.01))
    raise AssertionError(f"this does not come to an end: {reasons(bench)}")


def ours_at_vendor(bench: Bench) -> dict[str, InterviewView]:
    """The live interviews that were made with a key, by id; what somebody made there by hand is left out."""
    return {one.id: one for one in bench.sandbox.interviews(live_only=True) if one.key_id is not None}


def rows_on_page(bench: Bench) -> list[LinkRow]:
    """Every interview as a recruiter's page shows it."""
    team = bench.team
    interviews = Interview.objects.filter(organization=team.organization).order_by("id")
    return link_rows(interviews, Access(team.organization, team.recruiter.user, team.recruiter))


def shown_url(row: LinkRow) -> str:
    return row.link.url if row.link is not None and row.link.is_usable else ""


def check_pages(bench: Bench) -> None:
    """Check at any moment: each URL shown is the vendor's for this id, and is shown for one interview only."""
    everything = {one.id: one for one in bench.sandbox.interviews(live_only=False)}
    shown: Counter[str] = Counter()
    for row in rows_on_page(bench):
        if url := shown_url(row):
            assert row.link is not None
            assert url == everything[row.link.external_id].url, "a wrong link on a page"
            shown[url] += 1
    assert all(times == 1 for times in shown.values()), "one link shown for two interviews"


def check_never_two(bench: Bench) -> None:
    """Check at any moment: of what we made and do not delete, no interview has two at the vendor.

    What a key of another company could not delete stays there, and the history says so.
    """
    live = ours_at_vendor(bench)
    kept = CodingLink.objects.filter(external_id__in=live, interview__isnull=False).exclude(state=LinkState.CANCELLING)
    left = ["left_elsewhere", "expired_there"]
    kept = kept.exclude(state=LinkState.CANCELLED, events__params__because__in=left)
    per_interview = Counter(kept.values_list("interview_id", flat=True))
    assert all(times == 1 for times in per_interview.values()), f"two live links for one interview: {reasons(bench)}"


def check_end(bench: Bench) -> None:
    """Check after all trouble: each wanted interview has one working link or says what is wrong; no orphans."""
    check_pages(bench)
    live = ours_at_vendor(bench)
    accounted = set()
    for row in rows_on_page(bench):
        link = row.link
        if link is None or link.state in {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED}:
            continue
        if link.state in {LinkState.READY, LinkState.ACTIVE}:
            assert link.external_id in live, f"{link} is not at the vendor"
            accounted.add(link.external_id)
        else:
            assert link.is_too_early or row.view.problem, f"{link} failed without a word: {bench.codes(link)}"
    assert set(live) == accounted, f"left over at the vendor: {set(live) - accounted}"


def reasons(bench: Bench) -> list[str]:
    """The history of all links, for a failing test's message."""
    return [f"{link.pk} {link.state} {bench.codes(link)}" for link in CodingLink.objects.order_by("id")]
