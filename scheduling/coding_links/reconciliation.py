"""Reconciling a create whose answer was lost: adopt the interview if it is there, retry only once it can't be.

Where that can't be told, a person chooses.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.base import Found, Refused, ToolError, VendorLink
from organizations.models import User
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.adoption import adopted_fields, catch_up, drop_if_unwanted, is_unwanted, mark_ready
from scheduling.coding_links.creation import MAX_ATTEMPTS, fail_as_too_late
from scheduling.coding_links.dispatch import dispatch_queue, enqueue
from scheduling.coding_links.removal import LinkError, abandon
from scheduling.coding_links.transitions import release, transition
from scheduling.models import CodingLink, LinkState

MAX_CHOICES = 20


def mark_interrupted(link: CodingLink) -> bool:
    """Make a create UNKNOWN whose worker fell silent: never PENDING, as it may have been sent."""
    moved = transition(link, LinkState.UNKNOWN, code="interrupted", next_attempt_at=timezone.now())
    if moved:
        enqueue(link)
    return moved


def reconcile(link: CodingLink) -> None:
    """Look for the interview of a claimed UNKNOWN link. Ends READY, PENDING, FAILED, or UNKNOWN for another look-up."""
    if link.is_elsewhere:
        give_up_elsewhere(link, actor=None)
        return
    try:
        found = lookups.look_up(link)
    except Refused as problem:
        _ask_a_person(link, [], {"because": problem.code, **problem.params})
        return
    except ToolError as problem:
        _look_up_again(link, **problem.columns())
        return
    new = _unknown_ones(link, found)
    if len(new) == 1 and link.known_complete and _same_name(new[0], link):
        mark_ready(link, new[0], code="found")
    elif timezone.now() < _may_act_until(link):
        _look_up_again(link)
    elif new or not (found.complete and link.known_complete):
        _ask_a_person(link, new, {})
    else:
        _certainly_absent(link)
    if link.state != LinkState.UNKNOWN:
        dispatch_queue(link.integration_id)


def _unknown_ones(link: CodingLink, found: Found) -> list[VendorLink]:
    known = set(link.known_ids or [])
    ids = [one.external_id for one in found.links]
    ours = set(lookups.made_here(link.integration).filter(external_id__in=ids).values_list("external_id", flat=True))
    return [one for one in found.links if one.external_id not in known | ours]


def _same_name(one: VendorLink, link: CodingLink) -> bool:
    return " ".join(one.candidate_name.split()).casefold() == " ".join(link.candidate_name.split()).casefold()


def _may_act_until(link: CodingLink) -> datetime:
    """The moment until which a request that was sent may still take effect at the vendor."""
    return (link.sent_at or link.created_at) + validity.limits(link.integration.kind).settle


def _look_up_again(link: CodingLink, **fields: Any) -> None:
    """Look up again soon at first, then ever later, and right after the moment when nothing can happen any more."""
    now = timezone.now()
    if link.interview is not None and validity.is_over(link.interview, now):
        fail_as_too_late(link)
        return
    elapsed = (now - (link.sent_at or link.created_at)).total_seconds()
    at = now + timedelta(seconds=min(600, max(2.0, elapsed)))
    certain = _may_act_until(link)
    if now < certain < at:
        at = certain
    release(link, at, **fields)


def give_up_elsewhere(link: CodingLink, *, actor: User | None) -> None:
    """Fail a link whose answer was lost at another company than the key's: it can't be looked up any more."""
    transition(
        link,
        LinkState.FAILED,
        code="company_changed",
        problem_code="company_changed",
        problem_params={},
        actor=actor,
        next_attempt_at=None,
    )


def _ask_a_person(link: CodingLink, new: list[VendorLink], params: dict[str, Any]) -> None:
    choices = [{"id": one.external_id, "url": one.url, "status": one.status.value} for one in new[:MAX_CHOICES]]
    if is_unwanted(link):
        abandon(link, because="left_as_is", code="removed_meanwhile", choices=choices)
        return
    release(link, None, problem_code="ambiguous", problem_params=params, choices=choices)


@transaction.atomic
def _certainly_absent(link: CodingLink) -> None:
    if link.attempts >= MAX_ATTEMPTS:
        moved = transition(
            link, LinkState.FAILED, code="gave_up", problem_code="gave_up", problem_params={}, next_attempt_at=None
        )
    else:
        moved = transition(
            link,
            LinkState.PENDING,
            code="not_there",
            problem_code="",
            problem_params={},
            next_attempt_at=timezone.now(),
        )
    if moved and not drop_if_unwanted(link) and link.state == LinkState.PENDING:
        enqueue(link)


@transaction.atomic
def choose_link(*, link: CodingLink, external_id: str, actor: User | None) -> CodingLink:
    """Settle by a person's choice which interview is the link's: `external_id`, or (empty) none of them: make another.

    Raises LinkError where that choice is not, or no longer, there. Does nothing to a link that needs no choice.
    """
    link = CodingLink.objects.select_for_update().select_related("integration").get(pk=link.pk)
    if link.state != LinkState.UNKNOWN or link.problem_code != "ambiguous":
        return link
    fresh: dict[str, Any] = {"problem_code": "", "problem_params": {}, "choices": [], "attempts": 0}
    chosen = next((choice for choice in link.choices if choice["id"] == external_id), None)
    if external_id and chosen is None:
        raise LinkError(_("That is not one of the links to choose from. Reload the page and choose again."))
    if chosen is not None:
        if lookups.made_here(link.integration).filter(external_id=external_id).exists():
            raise LinkError(_("That link belongs to another interview now. Choose again."))
        fields = adopted_fields(link, external_id=external_id, url=chosen["url"]) | fresh
        if transition(link, LinkState.READY, code="chosen", actor=actor, **fields):
            catch_up(link)
    else:
        transition(link, LinkState.PENDING, code="none_chosen", actor=actor, next_attempt_at=timezone.now(), **fresh)
        enqueue(link)
    return link
