"""The one way to call a coding tool: never inside a transaction, within the key's rate limit, and learning from errors.

A refused key pauses its integration, and "too fast" slows the key down, whoever asked.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import structlog
from django.db import connection, connections, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations import call_counts, metrics, rate_limit
from integrations.base import CodingTool, CredentialsRejected, Operation, Retryable, ToolError
from integrations.error_texts import KEY_UNREADABLE
from integrations.models import Integration
from integrations.pauses import pause
from integrations.registry import TOOLS

T = TypeVar("T")

# How long, in seconds, a link's first request may hold a worker while it waits for its slot.
MAX_WAIT = 0.6
# A look-up of several pages that has begun is not thrown away: at a slow rate it would begin anew for ever. The slowest
# rate that can be set has a slot every ten seconds, and a few such look-ups may wait for theirs together.
MAX_WAIT_ONCE_BEGUN = 60.0
# For work that nobody watches: a check of the key, a list of templates.
MAX_WAIT_IN_BACKGROUND = 20.0
# Calls that are on their way beside the one of each worker's own thread. A thread is made when it is needed first.
_threads = ThreadPoolExecutor(max_workers=128, thread_name_prefix="vendor-call")
# Called in the middle of a look-up with the moment at which its next page will be asked for.
Heartbeat = Callable[[datetime], None]


class _Slots:
    """Waits for a slot before each request of one call: `first` seconds at most, then `later` seconds at most.

    `first` is None where the caller has waited for the first request's slot itself.
    """

    def __init__(
        self, integration: Integration, *, first: float | None, later: float, heartbeat: Heartbeat | None = None
    ) -> None:
        self._integration_id, self._kind = integration.pk, integration.kind
        self._max_wait = first
        self._later = later
        self._heartbeat = heartbeat
        self.last: Operation | None = None  # the kind of the newest request, once there was one
        self.waited = 0.0  # seconds that all of them have waited for their slots

    def __call__(self, operation: Operation) -> None:
        begun = self.last is not None
        self.last = operation
        if self._max_wait is not None:
            taken, began = self._taken if begun else None, time.perf_counter()
            rate_limit.wait_for_slot(self._integration_id, operation, max_wait=self._max_wait, taken=taken)
            self.waited += time.perf_counter() - began
        self._max_wait = self._later
        metrics.request_sent(self._kind, operation)

    def _taken(self, slot: datetime) -> None:
        if self._heartbeat is not None:
            self._heartbeat(max(slot, timezone.now()))


def call(
    integration: Integration,
    request: Callable[[CodingTool], T],
    *,
    slot_is_taken: bool = False,
    heartbeat: Heartbeat | None = None,
) -> T:
    """Call the tool for a link. Raises NoSlot (come back later), or one of the contract's errors.

    `slot_is_taken`: the caller has waited for the first request's slot itself. `heartbeat`: called before each further
    request of a look-up with the moment at which it will be sent, so that a long one does not count as dead.
    """
    first = None if slot_is_taken else MAX_WAIT
    slots = _Slots(integration, first=first, later=MAX_WAIT_ONCE_BEGUN, heartbeat=heartbeat)
    return _call(integration, request, slots)


def call_in_background(integration: Integration, request: Callable[[CodingTool], T]) -> T:
    """Call the tool for something that may wait. Raises the contract's errors: `Retryable` for no slot within 20 s."""
    slots = _Slots(integration, first=MAX_WAIT_IN_BACKGROUND, later=MAX_WAIT_IN_BACKGROUND)
    try:
        return _call(integration, request, slots)
    except rate_limit.NoSlot:
        raise Retryable("busy", retry_after=MAX_WAIT_IN_BACKGROUND) from None


@sensitive_variables()
def call_with_key(kind: str, api_key: str, request: Callable[[CodingTool], T]) -> T:
    """Call the tool with a key that is not stored yet: no rate limit is kept for it, and there is nothing to pause."""
    refuse_in_transaction()
    return request(TOOLS[kind].factory(api_key))


class Started(Generic[T]):
    """A call of one link on a thread of its own, whose slot the caller has waited for.

    The thread only talks to the vendor. What an answer means for the key is learnt in `result`, by the caller.
    """

    def __init__(self, integration: Integration, request: Callable[[CodingTool], T]) -> None:
        refuse_in_transaction()
        self._integration = integration
        self._slots = _Slots(integration, first=None, later=MAX_WAIT_ONCE_BEGUN)
        _bind(integration)
        context = contextvars.copy_context()
        self.future = _threads.submit(context.run, _without_connections, self._ask, request)

    def _ask(self, request: Callable[[CodingTool], T]) -> T:
        return _measured(self._integration, request, self._slots)

    def result(self) -> T:
        """Return the answer, waiting for it where it is not there yet; raise one of the contract's errors."""
        return _learning(self._integration, self._slots, self.future.result)


def _without_connections(ask: Callable[..., T], request: Callable[[CodingTool], Any]) -> T:
    """Call it, and leave no connection to the database behind on its thread, should the tool have needed one."""
    try:
        return ask(request)
    finally:
        connections.close_all()


def _call(integration: Integration, request: Callable[[CodingTool], T], slots: _Slots) -> T:
    refuse_in_transaction()
    _bind(integration)
    return _learning(integration, slots, lambda: _measured(integration, request, slots))


def _bind(integration: Integration) -> None:
    structlog.contextvars.bind_contextvars(organization=integration.organization_id, integration=integration.pk)


def _learning(integration: Integration, slots: _Slots, answer: Callable[[], T]) -> T:
    try:
        return answer()
    except CredentialsRejected as problem:
        pause(
            integration_id=integration.pk,
            key_version=integration.key_version,
            problem_code=problem.code or "key_rejected",
            problem_params=problem.params,
        )
        raise
    except Retryable as problem:
        if problem.rate_limited and slots.last is not None:
            rate_limit.throttle(integration.pk, slots.last, retry_after=problem.retry_after)
        raise


class _Watched:
    """A tool that knows what it was asked for last, by the name of its method."""

    def __init__(self, tool: CodingTool) -> None:
        self._tool = tool
        self.asked_for = ""

    def __getattr__(self, name: str) -> Any:
        self.asked_for = name
        return getattr(self._tool, name)


def _measured(integration: Integration, request: Callable[[CodingTool], T], slots: _Slots) -> T:
    """Call the tool, and note how long that took and how it ended. A call that got no slot is none."""
    if not integration.api_key:  # or stored, but unreadable
        raise CredentialsRejected(KEY_UNREADABLE)
    began = time.perf_counter()
    tool = _Watched(TOOLS[integration.kind].factory(integration.api_key, pacer=slots))

    def note(problem: ToolError | None) -> None:
        seconds = time.perf_counter() - began - slots.waited
        metrics.call_ended(integration.kind, slots.last, seconds, problem)
        made_link = problem is None and tool.asked_for == "create_link"
        call_counts.note(integration.pk, seconds=seconds, problem=problem, made_link=made_link)

    try:
        answer = request(cast(CodingTool, tool))
    except ToolError as problem:
        note(problem)
        raise
    note(None)
    return answer


def refuse_in_transaction() -> None:
    """A vendor may take many seconds, for which a transaction would hold its rows, or the whole SQLite database.

    Raises RuntimeError. The transaction that pytest-django wraps around a test does not count.
    """
    if connection.in_atomic_block:
        try:
            with transaction.atomic(durable=True):
                return
        except RuntimeError:
            raise RuntimeError("A vendor is never called inside a transaction.") from None
