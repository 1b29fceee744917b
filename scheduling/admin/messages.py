"""Messages, their templates and calendar entries in the Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from organizations.admin_base import BigAdmin, ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from scheduling.admin import search
from scheduling.models import CalendarEntry, Message, MessageTemplate


@admin.register(Message)
class MessageAdmin(BigAdmin[Message]):
    """Without the text of messages, which has join links in it."""

    section = Section.MESSAGES
    list_display = ("kind", "to_name", "organization", "state", "queued_at", "sent_at", "problem_shown")
    list_select_related = ("organization", "schedule__candidate")
    list_filter = ("state", "kind")
    finders = (search.messages,)
    search_help_text = search.BY_CANDIDATE_OR_MEMBER
    fields = (
        *("organization", "schedule", "kind", "to_name", "to_email", "cc", "state", "problem_shown", "reason"),
        *("created_by", "created_at", "sent_by", "queued_at", "sent_at", "attempts", "next_attempt_at"),
        *("replaced_at", "part_of", "is_copy", "message_id"),
    )

    @admin.display(description=_("problem"))
    def problem_shown(self, row: Message) -> str:
        return row.problem or row.problem_code


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin[MessageTemplate]):
    """Changed under "Organization Settings" > "Templates", where placeholders are checked."""

    section = Section.MESSAGES
    list_display = ("organization", "kind", "subject", "changed_at")
    list_select_related = ("organization",)
    list_filter = ("kind",)
    search_fields = ("organization__name",)
    fields = ("organization", "kind", "subject", "body", "cc", "changed_by", "changed_at")


@admin.register(CalendarEntry)
class CalendarEntryAdmin(BigAdmin[CalendarEntry]):
    section = Section.MESSAGES
    list_display = ("uid", "organization", "audience", "sequence", "cancelled")
    list_select_related = ("organization", "membership__user")
    list_filter = ("audience", "cancelled")
    finders = (search.calendar_entries,)
    search_help_text = search.BY_CANDIDATE
    fields = (
        *("uid", "organization", "schedule", "audience", "membership", "sequence", "interview_ids"),
        *("cancelled", "created_at"),
    )


relate(Message, Related(Message, "part_of", ("kind", "state", "sent_at"), _("Further calendar events")))
