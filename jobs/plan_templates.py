"""Interview plans to start from: a job with a stage and its interviews, coding links on where there is code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jobs import services
from jobs.models import InterviewKind, Job
from organizations.models import Organization, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class PlannedInterview:
    """An interview of a template. `has_code`: it gets a coding link by default."""

    name: StrOrPromise
    minutes: int
    has_code: bool = False


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """A job's title, a stage and its interviews, in the language of whoever uses it."""

    title: StrOrPromise
    stage: StrOrPromise
    interviews: tuple[PlannedInterview, ...]


TEMPLATES: dict[str, PlanTemplate] = {
    "screen": PlanTemplate(
        _("Software Engineer"), _("Technical screen"), (PlannedInterview(_("Live coding"), 60, has_code=True),)
    ),
    "loop": PlanTemplate(
        _("Software Engineer"),
        _("Onsite loop"),
        (
            PlannedInterview(_("Coding: algorithms"), 60, has_code=True),
            PlannedInterview(_("Coding: debugging"), 60, has_code=True),
            PlannedInterview(_("System design"), 60),
            PlannedInterview(_("Hiring manager"), 45),
        ),
    ),
    "data": PlanTemplate(
        _("Data Scientist"),
        _("Final round"),
        (
            PlannedInterview(_("Coding: SQL and Python"), 60, has_code=True),
            PlannedInterview(_("Case study"), 60),
            PlannedInterview(_("Team conversation"), 30),
        ),
    ),
}


@transaction.atomic
def create_from_template(*, organization: Organization, actor: User, template: PlanTemplate, tool: str) -> Job:
    """Create the job with its stage and plan. `tool` is the kind that generates the coding links."""
    job = services.create_job(organization=organization, actor=actor, title=str(template.title), location="")
    stage = services.add_stage(job=job, actor=actor, name=str(template.stage))
    for planned in template.interviews:
        services.add_plan_interview(
            stage=stage,
            actor=actor,
            name=str(planned.name),
            minutes=planned.minutes,
            interviewer_count=1,
            kind=InterviewKind.VIDEO.value,
            tool=tool if planned.has_code else "",
        )
    return job
