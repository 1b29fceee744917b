"""Take back the removal of a stage or of an interview of a plan, for the minutes in which its notice offers that.

What was removed travels in the answer, signed: nothing of it is kept here. It comes back under its own ids, so that the
second of two clicks finds it there. Only what nothing else depends on is removed in this way: see `jobs.hooks.usage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import Http404

from jobs import services
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.audit import record
from organizations.models import User

OFFERED_FOR = timedelta(minutes=10)
_SALT = "jobs.undo"


class TooLate(Exception):
    """The token is too old, or of no notice of this person."""


def token_of(removed: Stage | PlanInterview, actor: User) -> str:
    """Read what brings a stage or an interview back, before it is removed."""
    stage = removed if isinstance(removed, Stage) else None
    kept = {
        "actor": actor.pk,
        "job": stage.job_id if stage else None,
        "stage": _columns(stage) if stage else None,
        "interviews": [_columns(one) for one in _interviews(removed)],
    }
    return signing.dumps(kept, salt=_SALT, compress=True)


@transaction.atomic
def restore(*, job: Job, actor: User, token: str) -> str:
    """Put back what a token of this person has, at its place in the job or plan. Returns its name.

    Raises `TooLate`, and Http404 when the plan itself is gone.
    """
    kept = _read(token, actor)
    if kept["stage"] is not None:
        return _restore_stage(job, actor, kept)
    [columns] = kept["interviews"]
    plan = InterviewPlan.objects.select_for_update().filter(pk=columns["plan_id"], stage__job=job).first()
    if plan is None:
        raise Http404
    made = PlanInterview(**columns)
    if _insert(made, list(plan.interviews.order_by("position", "id"))):
        told = {"interview": made.name, "stage": plan.stage.name}
        _record(made, actor, "plan_interview.restored", told)
    return made.name


def _restore_stage(job: Job, actor: User, kept: dict[str, Any]) -> str:
    made = Stage(**kept["stage"])
    locked = Job.objects.select_for_update().filter(pk=job.pk).first()
    if locked is None or made.job_id != locked.pk:
        raise Http404
    if _insert(made, list(locked.stages.order_by("position", "id"))):
        plan = InterviewPlan.objects.create(organization=locked.organization, stage=made)
        PlanInterview.objects.bulk_create(PlanInterview(**one | {"plan_id": plan.pk}) for one in kept["interviews"])
        _record(made, actor, "stage.restored", {"stage": made.name, "job": locked.title})
    return made.name


def _insert(made: Stage | PlanInterview, rows: Sequence[Stage] | Sequence[PlanInterview]) -> bool:
    """Save a row among the others, where it was. Returns whether it was not there already."""
    if any(row.pk == made.pk for row in rows):
        return False
    place = min(made.position, len(rows))
    made.position = len(rows)
    made.save(force_insert=True)
    services.number([*rows[:place], made, *rows[place:]])
    return True


def _record(made: Stage | PlanInterview, actor: User, action: str, told: dict[str, str]) -> None:
    record(organization=made.organization, actor=actor, action=action, subject=made, detail=told)


def _interviews(removed: Stage | PlanInterview) -> list[PlanInterview]:
    if isinstance(removed, PlanInterview):
        return [removed]
    return list(PlanInterview.objects.filter(plan__stage=removed).order_by("position", "id"))


def _columns(row: Stage | PlanInterview) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value.isoformat() if isinstance(value, time) else value for name, value in values.items()}


def _read(token: str, actor: User) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=OFFERED_FOR)
    except signing.BadSignature as error:
        raise TooLate from error
    if kept["actor"] != actor.pk:
        raise TooLate
    return kept
