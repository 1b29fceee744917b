"""The dialog that moves one interview, in three clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx, parameters
from organizations.access import Access, AccessRequest, allowed
from organizations.bidi import isolated
from organizations.permissions import Permission
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.conflicts import next_free
from scheduling.availability.rooms import Rooms
from scheduling.models import CalendarEvent, Interview, MailAnswer
from scheduling.models.change_reasons import reasons_of
from scheduling.planning import booking, changes
from scheduling.planning.form_rows import ROW_COUNT, ROWS, clock_fields, moment_of, read_rows, shifted
from scheduling.planning.form_state import data_of
from scheduling.planning.movable import version_of
from scheduling.schedules.interview_forms import InterviewForm, ReasonForm
from scheduling.schedules.interviews import InterviewDetails, details_of
from scheduling.views import problems
from scheduling.views.changing import change, find_interview, finish, when_of, why_closed
from scheduling.views.rows import InterviewForms
from scheduling.views.shown_rows import ShownRow

#: Quick buttons of the dialog with the time, by what they add to what clocks show.
QUICK = {"30m": timedelta(minutes=30), "1d": timedelta(days=1), "1w": timedelta(weeks=1)}
#: The quick button that looks for the next time that suits everyone.
NEXT_FREE = "free"
_PREFIX = f"{ROWS}-0"


@dataclass
class TimeDialog:
    """The dialog that moves one interview. Its row has the date and the time as they are entered.

    `closed` says why it can't be moved at all, `problem` why it was not, `note` what a quick button found.
    """

    request: AccessRequest
    interview: Interview
    forms: InterviewForms
    reason: ReasonForm
    version: str = ""
    closed: str = ""
    problem: str = ""
    current: str = ""
    note: str = ""
    is_quick: bool = False
    checked: bool = False
    found: Sequence[Conflict] | None = None

    @property
    def is_moved(self) -> bool:
        form = self.forms.forms[0]
        return form.is_valid() and form.is_complete and form.cleaned_data["starts_at"] != self.interview.starts_at

    @property
    def row(self) -> ShownRow:
        # Conflicts of the time at which it is already are no news.
        found = self.found if self.is_moved or self.checked else []
        return self.forms.shown(self.request.access, found=found, checked=self.checked)[0]

    def is_complete(self) -> bool:
        """Check everything, so that all errors are shown at once, and return whether it can be moved."""
        checks = [self.reason.is_valid(), self.forms.is_complete(), not self.closed]
        if all(checks[1:]) and not self.is_moved:
            self.problem = _("The interview is at this time already. Choose another date or time.")
        return all(checks) and not self.problem

    def answer(self, part: str = "dialog", status: int = 200) -> HttpResponse:
        self.checked = status != 200
        row = self.row
        errors = [] if not self.checked else [*problems.of_rows([row], []), *problems.of_form(self.reason)]
        number = changes.told_of_time(self.interview)
        words = ngettext("Move and prepare %(number)d message", "Move and prepare %(number)d messages", number)
        context = {
            "dialog": self,
            "interview": self.interview,
            "schedule": self.interview.schedule,
            "row": row,
            "reason": self.reason,
            "when": when_of(self.interview),
            "quick": _quick(),
            "submit": words % {"number": number},
            "problems": errors,
            "back": self.request.access.url("schedule", pk=self.interview.schedule_id),
        }
        # Not the whole dialog after a quick button: a reason may have been chosen since.
        target, page = "#time-fields" if part == "fields" else "", "scheduling/planning/time.html"
        return htmx.render(self.request, page, context, part=part, status=status, target=target)


@allowed(Permission.CHANGE_SCHEDULES)
def interview_time(request: AccessRequest, pk: int) -> HttpResponse:
    """Move one interview, for a reason. A `quick` button, or the part `conflicts`, only shows what would be.

    The part `dialog` opens it with the time to which the interview was dragged on the calendar. `event`: with the time
    that an interviewer gave their event, or proposed; `answer`: with the one that was proposed by mail.
    """
    interview = find_interview(request.access, pk)
    reasons = reasons_of(request.access.organization)
    if request.method != "POST":
        reason = ReasonForm(reasons=reasons)
        sent = _time_of_event(request, interview)
        dialog = TimeDialog(request, interview, _forms(request.access, interview, sent), reason)
        dialog.version, dialog.closed = version_of([interview]), why_closed(interview)
        return dialog.answer()
    sent, quick = request.POST, request.POST.get("quick", "")
    if quick or sent.get("part"):
        return _unsaved_time(request, interview, ReasonForm(reasons=reasons, initial=sent.dict()), quick)
    dialog = TimeDialog(request, interview, _forms(request.access, interview, sent), ReasonForm(sent, reasons=reasons))
    dialog.version, dialog.closed = sent.get("version", ""), why_closed(interview)
    result = _moved(dialog) if dialog.is_complete() else None
    return dialog.answer(status=422) if result is None else result


def _time_of_event(request: AccessRequest, interview: Interview) -> QueryDict:
    """Return the fields with the time that the asked-for event has in its calendar, or that an answer proposes."""
    data, pk = QueryDict(mutable=True), parameters.row_id(request.GET.get("event"))
    rows = request.access.all(CalendarEvent).filter(interview=interview, pk=pk or 0)
    event = rows.first() if pk else None
    at = event and (event.moved_starts_at or event.proposed_starts_at)
    if answer := parameters.row_id(request.GET.get("answer")):
        answers = request.access.all(MailAnswer).filter(schedule=interview.schedule_id, pk=answer)
        at = answers.values_list("proposed_starts_at", flat=True).first()
    for name, values in clock_fields(at, interview.schedule.time_zone).items() if at else ():
        data.setlist(f"{_PREFIX}-{name}", values)
    return data


def _unsaved_time(request: AccessRequest, interview: Interview, reason: ReasonForm, quick: str) -> HttpResponse:
    """Show the time that a quick button leads to, or the conflicts of the one that was entered."""
    sent: QueryDict = request.POST
    note = ""
    if quick == NEXT_FREE:
        sent, note = _next_free(request.access, interview, sent)
    elif quick in QUICK:
        sent = shifted(sent, QUICK[quick], f"{_PREFIX}-")
    dialog = TimeDialog(request, interview, _forms(request.access, interview, sent), reason, note=note)
    dialog.is_quick = bool(quick) and htmx.is_asked(request)
    dialog.version, dialog.closed = sent.get("version", ""), why_closed(interview)
    part = parameters.choice(sent.get("part"), {"dialog"}, "conflicts")
    return dialog.answer("fields" if quick else part)


def _moved(dialog: TimeDialog) -> HttpResponse | None:
    """Save and answer; None when the dialog has to be shown again, and then says why."""
    access, interview = dialog.request.access, dialog.interview
    before = details_of(interview)
    had = changes.accepted(booking.conflicts_of(access=access, details=before, interview=interview), None)
    [wanted] = dialog.forms.bookings()
    result = change(dialog, wanted, dialog.reason.given_reason())
    if result is None:
        return None
    message = _("“%(interview)s” moved.") % {"interview": isolated(interview.name)}
    return finish(dialog.request, message, before, result.interviews[0], had)


def _quick() -> list[tuple[str, str]]:
    return [("30m", _("+30 min")), (NEXT_FREE, _("Next free for all")), ("1d", _("+1 day")), ("1w", _("+1 week"))]


def _forms(access: Access, interview: Interview, sent: QueryDict) -> InterviewForms:
    """Return the interview's form, with the date, the time and the ticks that were sent."""
    schedule = interview.schedule
    data = data_of(interview, schedule.time_zone)
    for name in ("date", "time", "fold", "override"):
        if f"{_PREFIX}-{name}" in sent:
            data.setlist(f"{_PREFIX}-{name}", sent.getlist(f"{_PREFIX}-{name}"))
        elif f"{_PREFIX}-date" in sent and name != "override":
            data.setlist(f"{_PREFIX}-{name}", [""])
    plan = interview.plan_interview
    people = [assignment.membership for assignment in interview.assignments.all()]
    form = InterviewForm(
        data,
        prefix=_PREFIX,
        people=people,
        rooms=Rooms(access, [interview.room] if interview.room else []),
        zone=schedule.time_zone,
        plans={plan.pk: plan} if plan else {},
    )
    return InterviewForms([form], schedule.time_zone, schedule.candidate, [interview])


def _next_free(access: Access, interview: Interview, sent: QueryDict) -> tuple[QueryDict, str]:
    """Return the data with the next time that suits everyone, after the one that was entered; and what to say of it."""
    data, zone = sent.copy(), interview.schedule.time_zone
    data[ROW_COUNT] = "1"
    at = moment_of(read_rows(data)[0], zone) or interview.starts_at
    length = interview.ends_at - interview.starts_at
    details = details_of(interview)
    planned = booking.planned_of("0", _at(details, at, length), interview)
    candidate = interview.schedule.candidate
    found = next_free(access=access, planned=planned, zone=zone, now=booking.this_minute(), candidate=candidate)
    if found is None:
        return data, _("No time in the next 14 days suits everyone.")
    for name, values in clock_fields(found, zone).items():
        data.setlist(f"{_PREFIX}-{name}", values)
    return data, ""


def _at(details: InterviewDetails, at: datetime, length: timedelta) -> InterviewDetails:
    return replace(details, starts_at=at, ends_at=at + length)
