"""After a lost answer: is it there or not? Adopt what is surely ours, create only when there is surely nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.base import Found, Refused, ToolError, VendorLink
from organizations.models import User
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.creation import MAX_ATTEMPTS, became_ready, drop_if_unwanted, is_unwanted, too_late
from scheduling.coding_links.dispatch import nudge, nudge_queue
from scheduling.coding_links.requests import is_elsewhere, leave_all
from scheduling.coding_links.transitions import change, move
from scheduling.models import CodingLink, LinkState

MOST_CHOICES = 20


def interrupted(link: CodingLink) -> bool:
    """A create whose worker fell silent. Never back to PENDING: it may have been sent."""
    moved = move(link, LinkState.UNKNOWN, code="interrupted", next_attempt_at=timezone.now())
    if moved:
        nudge(link)
    return moved


def settle(link: CodingLink) -> None:
    """An UNKNOWN link that the caller has taken."""
    if is_elsewhere(link):
        give_up_elsewhere(link, actor=None)
        return
    try:
        found = lookups.look_up(link)
    except Refused as problem:
        _to_a_person(link, [], {"because": problem.code, **problem.params})
        return
    except ToolError as problem:
        _look_again(link, **problem.columns())
        return
    new = _new_ones(link, found)
    if len(new) == 1 and link.known_complete and _same_name(new[0], link):
        became_ready(link, new[0], code="found")
    elif timezone.now() < _acts_until(link):
        _look_again(link)
    elif new or not (found.complete and link.known_complete):
        _to_a_person(link, new, {})
    else:
        _surely_not_there(link)
    if link.state != LinkState.UNKNOWN:
        nudge_queue(link.integration_id)


def _new_ones(link: CodingLink, found: Found) -> list[VendorLink]:
    known = set(link.known_ids or [])
    ids = [one.external_id for one in found.links]
    ours = set(lookups.made_here(link.integration).filter(external_id__in=ids).values_list("external_id", flat=True))
    return [one for one in found.links if one.external_id not in known | ours]


def _same_name(one: VendorLink, link: CodingLink) -> bool:
    return " ".join(one.candidate_name.split()).casefold() == " ".join(link.candidate_name.split()).casefold()


def _acts_until(link: CodingLink) -> datetime:
    """Until then a request that was sent may still take effect at the vendor."""
    return (link.sent_at or link.created_at) + validity.limits(link.integration.kind).settle


def _look_again(link: CodingLink, **fields: Any) -> None:
    """Soon at first, then ever later; the last look comes right after the moment when nothing can happen any more."""
    now = timezone.now()
    if link.interview is not None and validity.is_over(link.interview, now):
        too_late(link)
        return
    elapsed = (now - (link.sent_at or link.created_at)).total_seconds()
    at = now + timedelta(seconds=min(600, max(2.0, elapsed)))
    certain = _acts_until(link)
    if now < certain < at:
        at = certain
    change(link, claim="", claimed_at=None, next_attempt_at=at, **fields)


def give_up_elsewhere(link: CodingLink, *, actor: User | None) -> None:
    """The answer was lost at another company than the key's: it can't be found out any more."""
    move(
        link,
        LinkState.FAILED,
        code="company_changed",
        problem_code="company_changed",
        problem_params={},
        actor=actor,
        next_attempt_at=None,
    )


def _to_a_person(link: CodingLink, new: list[VendorLink], params: dict[str, Any]) -> None:
    if is_unwanted(link):
        leave_all(link, code="removed_meanwhile", actor=None)
        return
    choices = [{"id": one.external_id, "url": one.url, "status": one.status.value} for one in new[:MOST_CHOICES]]
    change(
        link,
        claim="",
        claimed_at=None,
        next_attempt_at=None,
        problem_code="ambiguous",
        problem_params=params,
        choices=choices,
    )


@transaction.atomic
def _surely_not_there(link: CodingLink) -> None:
    if link.attempts >= MAX_ATTEMPTS:
        moved = move(
            link, LinkState.FAILED, code="gave_up", problem_code="gave_up", problem_params={}, next_attempt_at=None
        )
    else:
        moved = move(
            link,
            LinkState.PENDING,
            code="not_there",
            problem_code="",
            problem_params={},
            next_attempt_at=timezone.now(),
        )
    if moved and not drop_if_unwanted(link) and link.state == LinkState.PENDING:
        nudge(link)
