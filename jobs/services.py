"""Write jobs, stages and interview plans.

Each function is atomic and writes its audit row. Positions within a job or a plan are 0, 1, 2, ... without gaps: a
change locks the row above (the job, the plan), so that two at once never mix. Scheduled interviews and their links are
copies, which nothing here touches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any, TypeVar

from django.db import models, transaction
from django.http import Http404

from jobs.hooks.usage import usage_of
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.audit import record
from organizations.models import Organization, User

ModelT = TypeVar("ModelT", bound=models.Model)


class JobInUse(Exception):
    """The job has schedules, so it can only be closed."""


class OrderChanged(Exception):
    """The rows or their order are no longer those that the person saw."""


@transaction.atomic
def create_job(*, organization: Organization, actor: User, title: str, location: str) -> Job:
    job = Job.objects.create(organization=organization, title=title, location=location)
    _audit(job, actor, "job.created", job=job)
    return job


@transaction.atomic
def edit_job(*, job: Job, actor: User, title: str, location: str) -> Job:
    locked = _locked(Job, job.pk)
    changes = _assign(locked, title=title, location=location)
    if changes:
        _audit(locked, actor, "job.edited", changes, job=locked)
    return locked


@transaction.atomic
def set_job_state(*, job: Job, actor: User, state: Job.State) -> Job:
    """Close or reopen a job. Its schedules stay as they are."""
    locked = _locked(Job, job.pk)
    if _assign(locked, state=state.value):
        closed = state is Job.State.CLOSED
        _audit(locked, actor, "job.closed" if closed else "job.reopened", job=locked)
    return locked


@transaction.atomic
def delete_job(*, job: Job, actor: User) -> None:
    """Delete a job with its stages and plans; candidates stay, without a job. Raises `JobInUse`."""
    locked = _locked(Job, job.pk)
    if usage_of(locked).schedules:
        raise JobInUse
    _audit(locked, actor, "job.deleted", job=locked)
    locked.delete()


@transaction.atomic
def add_stage(*, job: Job, actor: User, name: str) -> Stage:
    """Add a stage with an empty plan at the end of the job."""
    locked = _locked(Job, job.pk)
    stage = Stage.objects.create(
        organization=locked.organization, job=locked, name=name, position=locked.stages.count()
    )
    InterviewPlan.objects.create(organization=locked.organization, stage=stage)
    _audit(stage, actor, "stage.added", stage=stage, job=locked)
    return stage


@transaction.atomic
def rename_stage(*, stage: Stage, actor: User, name: str) -> Stage:
    locked = _locked(Stage, stage.pk)
    changes = _assign(locked, name=name)
    if changes:
        _audit(locked, actor, "stage.renamed", changes, stage=locked)
    return locked


@transaction.atomic
def reorder_stage(*, stage: Stage, actor: User, steps: int) -> int:
    """Move a stage by `steps`, up when negative, as far as possible. Returns its position from 0."""
    job = _locked(Job, stage.job_id)
    moved, position = _reorder(list(job.stages.order_by("position", "id")), stage.pk, steps)
    if moved:
        _audit(stage, actor, "stage.moved", stage=stage, position=position + 1)
    return position


@transaction.atomic
def arrange_stages(*, job: Job, actor: User, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put a job's stages, by id, from the order that was `seen` into another. Raises `OrderChanged`."""
    job = _locked(Job, job.pk)
    if _arrange(list(job.stages.order_by("position", "id")), seen, order):
        _audit(job, actor, "job.stages_reordered", job=job)


@transaction.atomic
def remove_stage(*, stage: Stage, actor: User) -> None:
    """Remove a stage with its plan. Its schedules and candidates stay, without a stage."""
    job = _locked(Job, stage.job_id)
    _audit(stage, actor, "stage.removed", stage=stage, job=job)
    Stage.objects.filter(pk=stage.pk).delete()
    number(list(job.stages.order_by("position", "id")))


@transaction.atomic
def add_plan_interview(*, stage: Stage, actor: User, tool: str = "", **columns: Any) -> PlanInterview:
    """Add an interview at the end of a stage's plan, with a coding link of this kind of tool by default, or without.

    `columns`: the fields of `PlanInterviewForm`.
    """
    _locked(Stage, stage.pk)
    plan, _made = InterviewPlan.objects.get_or_create(stage=stage, defaults={"organization": stage.organization})
    plan = _locked(InterviewPlan, plan.pk)
    interview = PlanInterview.objects.create(
        organization=stage.organization, plan=plan, position=plan.interviews.count(), **columns
    )
    _audit(interview, actor, "plan_interview.added", interview=interview, stage=stage)
    return set_default_link(interview=interview, actor=actor, tool=tool) if tool else interview


@transaction.atomic
def add_plan_interviews(*, stage: Stage, actor: User, interviews: Sequence[Mapping[str, Any]]) -> list[PlanInterview]:
    """Add several interviews, each as `add_plan_interview` does: all of them or none."""
    return [add_plan_interview(stage=stage, actor=actor, **one) for one in interviews]


@transaction.atomic
def edit_plan_interview(*, interview: PlanInterview, actor: User, **columns: Any) -> PlanInterview:
    """Save what differs of the fields of `PlanInterviewForm`."""
    locked = _locked(PlanInterview, interview.pk)
    changes = _assign(locked, **columns)
    if changes:
        _audit(locked, actor, "plan_interview.edited", changes, interview=locked)
    return locked


@transaction.atomic
def reorder_plan_interview(*, interview: PlanInterview, actor: User, steps: int) -> int:
    """Move an interview within its plan by `steps`, up when negative. Returns its position from 0."""
    plan = _locked(InterviewPlan, interview.plan_id)
    moved, position = _reorder(list(plan.interviews.order_by("position", "id")), interview.pk, steps)
    if moved:
        _audit(interview, actor, "plan_interview.moved", interview=interview, position=position + 1)
    return position


@transaction.atomic
def arrange_plan(*, stage: Stage, actor: User, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the interviews of a plan, by id, from the order that was `seen` into another. Raises `OrderChanged`."""
    plan = InterviewPlan.objects.select_for_update().filter(stage=stage).first()
    if _arrange(list(plan.interviews.order_by("position", "id")) if plan else [], seen, order):
        _audit(stage, actor, "stage.plan_reordered", stage=stage)


@transaction.atomic
def remove_plan_interview(*, interview: PlanInterview, actor: User) -> None:
    """Remove an interview from its plan. Interviews already scheduled from it stay, with their links."""
    plan = _locked(InterviewPlan, interview.plan_id)
    _audit(interview, actor, "plan_interview.removed", interview=interview)
    PlanInterview.objects.filter(pk=interview.pk).delete()
    number(list(plan.interviews.order_by("position", "id")))


@transaction.atomic
def set_default_link(*, interview: PlanInterview, actor: User, tool: str) -> PlanInterview:
    """Switch the coding link by default on for a kind of coding tool, or off with "".

    The wanted state is given, not toggled, so that two people who press at once both get what they saw. Only new
    schedules are affected. A template belongs to one tool, so another tool starts without one.
    """
    locked = _locked(PlanInterview, interview.pk)
    is_another = bool(tool and locked.link_tool and locked.link_tool != tool)
    without = {"template_id": "", "template_name": "", "template_locked": False} if is_another else {}
    if _assign(locked, link_tool=tool, **without):
        action = "plan_interview.link_switched_on" if tool else "plan_interview.link_switched_off"
        _audit(locked, actor, action, interview=locked, tool=tool)
    return locked


@transaction.atomic
def choose_template(*, interview: PlanInterview, actor: User, template_id: str, template_name: str) -> PlanInterview:
    """Choose the vendor's template for new links; "" is none, which also unlocks it."""
    locked = _locked(PlanInterview, interview.pk)
    keeps_lock = locked.template_locked and bool(template_id)
    name = template_name[:200]
    if _assign(locked, template_id=template_id, template_name=name, template_locked=keeps_lock):
        action = "plan_interview.template_chosen" if template_id else "plan_interview.template_cleared"
        _audit(locked, actor, action, interview=locked, template=name, template_id=template_id)
    return locked


@transaction.atomic
def lock_template(*, interview: PlanInterview, actor: User, lock: bool) -> PlanInterview:
    """Set whether interviewers can change the template at the vendor. Does nothing without a template."""
    locked = _locked(PlanInterview, interview.pk)
    if locked.template_id and _assign(locked, template_locked=lock):
        action = "plan_interview.template_locked" if lock else "plan_interview.template_unlocked"
        _audit(locked, actor, action, interview=locked)
    return locked


def _audit(
    row: Job | Stage | PlanInterview,
    actor: User,
    action: str,
    changes: dict[str, Any] | None = None,
    **told: Job | Stage | PlanInterview | str | int,
) -> None:
    """Record what happened to a row. `told` has a value for each parameter of the action's sentence."""
    values = {name: str(value) if isinstance(value, models.Model) else value for name, value in told.items()}
    detail = values | ({"changes": changes} if changes else {})
    record(organization=row.organization, actor=actor, action=action, subject=row, detail=detail)


def _locked(model: type[ModelT], pk: int) -> ModelT:
    """The current row, locked until the transaction ends. Raises Http404 when it is gone."""
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _assign(row: models.Model, **values: Any) -> dict[str, Any]:
    """Save the values that differ. Returns them by field, as the trail keeps them."""
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return {name: value.isoformat() if isinstance(value, time) else value for name, value in changes.items()}


def _reorder(rows: Sequence[Stage] | Sequence[PlanInterview], pk: int, steps: int) -> tuple[bool, int]:
    """Move a row among all rows of a job or plan, in order. Returns whether it moved, and its position."""
    order: list[Stage | PlanInterview] = [*rows]
    before = next((position for position, row in enumerate(order) if row.pk == pk), None)
    if before is None:
        raise Http404
    after = min(max(before + steps, 0), len(order) - 1)
    order.insert(after, order.pop(before))
    number(order)
    return after != before, after


def _arrange(rows: Sequence[Stage] | Sequence[PlanInterview], seen: Sequence[int], order: Sequence[int]) -> bool:
    """Number rows in the order of these ids. Returns whether it is another one. Raises `OrderChanged`."""
    by_id: dict[int, Stage | PlanInterview] = {row.pk: row for row in rows}
    if [*by_id] != [*seen] or sorted(by_id) != sorted(order):
        raise OrderChanged
    number([by_id[pk] for pk in order])
    return [*order] != [*seen]


def number(rows: Sequence[Stage | PlanInterview]) -> None:
    """Number rows, all of a job or of a plan that is locked, from 0. Saves those that differ."""
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
