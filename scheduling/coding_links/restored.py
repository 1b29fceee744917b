"""Links after a restore: what the coding tools did since the backup is looked up before anything is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from scheduling.coding_links.creation import RESTORED
from scheduling.coding_links.transitions import RELEASED
from scheduling.models import CodingLink, LinkState

S = LinkState


def after_restore(made_at: datetime) -> Iterator[str]:
    """Release all claims, and have every link that may have changed since looked up.

    A request that waited may have been answered since. The tool is asked before it is sent: `creation.create` does so
    for rows with the code RESTORED. One that was too early then, and still is, has not been sent.
    """
    now = timezone.now()
    CodingLink.objects.exclude(claim="").update(**RELEASED)
    waiting = CodingLink.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), state=S.PENDING)
    count = waiting.update(problem_code=RESTORED, problem_params={}, sent_at=made_at, known_ids=[], next_attempt_at=now)
    count += CodingLink.objects.filter(
        state__in=[S.CREATING, S.UNKNOWN, S.CANCELLING, S.READY, S.ACTIVE], next_attempt_at__isnull=False
    ).update(next_attempt_at=now)
    if count:
        yield f"{count} coding links are looked up at their coding tools first, and none is created twice."
