"""Candidates, schedules, their links and messages in the Django admin.

Read only: links change through `scheduling.coding_links` alone, and interviews on the product's own pages, which
update their links.
"""

from __future__ import annotations

from django.contrib import admin

from organizations.admin_base import ListedAdmin, ReadOnlyAdmin
from scheduling.models import (
    CalendarEntry,
    Candidate,
    CandidateImport,
    ChangeReason,
    CodingLink,
    ColumnMatch,
    FormDraft,
    Interview,
    InterviewerAssignment,
    JoinLink,
    LinkEvent,
    Message,
    MessageTemplate,
    Schedule,
    VendorEvent,
    VendorSnapshot,
)


@admin.register(Candidate)
class CandidateAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization", "email", "job", "stage", "time_zone")
    list_select_related = ("organization", "job", "stage")
    search_fields = ("name", "email")


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("candidate", "organization", "job", "stage", "state", "first_starts_at")
    list_select_related = ("candidate", "organization", "job", "stage")
    list_filter = ("state",)
    search_fields = ("candidate__name",)


@admin.register(Interview)
class InterviewAdmin(ReadOnlyAdmin):
    list_display = ("name", "schedule", "organization", "starts_at", "ends_at", "state")
    list_select_related = ("schedule__candidate", "organization")
    list_filter = ("state", "kind")
    search_fields = ("name", "schedule__candidate__name")


@admin.register(InterviewerAssignment)
class InterviewerAssignmentAdmin(ReadOnlyAdmin):
    list_display = ("interview", "membership")
    list_select_related = ("interview", "membership__user")


@admin.register(ChangeReason)
class ChangeReasonAdmin(ListedAdmin[ChangeReason]):
    list_display = ("text", "organization", "position")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)


@admin.register(CodingLink)
class CodingLinkAdmin(ReadOnlyAdmin):
    """Without the links themselves: one is all it takes to join."""

    list_display = ("id", "organization", "interview", "state", "not_before", "ready_at", "problem_code")
    list_select_related = ("organization", "interview")
    list_filter = ("state", "problem_code")
    exclude = ("url", "choices", "feedback")


@admin.register(LinkEvent)
class LinkEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "link", "from_state", "to_state", "code", "params")
    list_select_related = ("link",)
    list_filter = ("code",)


@admin.register(VendorSnapshot)
class VendorSnapshotAdmin(ReadOnlyAdmin):
    """The vendor's interviews of a candidate before a link was created."""


@admin.register(VendorEvent)
class VendorEventAdmin(ReadOnlyAdmin):
    """Webhook events, without their payload."""


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Without the text of messages, which has join links in it."""

    list_display = ("id", "organization", "kind", "to_name", "state", "queued_at", "sent_at", "problem_code")
    list_select_related = ("organization",)
    list_filter = ("state", "kind", "problem_code")
    search_fields = ("to_name", "to_email", "message_id")
    exclude = ("subject_source", "body_source", "text", "html", "calendar")


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    """Changed under "Organization Settings" > "Templates", where placeholders are checked."""

    list_display = ("organization", "kind", "subject", "changed_at")
    list_select_related = ("organization",)
    list_filter = ("kind",)


@admin.register(CalendarEntry)
class CalendarEntryAdmin(ReadOnlyAdmin):
    list_display = ("uid", "organization", "audience", "sequence", "cancelled")
    list_select_related = ("organization",)
    list_filter = ("audience", "cancelled")


@admin.register(JoinLink)
class JoinLinkAdmin(ReadOnlyAdmin):
    """Join links, without their tokens: a token is all it takes to join."""

    list_display = ("id", "organization", "interview", "membership", "uses", "last_used_at", "revoked_at")
    list_select_related = ("organization", "interview", "membership__user")
    exclude = ("token", "token_hash")


@admin.register(CandidateImport)
class CandidateImportAdmin(ReadOnlyAdmin):
    """Uploads that wait to be confirmed, without their rows."""

    list_display = ("id", "organization", "uploaded_by", "created_at")
    list_select_related = ("organization", "uploaded_by")
    exclude = ("rows", "pasted", "source", "edits")


@admin.register(ColumnMatch)
class ColumnMatchAdmin(ReadOnlyAdmin):
    """The latest matching of columns for each kind of file."""

    list_display = ("id", "organization", "updated_at")
    list_select_related = ("organization",)


@admin.register(FormDraft)
class FormDraftAdmin(ReadOnlyAdmin):
    """Unsaved forms, without their content, which only its author may read."""

    list_display = ("id", "organization", "membership", "page", "updated_at")
    list_select_related = ("organization", "membership__user", "membership__organization")
    exclude = ("content",)
