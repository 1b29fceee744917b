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


def ask(integration: Integration, operation: pace.Operation, question: Callable[[CodingTool], T]) -> T:
    """Waits for a slot and asks. Raises pace.NoSlot (nothing was sent) or one of the contract's errors."""
    pace.wait_for_slot(integration.pk, operation, patience=PATIENCE)
    return ask_now(integration, operation, question)


def ask_now(integration: Integration, operation: pace.Operation, question: Callable[[CodingTool], T]) -> T:
    """The same for a caller who has waited for its slot already."""
    if connection.in_atomic_block and not settings.TESTING_IN_TRANSACTION:
        raise RuntimeError("A vendor is never called inside a transaction.")
    try:
        return question(tool_for(integration))
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
