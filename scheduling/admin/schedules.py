"""Schedules and their interviews in the Django admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.admin_base import BigAdmin, ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.models import Organization
from scheduling.admin import search
from scheduling.models import (
    CalendarEntry,
    ChangeReason,
    CodingLink,
    Interview,
    InterviewerAssignment,
    JoinLink,
    LinkEvent,
    Message,
    Schedule,
)
from scheduling.models.schedule_states import ShownState, in_state, state_at


class ScheduleStateFilter(admin.SimpleListFilter):
    """The state that pages show. Only whether it is cancelled is stored."""

    title = _("state")
    parameter_name = "shown"
    times = ("first_starts_at", "last_ends_at")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:  # noqa: ARG002
        return ShownState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() not in ShownState.values:
            return queryset
        starts, ends = self.times
        state, cancelled = ShownState(str(self.value())), Q(state="cancelled")
        return queryset.filter(in_state(state, timezone.now(), cancelled=cancelled, starts=starts, ends=ends))


class InterviewStateFilter(ScheduleStateFilter):
    times = ("starts_at", "ends_at")


@admin.register(Schedule)
class ScheduleAdmin(BigAdmin[Schedule]):
    section = Section.INTERVIEWS
    list_display = ("candidate", "organization", "job", "stage", "shown_state", "first_starts_at")
    list_select_related = ("candidate", "organization", "job", "stage")
    list_filter = (ScheduleStateFilter,)
    finders = (search.schedules,)
    search_help_text = search.BY_CANDIDATE
    fields = (
        *("candidate", "organization", "job", "stage", "shown_state", "time_zone"),
        *("first_starts_at", "last_ends_at", "created_by", "created_at"),
    )

    @admin.display(description=_("state"))
    def shown_state(self, row: Schedule) -> str:
        return str(row.shown_state.label)


@admin.register(Interview)
class InterviewAdmin(BigAdmin[Interview]):
    section = Section.INTERVIEWS
    list_display = ("name", "schedule", "organization", "starts_at", "ends_at", "shown_state")
    list_select_related = ("schedule__candidate", "organization")
    list_filter = (InterviewStateFilter, "kind")
    finders = (search.interviews,)
    search_help_text = search.BY_CANDIDATE
    fields = (
        *("name", "schedule", "organization", "plan_interview", "link_tool", "kind", "place", "room", "meeting"),
        *("starts_at", "ends_at", "shown_state", "created_at"),
    )

    @admin.display(description=_("state"))
    def shown_state(self, row: Interview) -> str:
        state = state_at(timezone.now(), cancelled=row.is_cancelled, starts_at=row.starts_at, ends_at=row.ends_at)
        return str(state.label)


@admin.register(InterviewerAssignment)
class InterviewerAssignmentAdmin(BigAdmin[InterviewerAssignment]):
    section = Section.INTERVIEWS
    list_display = ("membership", "interview", "candidate", "starts_at")
    list_select_related = ("interview__schedule__candidate", "membership__user")
    finders = (search.assignments,)
    search_help_text = search.BY_CANDIDATE_OR_MEMBER
    fields = ("membership", "interview", "candidate", "starts_at")

    @admin.display(description=_("candidate"))
    def candidate(self, row: InterviewerAssignment) -> str:
        return str(row.interview.schedule.candidate)

    @admin.display(description=_("starts"))
    def starts_at(self, row: InterviewerAssignment) -> Any:
        return row.interview.starts_at


@admin.register(ChangeReason)
class ChangeReasonAdmin(ReadOnlyAdmin[ChangeReason]):
    """Reasons to choose from: each organization edits them under "Scheduling" in its settings."""

    section = Section.INTERVIEWS
    list_display = ("text", "organization", "position")
    list_select_related = ("organization",)


relate(Organization, Related(Schedule, "organization", ("candidate", "job", "stage", "shown_state", "first_starts_at")))
relate(
    Schedule,
    Related(Interview, "schedule", ("name", "kind", "starts_at", "ends_at", "shown_state"), order=("starts_at", "pk")),
    Related(
        InterviewerAssignment,
        "interview__schedule",
        ("membership", "interview", "starts_at"),
        _("Interviewers"),
        ("interview__starts_at", "pk"),
        most=60,
    ),
    Related(CodingLink, "interview__schedule", ("interview", "tool", "state", "problem", "changed_at")),
    Related(
        LinkEvent,
        "link__interview__schedule",
        ("at", "interview", "story", "reason", "actor"),
        _("History of coding links"),
        most=60,
    ),
    Related(Message, "schedule", ("kind", "to_name", "state", "queued_at", "sent_at", "problem_shown")),
    Related(CalendarEntry, "schedule", ("uid", "audience", "membership", "sequence", "cancelled")),
)
relate(
    Interview,
    Related(InterviewerAssignment, "interview", ("membership",), _("Interviewers")),
    Related(CodingLink, "interview", ("id", "tool", "state", "problem", "changed_at")),
    Related(JoinLink, "interview", ("id", "recipient", "uses", "last_used_at", "revoked_at")),
)
