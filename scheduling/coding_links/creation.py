"""Making a link: claim it, commit, ask the vendor, then move. What can't be known for sure is never assumed."""

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
from scheduling.coding_links.dispatch import nudge, nudge_queue
from scheduling.coding_links.requests import cancel_at_vendor
from scheduling.coding_links.transitions import back_off, begin, change, lease, move, release
from scheduling.models import CodingLink, Interview, LinkState, VendorSnapshot

LookUp = Callable[[CodingLink], VendorSnapshot]

MAX_ATTEMPTS = 10
CANDIDATE_BUSY = 3.0
# How long, in seconds, who missed the slot of a create may wait for another.
MISSED = 3.0


def make(link: CodingLink, look_up: LookUp = lookups.snapshot_for) -> bool:
    """Create a claimed PENDING link. Ends READY, PENDING (later), UNKNOWN, FAILED or CANCELLED.

    False where the candidate could not be looked up: the vendor is in trouble.
    """
    if not _still_wanted(link):
        return True
    try:
        snapshot = look_up(link)
    except ToolError as problem:
        put_off(link, problem)
        return False
    slot = rate_limit.reserve(link.integration_id, "write", max_wait=MAX_WAIT)
    now = timezone.now()
    try:
        claimed = move(
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
        release(link, now + timedelta(seconds=CANDIDATE_BUSY))
        return True
    if claimed:
        _send(link, slot)
    return True


def _still_wanted(link: CodingLink) -> bool:
    interview, now = link.interview, timezone.now()
    if interview is None or interview.is_cancelled or link.cancel_asked:
        move(link, LinkState.CANCELLED, code="interview_cancelled", next_attempt_at=None)
        return False
    if validity.is_over(interview, now):
        too_late(link)
        return False
    earliest = validity.not_before(interview, link.integration.kind)
    if earliest is not None and earliest > now:
        change(link, claim="", claimed_at=None, not_before=earliest, next_attempt_at=earliest)
        return False
    return True


def too_late(link: CodingLink) -> None:
    """A request whose interview is over."""
    move(
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
        rate_limit.wait_until(link.integration_id, "write", slot, max_wait=MISSED)
        made = call(link.integration, lambda tool: tool.create_link(request), slot_is_taken=True)
    except rate_limit.NoSlot as full:
        move(link, LinkState.PENDING, code="slot_missed", attempts=link.attempts - 1, next_attempt_at=full.at)
    except OutcomeUnknown as problem:
        move(
            link,
            LinkState.UNKNOWN,
            code="answer_lost",
            next_attempt_at=timezone.now(),
            **problem.columns(),
        )
        nudge(link)
    except ToolError as problem:
        put_off(link, problem)
    else:
        became_ready(link, made)
    _wake_same_candidate(link)


def put_off(link: CodingLink, problem: ToolError) -> None:
    """The vendor surely did nothing: to PENDING for another try, or to FAILED when a person has to act."""
    told = problem.columns()
    if isinstance(problem, Refused):
        _leave(link, LinkState.FAILED, "refused", next_attempt_at=None, **told)
    elif isinstance(problem, CredentialsRejected):
        # The integration pauses; the link waits for the new key and has lost no try.
        attempts = max(0, link.attempts - (link.state == LinkState.CREATING))
        _leave(link, LinkState.PENDING, "key_rejected", attempts=attempts, next_attempt_at=timezone.now(), **told)
    elif isinstance(problem, Retryable) and problem.rate_limited:
        attempts = max(0, link.attempts - (link.state == LinkState.CREATING))
        wait = max(1.0, problem.retry_after or 1.0)
        at = timezone.now() + timedelta(seconds=wait)
        _leave(link, LinkState.PENDING, "slowed_down", attempts=attempts, next_attempt_at=at, **told)
    elif link.attempts >= MAX_ATTEMPTS:
        _leave(link, LinkState.FAILED, "gave_up", next_attempt_at=None, **told)
    else:
        attempts = max(1, link.attempts)
        at = back_off(attempts)
        if isinstance(problem, Retryable) and problem.retry_after:
            at = max(at, timezone.now() + timedelta(seconds=problem.retry_after))
        # A look-up that failed counts as a try too, or an outage would never come to an end on the page.
        attempts = link.attempts + (link.state == LinkState.PENDING)
        _leave(link, LinkState.PENDING, "put_off", attempts=attempts, next_attempt_at=at, **told)


def _leave(link: CodingLink, to: str, code: str, **fields: Any) -> None:
    if link.state == to:
        change(link, claim="", claimed_at=None, **fields)
        return
    with transaction.atomic():
        if move(link, to, code=code, because=fields["problem_code"], params=fields["problem_params"], **fields):
            drop_if_unwanted(link)


def adopted_fields(link: CodingLink, *, external_id: str, url: str) -> dict[str, Any]:
    """What a link that has become READY carries. Its time counts from when the create was sent: the safe reading."""
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
    fields["next_attempt_at"] = validity.next_look(trial, link.interview, now=now)
    return fields


def became_ready(link: CodingLink, made: VendorLink, *, code: str = "made") -> None:
    """The vendor's answer is here. A claim that was lost meanwhile makes it a stray, which is taken away again."""
    fields = adopted_fields(link, external_id=made.external_id, url=made.url)
    try:
        if lookups.made_here(link.integration).filter(external_id=made.external_id).exclude(pk=link.pk).exists():
            raise IntegrityError("another organization's link")
        with transaction.atomic():
            if move(link, LinkState.READY, code=code, **fields):
                after_ready(link)
                return
    except IntegrityError:
        move(
            link,
            LinkState.FAILED,
            code="given_twice",
            problem_code="given_twice",
            problem_params={},
            next_attempt_at=None,
        )
        return
    _stray(link, made)


def after_ready(link: CodingLink) -> None:
    """What changed while the create was on its way is made up for. In the caller's transaction."""
    if drop_if_unwanted(link):
        return
    known = link.interview
    if known is None:
        return
    interview = Interview.objects.select_related("schedule__candidate").get(pk=known.pk)
    link.interview = interview
    candidate = interview.schedule.candidate
    if (candidate.name, candidate.email) != (link.candidate_name, link.candidate_email):
        change(link, edit_due=True, next_attempt_at=timezone.now())
        nudge(link)
    elif validity.dies_too_early(link, interview):
        change(link, next_attempt_at=timezone.now())
        nudge(link)
    elif known.starts_at != interview.starts_at:
        change(link, next_attempt_at=validity.next_look(link, interview))


def is_unwanted(link: CodingLink) -> bool:
    """As things are now, not as they were when the row was read."""
    now = CodingLink.objects.select_related("interview").filter(pk=link.pk).first()
    return now is None or now.interview is None or now.interview.is_cancelled or now.cancel_asked


def drop_if_unwanted(link: CodingLink) -> bool:
    """Removes a link whose interview was cancelled, or which somebody removed, while the vendor was asked."""
    if not is_unwanted(link):
        return False
    if link.state == LinkState.READY:
        cancel_at_vendor(link, code="removed_meanwhile", actor=None)
    elif link.state in {LinkState.PENDING, LinkState.FAILED}:
        move(link, LinkState.CANCELLED, code="removed_meanwhile", next_attempt_at=None)
    return True


@transaction.atomic
def _stray(link: CodingLink, made: VendorLink) -> None:
    """Our create succeeded after we had been counted as dead. Adopt it if it is still looked for; else delete it."""
    current = (
        CodingLink.objects.select_for_update(of=("self",)).select_related("integration", "interview").get(pk=link.pk)
    )
    if CodingLink.objects.filter(integration=link.integration, external_id=made.external_id).exists():
        return
    if current.state == LinkState.UNKNOWN:
        fields = adopted_fields(current, external_id=made.external_id, url=made.url)
        if move(current, LinkState.READY, code="late_answer", **fields):
            after_ready(current)
        return
    stray = CodingLink(
        organization_id=link.organization_id,
        integration=link.integration,
        interview=None,
        state=LinkState.CANCELLING,
        candidate_key=link.candidate_key,
        candidate_name=link.candidate_name,
        candidate_email=link.candidate_email,
        external_id=made.external_id,
        url=made.url,
        company_id=link.integration.company_id,
    )
    begin(stray, code="stray")
    nudge(stray)


def _wake_same_candidate(link: CodingLink) -> None:
    if link.state not in {LinkState.UNKNOWN, LinkState.CREATING}:
        waiting = CodingLink.objects.filter(
            integration=link.integration, candidate_key=link.candidate_key, state=LinkState.PENDING, claim=""
        ).exclude(pk=link.pk)
        soon: datetime = timezone.now() + timedelta(seconds=CANDIDATE_BUSY)
        if waiting.filter(next_attempt_at__lte=soon, attempts=0).update(next_attempt_at=timezone.now()):
            nudge_queue(link.integration_id)
