"""The one way to call a calendar vendor: never inside a transaction, within its rate limit, and learning from errors.

Rejected credentials pause their connection, and "too fast" slows it down, whoever asked: unless only one person of an
organization was meant.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from django.views.decorators.debug import sensitive_variables

from integrations import rate_limit
from integrations.base import CredentialsRejected, Operation, Retryable
from integrations.calendar_pauses import pause
from integrations.calendar_registry import CALENDARS, Credentials
from integrations.calendars import Calendar, CalendarLimited
from integrations.error_texts import KEY_UNREADABLE
from integrations.models import CalendarConnection
from integrations.vendor_calls import refuse_in_transaction

T = TypeVar("T")

# Seconds that one request may wait for its slot: all of this is work that nobody watches request by request.
MAX_WAIT = 20.0


class _Slots:
    """Waits for a slot before each request of one call."""

    def __init__(self, connection: CalendarConnection) -> None:
        self._connection_id = connection.pk
        self.last: Operation | None = None

    def __call__(self, operation: Operation) -> None:
        self.last = operation
        rate_limit.wait_for_slot(self._connection_id, operation, max_wait=MAX_WAIT, of=CalendarConnection)


@sensitive_variables()
def call(connection: CalendarConnection, request: Callable[[Calendar], T]) -> T:
    """Call the vendor. Raises the contract's errors: `Retryable` also where no slot came within 20 s."""
    refuse_in_transaction()
    slots = _Slots(connection)
    try:
        return request(_vendor(connection, slots))
    except CredentialsRejected as problem:
        pause(connection, problem.code, problem.params)
        raise
    except Retryable as problem:
        is_of_one = isinstance(problem, CalendarLimited) and connection.membership_id is None
        if problem.rate_limited and not is_of_one and slots.last is not None:
            rate_limit.throttle(connection.pk, slots.last, retry_after=problem.retry_after, of=CalendarConnection)
        raise
    except rate_limit.NoSlot:
        raise Retryable("busy", retry_after=MAX_WAIT) from None


@sensitive_variables()
def call_with(
    kind: str,
    credentials: Credentials,
    request: Callable[[Calendar], T],
    *,
    keep: Callable[[Credentials], None] | None = None,
) -> T:
    """Call the vendor with credentials that are not stored yet: there is no rate limit, and nothing to pause.

    `keep` is called with those that took their place while they were used.
    """
    refuse_in_transaction()
    return request(CALENDARS[kind].factory(credentials, keep=keep))


@sensitive_variables()
def _vendor(connection: CalendarConnection, slots: _Slots) -> Calendar:
    if not connection.credentials:  # or stored, but unreadable
        raise CredentialsRejected(KEY_UNREADABLE)
    version = connection.credentials_version

    def keep(credentials: Credentials) -> None:
        same = CalendarConnection.objects.filter(pk=connection.pk, credentials_version=version)
        same.update(credentials=json.dumps(dict(credentials)))

    return CALENDARS[connection.kind].factory(json.loads(connection.credentials), pacer=slots, keep=keep)
