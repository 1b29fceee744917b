"""What people do to jobs, stages and interview plans.

Every function is atomic and writes its audit row. Positions within a job, or within a plan, are 0, 1, 2, ... without
gaps: whoever changes them holds the lock of the row above (the job, the plan), so that two at once never mix.
Nothing here touches a link or an interview that was scheduled already: those are copies, not references.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.audit import record
from organizations.bidi import isolated
from organizations.models import Organization, User

Row = TypeVar("Row", bound=models.Model)


class JobInUse(Exception):
    """The job has schedules: it can be closed, not deleted."""


@transaction.atomic
def create_job(*, organization: Organization, actor: User, title: str, location: str) -> Job:
    job = Job.objects.create(organization=organization, title=title, location=location)
    record(
        organization=organization,
        actor=actor,
        action="job.created",
        subject=job,
        summary=_("Created the job “%(job)s”.") % {"job": isolated(job)},
    )
    return job


@transaction.atomic
def edit_job(*, job: Job, actor: User, title: str, location: str) -> Job:
    locked = _locked(Job, job.pk)
    changes = _assign(locked, title=title, location=location)
    if changes:
        record(
            organization=locked.organization,
            actor=actor,
            action="job.edited",
            subject=locked,
            summary=_("Edited the job “%(job)s”.") % {"job": isolated(locked)},
            detail=changes,
        )
    return locked


@transaction.atomic
def set_job_state(*, job: Job, actor: User, state: Job.State) -> Job:
    """Closes or reopens a job. Its schedules stay as they are."""
    locked = _locked(Job, job.pk)
    if _assign(locked, state=state.value):
        closed = state is Job.State.CLOSED
        summary = _("Closed the job “%(job)s”.") if closed else _("Reopened the job “%(job)s”.")
        record(
            organization=locked.organization,
            actor=actor,
            action="job.closed" if closed else "job.reopened",
            subject=locked,
            summary=summary % {"job": isolated(locked)},
        )
    return locked


@transaction.atomic
def delete_job(*, job: Job, actor: User) -> None:
    """Deletes a job with its stages and plans; candidates stay, without a job. Raises `JobInUse`."""
    locked = _locked(Job, job.pk)
    if locked.schedules.exists():
        raise JobInUse
    record(
        organization=locked.organization,
        actor=actor,
        action="job.deleted",
        subject=locked,
        summary=_("Deleted the job “%(job)s”.") % {"job": isolated(locked)},
    )
    locked.delete()


@transaction.atomic
def add_stage(*, job: Job, actor: User, name: str) -> Stage:
    """Adds a stage with an empty plan at the end of the job."""
    locked = _locked(Job, job.pk)
    stage = Stage.objects.create(
        organization=locked.organization, job=locked, name=name, position=locked.stages.count()
    )
    InterviewPlan.objects.create(organization=locked.organization, stage=stage)
    record(
        organization=locked.organization,
        actor=actor,
        action="stage.added",
        subject=stage,
        summary=_("Added the stage “%(stage)s” to “%(job)s”.") % {"stage": isolated(stage), "job": isolated(locked)},
    )
    return stage


@transaction.atomic
def rename_stage(*, stage: Stage, actor: User, name: str) -> Stage:
    locked = _locked(Stage, stage.pk)
    changes = _assign(locked, name=name)
    if changes:
        record(
            organization=locked.organization,
            actor=actor,
            action="stage.renamed",
            subject=locked,
            summary=_("Renamed a stage to “%(stage)s”.") % {"stage": isolated(locked)},
            detail=changes,
        )
    return locked


@transaction.atomic
def move_stage(*, stage: Stage, actor: User, steps: int) -> int:
    """Moves a stage by `steps` places, up when negative, as far as there is room. Returns its place, from 0."""
    job = _locked(Job, stage.job_id)
    moved, place = _move(list(job.stages.order_by("position", "id")), stage.pk, steps)
    if moved:
        record(
            organization=job.organization,
            actor=actor,
            action="stage.moved",
            subject=stage,
            summary=_("Moved the stage “%(stage)s” to place %(place)s.")
            % {"stage": isolated(stage), "place": place + 1},
        )
    return place


@transaction.atomic
def remove_stage(*, stage: Stage, actor: User) -> None:
    """Removes a stage with its plan. Schedules made from it stay; they and candidates in it lose their stage."""
    job = _locked(Job, stage.job_id)
    record(
        organization=job.organization,
        actor=actor,
        action="stage.removed",
        subject=stage,
        summary=_("Removed the stage “%(stage)s” from “%(job)s”.") % {"stage": isolated(stage), "job": isolated(job)},
    )
    Stage.objects.filter(pk=stage.pk).delete()
    _number(list(job.stages.order_by("position", "id")))


@transaction.atomic
def add_plan_interview(
    *, stage: Stage, actor: User, name: str, minutes: int, interviewer_count: int, kind: str
) -> PlanInterview:
    """Adds an interview at the end of a stage's plan. No coding link by default until somebody switches it on."""
    _locked(Stage, stage.pk)
    plan, _made = InterviewPlan.objects.get_or_create(stage=stage, defaults={"organization": stage.organization})
    plan = _locked(InterviewPlan, plan.pk)
    interview = PlanInterview.objects.create(
        organization=stage.organization,
        plan=plan,
        position=plan.interviews.count(),
        name=name,
        minutes=minutes,
        interviewer_count=interviewer_count,
        kind=kind,
    )
    record(
        organization=stage.organization,
        actor=actor,
        action="plan_interview.added",
        subject=interview,
        summary=_("Added “%(interview)s” to the plan of “%(stage)s”.")
        % {"interview": isolated(interview), "stage": isolated(stage)},
    )
    return interview


@transaction.atomic
def edit_plan_interview(
    *, interview: PlanInterview, actor: User, name: str, minutes: int, interviewer_count: int, kind: str
) -> PlanInterview:
    locked = _locked(PlanInterview, interview.pk)
    changes = _assign(locked, name=name, minutes=minutes, interviewer_count=interviewer_count, kind=kind)
    if changes:
        record(
            organization=locked.organization,
            actor=actor,
            action="plan_interview.edited",
            subject=locked,
            summary=_("Edited “%(interview)s” in an interview plan.") % {"interview": isolated(locked)},
            detail=changes,
        )
    return locked


@transaction.atomic
def move_plan_interview(*, interview: PlanInterview, actor: User, steps: int) -> int:
    """Moves an interview within its plan by `steps`, up when negative. Returns its place, from 0."""
    plan = _locked(InterviewPlan, interview.plan_id)
    moved, place = _move(list(plan.interviews.order_by("position", "id")), interview.pk, steps)
    if moved:
        record(
            organization=plan.organization,
            actor=actor,
            action="plan_interview.moved",
            subject=interview,
            summary=_("Moved “%(interview)s” to place %(place)s of its plan.")
            % {"interview": isolated(interview), "place": place + 1},
        )
    return place


@transaction.atomic
def remove_plan_interview(*, interview: PlanInterview, actor: User) -> None:
    """Removes an interview from its plan. Interviews already scheduled from it stay, with their links."""
    plan = _locked(InterviewPlan, interview.plan_id)
    record(
        organization=plan.organization,
        actor=actor,
        action="plan_interview.removed",
        subject=interview,
        summary=_("Removed “%(interview)s” from an interview plan.") % {"interview": isolated(interview)},
    )
    PlanInterview.objects.filter(pk=interview.pk).delete()
    _number(list(plan.interviews.order_by("position", "id")))


@transaction.atomic
def set_default_link(*, interview: PlanInterview, actor: User, tool: str) -> PlanInterview:
    """Switch the coding link by default to the kind of coding tool given, or off with "".

    The wished state is given, not a flip: two people who press at once both get what they saw. Only schedules made
    from now on are concerned. A template belongs to one tool, so another tool starts without one.
    """
    locked = _locked(PlanInterview, interview.pk)
    is_another = bool(tool and locked.link_tool and locked.link_tool != tool)
    without = {"template_id": "", "template_name": "", "template_locked": False} if is_another else {}
    if _assign(locked, link_tool=tool, **without):
        on = _("Switched on the coding link by default for “%(interview)s”.")
        off = _("Switched off the coding link by default for “%(interview)s”.")
        record(
            organization=locked.organization,
            actor=actor,
            action="plan_interview.link_switched_on" if tool else "plan_interview.link_switched_off",
            subject=locked,
            summary=(on if tool else off) % {"interview": isolated(locked)},
            detail={"tool": tool},
        )
    return locked


@transaction.atomic
def choose_template(*, interview: PlanInterview, actor: User, template_id: str, template_name: str) -> PlanInterview:
    """Picks the vendor's template for links to come; "" is none, which also takes the lock away."""
    locked = _locked(PlanInterview, interview.pk)
    keeps_lock = locked.template_locked and bool(template_id)
    name = template_name[:200]
    if _assign(locked, template_id=template_id, template_name=name, template_locked=keeps_lock):
        chosen = _("Chose the template “%(template)s” for “%(interview)s”.")
        none = _("Chose no template for “%(interview)s”.")
        record(
            organization=locked.organization,
            actor=actor,
            action="plan_interview.template_chosen",
            subject=locked,
            summary=(chosen if template_id else none) % {"interview": isolated(locked), "template": isolated(name)},
            detail={"template_id": template_id},
        )
    return locked


@transaction.atomic
def lock_template(*, interview: PlanInterview, actor: User, lock: bool) -> PlanInterview:
    """Says whether interviewers may exchange the template at the vendor. Does nothing without a template."""
    locked = _locked(PlanInterview, interview.pk)
    if locked.template_id and _assign(locked, template_locked=lock):
        summary = (
            _("Locked the template of “%(interview)s”.") if lock else _("Unlocked the template of “%(interview)s”.")
        )
        record(
            organization=locked.organization,
            actor=actor,
            action="plan_interview.template_locked" if lock else "plan_interview.template_unlocked",
            subject=locked,
            summary=summary % {"interview": isolated(locked)},
        )
    return locked


def _locked(model: type[Row], pk: int) -> Row:
    """The row as it is now, locked until the transaction ends; 404 when somebody removed it meanwhile."""
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _assign(row: models.Model, **values: Any) -> dict[str, Any]:
    """Sets and saves what differs. Returns the new values of the fields that changed."""
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def _move(rows: Sequence[Stage] | Sequence[PlanInterview], pk: int, steps: int) -> tuple[bool, int]:
    """Whether the row went elsewhere, and its place. The rows are all of one job or plan, in order."""
    order: list[Stage | PlanInterview] = [*rows]
    before = next((place for place, row in enumerate(order) if row.pk == pk), None)
    if before is None:
        raise Http404
    after = min(max(before + steps, 0), len(order) - 1)
    order.insert(after, order.pop(before))
    _number(order)
    return after != before, after


def _number(rows: Sequence[Stage | PlanInterview]) -> None:
    """Gives rows their place as position, writing only what differs."""
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])
