"""Integrations in the Django admin: to look at. Keys and signing secrets are no fields there, in any form."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from integrations.models import Integration, KeyCheck


class ReadOnlyAdmin(admin.ModelAdmin[models.Model]):
    """Keys are changed in the settings, where they are checked first."""

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        return False


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
        "check_problem",
        "problem_code",
        "problem",
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
        "problem",
        "company_change_accepted",
        "created_at",
        "started_at",
        "finished_at",
    )
