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
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.candidate_keys import email_of
from scheduling.coding_links.dispatch import dispatch_queue, enqueue
from scheduling.coding_links.removal import cancel_at_vendor
from scheduling.coding_links.transitions import (
    NOTHING_OF_THEM,
    RELEASED,
    back_off,
    compare_and_set,
    insert,
    lease,
    release,
    transition,
)
from scheduling.models import CodingLink, Interview, LinkState, VendorSnapshot

LookUp = Callable[[CodingLink], VendorSnapshot]

MAX_ATTEMPTS = 10
# The problem code of a request from a backup: `restored`. Its create may have been sent after the backup was made.
RESTORED = "restored"
# Seconds until a link is tried again whose candidate has another create on its way.
RETRY_BUSY_CANDIDATE = 3.0
# Seconds that a create may wait for another slot when it missed its own.
MAX_WAIT_AFTER_MISS = 3.0


def create(link: CodingLink, look_up: LookUp = lookups.snapshot_for) -> bool:
    """Create a claimed PENDING link. Ends READY, PENDING (later), UNKNOWN, FAILED or CANCELLED.

    False where the candidate could not be looked up: the vendor is in trouble.
    """
    if not _still_wanted(link):
        return True
    if link.problem_code == RESTORED:
        _look_first(link)
        return True
    try:
        snapshot = look_up(link)
    except ToolError as problem:
        defer(link, problem)
        return False
    slot = rate_limit.reserve(link.integration_id, "write", max_wait=MAX_WAIT)
    now = timezone.now()
    try:
        claimed = transition(
            link,
            LinkState.CREATING,
            code="sent",
            claim=link.claim,
            claimed_at=now,
            sent_at=max(now, slot),
            attempts=link.attempts + 1,
            known_ids=snapshot.external_ids,
            known_complete=snapshot.complete,
            company_id=link.integration.company_id,
            next_attempt_at=max(now, slot) + lease(),
        )
    except IntegrityError:
        # Another create for the same candidate is on its way: this one's turn comes after it.
        release(link, now + timedelta(seconds=RETRY_BUSY_CANDIDATE))
        return True
    if claimed:
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


def _still_wanted(link: CodingLink) -> bool:
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
    request = LinkRequest(
        candidate_name=link.candidate_name,
        candidate_email=email_of(link.candidate_key),
        lifetime=validity.limits(link.integration.kind).max_lifetime,
        template_id=link.template_id,
        template_locked=link.template_locked,
    )
    try:
        rate_limit.wait_until(link.integration_id, "write", slot, max_wait=MAX_WAIT_AFTER_MISS)
        made = call(link.integration, lambda tool: tool.create_link(request), slot_is_taken=True)
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
    else:
        mark_ready(link, made)
    _wake_same_candidate(link)


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
        at = back_off(attempts)
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


def adopted_fields(link: CodingLink, *, external_id: str, url: str) -> dict[str, Any]:
    """Columns of a link that becomes READY. Its lifetime counts from when the create was sent: the safe reading."""
    now = timezone.now()
    sent = link.sent_at or now
    fields: dict[str, Any] = {
        "external_id": external_id,
        "url": url,
        "ready_at": now,
        "expires_at": validity.expires_at(link.integration.kind, sent),
        "company_id": link.integration.company_id,
        "problem_code": "",
        "problem_params": {},
        "choices": [],
        "attempts": 0,
        "next_attempt_at": now,
    }
    trial = CodingLink(state=LinkState.READY, expires_at=fields["expires_at"])
    fields["next_attempt_at"] = validity.next_fetch(trial, link.interview, now=now)
    return fields


def mark_ready(link: CodingLink, made: VendorLink, *, code: str = "made") -> None:
    """Make a link READY with the vendor's answer. Where its claim was lost since, the answer is an orphan."""
    fields = adopted_fields(link, external_id=made.external_id, url=made.url)
    try:
        if lookups.made_here(link.integration).filter(external_id=made.external_id).exclude(pk=link.pk).exists():
            raise IntegrityError("another organization's link")
        with transaction.atomic():
            if transition(link, LinkState.READY, code=code, **fields):
                catch_up(link)
                return
    except IntegrityError:
        transition(
            link,
            LinkState.FAILED,
            code="given_twice",
            problem_code="given_twice",
            problem_params={},
            next_attempt_at=None,
        )
        return
    _keep_or_delete_orphan(link, made)


def catch_up(link: CodingLink) -> None:
    """Do for a READY link what changed while its create was on its way. Call in the transaction that made it READY."""
    if drop_if_unwanted(link):
        return
    known = link.interview
    if known is None:
        return
    interview = Interview.objects.select_related("schedule__candidate").get(pk=known.pk)
    link.interview = interview
    candidate = interview.schedule.candidate
    if (candidate.name, candidate.email) != (link.candidate_name, link.candidate_email):
        compare_and_set(link, edit_due=True, next_attempt_at=timezone.now())
        enqueue(link)
    elif validity.dies_too_early(link, interview):
        compare_and_set(link, next_attempt_at=timezone.now())
        enqueue(link)
    elif known.starts_at != interview.starts_at:
        compare_and_set(link, next_attempt_at=validity.next_fetch(link, interview))


def is_unwanted(link: CodingLink) -> bool:
    """Whether nobody wants the link any more, as things are now, not as they were when the row was read."""
    now = CodingLink.objects.select_related("interview").filter(pk=link.pk).first()
    return now is None or now.interview is None or now.interview.is_cancelled or now.cancel_asked


def drop_if_unwanted(link: CodingLink) -> bool:
    """Remove a link whose interview was cancelled, or which somebody removed, while the vendor was called."""
    if not is_unwanted(link):
        return False
    if link.state == LinkState.READY:
        cancel_at_vendor(link, code="removed_meanwhile", actor=None)
    elif link.state in {LinkState.PENDING, LinkState.FAILED}:
        transition(link, LinkState.CANCELLED, code="removed_meanwhile", next_attempt_at=None)
    return True


@transaction.atomic
def _keep_or_delete_orphan(link: CodingLink, made: VendorLink) -> None:
    """Adopt the answer of a create whose worker counted as dead where it is still looked for, else delete it there."""
    rows = CodingLink.objects.select_for_update(of=("self",)).select_related("integration", "interview")
    current = rows.filter(pk=link.pk).first()
    if CodingLink.objects.filter(integration=link.integration, external_id=made.external_id).exists():
        return
    if current is not None and current.state == LinkState.UNKNOWN:
        fields = adopted_fields(current, external_id=made.external_id, url=made.url)
        if transition(current, LinkState.READY, code="late_answer", **fields):
            catch_up(current)
        return
    orphan = CodingLink(
        organization_id=link.organization_id,
        integration=link.integration,
        interview=None,
        candidate=current.candidate if current is not None else None,
        state=LinkState.CANCELLING,
        candidate_key=link.candidate_key,
        candidate_name=link.candidate_name,
        candidate_email=link.candidate_email,
        external_id=made.external_id,
        url=made.url,
        company_id=link.integration.company_id,
    )
    if current is None or current.erase_asked_at is not None:  # its row was deleted with the candidate
        orphan.erase_asked_at = timezone.now()
        for name, value in NOTHING_OF_THEM.items():
            setattr(orphan, name, value)
    insert(orphan, code="stray")
    enqueue(orphan)


def _wake_same_candidate(link: CodingLink) -> None:
    if link.state not in {LinkState.UNKNOWN, LinkState.CREATING}:
        waiting = CodingLink.objects.filter(
            integration=link.integration, candidate_key=link.candidate_key, state=LinkState.PENDING, claim=""
        ).exclude(pk=link.pk)
        soon: datetime = timezone.now() + timedelta(seconds=RETRY_BUSY_CANDIDATE)
        if waiting.filter(next_attempt_at__lte=soon, attempts=0).update(next_attempt_at=timezone.now()):
            dispatch_queue(link.integration_id)
