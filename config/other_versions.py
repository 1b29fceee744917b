"""Tasks of another version: while an installation is upgraded, an older worker may get what only a newer one can do.

It hands such a task back, to come again in half a minute, until a worker takes it that knows it. What comes back goes
through `pass_on`, a task that every version has: Celery heeds the time of a message only where it knows its task.
"""

from __future__ import annotations

import inspect
from typing import Any

import structlog
from celery import Task, current_app, shared_task
from celery.signals import task_unknown

#: Seconds until a task comes again.
WAIT = 30
#: After so many returns, an hour, no newer worker is to be expected.
MOST_RETURNS = 120
#: The header with the number of returns.
RETURNS = "panelist_returns"

log = structlog.get_logger(__name__)


class PatientTask(Task):  # type: ignore[type-arg]
    """A task that hands back what has arguments of another version. The base of all tasks."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            inspect.signature(self.run).bind(*args, **kwargs)
        except TypeError:
            if self.request.called_directly:
                raise
            hand_back(str(self.name), args, kwargs, int((self.request.headers or {}).get(RETURNS, 0)))
            return None
        return super().__call__(*args, **kwargs)


def hand_back(name: str, args: Any, kwargs: dict[str, Any], returns: int) -> None:
    """Let a task come again in a while; drop one that has come back for an hour."""
    if returns >= MOST_RETURNS:
        log.error("task_of_no_version", task=name)
        return
    log.warning("task_of_another_version", task=name, returns=returns)
    pass_on.apply_async((name, list(args), kwargs, returns + 1), countdown=WAIT)


@task_unknown.connect
def hand_back_unknown(message: Any, name: str, **_: Any) -> None:
    """Hand back a task that this version does not have. Celery has taken its message from the queue."""
    args, kwargs, _embedded = message.payload
    hand_back(name, args, kwargs, int(message.headers.get(RETURNS) or 0))


@shared_task(name="config.pass_on")
def pass_on(name: str, args: list[Any], kwargs: dict[str, Any], returns: int) -> None:
    current_app.send_task(name, args, kwargs, headers={RETURNS: returns})
