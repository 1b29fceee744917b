"""Jobs and interview plans in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.admin_base import ListedAdmin, ReadOnlyAdmin


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
    list_display = ("title", "organization", "location", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("organization",)
    search_fields = ("title", "organization__name")
    autocomplete_fields = ("organization",)
    inlines = (StageInline,)


@admin.register(Stage)
class StageAdmin(ListedAdmin[Stage]):
    list_display = ("name", "job", "organization", "position")
    list_select_related = ("job", "organization")
    search_fields = ("name", "job__title")
    autocomplete_fields = ("organization", "job")


@admin.register(InterviewPlan)
class InterviewPlanAdmin(ListedAdmin[InterviewPlan]):
    list_display = ("stage", "organization")
    list_select_related = ("stage", "organization")
    search_fields = ("stage__name", "stage__job__title")
    autocomplete_fields = ("organization", "stage")
    inlines = (PlanInterviewInline,)


@admin.register(PlanInterview)
class PlanInterviewAdmin(ListedAdmin[PlanInterview]):
    list_display = ("name", "plan", "organization", "position", "minutes", "link_tool")
    list_filter = ("link_tool", "kind")
    list_select_related = ("plan__stage", "organization")
    search_fields = ("name", "plan__stage__name", "plan__stage__job__title")
    autocomplete_fields = ("organization", "plan")


@admin.register(JobCoordinator)
class JobCoordinatorAdmin(ReadOnlyAdmin):
    """Jobs of coordinators: assigned on the "Members" page, which writes them into the audit trail."""

    list_display = ("job", "membership", "invitation")
    list_select_related = ("job", "membership__user", "membership__organization", "invitation")
