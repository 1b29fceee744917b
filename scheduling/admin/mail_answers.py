"""Answers by mail in the Django admin, without what people wrote."""

from __future__ import annotations

from django.contrib import admin

from organizations.admin_base import BigAdmin, ReadOnlyAdmin
from organizations.admin_site import Section
from scheduling.admin import search
from scheduling.models import AnswerMailbox, MailAnswer, MailNote


@admin.register(MailAnswer)
class MailAnswerAdmin(BigAdmin[MailAnswer]):
    section = Section.MESSAGES
    list_display = ("entry", "organization", "membership", "answer", "answered_at", "proposed_starts_at")
    list_select_related = ("organization", "entry", "membership__user")
    list_filter = ("answer",)
    finders = (search.mail_answers,)
    search_help_text = search.BY_CANDIDATE
    fields = (
        *("organization", "schedule", "entry", "interview", "membership", "answer", "answered_at", "sequence"),
        *("starts_at", "ends_at", "proposed_starts_at", "proposed_ends_at", "created_at"),
    )


@admin.register(MailNote)
class MailNoteAdmin(BigAdmin[MailNote]):
    section = Section.MESSAGES
    list_display = ("schedule", "organization", "received_at", "is_too_large")
    list_select_related = ("organization", "schedule__candidate")
    finders = (search.mail_notes,)
    search_help_text = search.BY_CANDIDATE
    fields = ("organization", "schedule", "membership", "received_at", "is_too_large", "created_at")


@admin.register(AnswerMailbox)
class AnswerMailboxAdmin(ReadOnlyAdmin[AnswerMailbox]):
    section = Section.MESSAGES
    list_display = ("id", "last_uid", "read_at", "problem_code")
    fields = ("last_uid", "due_at", "read_at", "problem_code", "problem_since")
