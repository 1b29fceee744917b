"""The audit trail in the Django admin, in the sentences of the "Audit log" page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organizations.admin_base import BigAdmin
from organizations.admin_site import Section
from organizations.models import AuditEvent
from organizations.trail import Trail


@admin.register(AuditEvent)
class AuditEventAdmin(BigAdmin[AuditEvent]):
    """Read only: an audit trail that can be edited proves nothing."""

    section = Section.ORGANIZATIONS
    list_display = ("created_at", "organization", "actor_name", "sentence")
    list_select_related = ("organization",)
    fields = ("created_at", "organization", "actor_name", "sentence", "action", "subject_type", "subject_id")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look the names of a page's rows up at once."""
        listed: Any = super().get_changelist_instance(request)
        listed.result_list = rows = list(listed.result_list)
        trail = Trail(rows)
        for row in rows:
            row.told_by = trail
        return listed

    @admin.display(description=_("what happened"))
    def sentence(self, row: AuditEvent) -> str:
        return self._trail(row).sentence(row)

    @admin.display(description=_("by"), empty_value="Panelist")
    def actor_name(self, row: AuditEvent) -> str:
        return self._trail(row).actor(row) or "Panelist"

    def _trail(self, row: AuditEvent) -> Trail:
        return getattr(row, "told_by", None) or Trail([row])
