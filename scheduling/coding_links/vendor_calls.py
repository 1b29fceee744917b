"""Every call of a coding tool goes through here: paced, outside any transaction, and with its lessons taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.utils import timezone

from integrations import health, rate_limit
from integrations.base import CodingTool, CredentialsRejected, Retryable
from integrations.connections import tool_for
from integrations.models import Integration

T = TypeVar("T")

# How long, in seconds, a worker may be held by a link that waits for its slot.
PATIENCE = 0.6
# A look-up of several pages that has begun is not thrown away: at a slow pace it would begin anew for ever. The slowest
# pace that can be set has a slot every ten seconds, and a few such look-ups may wait for theirs together.
BEGUN = 60.0
# Called in the middle of a look-up with the moment at which its next page will be asked for.
Alive = Callable[[datetime], None]


class _Turns:
    """Waits for a slot before each request: shortly before the first, and as long as it takes within a look-up."""

    def __init__(self, integration_id: int, *, first_is_taken: bool, alive: Alive | None) -> None:
        self._integration_id = integration_id
        self._skip = first_is_taken
        self._begun = False
        self._alive = alive

    def __call__(self, operation: rate_limit.Operation) -> None:
        if self._begun:
            rate_limit.wait_for_slot(self._integration_id, operation, patience=BEGUN, taken=self._taken)
        elif not self._skip:
            rate_limit.wait_for_slot(self._integration_id, operation, patience=PATIENCE)
        self._begun = True

    def _taken(self, slot: datetime) -> None:
        if self._alive is not None:
            self._alive(max(slot, timezone.now()))


def ask(
    integration: Integration,
    operation: rate_limit.Operation,
    question: Callable[[CodingTool], T],
    *,
    slot_is_taken: bool = False,
    alive: Alive | None = None,
) -> T:
    """Waits for a slot and asks. Raises pace.NoSlot (come back later) or one of the contract's errors.

    `slot_is_taken`: the caller has waited for the first request's slot itself. `alive`: called before each further
    request of a look-up with the moment at which it will be sent, so that who makes a long one does not count as dead.
    """
    if connection.in_atomic_block and not settings.TESTING_IN_TRANSACTION:
        raise RuntimeError("A vendor is never called inside a transaction.")
    turns = _Turns(integration.pk, first_is_taken=slot_is_taken, alive=alive)
    try:
        return question(tool_for(integration, pacer=turns))
    except CredentialsRejected as problem:
        health.pause(
            integration_id=integration.pk,
            key_version=integration.key_version,
            problem_code=problem.code or "key_rejected",
            problem=problem.sentence,
        )
        raise
    except Retryable as problem:
        if problem.rate_limited:
            rate_limit.slow_down(integration.pk, operation, retry_after=problem.retry_after)
        raise
