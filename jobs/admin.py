"""Jobs and interview plans in the Django admin: to look at, and for what `jobs.services` does."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.admin import ToolFilter
from integrations.trail_actions import tool_label
from jobs import services
from jobs.hooks.usage import usage_of
from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.admin_base import ReadOnlyAdmin
from organizations.admin_erasure import ErasingAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.bidi import isolated
from organizations.models import Membership, Organization, User


class LinkToolFilter(ToolFilter):
    title = _("coding link by default")
    column = "link_tool"


@admin.register(Job)
class JobAdmin(ErasingAdmin[Job], ReadOnlyAdmin[Job]):
    """Jobs, closed, reopened and deleted as on their own page; everything else is edited there."""

    section = Section.INTERVIEWS
    list_display = ("title", "organization", "location", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("organization",)
    search_fields = ("title", "organization__name")
    fields = ("title", "organization", "location", "state", "created_at")
    actions = ("close", "reopen")
    row_actions = ("close", "reopen")

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.action(description=_("Close job"), permissions=["act"])
    def close(self, request: HttpRequest, queryset: models.QuerySet[Job]) -> HttpResponse | None:
        return self._set_state(request, queryset, Job.State.CLOSED, gettext("“%(job)s” is closed."))

    @admin.action(description=_("Reopen job"), permissions=["act"])
    def reopen(self, request: HttpRequest, queryset: models.QuerySet[Job]) -> HttpResponse | None:
        return self._set_state(request, queryset, Job.State.OPEN, gettext("“%(job)s” is open."))

    def _set_state(
        self, request: HttpRequest, rows: models.QuerySet[Job], state: Job.State, words: str
    ) -> HttpResponse | None:
        def act(job: Job) -> tuple[bool, str]:
            services.set_job_state(job=job, actor=cast(User, request.user), state=state)
            return True, words % {"job": isolated(job.title)}

        return self.act_on_each(request, rows, act)

    def consequences(self, row: Job) -> list[str]:  # noqa: ARG002
        return [gettext("Its stages and interview plans are deleted, too. This can't be undone.")]

    def refusals(self, row: Job) -> list[str]:
        return [_in_use(row)] if usage_of(row).schedules else []

    def erase(self, row: Job, actor: User) -> str:
        try:
            services.delete_job(job=row, actor=actor)
        except services.JobInUse:
            return _in_use(row)
        return ""


def _in_use(job: Job) -> str:
    return gettext("“%(job)s” has schedules, so it can only be closed.") % {"job": isolated(job.title)}


@admin.register(Stage)
class StageAdmin(ReadOnlyAdmin[Stage]):
    section = Section.INTERVIEWS
    list_display = ("name", "job", "organization", "position")
    list_select_related = ("job", "organization")
    search_fields = ("name", "job__title")


@admin.register(InterviewPlan)
class InterviewPlanAdmin(ReadOnlyAdmin[InterviewPlan]):
    section = Section.INTERVIEWS
    list_display = ("stage", "organization")
    list_select_related = ("stage", "organization")
    search_fields = ("stage__name", "stage__job__title")


@admin.register(PlanInterview)
class PlanInterviewAdmin(ReadOnlyAdmin[PlanInterview]):
    section = Section.INTERVIEWS
    list_display = ("name", "plan", "organization", "position", "minutes", "tool")
    list_filter = (LinkToolFilter, "kind")
    list_select_related = ("plan__stage", "organization")
    search_fields = ("name", "plan__stage__name", "plan__stage__job__title")

    @admin.display(description=_("coding link by default"))
    def tool(self, row: PlanInterview) -> str:
        return tool_label(row.link_tool) if row.link_tool else ""


@admin.register(JobCoordinator)
class JobCoordinatorAdmin(ReadOnlyAdmin[JobCoordinator]):
    """Jobs of coordinators: assigned on the "Members" page, which writes them into the audit trail."""

    section = Section.INTERVIEWS
    list_display = ("job", "membership", "invitation")
    list_select_related = ("job", "membership__user", "membership__organization", "invitation")
    search_fields = ("job__title", "membership__user__email")


relate(Organization, Related(Job, "organization", ("title", "location", "state", "created_at"), order=("search_key",)))
relate(Job, Related(Stage, "job", ("name", "position"), order=("position", "pk")))
_INTERVIEWS = ("name", "position", "minutes", "tool")
relate(Stage, Related(PlanInterview, "plan__stage", _INTERVIEWS, order=("position", "pk")))
relate(InterviewPlan, Related(PlanInterview, "plan", _INTERVIEWS, order=("position", "pk")))
relate(Membership, Related(JobCoordinator, "membership", ("job",)))
