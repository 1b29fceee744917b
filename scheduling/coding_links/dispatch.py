"""Tells the workers that there is something to do. A nudge may be lost or come twice: the row is the truth."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, transaction

from organizations.enqueue import after_commit, send
from scheduling.coding_links import worker_slots
from scheduling.models import CodingLink

log = structlog.get_logger(__name__)


def nudge(link: CodingLink) -> None:
    """After commit, has a worker look at this link now."""
    after_commit("scheduling.work_on_link", link.pk)


def nudge_queue(integration_id: int) -> None:
    """After commit, has workers begin with what is due for this key, where not as many as may be are at it already."""
    transaction.on_commit(lambda: _begin_chain(integration_id))


def nudge_chain(integration_id: int, token: str, *, after: float = 0) -> None:
    """The next message of a chain, carried out `after` seconds from now."""
    going = worker_slots.go_on(integration_id, token, after=after)
    if going is not None:
        _send_chain(integration_id, going, after=after)


def nudge_missing(integration_id: int) -> None:
    """After commit, has a worker ask for the links that interview plans ask for and that are not there."""
    after_commit("scheduling.request_missing_links", integration_id)


def nudge_look(integration_id: int, candidate_id: int) -> None:
    """After commit, has a worker look what the vendor has for a candidate."""
    after_commit("scheduling.look_up_candidate", integration_id, candidate_id)


def _begin_chain(integration_id: int) -> None:
    try:
        token = worker_slots.begin(integration_id)
    except DatabaseError as problem:
        # Committed is committed: a full disk now must not look to the person as if nothing had been saved.
        log.warning(
            "task_not_sent",
            task="scheduling.work_on_queue",
            arguments=(integration_id,),
            problem=type(problem).__name__,
        )
        return
    if token is not None:
        _send_chain(integration_id, token)


def _send_chain(integration_id: int, token: str, *, after: float = 0) -> None:
    if not send("scheduling.work_on_queue", integration_id, token, after=after):
        worker_slots.end(integration_id, token)
