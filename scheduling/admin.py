"""Candidates, schedules, their links and messages in the Django admin.

What may reach a vendor is read only here: links change through `scheduling.coding_links` alone, and an interview is
moved or cancelled on the product's own pages, which tell its link.
"""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

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


class ReadOnlyAdmin(admin.ModelAdmin[models.Model]):
    """To look at, not to change."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False


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
class ChangeReasonAdmin(admin.ModelAdmin[ChangeReason]):
    list_display = ("text", "organization", "position")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)


@admin.register(CodingLink)
class CodingLinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "organization", "interview", "state", "not_before", "ready_at", "problem_code")
    list_select_related = ("organization", "interview")
    list_filter = ("state", "problem_code")


@admin.register(LinkEvent)
class LinkEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "link", "from_state", "to_state", "code", "note")
    list_select_related = ("link",)
    list_filter = ("code",)


@admin.register(VendorSnapshot)
class VendorSnapshotAdmin(ReadOnlyAdmin):
    """What the vendor had for a candidate before a link was made."""


@admin.register(VendorEvent)
class VendorEventAdmin(ReadOnlyAdmin):
    """What the vendor told us, without its payload."""


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What goes to people is written, read and sent on the product's own pages; its text has join links in it."""

    list_display = ("id", "organization", "kind", "to_name", "state", "queued_at", "sent_at", "problem_code")
    list_select_related = ("organization",)
    list_filter = ("state", "kind", "problem_code")
    search_fields = ("to_name", "to_email", "message_id")
    exclude = ("text", "html", "calendar")


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
    """The token is shown nowhere here: whoever has it can join."""

    list_display = ("id", "organization", "interview", "membership", "uses", "last_used_at", "revoked_at")
    list_select_related = ("organization", "interview", "membership__user")
    exclude = ("token", "token_hash")


@admin.register(CandidateImport)
class CandidateImportAdmin(ReadOnlyAdmin):
    """An upload that waits for its confirmation; its rows are looked at on the product's own page."""

    list_display = ("id", "organization", "uploaded_by", "created_at")
    list_select_related = ("organization", "uploaded_by")
    exclude = ("rows", "pasted", "source", "edits")


@admin.register(ColumnMatch)
class ColumnMatchAdmin(ReadOnlyAdmin):
    """How the columns of one kind of file were matched last."""

    list_display = ("id", "organization", "updated_at")
    list_select_related = ("organization",)


@admin.register(FormDraft)
class FormDraftAdmin(ReadOnlyAdmin):
    """What somebody has typed and not saved: theirs to read, on the page they typed it into."""

    list_display = ("id", "organization", "membership", "page", "updated_at")
    list_select_related = ("organization", "membership__user", "membership__organization")
    exclude = ("content",)
