"""Home, the page after signing in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jobs.coordinators import has_job
from organizations import zones
from organizations.access import Access, AccessRequest, allowed
from organizations.permissions import Permission
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.home.attention import attention
from scheduling.models import Interview, InterviewerAssignment
from scheduling.schedules.queries import visible_interviews

# Interviews on the page; the list of schedules has all.
MOST = 100


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An interview with its link. A coordinator reads one of another job, as `access` says, as its interviewer."""

    link_row: LinkRow
    access: Access

    @property
    def interview(self) -> Interview:
        return self.link_row.interview


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A day in the reader's zone, with its interviews in order of time. `cut`: some are left out."""

    title: str
    date: date
    rows: list[AgendaRow]
    cut: bool


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def home(request: AccessRequest) -> HttpResponse:
    """Show what needs attention, and the interviews of today and tomorrow; interviewers see only their own.

    `?attention=all` shows everything that needs attention, not only the first schedules.
    """
    access = request.access
    today = timezone.localdate()
    context = {
        "zone": zones.label(timezone.get_current_timezone_name()),
        "attention": attention(access, show_all=request.GET.get("attention") == "all"),
        "days": _days(access, [(_("Today"), today), (_("Tomorrow"), today + timedelta(days=1))]),
    }
    return render(request, "scheduling/home/home.html", context)


def _days(access: Access, wanted: list[tuple[str, date]]) -> list[AgendaDay]:
    """The interviews of some consecutive days, in a constant number of queries."""
    start, end = _midnight(wanted[0][1]), _midnight(wanted[-1][1] + timedelta(days=1))
    found = list(_interviews(access).filter(starts_at__gte=start, starts_at__lt=end)[: MOST + 1])
    rows = _rows(found[:MOST], access)
    days = []
    for title, day in wanted:
        own = [row for row in rows if timezone.localtime(row.interview.starts_at).date() == day]
        days.append(AgendaDay(title, day, own, cut=False))
    if len(found) > MOST:
        cut_at = timezone.localtime(found[MOST].starts_at).date()
        days = [AgendaDay(day.title, day.date, day.rows, cut=day.date >= cut_at) for day in days]
    return days


def _rows(interviews: Sequence[Interview], access: Access) -> list[AgendaRow]:
    """The interviews with their links, in the given order."""
    theirs = [one for one in interviews if has_job(access, one.schedule.job_id)]
    rows = [AgendaRow(row, access) for row in link_rows(theirs, access)]
    if len(theirs) < len(interviews):
        others = [one for one in interviews if not has_job(access, one.schedule.job_id)]
        interviewing = access.as_interviewer()
        rows += [AgendaRow(row, interviewing) for row in link_rows(others, interviewing)]
    places = {one.pk: place for place, one in enumerate(interviews)}
    return sorted(rows, key=lambda row: places[row.interview.pk])


def _interviews(access: Access) -> QuerySet[Interview]:
    interviews = visible_interviews(access).filter(state=Interview.State.SCHEDULED)
    assignments = Prefetch(
        "assignments",
        InterviewerAssignment.objects.select_related("membership__user").order_by("membership__user__search_key", "id"),
    )
    joined = interviews.select_related("schedule__candidate", "schedule__job", "plan_interview").prefetch_related(
        assignments
    )
    return joined.order_by("starts_at", "position", "id")


def _midnight(day: date) -> datetime:
    """The first moment of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time()))
