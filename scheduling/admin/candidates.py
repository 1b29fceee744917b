"""Candidates, their imports and unsaved forms in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from organizations.admin_base import BigAdmin, ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from scheduling.admin import search
from scheduling.models import Candidate, CandidateImport, ColumnMatch, FormDraft, Schedule


@admin.register(Candidate)
class CandidateAdmin(BigAdmin[Candidate]):
    section = Section.INTERVIEWS
    list_display = ("name", "email", "organization", "job", "stage", "time_zone")
    list_select_related = ("organization", "job", "stage")
    finders = (search.candidates,)
    search_help_text = search.BY_CANDIDATE
    fields = ("name", "email", "phone", "time_zone", "organization", "job", "stage", "created_at")


@admin.register(CandidateImport)
class CandidateImportAdmin(BigAdmin[CandidateImport]):
    """Uploads that wait to be confirmed, without their rows."""

    list_display = ("id", "organization", "uploaded_by", "created_at")
    list_select_related = ("organization", "uploaded_by")
    fields = ("organization", "uploaded_by", "created_at", "encoding", "separator", "header", "columns")


@admin.register(ColumnMatch)
class ColumnMatchAdmin(ReadOnlyAdmin[ColumnMatch]):
    """The latest matching of columns for each kind of file."""

    list_display = ("id", "organization", "updated_at")
    list_select_related = ("organization",)
    fields = ("organization", "fields", "updated_at")


@admin.register(FormDraft)
class FormDraftAdmin(BigAdmin[FormDraft]):
    """Unsaved forms, without their content, which only its author may read."""

    list_display = ("id", "organization", "membership", "page", "updated_at")
    list_select_related = ("organization", "membership__user", "membership__organization")
    fields = ("organization", "membership", "page", "updated_at")


relate(Candidate, Related(Schedule, "candidate", ("candidate", "job", "stage", "shown_state", "first_starts_at")))
