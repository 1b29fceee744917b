"""Telling workers that there is something to do. A message may be lost or come twice: the row is the truth."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from integrations.models import Integration
from organizations.enqueue import after_commit, send
from scheduling.coding_links import queue
from scheduling.coding_links.transitions import release, release_all
from scheduling.models import CodingLink

log = structlog.get_logger(__name__)


def enqueue(link: CodingLink) -> None:
    """After commit, have a worker do what is due for this link."""
    after_commit("scheduling.work_on_link", link.pk)


def dispatch_queue(integration_id: int) -> None:
    """After commit, have a worker begin with what is due for this key, unless it has enough claims."""
    transaction.on_commit(lambda: _dispatch_next(integration_id))


def dispatch_next(integration: Integration) -> None:
    """Claim the next rows of the key, where there are any and it has few claims, and have a worker take them over."""
    claim = queue.claim_for_another(integration)
    if claim is not None and not send("scheduling.work_on_link", claim.pks[0], claim.token):
        release_all(CodingLink.objects.filter(pk__in=claim.pks, claim=claim.token))


def dispatch_claimed(link: CodingLink, *, after: float = 0) -> None:
    """Have a worker take over a link that was claimed for it, `after` seconds from now."""
    if not send("scheduling.work_on_link", link.pk, link.claim, after=after):
        release(link, timezone.now())


def enqueue_missing_links(integration_id: int) -> None:
    """After commit, have a worker ask for the links that interview plans ask for and that are not there."""
    after_commit("scheduling.request_missing_links", integration_id)


def enqueue_look_up(integration_id: int, candidate_id: int) -> None:
    """After commit, have a worker look up a candidate at the vendor."""
    after_commit("scheduling.look_up_candidate", integration_id, candidate_id)


def _dispatch_next(integration_id: int) -> None:
    try:
        integration = Integration.objects.filter(pk=integration_id).first()
        if integration is not None:
            dispatch_next(integration)
    except DatabaseError as problem:
        # Committed is committed: a full disk now must not look to the person as if nothing had been saved.
        log.warning("queue_not_begun", integration=integration_id, problem=type(problem).__name__)
