"""Work with a key pauses when the vendor refuses it, and resumes when a check finds that it works again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.hooks.events import announce
from integrations.models import Integration
from integrations.trail_actions import problem_detail
from organizations.audit import record
from organizations.enqueue import after_commit

State = Integration.State
#: A pause so soon after a resume is the same outage: it gets no second mail, and no check ends it before this time has
#: passed. Otherwise a key that checks well and is refused at work would go back and forth.
SAME_OUTAGE = timedelta(hours=2)


@transaction.atomic
def pause(*, integration_id: int, key_version: int, problem_code: str, problem_params: dict[str, Any]) -> bool:
    """Stop work with a key that the vendor refused. False where the key was replaced or paused since it was read.

    After commit, a worker checks the key more closely.
    """
    now = timezone.now()
    row = Integration.objects.filter(pk=integration_id, key_version=key_version, state=State.CONNECTED)
    before = row.values("resumed_at", "problem_mailed_at").first()
    if before is None:
        return False
    same = before["resumed_at"] is not None and before["resumed_at"] > now - SAME_OUTAGE
    paused = row.update(
        state=State.PAUSED,
        problem_code=problem_code[:60],
        problem_params=problem_params,
        problem_since=now,
        problem_mailed_at=before["problem_mailed_at"] if same else None,
    )
    if paused:
        _tell(integration_id, "paused")
        after_commit("integrations.check_integration", integration_id)
    return bool(paused)


@transaction.atomic
def resume(*, integration_id: int, key_version: int) -> bool:
    """Let work go on with a paused key. False where the key was replaced or resumed since it was read."""
    row = Integration.objects.filter(pk=integration_id, key_version=key_version, state=State.PAUSED)
    resumed = row.update(
        state=State.CONNECTED, problem_code="", problem_params={}, problem_since=None, resumed_at=timezone.now()
    )
    if resumed:
        _tell(integration_id, "resumed")
    return bool(resumed)


def _tell(integration_id: int, event: str) -> None:
    integration = Integration.objects.select_related("organization").get(pk=integration_id)
    record(
        organization=integration.organization,
        actor=None,
        action=f"integration.{event}",
        subject=integration,
        detail={
            "tool": integration.kind,
            "problem": problem_detail(integration.kind, integration.problem_code, integration.problem_params),
        },
    )
    announce(event, integration=integration, actor=None)
