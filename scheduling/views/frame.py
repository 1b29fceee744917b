"""Shared by all pages of one schedule: its access rules, and its heading with the tabs."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404

from organizations.access import Access, AccessRequest
from organizations.reader_queries import ReaderQuery
from scheduling.models import Interview, Schedule
from scheduling.schedules.queries import state_for, visible_interviews, visible_schedules

_RELATED: Final = ("candidate", "job", "stage")
_SCHEDULE: Final = ReaderQuery(
    lambda access, pk: access.all(Schedule).select_related(*_RELATED).filter(pk=pk).order_by(), int
)


def with_plans(access: Access, schedule: int) -> QuerySet[Interview]:
    """Return a schedule's interviews with their plans, in order of time; to interviewers only their own."""
    rows = visible_interviews(access).filter(schedule=schedule).select_related("plan_interview")
    return rows.order_by("starts_at", "position", "id")


_INTERVIEWS: Final = ReaderQuery(with_plans, int)


def interviews_of(access: Access, schedule: Schedule) -> list[Interview]:
    """Return the rows of `with_plans`."""
    interviews = _INTERVIEWS.all(access, schedule.pk)
    for interview in interviews:
        interview.schedule = schedule
    return interviews


def find_schedule(access: Access, pk: int) -> Schedule:
    """Return a schedule with its candidate, job and stage joined in; 404 when this reader may not see it.

    A page that recruiters have to themselves finds none in which a coordinator only interviews.
    """
    if access.may.see_schedules:
        found: list[Schedule] = _SCHEDULE.all(access, pk)
    else:
        found = list(visible_schedules(access).select_related(*_RELATED).filter(pk=pk))
    if not found:
        raise Http404
    return found[0]


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
