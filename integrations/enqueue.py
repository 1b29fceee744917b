"""Sends a task on commit. A broker that is away, or whose disk is full, costs nobody their page: sweeps catch up."""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError

log = structlog.get_logger(__name__)


def after_commit(task: Task[Any, Any], *ids: int, **flags: bool) -> None:
    """After commit, once, without waiting for a broker that does not answer."""
    transaction.on_commit(lambda: _send(task, ids, flags))


def _send(task: Task[Any, Any], ids: tuple[int, ...], flags: dict[str, bool]) -> None:
    try:
        task.apply_async(ids, flags, retry=False)
    except (OperationalError, ChannelError, OSError) as problem:
        log.warning("nudge_lost", task=task.name, ids=ids, problem=type(problem).__name__)
