"""What happens to a link once it is made: deleted, edited, looked at, replaced."""

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
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.candidate_keys import candidate_key_of, email_of
from scheduling.coding_links.creation import MAX_ATTEMPTS
from scheduling.coding_links.dispatch import nudge
from scheduling.coding_links.requests import (
    cancel_at_vendor,
    is_elsewhere,
    leave_there,
    leave_without_key,
    replacement,
)
from scheduling.coding_links.transitions import back_off, change, move
from scheduling.models import CodingLink, LinkState

# Used this long before its interview, a link was tried out: the interview gets another.
EARLY = timedelta(minutes=15)
MOST_REPLACEMENTS_A_DAY = 4
# A link that could not be deleted, and has no page any more on which a person could try again, is tried again so often.
REMOVE_AGAIN = timedelta(hours=6)


def cancel(link: CodingLink) -> None:
    """A CANCELLING link that the caller has taken: delete it at the vendor. Gone already is as good."""
    if is_elsewhere(link):
        leave_there(link, code="company_changed", actor=None)
        return
    try:
        call(link.integration, lambda tool: tool.cancel_link(link.external_id))
    except Gone:
        pass
    except ToolError as problem:
        if isinstance(problem, CredentialsRejected) and _is_last_key(link.integration):
            leave_without_key(link)
        else:
            _not_now(link, problem)
        return
    move(link, LinkState.CANCELLED, code="deleted", problem_code="", problem_params={}, next_attempt_at=None)


def _is_last_key(integration: Integration) -> bool:
    """Its organization has disconnected it: nobody will replace the key, so a dead one is not tried again."""
    return Integration.objects.filter(pk=integration.pk, state=Integration.State.DISCONNECTED).exists()


def _not_now(link: CodingLink, problem: ToolError) -> None:
    """Deleting and editing may be repeated freely, so a lost answer is just another reason to come back."""
    told = problem.columns() if problem.code else {"problem_code": "trouble", "problem_params": {}}
    attempts = link.attempts + 1
    at = back_off(attempts)
    if isinstance(problem, CredentialsRejected):
        attempts, at = link.attempts, timezone.now()
    elif isinstance(problem, Retryable) and problem.rate_limited:
        attempts, at = link.attempts, timezone.now() + timedelta(seconds=max(1.0, problem.retry_after or 1.0))
    elif isinstance(problem, Refused) or attempts >= MAX_ATTEMPTS:
        _no_more(link, attempts, told)
        return
    change(link, claim="", claimed_at=None, attempts=attempts, next_attempt_at=at, **told)


def _no_more(link: CodingLink, attempts: int, told: dict[str, Any]) -> None:
    """It stays on the page with its reason and "Try again"; nothing more happens by itself, where there is a page."""
    later = validity.next_look(link, link.interview)
    if link.state == LinkState.CANCELLING:
        later = None
        if link.interview is None:
            now = timezone.now()
            if link.expires_at is None or link.expires_at <= now:
                move(link, LinkState.CANCELLED, code="gave_up", because="expired_there", next_attempt_at=None)
                return
            later = min(now + REMOVE_AGAIN, link.expires_at)
    change(link, claim="", claimed_at=None, attempts=attempts, edit_due=False, next_attempt_at=later, **told)


def look_after(link: CodingLink) -> None:
    """A made link that the caller has taken: tell the vendor of an edit, or see how it is doing."""
    interview = link.interview
    if is_elsewhere(link):
        # The key can't see it. Only its time is left to go by.
        if not _expire_if_due(link):
            change(link, claim="", claimed_at=None, next_attempt_at=validity.next_look(link, interview))
        return
    if link.edit_due and interview is not None:
        _edit(link)
        return
    try:
        seen = call(link.integration, lambda tool: tool.fetch_link(link.external_id))
    except ToolError as problem:
        _look_failed(link, problem)
        return
    if seen is None:
        _missing(link)
    else:
        _tell(link, seen)


def _missing(link: CodingLink) -> None:
    """The vendor does not have it, it says. A fault can say that too, so another kind of question must agree."""
    try:
        found = lookups.look_up(link)
    except ToolError as problem:
        _look_failed(link, problem)
        return
    there = any(one.external_id == link.external_id for one in found.links)
    if there or (link.state == LinkState.ACTIVE and not found.complete):
        change(link, claim="", claimed_at=None, next_attempt_at=back_off(min(link.attempts + 1, MAX_ATTEMPTS)))
    else:
        _vanished(link)


def _look_failed(link: CodingLink, problem: ToolError) -> None:
    """A look that failed is no trouble of the link's: it is made up for later, without a word on the page."""
    attempts = min(link.attempts + 1, MAX_ATTEMPTS)
    at = back_off(attempts)
    if isinstance(problem, CredentialsRejected):
        at = timezone.now()
    elif isinstance(problem, Retryable) and problem.retry_after:
        at = timezone.now() + timedelta(seconds=problem.retry_after)
    change(link, claim="", claimed_at=None, attempts=attempts, next_attempt_at=at)


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
        _not_now(link, problem)
        return
    told = (candidate.name, candidate.email)
    candidate.refresh_from_db()
    again = (candidate.name, candidate.email) != told
    change(
        link,
        claim="",
        claimed_at=None,
        attempts=0,
        candidate_name=told[0],
        candidate_email=told[1],
        candidate_key=candidate_key_of(told[1]),
        edit_due=again,
        problem_code="",
        problem_params={},
        next_attempt_at=timezone.now() if again else validity.next_look(link, interview),
    )


@transaction.atomic
def _vanished(link: CodingLink) -> None:
    """Somebody deleted it at the vendor. The interview still needs one, unless that goes on and on."""
    interview = link.interview
    if link.state in {LinkState.FINISHED, LinkState.EXPIRED}:
        change(link, claim="", claimed_at=None, next_attempt_at=None)
        return
    if link.state == LinkState.READY:
        # Deleted once more, which harms nobody: should it be there after all, it must not stay beside its successor.
        cancel_at_vendor(link, code="vanished", actor=None)
    else:
        move(link, LinkState.CANCELLED, code="vanished", next_attempt_at=None, edit_due=False)
    if link.state in {LinkState.READY, LinkState.ACTIVE}:
        return
    if interview is None or interview.is_cancelled or validity.is_over(interview):
        return
    new = replacement(link, interview, code="replaces_vanished")
    day = timezone.now() - timedelta(days=1)
    made_today = CodingLink.objects.filter(interview=interview, created_at__gte=day).count()
    if new is not None and made_today > MOST_REPLACEMENTS_A_DAY:
        move(
            new,
            LinkState.FAILED,
            code="keeps_vanishing",
            problem_code="keeps_vanishing",
            next_attempt_at=None,
        )


@transaction.atomic
def _tell(link: CodingLink, seen: VendorLink) -> None:
    """Takes over what the vendor says: state, times, feedback."""
    facts: dict[str, Any] = {
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
        facts["finished_at"] = facts["finished_at"] or timezone.now()
        move(link, LinkState.FINISHED, code="finished", **facts)
        _replace_if_early(link)
    elif seen.status is VendorStatus.ACTIVE and link.state == LinkState.READY:
        move(link, LinkState.ACTIVE, code="started", **(facts | {"started_at": facts["started_at"] or timezone.now()}))
    elif _replace_in_time(link) or _expire_if_due(link):
        return
    elif change(link, claim="", claimed_at=None, **facts):
        link.claim = ""
    else:
        return
    change(link, next_attempt_at=validity.next_look(link, link.interview))


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
        change(link, claim="", claimed_at=None, next_attempt_at=None)
        return
    expired = move(link, LinkState.EXPIRED, code="expired", next_attempt_at=None)
    if expired and interview is not None and not interview.is_cancelled and not validity.is_over(interview):
        replacement(link, interview, code="replaces_expired")


def _replace_if_early(link: CodingLink) -> None:
    interview, finished = link.interview, link.finished_at
    if interview is None or finished is None or interview.is_cancelled:
        return
    if interview.starts_at > timezone.now() + EARLY:
        new = replacement(link, interview, code="used_early")
        if new is not None:
            nudge(new)
