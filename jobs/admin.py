"""Jobs and interview plans in the Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.admin import ToolFilter
from integrations.trail_actions import tool_label
from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.admin_base import ListedAdmin, ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.models import Membership, Organization


class LinkToolFilter(ToolFilter):
    title = _("coding link by default")
    column = "link_tool"


class StageInline(admin.TabularInline[Stage, Job]):
    model = Stage
    extra = 0
    autocomplete_fields = ("organization",)


class PlanInterviewInline(admin.TabularInline[PlanInterview, InterviewPlan]):
    model = PlanInterview
    extra = 0
    autocomplete_fields = ("organization",)


@admin.register(Job)
class JobAdmin(ListedAdmin[Job]):
    section = Section.INTERVIEWS
    list_display = ("title", "organization", "location", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("organization",)
    search_fields = ("title", "organization__name")
    autocomplete_fields = ("organization",)
    inlines = (StageInline,)


@admin.register(Stage)
class StageAdmin(ListedAdmin[Stage]):
    section = Section.INTERVIEWS
    list_display = ("name", "job", "organization", "position")
    list_select_related = ("job", "organization")
    search_fields = ("name", "job__title")
    autocomplete_fields = ("organization", "job")


@admin.register(InterviewPlan)
class InterviewPlanAdmin(ListedAdmin[InterviewPlan]):
    section = Section.INTERVIEWS
    list_display = ("stage", "organization")
    list_select_related = ("stage", "organization")
    search_fields = ("stage__name", "stage__job__title")
    autocomplete_fields = ("organization", "stage")
    inlines = (PlanInterviewInline,)


@admin.register(PlanInterview)
class PlanInterviewAdmin(ListedAdmin[PlanInterview]):
    section = Section.INTERVIEWS
    list_display = ("name", "plan", "organization", "position", "minutes", "tool")
    list_filter = (LinkToolFilter, "kind")
    list_select_related = ("plan__stage", "organization")
    search_fields = ("name", "plan__stage__name", "plan__stage__job__title")
    autocomplete_fields = ("organization", "plan")

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
relate(Membership, Related(JobCoordinator, "membership", ("job",)))
