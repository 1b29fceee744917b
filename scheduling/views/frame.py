"""Shared by all pages of one schedule: its access rules, and its heading with the tabs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from organizations.access import Access, AccessRequest
from scheduling.models import Interview, Schedule
from scheduling.schedules.queries import state_for, visible_interviews, visible_schedules


def interviews_of(access: Access, schedule: Schedule) -> QuerySet[Interview]:
    """Return the schedule's interviews, in order of time; to interviewers only their own."""
    return visible_interviews(access).filter(schedule=schedule).order_by("starts_at", "position", "id")


def find_schedule(access: Access, pk: int) -> Schedule:
    """Return a schedule with its candidate, job and stage joined in; 404 when this reader may not see it.

    A page that recruiters have to themselves finds none in which a coordinator only interviews.
    """
    found = access.all(Schedule) if access.may.see_schedules else visible_schedules(access)
    schedule = found.select_related("candidate", "job", "stage").filter(pk=pk).first()
    if schedule is None:
        raise Http404
    return schedule


def reader_of(access: Access, pk: int) -> Access:
    """Return the access with which a schedule is read: a coordinator only interviews in one of another job."""
    if access.is_limited and not access.all(Schedule).filter(pk=pk).exists():
        return access.as_interviewer()
    return access


def communications_of(request: AccessRequest, pk: int, **_more: object) -> str:
    """Return the address of a schedule's Communications tab."""
    return request.access.url("schedule-communications", pk=request.access.find(Schedule, pk).pk)


def schedule_context(access: Access, pk: int) -> dict[str, Any]:
    """Return the context of pages that extend `schedules/frame.html` and fill its block `tab`."""
    row = find_schedule(access, pk)
    return {"access": access, "schedule": row, "state": state_for(access, row)}
