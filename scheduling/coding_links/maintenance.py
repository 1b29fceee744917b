"""Made links: delete, edit, fetch, expire and replace them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.base import (
    CredentialsRejected,
    Gone,
    LinkRequest,
    Refused,
    Retryable,
    ToolError,
    VendorLink,
    VendorStatus,
)
from integrations.models import Integration
from integrations.vendor_calls import call
from organizations.waits import back_off
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.candidate_keys import candidate_key_of, email_of
from scheduling.coding_links.creation import MAX_ATTEMPTS
from scheduling.coding_links.dispatch import enqueue
from scheduling.coding_links.removal import abandon, cancel_at_vendor
from scheduling.coding_links.requests import replacement
from scheduling.coding_links.transitions import (
    NOTHING_OF_THEM,
    RELEASED,
    compare_and_set,
    release,
    transition,
)
from scheduling.models import CodingLink, LinkState

# Used this long before its interview, a link was tried out: the interview gets another.
EARLY = timedelta(minutes=15)
MAX_REPLACEMENTS_A_DAY = 4
# How often a link is tried again that could not be deleted and has no page any more with a "Try again".
REMOVE_AGAIN = timedelta(hours=6)


def cancel(link: CodingLink) -> None:
    """Delete a claimed CANCELLING link at the vendor. Gone already is as good."""
    if link.is_elsewhere:
        abandon(link, because="left_elsewhere", code="company_changed")
        return
    try:
        call(link.integration, lambda tool: tool.cancel_link(link.external_id))
    except Gone:
        pass
    except ToolError as problem:
        if isinstance(problem, CredentialsRejected) and _is_last_key(link.integration):
            abandon(link, because="left_without_key", code="key_gone")
        else:
            _defer(link, problem)
        return
    transition(link, LinkState.CANCELLED, code="deleted", problem_code="", problem_params={}, next_attempt_at=None)


def _is_last_key(integration: Integration) -> bool:
    """Whether nobody will replace the key, since its organization disconnected it: a dead one is not tried again."""
    return Integration.objects.filter(pk=integration.pk, state=Integration.State.DISCONNECTED).exists()


def _defer(link: CodingLink, problem: ToolError) -> None:
    """Defer a delete or an edit. Both may be repeated freely, so a lost answer is just another reason to come back."""
    columns = problem.columns() if problem.code else {"problem_code": "trouble", "problem_params": {}}
    attempts = link.attempts + 1
    at = timezone.now() + back_off(attempts)
    if isinstance(problem, CredentialsRejected):
        attempts, at = link.attempts, timezone.now()
    elif isinstance(problem, Retryable) and problem.rate_limited:
        attempts, at = link.attempts, timezone.now() + timedelta(seconds=max(1.0, problem.retry_after or 1.0))
    elif isinstance(problem, Refused) or attempts >= MAX_ATTEMPTS:
        _give_up(link, attempts, columns)
        return
    release(link, at, attempts=attempts, **columns)


def _give_up(link: CodingLink, attempts: int, columns: dict[str, Any]) -> None:
    """Leave a link on its page with the reason and "Try again". One without a page is tried until it has expired.

    One of an erased candidate is tried every few hours, until it works or an admin ends it.
    """
    later = validity.next_fetch(link, link.interview)
    if link.state == LinkState.CANCELLING:
        later = None
        if link.erase_asked_at is not None:
            later, columns = timezone.now() + REMOVE_AGAIN, columns | NOTHING_OF_THEM
        elif link.interview is None:
            now = timezone.now()
            if link.expires_at is None or link.expires_at <= now:
                transition(link, LinkState.CANCELLED, code="gave_up", because="expired_there", next_attempt_at=None)
                return
            later = min(now + REMOVE_AGAIN, link.expires_at)
    release(link, later, attempts=attempts, edit_due=False, **columns)


def maintain(link: CodingLink) -> None:
    """Tell the vendor of a claimed made link's edit, or fetch how it is doing."""
    interview = link.interview
    if link.is_elsewhere:
        # The key can't see it. Only its time is left to go by.
        if not _expire_if_due(link):
            release(link, validity.next_fetch(link, interview))
        return
    if link.edit_due and interview is not None:
        _edit(link)
        return
    try:
        seen = call(link.integration, lambda tool: tool.fetch_link(link.external_id))
    except ToolError as problem:
        _fetch_failed(link, problem)
        return
    if seen is None:
        _missing(link)
    else:
        _apply(link, seen)


def _missing(link: CodingLink) -> None:
    """Check by a look-up that the vendor does not have a link: a fault may say so too."""
    try:
        found = lookups.look_up(link)
    except ToolError as problem:
        _fetch_failed(link, problem)
        return
    there = any(one.external_id == link.external_id for one in found.links)
    if there or (link.state == LinkState.ACTIVE and not found.complete):
        release(link, timezone.now() + back_off(min(link.attempts + 1, MAX_ATTEMPTS)))
    else:
        _vanished(link)


def _fetch_failed(link: CodingLink, problem: ToolError) -> None:
    """Fetch again later, without a word on the page: a failed fetch is no trouble of the link's."""
    attempts = min(link.attempts + 1, MAX_ATTEMPTS)
    at = timezone.now() + back_off(attempts)
    if isinstance(problem, CredentialsRejected):
        at = timezone.now()
    elif isinstance(problem, Retryable) and problem.retry_after:
        at = timezone.now() + timedelta(seconds=problem.retry_after)
    release(link, at, attempts=attempts)


def _edit(link: CodingLink) -> None:
    interview = link.interview
    assert interview is not None  # noqa: S101 - the caller checked
    candidate = interview.schedule.candidate
    request = LinkRequest(
        candidate_name=candidate.name, candidate_email=email_of(candidate_key_of(candidate.email)), lifetime=None
    )
    try:
        call(link.integration, lambda tool: tool.update_link(link.external_id, request))
    except Gone:
        _vanished(link)
        return
    except ToolError as problem:
        _defer(link, problem)
        return
    sent = (candidate.name, candidate.email)
    candidate.refresh_from_db()
    again = (candidate.name, candidate.email) != sent
    release(
        link,
        timezone.now() if again else validity.next_fetch(link, interview),
        attempts=0,
        candidate_name=sent[0],
        candidate_email=sent[1],
        candidate_key=candidate_key_of(sent[1]),
        edit_due=again,
        problem_code="",
        problem_params={},
    )


@transaction.atomic
def _vanished(link: CodingLink) -> None:
    """Replace a link that somebody deleted at the vendor, unless that goes on and on."""
    interview = link.interview
    if link.state in {LinkState.FINISHED, LinkState.EXPIRED}:
        release(link, None)
        return
    if link.state == LinkState.READY:
        # Deleted once more, which harms nobody: should it be there after all, it must not stay beside its successor.
        cancel_at_vendor(link, code="vanished", actor=None)
    else:
        transition(link, LinkState.CANCELLED, code="vanished", next_attempt_at=None, edit_due=False)
    if link.state in {LinkState.READY, LinkState.ACTIVE}:
        return
    if interview is None or interview.is_cancelled or validity.is_over(interview):
        return
    new = replacement(link, interview, code="replaces_vanished")
    day = timezone.now() - timedelta(days=1)
    made_today = CodingLink.objects.filter(interview=interview, created_at__gte=day).count()
    if new is not None and made_today > MAX_REPLACEMENTS_A_DAY:
        transition(
            new,
            LinkState.FAILED,
            code="keeps_vanishing",
            problem_code="keeps_vanishing",
            next_attempt_at=None,
        )


@transaction.atomic
def _apply(link: CodingLink, seen: VendorLink) -> None:
    """Store what the vendor says: state, times, feedback."""
    columns: dict[str, Any] = {
        "started_at": seen.started_at or link.started_at,
        "finished_at": seen.finished_at or link.finished_at,
        "feedback": [asdict(one) for one in seen.feedback],
        "attempts": 0,
    }
    if seen.status is VendorStatus.DELETED:
        _vanished(link)
        return
    if seen.status is VendorStatus.FINISHED and link.state in {
        LinkState.READY,
        LinkState.ACTIVE,
        LinkState.EXPIRED,
    }:
        if seen.started_at is None and link.state != LinkState.ACTIVE:
            _expired(link)
            return
        columns["finished_at"] = columns["finished_at"] or timezone.now()
        transition(link, LinkState.FINISHED, code="finished", **columns)
        _replace_if_early(link)
    elif seen.status is VendorStatus.ACTIVE and link.state == LinkState.READY:
        columns["started_at"] = columns["started_at"] or timezone.now()
        transition(link, LinkState.ACTIVE, code="started", **columns)
    elif _replace_in_time(link) or _expire_if_due(link):
        return
    elif compare_and_set(link, **RELEASED, **columns):
        link.claim = ""
    else:
        return
    compare_and_set(link, next_attempt_at=validity.next_fetch(link, link.interview))


def _replace_in_time(link: CodingLink) -> bool:
    interview = link.interview
    if link.state != LinkState.READY or interview is None or not validity.dies_too_early(link, interview):
        return False
    if validity.is_over(interview) or interview.is_cancelled:
        return False
    cancel_at_vendor(link, code="dies_too_early", actor=None)
    replacement(link, interview, code="replaces")
    return True


def _expire_if_due(link: CodingLink) -> bool:
    if link.state == LinkState.READY and link.expires_at is not None and link.expires_at <= timezone.now():
        _expired(link)
        return True
    return False


def _expired(link: CodingLink) -> None:
    interview = link.interview
    if link.state == LinkState.EXPIRED:
        release(link, None)
        return
    expired = transition(link, LinkState.EXPIRED, code="expired", next_attempt_at=None)
    if expired and interview is not None and not interview.is_cancelled and not validity.is_over(interview):
        replacement(link, interview, code="replaces_expired")


def _replace_if_early(link: CodingLink) -> None:
    interview, finished = link.interview, link.finished_at
    if interview is None or finished is None or interview.is_cancelled:
        return
    if interview.starts_at > timezone.now() + EARLY:
        new = replacement(link, interview, code="used_early")
        if new is not None:
            enqueue(new)
