"""Telling workers that there is something to do. A message may be lost or come twice: the row is the truth."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from integrations.models import Integration
from organizations.enqueue import after_commit, send
from scheduling.coding_links import queue
from scheduling.coding_links.transitions import release
from scheduling.models import CodingLink

log = structlog.get_logger(__name__)


def enqueue(link: CodingLink) -> None:
    """After commit, have a worker do what is due for this link."""
    after_commit("scheduling.work_on_link", link.pk)


def dispatch_queue(integration_id: int) -> None:
    """After commit, have a worker begin with what is due for this key, unless enough of its rows are claimed."""
    transaction.on_commit(lambda: _dispatch_next(integration_id))


def dispatch_next(integration: Integration) -> None:
    """Claim the next row of the key, where there is one and few enough are claimed, and have a worker take it over."""
    link = queue.claim_next(integration, for_another=True)
    if link is not None:
        dispatch_claimed(link)


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
