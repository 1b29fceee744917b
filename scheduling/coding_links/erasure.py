"""The links of a candidate, or of a whole organization, that is erased: deleted at the tool, then here.

A row stays as long as the tool may have its interview, without a name or an address, and goes in the transition that
the tool has confirmed (`transitions`). Where that doesn't work the row stays in CANCELLING with its problem: an admin
sees it, and tries again or deletes the row alone. It is tried every few hours, too.

The one exception is a create whose answer is still out: the row keeps the address by which its interview is found.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from organizations.models import Organization, User
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.dispatch import enqueue
from scheduling.coding_links.removal import abandon
from scheduling.coding_links.requests import retry_link
from scheduling.coding_links.transitions import NOTHING_OF_THEM, RELEASED, compare_and_set, delete_row, transition
from scheduling.models import Candidate, CodingLink, Interview, LinkEvent, LinkState, VendorSnapshot


def links_of(candidate: Candidate) -> QuerySet[CodingLink]:
    """All links that were ever made for a candidate, also those whose schedule is deleted."""
    links, theirs = CodingLink.objects.order_by(), Interview.objects.filter(schedule__candidate=candidate).order_by()
    found = links.filter(candidate=candidate).values("pk").union(links.filter(interview__in=theirs).values("pk"))
    return CodingLink.objects.filter(pk__in=found)


def may_be_there(links: QuerySet[CodingLink]) -> QuerySet[CodingLink]:
    """Those of the links whose interview the tool has, or may have."""
    made = ~Q(external_id="") & (~Q(state=LinkState.CANCELLED) | Exists(_left(OuterRef("pk"))))
    return links.filter(made | Q(state__in=[LinkState.CREATING, LinkState.UNKNOWN]))


def _left(link: CodingLink | OuterRef) -> QuerySet[LinkEvent]:
    """The end of a link that was cancelled without being deleted at its tool."""
    return LinkEvent.objects.filter(link=link, to_state=LinkState.CANCELLED, params__has_key="because")


@transaction.atomic
def erase_links(*, links: QuerySet[CodingLink], actor: User | None) -> None:
    """Have links deleted at their tools, and their rows with them. Calls no vendor.

    Call it while the candidate is there, before their schedules are deleted.
    """
    keys = set()
    for link in links.select_for_update(of=("self",)).select_related("integration").order_by("id"):
        keys.add((link.integration_id, link.candidate_key))
        _erase(link, actor)
    for integration, key in sorted(keys):
        VendorSnapshot.objects.filter(integration=integration, candidate_key=key).delete()


def forget_look_ups(candidate: Candidate) -> None:
    """Delete what a candidate's look-ups found at the organization's tools."""
    VendorSnapshot.objects.filter(
        integration__organization=candidate.organization_id, candidate_key=candidate_key_of(candidate.email)
    ).delete()


def _erase(link: CodingLink, actor: User | None) -> None:
    now = timezone.now()
    if link.erase_asked_at is not None:
        return
    if link.state in {LinkState.CREATING, LinkState.UNKNOWN}:
        compare_and_set(link, erase_asked_at=now, cancel_asked=True)
        if link.needs_a_person:
            abandon(link, because="left_as_is", code="erased", actor=actor)
    elif not _is_there(link):
        delete_row(link)
    elif link.state == LinkState.CANCELLING:
        # Taken from the worker that may be deleting it: that one knows nothing of the erasure.
        compare_and_set(link, erase_asked_at=now, attempts=0, next_attempt_at=now, **RELEASED, **NOTHING_OF_THEM)
        enqueue(link)
    else:
        fields: dict[str, Any] = NOTHING_OF_THEM | {"erase_asked_at": now, "next_attempt_at": now, "attempts": 0}
        fields |= {"edit_due": False, "problem_code": "", "problem_params": {}}
        if transition(link, LinkState.CANCELLING, code="erased", actor=actor, **fields):
            enqueue(link)


def _is_there(link: CodingLink) -> bool:
    """Whether the tool has the interview of a link whose create is not on its way."""
    if not link.external_id:
        return False
    return link.state != LinkState.CANCELLED or _left(link).exists()


# --- what is left to do, for admins --------------------------------------------------------------------------------


def being_erased(organization: Organization) -> QuerySet[CodingLink]:
    """Links that are still to be deleted at their tools."""
    return CodingLink.objects.filter(organization=organization, erase_asked_at__isnull=False)


def failed(organization: Organization) -> QuerySet[CodingLink]:
    """Links that could not be deleted at their tools, the oldest first."""
    trouble = being_erased(organization).filter(state=LinkState.CANCELLING).exclude(problem_code="")
    return trouble.select_related("integration").order_by("id")


def failed_by_tool(organization: Organization) -> dict[str, int]:
    """How many links could not be deleted, by the kind of their tool."""
    kinds = failed(organization).order_by().values_list("integration__kind", flat=True)
    return dict(sorted(Counter(kinds).items()))


@transaction.atomic
def try_again(*, organization: Organization, actor: User | None) -> int:
    """Try to delete at the tools what could not be deleted. Returns how many links that is.

    Left out are those of which it is not known which interview is theirs.
    """
    links = list(failed(organization).exclude(external_id=""))
    for link in links:
        retry_link(link=link, actor=actor)
    return len(links)


@transaction.atomic
def leave_there(*, link: CodingLink) -> None:
    """Delete the row of a link that could not be deleted at its tool: its interview stays there."""
    for row in failed(link.organization).filter(pk=link.pk).select_for_update(of=("self",)):
        delete_row(row)
