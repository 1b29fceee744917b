"""Integrations in the Django admin, read only: keys change in the settings, which check them first.

Keys and signing secrets are left out in any form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import actions
from integrations.error_texts import problem_of
from integrations.models import CalendarCheck, CalendarConnection, Integration, IntegrationDay, KeyCheck, MeetingServer
from integrations.registry import TOOLS
from integrations.trail_actions import tool_label
from organizations.admin_base import ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.models import Organization


class ToolFilter(admin.SimpleListFilter):
    """The coding tool of a row, by its name. `column` has its kind."""

    title = gettext_lazy("coding tool")
    parameter_name = "tool"
    column = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:  # noqa: ARG002
        return [(kind, tool_label(kind)) for kind in TOOLS]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


def problem_label(row: Integration | KeyCheck) -> str:
    """The sentence about a problem, in the words of its page; empty where nothing is wrong."""
    return problem_of(row) if row.kind in TOOLS else row.problem_code


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyAdmin[Integration]):
    section = Section.LINKS
    list_display = ("tool", "organization", "state", "problem", "company_name", "key_last4", "checked_at")
    list_filter = (ToolFilter, "state")
    search_fields = ("organization__name", "company_name")
    list_select_related = ("organization",)
    actions = ("check_key_now",)
    row_actions = ("check_key_now",)
    fieldsets = (
        (None, {"fields": ("organization", "tool", "state", "problem", "problem_since", "problem_mailed_at")}),
        (
            gettext_lazy("Key"),
            {
                "fields": (
                    *("key_last4", "key_version", "key_owner_kind", "key_owner", "company_name", "company_id"),
                    *("permissions", "connected_at", "connected_by"),
                )
            },
        ),
        (
            gettext_lazy("Checks and rate limit"),
            {
                "fields": (
                    *("checked_at", "check_asked_at", "check_tried_at", "check_problem_code"),
                    *("write_ceiling", "read_ceiling", "write_rate", "read_rate", "throttled_at"),
                    *("templates_fetched_at", "webhook_seen_at", "webhook_refused_at"),
                )
            },
        ),
    )

    @admin.display(description=gettext_lazy("coding tool"), ordering="kind")
    def tool(self, row: Integration) -> str:
        return tool_label(row.kind)

    @admin.display(description=gettext_lazy("problem"))
    def problem(self, row: Integration) -> str:
        return problem_label(row)

    @admin.action(description=gettext_lazy("Check key now"), permissions=["act"])
    def check_key_now(self, request: HttpRequest, queryset: models.QuerySet[Integration]) -> HttpResponse | None:
        actor = request.user

        def check(row: Integration) -> tuple[bool, str]:
            named = {"tool": tool_label(row.kind), "organization": row.organization.name}
            if not row.is_connected:
                return False, _("%(tool)s of %(organization)s is not connected.") % named
            if not actor.is_authenticated or not actions.ask_for_check(integration=row, supporter=actor):
                return False, _("The %(tool)s key of %(organization)s is being checked already.") % named
            return True, _("Checking the %(tool)s key of %(organization)s. Reload the page to see the result.") % named

        return self.act_on_each(request, queryset.select_related("organization"), check)


@admin.register(KeyCheck)
class KeyCheckAdmin(ReadOnlyAdmin[KeyCheck]):
    section = Section.LINKS
    list_display = ("tool", "organization", "state", "problem", "asked_by", "created_at", "finished_at")
    list_filter = (ToolFilter, "state")
    search_fields = ("organization__name", "company_name")
    list_select_related = ("organization", "asked_by")
    ordering = ("-pk",)
    fields = (
        "organization",
        "tool",
        "state",
        "problem",
        "asked_by",
        "company_name",
        "permissions",
        "company_change_accepted",
        "created_at",
        "started_at",
        "finished_at",
    )

    @admin.display(description=gettext_lazy("coding tool"), ordering="kind")
    def tool(self, row: KeyCheck) -> str:
        return tool_label(row.kind)

    @admin.display(description=gettext_lazy("problem"))
    def problem(self, row: KeyCheck) -> str:
        return problem_label(row)


@admin.register(IntegrationDay)
class IntegrationDayAdmin(ReadOnlyAdmin[IntegrationDay]):
    section = Section.LINKS
    list_display = ("day", "organization", "tool", "made", "failures")
    search_fields = ("organization__name",)
    list_select_related = ("organization", "integration")
    ordering = ("-pk",)
    fields = ("organization", "tool", "day", "made", "failures")

    @admin.display(description=gettext_lazy("coding tool"))
    def tool(self, row: IntegrationDay) -> str:
        return tool_label(row.integration.kind)


@admin.register(CalendarConnection)
class CalendarConnectionAdmin(ReadOnlyAdmin[CalendarConnection]):
    section = Section.CALENDARS
    list_display = ("kind", "organization", "membership", "state", "problem_code", "account_name", "checked_at")
    list_filter = ("kind", "state")
    search_fields = ("organization__name", "account_name")
    list_select_related = ("organization", "membership__user")
    fields = (
        *("organization", "membership", "kind", "state", "problem_code", "problem_since", "problem_mailed_at"),
        *("account_id", "account_name", "permissions", "connected_at", "connected_by", "checked_at"),
        *("write_ceiling", "read_ceiling", "throttled_at"),
    )


@admin.register(MeetingServer)
class MeetingServerAdmin(ReadOnlyAdmin[MeetingServer]):
    section = Section.CALENDARS
    list_display = ("kind", "organization", "host", "app_id", "changed_at")
    list_filter = ("kind",)
    search_fields = ("organization__name", "host")
    list_select_related = ("organization",)
    fields = ("organization", "kind", "host", "app_id", "changed_at")


@admin.register(CalendarCheck)
class CalendarCheckAdmin(ReadOnlyAdmin[CalendarCheck]):
    section = Section.CALENDARS
    list_display = ("kind", "organization", "state", "problem_code", "asked_by", "created_at", "finished_at")
    list_filter = ("kind", "state")
    search_fields = ("organization__name",)
    list_select_related = ("organization", "asked_by")
    ordering = ("-pk",)
    fields = (
        *("organization", "membership", "kind", "state", "problem_code", "asked_by", "connection"),
        *("created_at", "started_at", "finished_at"),
    )


relate(Organization, Related(Integration, "organization", ("tool", "state", "problem", "key_last4", "checked_at")))
