"""The list of schedules, and one schedule's "Details"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from integrations.models import MeetingServer
from organizations import htmx
from organizations.access import Access, AccessRequest, allowed
from organizations.compiled import Compiled, among
from organizations.filters import as_opened
from organizations.lists import plain_heads
from organizations.permissions import Permission
from organizations.reader_queries import ReaderQuery
from organizations.row_choices import answer_options
from organizations.web_addresses import is_link
from organizations.zones import label
from scheduling.availability.calendar_times import may_see_titles
from scheduling.availability.local_time import format_span
from scheduling.calendar_events.answer_lines import candidate_lines
from scheduling.calendar_events.shown import (
    AnswerMark,
    answer_mark,
    room_problem,
    when_calendars_follow,
    with_answers,
    with_room_answers,
)
from scheduling.coding_links.outcome import Progress, ShownFeedback, feedback, progress
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.join_links.meetings import Call, CallState, call_of, servers_of
from scheduling.messages.services import still_invited
from scheduling.models import Interview, InterviewerAssignment, MessageState, Schedule, ShownState
from scheduling.models.change_reasons import reasons_of
from scheduling.planning.listed_drafts import DRAFT_COLUMNS, has_drafts, listed_drafts
from scheduling.schedules import services as schedule_services
from scheduling.schedules.drawn import drawn_schedules
from scheduling.schedules.filters import ScheduleFilter, Tab
from scheduling.schedules.interview_forms import ReasonForm
from scheduling.schedules.listed import COLUMNS, listed_schedules
from scheduling.schedules.queries import visible_schedules
from scheduling.views.frame import find_schedule, interviews_of, reader_of, schedule_context, with_plans
from scheduling.views.shown_rows import LinkSwitch, switch_of

PAGE = "scheduling/schedules/schedule.html"
_OPENED: Final = as_opened(ScheduleFilter, visible_schedules, *COLUMNS)


@dataclass
class ShownTime:
    """A time as clocks in `zone` (city and offset then) show it. `whose` says whose zone it is; empty: the reader's.

    `short` is the same beside the reader's day: without the day, where that is the same.
    """

    text: str
    zone: str
    whose: str = ""
    day: str = ""
    short: str = ""


@dataclass
class ShownInterview:
    """One interview of "Details". `is_mine`: the reader interviews in it, and has a join link of their own.

    `can_enter`: they may read where it takes place, also if that is a meeting's address. `switch`: of its coding link,
    where they may press it.
    """

    link_row: LinkRow
    times: list[ShownTime]
    people: list[InterviewerAssignment]
    is_mine: bool
    progress: Progress | None
    feedback: list[ShownFeedback]
    can_enter: bool
    is_over: bool
    access: Access
    switch: LinkSwitch | None = None
    servers: Mapping[str, MeetingServer] = field(default_factory=dict)

    @property
    def attendees(self) -> list[tuple[InterviewerAssignment, AnswerMark | None]]:
        """Its interviewers, each with their answer. What they wrote beside it is for those who schedule."""
        reads = {one.membership_id: may_see_titles(self.access, one.membership_id) for one in self.people}
        return [(one, answer_mark(one, reads_comment=reads[one.membership_id])) for one in self.people]

    @property
    def can_change(self) -> bool:
        """Whether its time and people can still be changed: it is neither cancelled nor over."""
        return not (self.is_over or self.interview.is_cancelled)

    @property
    def has_live_link(self) -> bool:
        return self.link_row.link is not None and self.link_row.link.is_live

    @property
    def interview(self) -> Interview:
        return self.link_row.interview

    @property
    def call(self) -> Call | None:
        """Its video call, other than one that was typed; None where it is cancelled."""
        rooms = (assignment.membership.user.video_room for assignment in sorted(self.people, key=lambda one: one.pk))
        return None if self.interview.is_cancelled else call_of(self.interview, rooms, self.servers)

    @property
    def place_is_hidden(self) -> bool:
        """Whether the reader must not see where to go: an address is the way into the interview."""
        return "://" in self.interview.place and not self.can_enter

    @property
    def room_problem(self) -> str:
        """Why its room may not be there for it; empty where nothing is known against it."""
        room = self.interview.room
        if room is None or not self.can_change:
            return ""
        if not room.is_available:
            return _("Can't be booked any more")
        return room_problem(self.interview)

    @property
    def place_is_address(self) -> bool:
        return is_link(self.interview.place)


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def schedules(request: AccessRequest) -> HttpResponse:
    """Show the list, searched, narrowed and ordered. An interviewer finds their own schedules, by their own times."""
    access = request.access
    found = ScheduleFilter.of(request, visible_schedules(access))
    if answer := answer_options(request, found.form):
        return answer
    context = {"form": found.form, "tabs": _tabs(access, found.tab), "tab": found.tab}
    if found.tab == Tab.DRAFTS:
        context |= {"drafts": listed_drafts(access), "heads": plain_heads(DRAFT_COLUMNS)}
        return render(request, "scheduling/schedules/drafts.html", context)
    page = found.page(*COLUMNS, opened=_OPENED)
    listed = listed_schedules(access, list(page.object_list))
    picks = "schedule" if access.may.change_schedules else ""
    context |= {"page": page, "listed": listed, "heads": found.heads, "picks": picks}
    context["drawn"] = drawn_schedules(access, listed, picks=picks, shows_candidate=True)
    if not listed:
        context["elsewhere"] = found.elsewhere()
    return render(request, "scheduling/schedules/list.html", context)


def _tabs(access: Access, open_one: Tab) -> list[Tab]:
    """Return the tabs to show: drafts only where there are any."""
    shows_drafts = open_one == Tab.DRAFTS or (access.may.change_schedules and has_drafts(access))
    return [tab for tab in Tab if shows_drafts or tab != Tab.DRAFTS]


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def schedule(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the tab "Details"; to an interviewer only their own interviews. Its part `details` refreshes itself."""
    context = details_context(request, pk)
    if request.GET.get("part") == "details":
        return htmx.render(request, PAGE, context, part="details")
    return render(request, PAGE, context)


@allowed(Permission.CHANGE_SCHEDULES)
def schedule_cancel(request: AccessRequest, pk: int) -> HttpResponse:
    """Cancel a schedule with all its interviews, for a reason."""
    row = find_schedule(request.access, pk)
    over = row.shown_state == ShownState.DONE
    form = ReasonForm(request.POST or None, reasons=reasons_of(request.access.organization))
    if request.method == "POST" and form.is_valid() and not over:
        schedule_services.cancel_schedule(schedule=row, actor=request.user, reason=form.given_reason())
        messages.success(request, _("Schedule cancelled."))
        return htmx.redirect(request, request.access.url("schedule", pk=row.pk))
    shown = link_rows(_due(row), request.access)
    context = {
        "schedule": row,
        "form": form,
        "shown": shown,
        "live_links": sum(one.link is not None and one.link.is_live for one in shown),
        "calendars_follow": when_calendars_follow(one.interview for one in shown),
        "over": over,
    }
    status = 422 if form.is_bound else 200
    return render(request, "scheduling/schedules/cancel.html", context, status=status)


@allowed(Permission.CHANGE_SCHEDULES)
def schedule_delete(request: AccessRequest, pk: int) -> HttpResponse:
    """Delete a schedule permanently, unless invited people have not been told that it is off."""
    row = find_schedule(request.access, pk)
    expected = still_invited(Schedule.objects.filter(pk=row.pk)).get(row.pk, [])
    status = 200
    if request.method == "POST":
        try:
            schedule_services.delete_schedule(
                schedule=row, actor=request.user, skip_notification=request.POST.get("skip_notification") == "on"
            )
        except schedule_services.AttendeesNotNotified as refusal:
            expected, status = refusal.names, 422
        else:
            messages.success(request, _("Schedule deleted."))
            return htmx.redirect(request, request.access.url("schedules"))
    shown = link_rows(interviews_of(request.access, row), request.access)
    context = {"schedule": row, "shown": shown, "expected": expected, "refused": status == 422}
    return render(request, "scheduling/schedules/delete.html", context, status=status)


def details_context(request: AccessRequest, pk: int) -> dict[str, Any]:
    """Return the context of "Details": `shown` interviews, and whether a link is `busy`, so that the page polls.

    Its `access` is an interviewer's for a coordinator who only interviews there.
    """
    access = reader_of(request.access, pk)
    context = schedule_context(access, pk)
    row: Schedule = context["schedule"]
    rows = link_rows(_interviews_with_people(access, row), access)
    servers = servers_of(row.organization_id, {link_row.interview.meeting for link_row in rows})
    shown = [_shown(access, row, link_row, servers) for link_row in rows]
    unsent = row.messages.filter(state=MessageState.DRAFT).count() if access.may.change_schedules else 0
    busy = any(one.link_row.busy or (one.call and one.call.state is CallState.BEING_MADE) for one in shown)
    of_candidate = candidate_lines(row.pk, (one.interview for one in shown)) if access.may.see_candidates else []
    return context | {"shown": shown, "busy": busy, "unsent": unsent, "candidate_answers": of_candidate}


def _interviews(access: Access, schedule: int) -> QuerySet[Interview]:
    return with_room_answers(with_plans(access, schedule).select_related("room__connection"))


def _assignments(interviews: list[int]) -> QuerySet[InterviewerAssignment]:
    rows = InterviewerAssignment.objects.filter(among("interview", interviews)).select_related("membership__user")
    return with_answers(rows.order_by("membership__user__search_key", "id"))


_INTERVIEWS: Final = ReaderQuery(_interviews, int)
_ASSIGNMENTS: Final = Compiled(_assignments, list)


def _interviews_with_people(access: Access, row: Schedule) -> list[Interview]:
    """Return the interviews that the reader sees, in order of time, each with its people, by name, as `assigned`."""
    interviews = _INTERVIEWS.all(access, row.pk)
    people: dict[int, list[InterviewerAssignment]] = {interview.pk: [] for interview in interviews}
    for assignment in _ASSIGNMENTS.all(list(people)):
        people[assignment.interview_id].append(assignment)
    for interview in interviews:
        interview.schedule, interview.assigned = row, people[interview.pk]
    return interviews


def _shown(access: Access, row: Schedule, link_row: LinkRow, servers: Mapping[str, MeetingServer]) -> ShownInterview:
    """Return an interview as shown. Feedback is for recruiters and for the interview's own interviewers."""
    people, interview = link_row.interview.assigned, link_row.interview
    is_over = interview.ends_at <= timezone.now()
    is_mine = access.membership.pk in {assignment.membership_id for assignment in people}
    return ShownInterview(
        link_row,
        _times(access, row, link_row.interview),
        people,
        is_mine,
        progress(link_row.link, access.user.time_zone),
        feedback(link_row.all_links) if is_mine or access.may.see_schedules else [],
        can_enter=is_mine or access.may.open_links,
        is_over=is_over,
        access=access,
        switch=switch_of(access, interview) if _can_switch(access, interview, is_over=is_over) else None,
        servers=servers,
    )


def _can_switch(access: Access, interview: Interview, *, is_over: bool) -> bool:
    return access.may.change_schedules and not is_over and not interview.is_cancelled


def _due(row: Schedule) -> QuerySet[Interview]:
    return row.interviews.filter(state=Interview.State.SCHEDULED).order_by("starts_at", "id")


def _times(access: Access, row: Schedule, interview: Interview) -> list[ShownTime]:
    """Return the time in the reader's zone first; then in the candidate's and the schedule's, where it differs."""
    mine = access.user.time_zone
    times = [_time(interview, mine, "", "")]
    for zone, whose in ((row.candidate.time_zone, _("candidate")), (row.time_zone, _("schedule"))):
        time = _time(interview, zone, whose, times[0].day)
        if time.text not in [one.text for one in times]:
            times.append(time)
    return times


def _time(interview: Interview, zone: str, whose: str, beside: str) -> ShownTime:
    """Return the time in a zone, to stand below the day `beside`."""
    text = format_span(interview.starts_at, interview.ends_at, zone)
    day = date_format(interview.starts_at.astimezone(ZoneInfo(zone)), "DAY_YEAR_FORMAT")
    short = text.removeprefix(f"{day}, ") if not beside or day == beside else text
    return ShownTime(text, label(zone, interview.starts_at), whose, day, short)
