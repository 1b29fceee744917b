"""Tells the workers that there is something to do. A nudge may be lost or come twice: the row is the truth."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from scheduling.models import CodingLink

# Links of one key that are worked on at the same moment.
CHAINS = 5

log = structlog.get_logger(__name__)


def nudge(link: CodingLink) -> None:
    """After commit, has a worker look at this link now."""
    pk = link.pk
    transaction.on_commit(lambda: _send("work_on_link", pk))


def busy(integration_id: int) -> int:
    """How many of a key's links are worked on at this moment."""
    claimed = CodingLink.objects.filter(integration_id=integration_id, next_attempt_at__gt=timezone.now())
    return claimed.exclude(claim="").count()


def nudge_idle_queue(integration_id: int) -> None:
    """After commit, has a worker begin with this key, unless some are at it: they take up what comes. For bulk."""
    transaction.on_commit(lambda: None if busy(integration_id) else _send("work_on_queue", integration_id))


def nudge_queue(integration_id: int, *, after: float = 0) -> None:
    """After commit, has a worker take up whatever is due for this integration, `after` seconds from then."""
    transaction.on_commit(lambda: _send("work_on_queue", integration_id, after=after))


def nudge_look(integration_id: int, candidate_id: int) -> None:
    """After commit, has a worker look what the vendor has for a candidate."""
    transaction.on_commit(lambda: _send("look_up_candidate", integration_id, candidate_id))


def _send(task: str, *arguments: int, after: float = 0) -> None:
    from scheduling import tasks

    try:
        getattr(tasks, task).apply_async(arguments, countdown=after or None, retry=False)
    except (OperationalError, ChannelError, OSError) as problem:
        # The broker is away, or its disk is full. The sweeper finds the row by its timer.
        log.warning("nudge_lost", task=task, id=arguments[0], problem=type(problem).__name__)
