"""Start background work: the one way to send a task.

A message may be lost or come twice; the rows are the truth, and sweeps find what is due. So a broker that is away, or
whose disk is full, costs nobody their page. Tasks are named, not imported: what sends them lies below what they call.
"""

from __future__ import annotations

import re
from importlib import import_module

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError

# What a worker claims a row with: random, see `organizations.waits.new_claim`. Empty: none.
_CLAIM = re.compile("[0-9a-f]{0,64}")

log = structlog.get_logger(__name__)


def after_commit(task: str, *arguments: int | str, **flags: bool) -> None:
    """Send it once the transaction is committed; at once outside of one. `task` as for `send`."""
    transaction.on_commit(lambda: send(task, *arguments, flags=flags))


def send(task: str, *arguments: int | str, flags: dict[str, bool] | None = None, after: float = 0) -> bool:
    """Send it now, to be carried out `after` seconds from now. False where the broker did not take it.

    `task`: `<app>.<function>` of that app's `tasks.py`. Arguments are ids, or a row's claim: TypeError for anything
    else, because messages are neither encrypted nor forgotten with their row.
    """
    if not all(isinstance(one, int) or (isinstance(one, str) and _CLAIM.fullmatch(one)) for one in arguments):
        raise TypeError("Messages to workers carry ids and claims, and no data.")
    app, _, name = task.partition(".")
    function: Task[..., None] = getattr(import_module(f"{app}.tasks"), name)
    try:
        function.apply_async(arguments, kwargs=flags or {}, countdown=after, retry=False)
    except (OperationalError, ChannelError, OSError) as problem:
        log.warning("task_not_sent", task=task, arguments=arguments, problem=type(problem).__name__)
        return False
    return True
