"""The calendar of the organization, and the card of one interview on it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jobs.coordinators import has_job
from organizations import htmx
from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission
from organizations.row_choices import answer_options
from organizations.zones import city
from scheduling.availability.local_time import format_span
from scheduling.calendar_page.asked import Asked, By, CalendarForm, Scope
from scheduling.calendar_page.queries import Calendar, Row, Shown, calendar
from scheduling.home.agenda import AgendaDay, joined, rows_of
from scheduling.models.calendars import Weight
from scheduling.planning.movable import version_of
from scheduling.schedules.day_view import DayColumn, ZoneClock
from scheduling.schedules.queries import visible_interviews
from scheduling.views.day_view import week_heading, zone_text

TEMPLATE = "scheduling/calendar_page/calendar.html"


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def show(request: AccessRequest) -> HttpResponse:
    """Show the interviews of a day or a week, in rows of interviewers or of candidates; interviewers see their own.

    htmx gets the part `calendar`. `data` is what `static/js/calendar.js` draws; the list says the same.
    """
    now, zone = timezone.now(), timezone.get_current_timezone_name()
    form = CalendarForm(request, timezone.localdate(now))
    if answer := answer_options(request, form):
        return answer
    asked = form.asked
    page = calendar(request.access, asked, zone=zone, now=now)
    context = {
        "form": form,
        "asked": asked,
        "page": page,
        "now": now,
        "days": _agenda(page),
        "data": _as_json(page),
        "icons": sorted({"alert-triangle", *(one.agenda.link_row.view.icon for one in page.interviews)}),
        "heading": _heading(asked),
        "zone": zone_text(zone, asked.stretch(zone).starts_at),
        "scopes": [(scope, scope.label, scope.value[0], asked.query(scope=scope)) for scope in Scope],
        "ways": [(by, by.label, asked.query(by=by)) for by in By],
        "previous": asked.query(day=asked.previous),
        "next": asked.query(day=asked.next),
        "today": asked.query(day=""),
        "page_keys": _keys(),
    }
    return htmx.render(request, TEMPLATE, context, part="calendar")


def _keys() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the shortcuts of the page, for the dialog that lists them."""
    return (
        (_("Calendar: today"), ("T",)),
        (_("Calendar: day, week, list"), ("D", "W", "L")),
        (_("Calendar: earlier, later"), ("←", "→")),
    )


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def card(request: AccessRequest, pk: int) -> HttpResponse:
    """Show what one needs of an interview: time, people, link, and the ways to join, open and change it."""
    found = list(joined(visible_interviews(request.access).filter(pk=pk)))
    if not found:
        raise Http404
    access, interview = request.access, found[0]
    is_own_job = has_job(access, interview.schedule.job_id)
    row = rows_of(found, access if is_own_job else access.as_interviewer(), timezone.now())[0]
    zone = timezone.get_current_timezone_name()
    context = {
        "row": row,
        "interview": interview,
        "view": row.link_row.view,
        "when": format_span(interview.starts_at, interview.ends_at, zone),
        "zone": zone_text(zone, interview.starts_at),
        "can_change": access.may.change_schedules and is_own_job and not row.is_over and not interview.is_cancelled,
        "assigned": [one.membership for one in interview.assigned],
    }
    return htmx.render(request, "scheduling/calendar_page/card.html", context, part="card")


def _heading(asked: Asked) -> str:
    days = asked.days
    return week_heading(days[0], days[-1]) if len(days) > 1 else date_format(days[0], "LONG_DAY_YEAR_FORMAT")


def _agenda(page: Calendar) -> list[AgendaDay]:
    """Return the shown days that have interviews, for the list."""
    by_day: dict[date, list[Shown]] = {}
    for one in page.interviews:
        by_day.setdefault(timezone.localdate(one.interview.starts_at), []).append(one)
    return [
        AgendaDay(
            _("Today") if day == page.asked.today else "",
            day,
            [one.agenda for one in found],
            is_dated=True,
            now_before=_place_of_now(found, page.now) if day == page.asked.today else None,
        )
        for day, found in by_day.items()
    ]


def _place_of_now(found: list[Shown], now: datetime) -> int:
    return sum(one.interview.starts_at <= now for one in found)


def _as_json(page: Calendar) -> dict[str, Any]:
    asked = page.asked
    zones = {one.interview.schedule.time_zone for one in page.interviews if one.can_move}
    return {
        "scope": asked.scope,
        "by": asked.by,
        "now": _moment(page.now),
        "clock": _clock(page.clock),
        "clocks": {zone: _clock(page.clock_in(zone)) for zone in sorted(zones)},
        "days": [_day(day, page) for day in asked.days],
        "rows": [_row(row) for row in page.rows],
        "interviews": [_interview(one) for one in page.interviews],
        "busy": [
            {
                "row": row,
                "starts_at": _moment(time.starts_at),
                "ends_at": _moment(time.ends_at),
                "title": "" if time.is_interview else time.name,
                "is_soft": time.weight == Weight.SOFT,
            }
            for row, time in page.busy
        ],
    }


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _clock(clock: ZoneClock) -> dict[str, Any]:
    return {"zone": clock.zone, "offsets": [[_moment(at), minutes] for at, minutes in clock.offsets]}


def _day(day: date, page: Calendar) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "label": date_format(day, "DAY_FORMAT"),
        "is_weekend": day.isoweekday() > 5,
        "is_today": day == page.asked.today,
        "address": page.asked.query(scope=Scope.DAY, day=day),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name,
        "place": city(row.zone),
        "unknown": row.unknown,
        "days": [_hours(column) for column in row.days],
    }


def _hours(column: DayColumn) -> dict[str, Any]:
    return {
        "hours": column.short_hours,
        "is_off": column.is_off,
        "is_there": column.is_there,
        "away": [
            [block.kind, _moment(block.starts_at), _moment(block.ends_at), block.label] for block in column.blocks
        ],
    }


def _interview(one: Shown) -> dict[str, Any]:
    interview, row = one.interview, one.agenda
    view = row.link_row.view
    people = [str(assignment.membership.user) for assignment in interview.assigned]
    return {
        "id": interview.pk,
        "name": interview.name,
        "candidate": interview.schedule.candidate.name,
        "people": people,
        "starts_at": _moment(interview.starts_at),
        "ends_at": _moment(interview.ends_at),
        "rows": one.rows,
        "link": {"word": view.word, "icon": view.icon, "tone": view.severity} if row.has_badge else None,
        "problems": one.problems,
        "is_over": row.is_over,
        "can_move": one.can_move,
        "zone": interview.schedule.time_zone,
        "version": version_of([interview]) if one.can_move else "",
    }
