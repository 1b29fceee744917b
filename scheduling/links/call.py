"""Every call of a coding tool goes through here: paced, outside any transaction, and with its lessons taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import connection

from integrations import health, pace
from integrations.base import CodingTool, CredentialsRejected, Retryable
from integrations.connections import tool_for
from integrations.models import Integration

T = TypeVar("T")

# How long, in seconds, a worker may be held by a link that waits for its slot.
PATIENCE = 0.6
# A look-up of several pages has begun already; it is not thrown away for the sake of a short wait.
BEGUN = 3.0


class _Turns:
    """Waits for a slot before each request, shortly before the first and somewhat longer in the middle of a look-up."""

    def __init__(self, integration_id: int, *, first_is_taken: bool) -> None:
        self._integration_id = integration_id
        self._skip = first_is_taken
        self._patience = PATIENCE

    def __call__(self, operation: pace.Operation) -> None:
        if self._skip:
            self._skip = False
        else:
            pace.wait_for_slot(self._integration_id, operation, patience=self._patience)
        self._patience = BEGUN


def ask(
    integration: Integration,
    operation: pace.Operation,
    question: Callable[[CodingTool], T],
    *,
    slot_is_taken: bool = False,
) -> T:
    """Waits for a slot and asks. Raises pace.NoSlot (come back later) or one of the contract's errors.

    `slot_is_taken`: the caller has waited for the first request's slot itself.
    """
    if connection.in_atomic_block and not settings.TESTING_IN_TRANSACTION:
        raise RuntimeError("A vendor is never called inside a transaction.")
    turns = _Turns(integration.pk, first_is_taken=slot_is_taken)
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
            pace.slow_down(integration.pk, operation, retry_after=problem.retry_after)
        raise
