"""Work with a key pauses when the vendor refuses it, and resumes when a check finds that it works again."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.hooks.events import announce
from integrations.models import Integration
from integrations.registry import TOOLS
from organizations.audit import record
from organizations.enqueue import after_commit

State = Integration.State
#: A pause so soon after a resume is the same outage: it gets no second mail, and no check ends it before this time has
#: passed. Otherwise a key that checks well and is refused at work would go back and forth.
SAME_OUTAGE = timedelta(hours=2)


@transaction.atomic
def pause(*, integration_id: int, key_version: int, problem_code: str, problem: str) -> bool:
    """Stops work with a key that the vendor refused. False where the key was replaced or paused since it was read.

    `problem`: one sentence for a person. After commit, a worker looks at the key more closely.
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
        problem=problem[:500],
        problem_since=now,
        problem_mailed_at=before["problem_mailed_at"] if same else None,
    )
    if paused:
        _tell(integration_id, "paused", _("Paused %(tool)s: %(problem)s"), problem=problem)
        after_commit("integrations.check_integration", integration_id)
    return bool(paused)


@transaction.atomic
def resume(*, integration_id: int, key_version: int) -> bool:
    """Lets work go on with a paused key. False where the key was replaced or resumed since it was read."""
    row = Integration.objects.filter(pk=integration_id, key_version=key_version, state=State.PAUSED)
    resumed = row.update(
        state=State.CONNECTED, problem_code="", problem="", problem_since=None, resumed_at=timezone.now()
    )
    if resumed:
        _tell(integration_id, "resumed", _("%(tool)s works again"))
    return bool(resumed)


def _tell(integration_id: int, event: str, summary: str, **words: str) -> None:
    integration = Integration.objects.select_related("organization").get(pk=integration_id)
    record(
        organization=integration.organization,
        actor=None,
        action=f"integration.{event}",
        subject=integration,
        summary=summary % {"tool": TOOLS[integration.kind].info.name, **words},
        detail={"code": integration.problem_code},
    )
    announce(event, integration=integration, actor=None)
