"""Members' calendars in the Django admin, without the titles in them: they are their owners' business."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from organizations.admin_base import BigAdmin, ReadOnlyAdmin
from organizations.admin_site import Section
from scheduling.admin import search
from scheduling.models import CalendarEvent, CalendarTime, CalendarWords, MemberCalendar, Room

BY_MEMBER = _("Search by the member's e-mail address, or by id.")


@admin.register(MemberCalendar)
class MemberCalendarAdmin(ReadOnlyAdmin[MemberCalendar]):
    section = Section.CALENDARS
    list_display = ("membership", "organization", "connection", "is_read", "is_written", "read_at", "problem_code")
    list_filter = ("is_read", "is_written")
    list_select_related = ("organization", "connection", "membership__user")
    search_fields = ("organization__name", "membership__user__email")
    fields = (
        *("organization", "connection", "membership", "room", "is_read", "is_written", "read_at", "due_at", "failures"),
        *("problem_code", "problem_since", "window_starts_at", "window_ends_at", "watch_ends_at", "created_at"),
    )


@admin.register(CalendarTime)
class CalendarTimeAdmin(BigAdmin[CalendarTime]):
    section = Section.CALENDARS
    list_display = ("starts_at", "ends_at", "membership", "organization", "weight", "kind", "answer")
    list_filter = ("weight",)
    list_select_related = ("organization", "membership__user")
    finders = (search.calendar_times,)
    search_help_text = BY_MEMBER
    fields = (
        *("organization", "membership", "calendar", "starts_at", "ends_at", "weight", "kind", "answer"),
        *("is_all_day", "is_free", "is_private", "is_tentative", "is_ours"),
    )


@admin.register(CalendarEvent)
class CalendarEventAdmin(BigAdmin[CalendarEvent]):
    section = Section.CALENDARS
    list_display = ("interview", "membership", "organization", "state", "answer", "problem_code", "changed_at")
    list_filter = ("state", "answer")
    list_select_related = ("organization", "interview", "membership__user")
    finders = (search.calendar_events,)
    search_help_text = search.BY_CANDIDATE_OR_MEMBER
    fields = (
        *("organization", "interview", "membership", "calendar", "state", "revision", "written_revision"),
        *("room", "room_answer"),
        *("starts_at", "ends_at", "answer", "answered_at", "moved_starts_at", "moved_ends_at", "deleted_at"),
        *("next_attempt_at", "attempts", "problem_code", "created_at", "changed_at"),
    )


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin[Room]):
    section = Section.CALENDARS
    list_display = ("name", "organization", "capacity", "is_on", "missing_since")
    list_filter = ("is_on",)
    list_select_related = ("organization",)
    search_fields = ("organization__name", "name")
    fields = (*("organization", "connection", "name", "capacity", "location", "is_on", "missing_since", "created_at"),)


@admin.register(CalendarWords)
class CalendarWordsAdmin(ReadOnlyAdmin[CalendarWords]):
    section = Section.CALENDARS
    list_display = ("organization", "membership")
    list_select_related = ("organization", "membership__user")
    search_fields = ("organization__name",)
    fields = ("organization", "membership", "hard", "soft", "ignored", "changed_by")
