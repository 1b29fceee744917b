"""The dialogs of one interview on "Details": add, edit, cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.meetings import way_name
from jobs.models import PlanInterview
from organizations import htmx
from organizations.access import AccessRequest, allowed
from organizations.bidi import isolated
from organizations.once import once
from organizations.permissions import Permission
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.local_time import format_span
from scheduling.calendar_events.shown import when_calendars_follow
from scheduling.coding_links.rows import link_rows
from scheduling.models import Interview, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.planning import booking
from scheduling.planning.booking import Booked, Undecided
from scheduling.planning.form_rows import ROW_COUNT, ROWS
from scheduling.planning.form_state import changed, data_of, first_row
from scheduling.planning.movable import version_of
from scheduling.schedules import interviews as interview_services
from scheduling.schedules.interview_forms import InterviewForm, ReasonForm
from scheduling.views import problems
from scheduling.views.frame import find_schedule
from scheduling.views.people import found_people
from scheduling.views.room_choice import found_rooms
from scheduling.views.rows import InterviewForms, members_of, rooms_for, ways_of
from scheduling.views.schedules import PAGE, details_context
from scheduling.views.shown_rows import accept_all


@dataclass
class InterviewDialog:
    """The dialog that adds or edits one interview; `interview` is None for a new one.

    `version` is the state of the interview that the reader knows. After an attempt to save: `is_cancelled` says that it
    can't be saved any more, `current` what somebody else changed it to, `found` the conflicts that it had.
    """

    request: AccessRequest
    schedule: Schedule
    interview: Interview | None
    forms: InterviewForms
    reason: ReasonForm | None = None
    version: str = ""
    is_cancelled: bool = False
    current: str = ""
    found: Sequence[Conflict] | None = None

    def is_complete(self) -> bool:
        """Check everything, so that all errors are shown at once, and return whether it can be booked."""
        is_reasoned = self.reason is None or self.reason.is_valid()
        return self.forms.is_complete() and is_reasoned

    def context(self, *, checked: bool = False) -> dict[str, Any]:
        row = self.forms.shown(self.request.access, found=self.found, checked=checked)[0]
        return {
            "schedule": self.schedule,
            "interview": self.interview,
            "row": row,
            "rows": [row],
            "count_name": ROW_COUNT,
            "form_address": self.request.path,
        }

    def opened(self, *, accepted: bool = False) -> HttpResponse:
        """Show the dialog as it opens; its conflicts are `accepted` where the interview is there already."""
        context = self.context()
        if accepted:
            accept_all(context["row"])
        return self._render(context, 200)

    def refused(self) -> HttpResponse:
        """Show the dialog after an attempt to save, with all errors and conflicts."""
        self._note_changes()
        context = self.context(checked=True)
        context["problems"] = problems.of_rows(context["rows"], [])
        if self.reason is not None:
            context["problems"] += problems.of_form(self.reason)
        return self._render(context | {"checked": True}, 422)

    def _note_changes(self) -> None:
        """Note what changed since the reader opened the dialog, and the version that the reader now knows."""
        interview = self.interview
        if interview is None:
            self.is_cancelled = self.is_cancelled or self.schedule.state == Schedule.State.CANCELLED
            return
        self.is_cancelled = self.is_cancelled or interview.is_cancelled
        if self.version and self.version != (version := version_of([interview])):
            self.current, self.version = summary_of(interview, self.schedule), version

    def _render(self, context: dict[str, Any], status: int) -> HttpResponse:
        context |= {
            "reason": self.reason,
            "version": self.version,
            "is_cancelled": self.is_cancelled,
            "current": self.current,
        }
        return render(self.request, "scheduling/planning/interview.html", context, status=status)


@allowed(Permission.CHANGE_SCHEDULES)
@once
def interview_add(request: AccessRequest, pk: int) -> HttpResponse:
    """Add an interview, after the last one of the schedule."""
    schedule = find_schedule(request.access, pk)
    if request.method != "POST":
        last = schedule.interviews.select_related("plan_interview").order_by("-starts_at", "-id").first()
        data = first_row(request.access, schedule, last, timezone.now())
        return _dialog(request, schedule, None, data).opened()
    if request.POST.get("part"):
        return _part(request, schedule, None)
    dialog = _dialog(request, schedule, None, request.POST)
    result = _booked(dialog, partial(_add, dialog)) if dialog.is_complete() else None
    if result is None:
        return dialog.refused()
    message = _("“%(interview)s” added.")
    return done(request, schedule.pk, message % {"interview": isolated(result.interviews[0].name)})


@allowed(Permission.CHANGE_SCHEDULES)
def interview_edit(request: AccessRequest, pk: int) -> HttpResponse:
    """Edit time, people, location and name. A new time asks for a reason."""
    interview = request.access.find(Interview, pk, "schedule__candidate", "plan_interview", "room__connection")
    schedule, reasons = interview.schedule, reasons_of(request.access.organization)
    if request.method != "POST":
        dialog = _dialog(request, schedule, interview, data_of(interview, schedule.time_zone))
        dialog.reason, dialog.version = ReasonForm(reasons=reasons, needed=False), version_of([interview])
        return dialog.opened(accepted=True)
    if request.POST.get("part"):
        return _part(request, schedule, interview)
    dialog = _dialog(request, schedule, interview, request.POST)
    moved = dialog.forms.is_complete() and _is_moved(interview, dialog.forms)
    dialog.reason = ReasonForm(request.POST, reasons=reasons, needed=moved)
    dialog.version = request.POST.get("version", "")
    result = _booked(dialog, partial(_change, dialog)) if dialog.is_complete() else None
    if result is None:
        return dialog.refused()
    message = _("“%(interview)s” moved.") if moved else _("“%(interview)s” saved.")
    return done(request, schedule.pk, message % {"interview": isolated(result.interviews[0].name)})


@allowed(Permission.CHANGE_SCHEDULES)
def interview_cancel(request: AccessRequest, pk: int) -> HttpResponse:
    """Cancel one interview, for a reason."""
    interview = request.access.find(Interview, pk, "schedule__candidate")
    form = ReasonForm(request.POST or None, reasons=reasons_of(request.access.organization))
    if request.method == "POST" and form.is_valid():
        interview_services.cancel_interview(interview=interview, actor=request.user, reason=form.given_reason())
        message = _("“%(interview)s” cancelled.") % {"interview": isolated(interview.name)}
        return done(request, interview.schedule_id, message)
    context = {
        "interview": interview,
        "form": form,
        "link_row": link_rows([interview], request.access)[0],
        "calendars_follow": when_calendars_follow([interview]),
    }
    status = 422 if form.is_bound else 200
    return render(request, "scheduling/schedules/interview_cancel.html", context, status=status)


def _add(dialog: InterviewDialog) -> Booked | Undecided:
    [wanted] = dialog.forms.bookings()
    return booking.book_interview(access=dialog.request.access, schedule=dialog.schedule, booking=wanted)


def _change(dialog: InterviewDialog) -> Booked | Undecided:
    [wanted] = dialog.forms.bookings()
    return booking.change_interview(
        access=dialog.request.access,
        interview=cast(Interview, dialog.interview),
        booking=wanted,
        reason=cast(ReasonForm, dialog.reason).given_reason(),
        version=dialog.version,
    )


def _booked(dialog: InterviewDialog, book: Callable[[], Booked | Undecided]) -> Booked | None:
    """Return the saved interview; None when the dialog has to be shown again, and then says why."""
    try:
        result = book()
    except booking.Missing:
        # Somebody deleted a chosen person just now: read anew, the form says who.
        dialog.forms = _forms(dialog.request, dialog.schedule, dialog.interview, dialog.request.POST)
        dialog.forms.is_complete()
    except booking.Cancelled:
        dialog.is_cancelled = True
    except booking.ChangedSince as change:
        dialog.interview = change.current[0]
    else:
        if isinstance(result, Booked):
            return result
        dialog.found = result.found
    return None


def _is_moved(interview: Interview, forms: InterviewForms) -> bool:
    details = forms.forms[0].details()
    return (details.starts_at, details.ends_at) != (interview.starts_at, interview.ends_at)


def summary_of(interview: Interview, schedule: Schedule) -> str:
    """Return the interview in one line, for a reader whose changes meet a colleague's."""
    assignments = interview.assignments.select_related("membership__user")
    ordered = assignments.order_by("membership__user__search_key", "id")
    people = ", ".join(str(assignment.membership.user) for assignment in ordered) or _("No interviewer assigned")
    when = format_span(interview.starts_at, interview.ends_at, schedule.time_zone)
    room = interview.room.name if interview.room else ""
    where = interview.place or way_name(interview.meeting)
    return " · ".join(part for part in (interview.name, when, people, room, where) if part)


def _part(request: AccessRequest, schedule: Schedule, interview: Interview | None) -> HttpResponse:
    """Show a part of an open dialog: conflicts after a change, people or rooms to choose, fields after a button."""
    part, data = request.POST["part"], request.POST
    if part == "conflicts":
        context = _dialog(request, schedule, interview, data).context() | {"out_of_band": True}
        return render(request, "scheduling/planning/_rows_conflicts.html", context)
    if part == "people":
        forms = _forms(request, schedule, interview, data)
        people = list(forms.forms[0].people.values())
        return found_people(request, people, forms.shown(request.access), schedule.time_zone)
    if part == "rooms":
        forms = _forms(request, schedule, interview, data)
        return found_rooms(request, forms.shown(request.access), schedule.time_zone)
    dialog = _dialog(request, schedule, interview, changed(request.access, data, timezone.now()))
    return render(request, "scheduling/planning/interview.html#fields", dialog.context())


def _dialog(
    request: AccessRequest, schedule: Schedule, interview: Interview | None, data: QueryDict
) -> InterviewDialog:
    return InterviewDialog(request, schedule, interview, _forms(request, schedule, interview, data))


def _forms(request: AccessRequest, schedule: Schedule, interview: Interview | None, data: QueryDict) -> InterviewForms:
    plan: PlanInterview | None = interview.plan_interview if interview else None
    people = members_of(request.access)
    form = InterviewForm(
        data,
        prefix=f"{ROWS}-0",
        people=people,
        rooms=rooms_for(request.access, people, [interview]),
        zone=schedule.time_zone,
        plans={plan.pk: plan} if plan else {},
        ways=ways_of(people),
    )
    return InterviewForms([form], schedule.time_zone, schedule.candidate, [interview])


def done(
    request: AccessRequest,
    pk: int,
    message: str,
    *,
    undo: htmx.Undo | None = None,
    then: htmx.NextStep | None = None,
) -> HttpResponse:
    """Close the dialog and show the schedule's interviews as they are now. Other pages draw themselves anew.

    The notice can offer to `undo` what was done, and what to do `then`.
    """
    page = request.access.url("schedule", pk=pk)
    if htmx.is_elsewhere(request, page):
        response, events = htmx.no_content(), ["homeChanged", "scheduleChanged"]
    else:
        response, events = (
            htmx.render(request, PAGE, details_context(request, pk), part="details", target="#details"),
            [],
        )
    return htmx.trigger(response, *events, notice=message, undo=undo, then=then, close_dialog=True)
