"""Working on links: what a task does, and the sweep that finds what was lost on its way to a worker.

A row's timer (`next_attempt_at`) says when something is due. Claiming a row pushes its timer forward by a lease: should
its worker die, or its message be lost, the row is due again when the lease is over.
"""

from __future__ import annotations

import time

from django.db.models import Q
from django.utils import timezone

from integrations import rate_limit
from integrations.models import Integration
from scheduling.coding_links import (
    adoption,
    creation,
    lookups,
    maintenance,
    queue,
    reconciliation,
    together,
    validity,
)
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.defaults import sweep_missing
from scheduling.coding_links.dispatch import dispatch_claimed, dispatch_next
from scheduling.coding_links.removal import abandon
from scheduling.coding_links.runs import sweep_runs
from scheduling.coding_links.transitions import release, release_all, transition
from scheduling.models import Candidate, CodingLink, Interview, LinkState, VendorSnapshot

# Seconds after which a task hands the next links on, so that other messages have their turn.
SLICE = 0.5


def work_on_link(link_id: int, claim: str = "") -> None:
    """Do what is due for one link. Harmless when the message comes twice, late, or for a link with nothing to do.

    `claim`: the link was claimed, perhaps with others, for whoever gets this message, which goes on with further ones
    of the same key.
    """
    if claim:
        taken = queue.take_over(link_id, claim)
        if taken:
            _work_for_a_while(taken)
        return
    link = CodingLink.objects.select_related("integration").filter(pk=link_id).first()
    if link is None or not queue.may_work(link.integration, link.state):
        return
    if link.state == LinkState.PENDING and queue.candidate_is_busy(link):
        return
    clicked = queue.claim(link.pk)
    if clicked is not None:
        _work([clicked])
    dispatch_next(link.integration)


def look_up_candidate(integration_id: int, candidate_id: int) -> None:
    """Look a candidate up ahead of a click, as `requests.prepare` wants."""
    candidate = Candidate.objects.filter(pk=candidate_id).first()
    if candidate is not None:
        lookups.look_up_ahead(integration_id, candidate_key_of(candidate.email))


def _work_for_a_while(links: list[CodingLink]) -> None:
    """Work on claimed links, then on others of their key; after half a second another worker takes the next ones."""
    end, integration = time.monotonic() + SLICE, links[0].integration
    dispatch_next(integration)
    while links and _work(links, look_up=_look_up_ahead):
        if time.monotonic() >= end:
            dispatch_next(integration)
            return
        links = queue.claim_next(integration)


def _look_up_ahead(link: CodingLink) -> VendorSnapshot:
    """The link's snapshot. One that has to be taken brings others along, for which a worker is dispatched."""
    stored = lookups.stored_snapshot(link)
    if stored is not None:
        return stored
    taken = lookups.snapshot_with_others(link)
    dispatch_next(link.integration)
    return taken


def _work(links: list[CodingLink], look_up: creation.LookUp = lookups.snapshot_for) -> bool:
    """Do what is due for rows of one claim. False when their key is of no use now: it is paused, or the vendor in
    trouble."""
    first = links[0]
    if not queue.may_work(first.integration, first.state):
        release_all(CodingLink.objects.filter(pk__in=[link.pk for link in links], claim=first.claim))
        return False
    try:
        return together.create(links) if len(links) > 1 else _do(first, look_up)
    except rate_limit.NoSlot as full:
        after = queue.keep_until(first, full.at)
        if after is not None:
            dispatch_claimed(first, after=after)
    return True


def _do(link: CodingLink, look_up: creation.LookUp) -> bool:
    if link.state == LinkState.PENDING:
        return creation.create(link, look_up)
    if link.state == LinkState.CREATING:
        reconciliation.mark_interrupted(link)
    elif link.state == LinkState.UNKNOWN:
        reconciliation.reconcile(link)
    elif link.state == LinkState.CANCELLING:
        maintenance.cancel(link)
    elif link.is_usable or link.state == LinkState.EXPIRED:
        maintenance.maintain(link)
    else:
        release(link, None)
    return True


def sweep() -> None:
    """Dispatch what is due and nobody works on: every few seconds, whatever was lost on its way."""
    now = timezone.now()
    waiting = CodingLink.objects.filter(next_attempt_at__lte=now).order_by().values_list("integration_id").distinct()
    for integration in Integration.objects.filter(pk__in=waiting).order_by("id"):
        if queue.affordable(integration).exists():
            dispatch_next(integration)
    give_up_without_key()
    sweep_missing()
    sweep_runs()


def give_up_without_key() -> None:
    """End links of a disconnected key, with a reason, where the next key could do no better.

    A request that is still wanted waits for the next connection, until its interview is over.
    """
    now = timezone.now()
    gone = CodingLink.objects.filter(
        integration__state=Integration.State.DISCONNECTED, integration__key_last4=""
    ).select_related("interview")
    # One whose removal was refused has no timer any more.
    removing = Q(state=LinkState.CANCELLING) & (Q(next_attempt_at__lte=now) | Q(next_attempt_at__isnull=True))
    waiting = Q(
        state__in=[LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN],
        next_attempt_at__lte=now,
    )
    unwanted = Q(cancel_asked=True) | Q(interview__isnull=True) | Q(interview__state=Interview.State.CANCELLED)
    over = Q(interview__ends_at__lte=now - validity.GRACE)
    # Left already, and shown to the admins: `erasure`.
    left = Q(erase_asked_at__isnull=False, problem_code__startswith="left_")
    for link in gone.filter(removing | (waiting & (unwanted | over))).exclude(left).order_by("id")[:200]:
        if link.state == LinkState.CREATING:
            transition(link, LinkState.UNKNOWN, code="interrupted")
        if link.state == LinkState.CANCELLING or adoption.is_unwanted(link):
            abandon(link, because="left_without_key", code="key_gone")
        else:
            creation.fail_as_too_late(link)
