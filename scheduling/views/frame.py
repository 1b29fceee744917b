"""Shared by all pages of one schedule: its access rules, and its heading with the tabs."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from organizations.access import Access, AccessRequest
from scheduling.models import Interview, InterviewerAssignment, Schedule
from scheduling.schedules.queries import state_for, with_own_times


def visible_schedules(access: Access) -> QuerySet[Schedule]:
    """Return all of the organization's schedules to recruiters; to interviewers their own, with their own times."""
    schedules = access.all(Schedule)
    if access.may.see_schedules:
        return schedules
    return with_own_times(schedules, access.membership, timezone.now())


def visible_interviews(access: Access, schedule: Schedule) -> QuerySet[Interview]:
    """Return the schedule's interviews, in order of time; to interviewers only their own."""
    interviews = access.all(Interview).filter(schedule=schedule).order_by("starts_at", "position", "id")
    if access.may.see_schedules:
        return interviews
    return interviews.filter(
        Exists(InterviewerAssignment.objects.filter(interview=OuterRef("pk"), membership=access.membership))
    )


def find_schedule(access: Access, pk: int) -> Schedule:
    """Return a schedule with its candidate, job and stage joined in; 404 when this reader may not see it."""
    schedule = visible_schedules(access).select_related("candidate", "job", "stage").filter(pk=pk).first()
    if schedule is None:
        raise Http404
    return schedule


def communications_of(request: AccessRequest, pk: int, **_more: object) -> str:
    """Return the address of a schedule's Communications tab."""
    return request.access.url("schedule-communications", pk=request.access.find(Schedule, pk).pk)


def schedule_context(request: AccessRequest, pk: int) -> dict[str, Any]:
    """Return `schedule` and its `state` for pages that extend `schedules/frame.html` and fill its block `tab`."""
    row = find_schedule(request.access, pk)
    return {"schedule": row, "state": state_for(request.access, row)}
