"""The context of a task's log lines: its own id, and the id of the request that started it.

The request's id travels in the message's headers. A task passes it on to none: what it starts goes on with the work of
others, too.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

HEADER = "panelist_request_id"
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")


@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Receive Celery's signal in the process that sends a task."""
    context = structlog.contextvars.get_contextvars()
    if headers is not None and "request_id" in context and "task_id" not in context:
        headers[HEADER] = context["request_id"]


@task_prerun.connect
def begin(task_id: str, task: Task[..., Any], **_: Any) -> None:
    """Receive Celery's signal in a worker, on the thread that carries the task out."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    request_id = str((task.request.headers or {}).get(HEADER, ""))
    if REQUEST_ID.fullmatch(request_id):
        structlog.contextvars.bind_contextvars(request_id=request_id)


@task_postrun.connect
def end(**_: Any) -> None:
    """Receive Celery's signal once a task is over, however it ended."""
    structlog.contextvars.clear_contextvars()
