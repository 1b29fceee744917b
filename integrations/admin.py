"""Integrations in the Django admin, read only: keys change in the settings, which check them first.

Keys and signing secrets are left out in any form.
"""

from __future__ import annotations

from django.contrib import admin

from integrations.models import Integration, KeyCheck
from organizations.admin_base import ReadOnlyAdmin


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyAdmin):
    list_display = ("organization", "kind", "state", "company_name", "key_last4", "checked_at")
    list_filter = ("kind", "state")
    search_fields = ("organization__name", "company_name")
    list_select_related = ("organization",)
    fields = (
        "organization",
        "kind",
        "state",
        "company_name",
        "company_id",
        "permissions",
        "key_last4",
        "key_version",
        "key_owner_kind",
        "key_owner",
        "connected_at",
        "connected_by",
        "checked_at",
        "check_tried_at",
        "check_problem_code",
        "problem_code",
        "problem_params",
        "problem_since",
        "problem_mailed_at",
        "write_ceiling",
        "read_ceiling",
        "write_rate",
        "read_rate",
        "throttled_at",
        "templates_fetched_at",
        "webhook_seen_at",
    )


@admin.register(KeyCheck)
class KeyCheckAdmin(ReadOnlyAdmin):
    list_display = ("organization", "kind", "state", "asked_by", "created_at", "finished_at")
    list_filter = ("kind", "state")
    list_select_related = ("organization", "asked_by")
    fields = (
        "organization",
        "kind",
        "state",
        "asked_by",
        "company_name",
        "permissions",
        "problem_code",
        "problem_params",
        "company_change_accepted",
        "created_at",
        "started_at",
        "finished_at",
    )
