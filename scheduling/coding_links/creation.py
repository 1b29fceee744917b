"""Creating a link: the row is claimed and committed, the vendor is called, then comes the transition.

A create whose outcome is not known is never sent again: `reconciliation` looks first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations import rate_limit
from integrations.base import (
    CredentialsRejected,
    LinkRequest,
    OutcomeUnknown,
    Refused,
    Retryable,
    ToolError,
    VendorLink,
)
from integrations.vendor_calls import MAX_WAIT, call
from organizations.waits import back_off
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.adoption import RETRY_BUSY_CANDIDATE, drop_if_unwanted, mark_ready, wake_same_candidate
from scheduling.coding_links.candidate_keys import email_of
from scheduling.coding_links.dispatch import enqueue
from scheduling.coding_links.transitions import RELEASED, compare_and_set, lease, release, transition
from scheduling.models import CodingLink, LinkState, VendorSnapshot

LookUp = Callable[[CodingLink], VendorSnapshot]

MAX_ATTEMPTS = 10
# The problem code of a request from a backup: `restored`. Its create may have been sent after the backup was made.
RESTORED = "restored"
# Seconds that a create may wait for another slot when it missed its own.
MAX_WAIT_AFTER_MISS = 3.0


def create(link: CodingLink, look_up: LookUp = lookups.snapshot_for) -> bool:
    """Create a claimed PENDING link. Ends READY, PENDING (later), UNKNOWN, FAILED or CANCELLED.

    False where the candidate could not be looked up: the vendor is in trouble.
    """
    if not still_wanted(link):
        return True
    try:
        snapshot = look_up(link)
    except ToolError as problem:
        defer(link, problem)
        return False
    slot = rate_limit.reserve(link.integration_id, "write", max_wait=MAX_WAIT)
    if begin(link, snapshot, slot):
        _send(link, slot)
    return True


def _look_first(link: CodingLink) -> None:
    """Make a claimed link from a backup UNKNOWN: what the tool has for the candidate is found and adopted."""
    earlier = VendorSnapshot.objects.filter(
        integration_id=link.integration_id, candidate_key=link.candidate_key, taken_at__lte=link.sent_at
    ).first()
    now = timezone.now()
    try:
        with transaction.atomic():
            moved = transition(
                link,
                LinkState.UNKNOWN,
                code=RESTORED,
                problem_code="",
                known_ids=earlier.external_ids if earlier else [],
                known_complete=earlier is None or earlier.complete,
                next_attempt_at=now,
            )
    except IntegrityError:
        # Another link of the candidate is looked for: this one's turn comes after it.
        release(link, now + timedelta(seconds=RETRY_BUSY_CANDIDATE))
        return
    if moved:
        enqueue(link)


def begin(link: CodingLink, snapshot: VendorSnapshot, slot: datetime) -> bool:
    """Make a claimed PENDING link CREATING, before its create is sent. False when that is not to be sent now."""
    try:
        return transition(link, LinkState.CREATING, code="sent", **fields_of_create(link, snapshot, slot))
    except IntegrityError:
        # Another create for the same candidate is on its way: this one's turn comes after it.
        release(link, timezone.now() + timedelta(seconds=RETRY_BUSY_CANDIDATE))
        return False


def fields_of_create(
    link: CodingLink, snapshot: VendorSnapshot, slot: datetime, now: datetime | None = None
) -> dict[str, Any]:
    """Columns of a link that becomes CREATING, to be sent at `slot`."""
    now = now or timezone.now()
    return {
        "claim": link.claim,
        "claimed_at": now,
        "sent_at": max(now, slot),
        "attempts": link.attempts + 1,
        "known_ids": snapshot.external_ids,
        "known_complete": snapshot.complete,
        "company_id": link.integration.company_id,
        "next_attempt_at": max(now, slot) + lease(),
    }


def still_wanted(link: CodingLink) -> bool:
    """Whether a claimed PENDING link is to be made now. One that is not is moved, or released until later."""
    interview, now = link.interview, timezone.now()
    if interview is None or interview.is_cancelled or link.cancel_asked:
        transition(link, LinkState.CANCELLED, code="interview_cancelled", next_attempt_at=None)
        return False
    if validity.is_over(interview, now):
        fail_as_too_late(link)
        return False
    earliest = validity.not_before(interview, link.integration.kind)
    if earliest is not None and earliest > now:
        release(link, earliest, not_before=earliest)
        return False
    if link.problem_code == RESTORED:
        _look_first(link)
        return False
    return True


def fail_as_too_late(link: CodingLink) -> None:
    """Fail a request whose interview is over."""
    transition(
        link,
        LinkState.FAILED,
        code="too_late",
        problem_code="too_late",
        problem_params={},
        next_attempt_at=None,
    )


def _send(link: CodingLink, slot: datetime) -> None:
    request = request_of(link)

    def answer() -> VendorLink:
        rate_limit.wait_until(link.integration_id, "write", slot, max_wait=MAX_WAIT_AFTER_MISS)
        return call(link.integration, lambda tool: tool.create_link(request), slot_is_taken=True)

    settle(link, answer)


def request_of(link: CodingLink) -> LinkRequest:
    return LinkRequest(
        candidate_name=link.candidate_name,
        candidate_email=email_of(link.candidate_key),
        lifetime=validity.limits(link.integration.kind).max_lifetime,
        template_id=link.template_id,
        template_locked=link.template_locked,
    )


def settle(link: CodingLink, answer: Callable[[], VendorLink]) -> None:
    """Move a CREATING link on by what `answer` returns, or raises: NoSlot, or one of the contract's errors."""
    made = made_by(link, answer)
    if made is not None:
        mark_ready(link, made)


def made_by(link: CodingLink, answer: Callable[[], VendorLink]) -> VendorLink | None:
    """Return what `answer` returns. None where it raises, after the link has been moved on by that."""
    try:
        return answer()
    except rate_limit.NoSlot as full:
        transition(link, LinkState.PENDING, code="slot_missed", attempts=link.attempts - 1, next_attempt_at=full.at)
    except OutcomeUnknown as problem:
        transition(
            link,
            LinkState.UNKNOWN,
            code="answer_lost",
            next_attempt_at=timezone.now(),
            **problem.columns(),
        )
        enqueue(link)
    except ToolError as problem:
        defer(link, problem)
    wake_same_candidate(link)
    return None


def defer(link: CodingLink, problem: ToolError) -> None:
    """Defer a link that the vendor certainly did nothing for: to PENDING, or to FAILED where a person has to act."""
    columns = problem.columns()
    if isinstance(problem, Refused):
        _put(link, LinkState.FAILED, "refused", next_attempt_at=None, **columns)
    elif isinstance(problem, CredentialsRejected):
        # The integration pauses; the link waits for the new key and has lost no try.
        attempts = max(0, link.attempts - (link.state == LinkState.CREATING))
        _put(link, LinkState.PENDING, "key_rejected", attempts=attempts, next_attempt_at=timezone.now(), **columns)
    elif isinstance(problem, Retryable) and problem.rate_limited:
        attempts = max(0, link.attempts - (link.state == LinkState.CREATING))
        wait = max(1.0, problem.retry_after or 1.0)
        at = timezone.now() + timedelta(seconds=wait)
        _put(link, LinkState.PENDING, "slowed_down", attempts=attempts, next_attempt_at=at, **columns)
    elif link.attempts >= MAX_ATTEMPTS:
        _put(link, LinkState.FAILED, "gave_up", next_attempt_at=None, **columns)
    else:
        attempts = max(1, link.attempts)
        at = timezone.now() + back_off(attempts)
        if isinstance(problem, Retryable) and problem.retry_after:
            at = max(at, timezone.now() + timedelta(seconds=problem.retry_after))
        # A look-up that failed counts as a try too, or an outage would never come to an end on the page.
        attempts = link.attempts + (link.state == LinkState.PENDING)
        _put(link, LinkState.PENDING, "put_off", attempts=attempts, next_attempt_at=at, **columns)


def _put(link: CodingLink, to: str, code: str, **fields: Any) -> None:
    if link.state == to:
        compare_and_set(link, **RELEASED, **fields)
        return
    with transaction.atomic():
        if transition(link, to, code=code, because=fields["problem_code"], params=fields["problem_params"], **fields):
            drop_if_unwanted(link)
