"""The dialogs that change one interview in three clicks, its people or its time; and taking such a change back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx, parameters
from organizations.access import Access, AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.models import Membership
from organizations.permissions import Permission
from organizations.search import is_found
from scheduling.availability.conflicts import Conflict, next_free
from scheduling.availability.local_time import format_span
from scheduling.models import Interview, InterviewerAssignment, MessageState
from scheduling.models.change_reasons import reasons_of
from scheduling.planning import booking, changes
from scheduling.planning.booking import Booked, Booking
from scheduling.planning.changes import NotTakenBack, PersonChoice
from scheduling.planning.form_rows import ROW_COUNT, ROWS, clock_fields, moment_of, read_rows, shifted
from scheduling.planning.form_state import data_of
from scheduling.schedules.interview_forms import InterviewForm, ReasonForm
from scheduling.schedules.services import InterviewDetails
from scheduling.schedules.trail_rows import GivenReason
from scheduling.views import problems
from scheduling.views.interviews import done, summary_of
from scheduling.views.problems import FormProblem
from scheduling.views.rows import InterviewForms, ShownConflict, ShownRow, members_of

#: From so many people on the list has a search.
MANY = 8
#: Quick buttons of the dialog with the time, by what they add to what clocks show.
QUICK = {"30m": timedelta(minutes=30), "1d": timedelta(days=1), "1w": timedelta(weeks=1)}
#: The quick button that looks for the next time that suits everyone.
NEXT_FREE = "free"
_PREFIX = f"{ROWS}-0"


def _find(access: Access, pk: int) -> Interview:
    """Return the interview with its schedule and its people, in order of name; 404 for one of another job."""
    people = InterviewerAssignment.objects.select_related("membership__user")
    ordered = Prefetch("assignments", people.order_by("membership__user__search_key", "id"))
    rows = access.all(Interview).select_related("schedule__candidate", "schedule__organization", "plan_interview")
    return get_object_or_404(rows.prefetch_related(ordered), pk=pk)


def _closed(interview: Interview) -> str:
    """Return why the interview can't be changed any more; empty when it can."""
    if interview.is_cancelled:
        return _("This interview is cancelled. Nothing was saved.")
    return _("This interview is over. Nothing was saved.") if interview.ends_at <= timezone.now() else ""


# --- another person ------------------------------------------------------------------------------------------------


@dataclass
class _Conflicts:
    """The chosen person's conflicts, for `planning/_conflicts.html`."""

    conflicts: list[ShownConflict]
    prefix: str = _PREFIX
    readings: Sequence[object] = ()


@dataclass
class PersonDialog:
    """The dialog that puts somebody in the place of `gone`, or beside the others where that is None.

    `closed` says why nobody can be chosen at all, `problem` why nothing was saved.
    """

    request: AccessRequest
    interview: Interview
    gone: Membership | None
    new: Membership | None = None
    version: str = ""
    closed: str = ""
    problem: str = ""
    current: str = ""
    found: Sequence[Conflict] = ()
    errors: list[FormProblem] = field(default_factory=list)

    @property
    def overrides(self) -> set[str]:
        return set(self.request.POST.getlist(f"{_PREFIX}-override"))

    @property
    def row(self) -> _Conflicts:
        kept = changes.accepted(self.found, self.new)
        about = [one for one in self.found if one.token not in kept and one.user]
        return _Conflicts([ShownConflict(one, one.token in self.overrides) for one in about])

    def details(self) -> InterviewDetails:
        details = changes.details_of(self.interview)
        return details if self.new is None else changes.with_person(details, self.gone, self.new)

    def look(self) -> None:
        """Find the conflicts of the chosen person."""
        if self.new is not None:
            access, interview = self.request.access, self.interview
            self.found = booking.conflicts_of(access=access, details=self.details(), interview=interview)

    def answer(self, part: str = "dialog", status: int = 200) -> HttpResponse:
        people = changes.people_for(self.request.access, self.interview, members_of(self.request.access))
        words = parameters.short_text(self.request.POST.get("q", ""))
        shown = [one for one in people if is_found(one.member.user.search_key, words) or one.member == self.new]
        context = {
            "dialog": self,
            "interview": self.interview,
            "schedule": self.interview.schedule,
            "people": shown,
            "words": words,
            "searches": len(people) > MANY,
            "when": _when(self.interview),
            "submit": self._submit(people),
            "problems": self.errors,
            "back": self.request.access.url("schedule", pk=self.interview.schedule_id),
        }
        return htmx.render(self.request, "scheduling/planning/person.html", context, part=part, status=status)

    def _submit(self, people: Sequence[PersonChoice]) -> str:
        number = changes.told_of_person(self.interview, self.gone)
        if self.gone is None:
            words = ngettext("Add and prepare %(number)d message", "Add and prepare %(number)d messages", number)
        else:
            words = ngettext(
                "Replace and prepare %(number)d message", "Replace and prepare %(number)d messages", number
            )
        return words % {"number": number} if people else ""


@allowed(Permission.CHANGE_SCHEDULES)
def interview_person(request: AccessRequest, pk: int) -> HttpResponse:
    """Replace the interviewer whom `person` names, a membership's id, or add one where none is named.

    Parts: `people` as the list is searched, `conflicts` once somebody is chosen.
    """
    interview = _find(request.access, pk)
    sent = request.POST if request.method == "POST" else request.GET
    dialog = _person_dialog(request, interview, sent)
    if request.method != "POST":
        return dialog.answer()
    dialog.version = sent.get("version", "")
    part = parameters.choice(sent.get("part"), {"people", "conflicts"})
    if part or dialog.new is None or dialog.closed:
        return _unsaved_person(dialog, part)
    result = _replaced(dialog)
    if result is None:
        dialog.errors += _of_conflicts(dialog.row)
        return dialog.answer(status=422)
    return result


def _person_dialog(request: AccessRequest, interview: Interview, sent: QueryDict) -> PersonDialog:
    named = parameters.row_id(sent.get("person"))
    people = {one.membership_id: one.membership for one in interview.assignments.all()}
    dialog = PersonDialog(request, interview, people.get(named or 0), version=booking.version_of([interview]))
    dialog.closed = _closed(interview)
    if sent.get("person") and dialog.gone is None and not dialog.closed:
        dialog.closed = _("This person is no longer in the interview.")
    chosen = parameters.row_id(sent.get("new"))
    if chosen and chosen not in people:
        dialog.new = request.access.all(Membership).select_related("user").filter(pk=chosen).first()
    return dialog


def _unsaved_person(dialog: PersonDialog, part: str) -> HttpResponse:
    dialog.look()
    if part:
        return dialog.answer(part)
    if not dialog.closed:
        dialog.errors.append(FormProblem("people-list", _("Choose a person.")))
    return dialog.answer(status=422)


def _replaced(dialog: PersonDialog) -> HttpResponse | None:
    """Save and answer; None when the dialog has to be shown again, and then says why."""
    access, interview = dialog.request.access, dialog.interview
    before = changes.details_of(interview)
    had = changes.accepted(booking.conflicts_of(access=access, details=before, interview=interview), None)
    dialog.look()
    overrides = changes.accepted(dialog.found, dialog.new) | dict.fromkeys(dialog.overrides, "")
    wanted = Booking(dialog.details(), overrides)
    result = _changed(dialog, wanted, GivenReason())
    if result is None or dialog.new is None:
        return None
    new = isolated(str(dialog.new.user))
    if dialog.gone is None:
        message = _("%(person)s added.") % {"person": new}
    else:
        message = _("%(person)s replaced by %(new)s.") % {"person": isolated(str(dialog.gone.user)), "new": new}
    return _done(dialog.request, message, before, result.interviews[0], had)


def _changed(dialog: PersonDialog | TimeDialog, wanted: Booking, reason: GivenReason) -> Booked | None:
    """Save an interview; None when it was not saved, and then the dialog knows why."""
    access, interview = dialog.request.access, dialog.interview
    try:
        result = booking.change_interview(
            access=access, interview=interview, booking=wanted, reason=reason, version=dialog.version
        )
    except booking.Missing:
        dialog.problem = _("This person left the organization. Choose another.")
    except booking.Cancelled:
        dialog.closed = _("This interview is cancelled. Nothing was saved.")
    except booking.ChangedSince as change:
        dialog.interview = _find(access, interview.pk)
        dialog.current = summary_of(dialog.interview, interview.schedule)
        dialog.version = booking.version_of(change.current)
    else:
        if isinstance(result, Booked):
            return result
        dialog.found = result.found
    return None


def _of_conflicts(row: _Conflicts) -> list[FormProblem]:
    return [
        FormProblem(f"override-{row.prefix}-{number}", shown.conflict.message)
        for number, shown in enumerate(row.conflicts, start=1)
        if not shown.ticked
    ]


# --- another time --------------------------------------------------------------------------------------------------


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
            "when": _when(self.interview),
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

    The part `dialog` opens it with the time to which the interview was dragged on the calendar.
    """
    interview = _find(request.access, pk)
    reasons = reasons_of(request.access.organization)
    if request.method != "POST":
        reason = ReasonForm(reasons=reasons)
        dialog = TimeDialog(request, interview, _forms(interview, QueryDict()), reason)
        dialog.version, dialog.closed = booking.version_of([interview]), _closed(interview)
        return dialog.answer()
    sent, quick = request.POST, request.POST.get("quick", "")
    if quick or sent.get("part"):
        return _unsaved_time(request, interview, ReasonForm(reasons=reasons, initial=sent.dict()), quick)
    dialog = TimeDialog(request, interview, _forms(interview, sent), ReasonForm(sent, reasons=reasons))
    dialog.version, dialog.closed = sent.get("version", ""), _closed(interview)
    result = _moved(dialog) if dialog.is_complete() else None
    return dialog.answer(status=422) if result is None else result


def _unsaved_time(request: AccessRequest, interview: Interview, reason: ReasonForm, quick: str) -> HttpResponse:
    """Show the time that a quick button leads to, or the conflicts of the one that was entered."""
    sent: QueryDict = request.POST
    note = ""
    if quick == NEXT_FREE:
        sent, note = _next_free(request.access, interview, sent)
    elif quick in QUICK:
        sent = shifted(sent, QUICK[quick], f"{_PREFIX}-")
    dialog = TimeDialog(request, interview, _forms(interview, sent), reason, note=note)
    dialog.is_quick = bool(quick) and htmx.is_asked(request)
    dialog.version, dialog.closed = sent.get("version", ""), _closed(interview)
    part = parameters.choice(sent.get("part"), {"dialog"}, "conflicts")
    return dialog.answer("fields" if quick else part)


def _moved(dialog: TimeDialog) -> HttpResponse | None:
    """Save and answer; None when the dialog has to be shown again, and then says why."""
    access, interview = dialog.request.access, dialog.interview
    before = changes.details_of(interview)
    had = changes.accepted(booking.conflicts_of(access=access, details=before, interview=interview), None)
    [wanted] = dialog.forms.bookings()
    result = _changed(dialog, wanted, dialog.reason.given_reason())
    if result is None:
        return None
    message = _("“%(interview)s” moved.") % {"interview": isolated(interview.name)}
    return _done(dialog.request, message, before, result.interviews[0], had)


def _quick() -> list[tuple[str, str]]:
    return [("30m", _("+30 min")), (NEXT_FREE, _("Next free for all")), ("1d", _("+1 day")), ("1w", _("+1 week"))]


def _forms(interview: Interview, sent: QueryDict) -> InterviewForms:
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
        data, prefix=_PREFIX, people=people, zone=schedule.time_zone, plans={plan.pk: plan} if plan else {}
    )
    return InterviewForms([form], schedule.time_zone, schedule.candidate, [interview])


def _next_free(access: Access, interview: Interview, sent: QueryDict) -> tuple[QueryDict, str]:
    """Return the data with the next time that suits everyone, after the one that was entered; and what to say of it."""
    data, zone = sent.copy(), interview.schedule.time_zone
    data[ROW_COUNT] = "1"
    at = moment_of(read_rows(data)[0], zone) or interview.starts_at
    length = interview.ends_at - interview.starts_at
    details = changes.details_of(interview)
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


# --- afterwards ----------------------------------------------------------------------------------------------------


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=request.access.find(Interview, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of)
def interview_undo(request: AccessRequest, pk: int) -> HttpResponse:
    """Take back a change of time or people, as long as nobody was told of it. `state` comes from its notice."""
    interview = _find(request.access, pk)
    try:
        changes.take_back(access=request.access, interview=interview, signed=request.POST.get("state", ""))
    except NotTakenBack as refusal:
        return _answered(request, interview.schedule_id, str(refusal))
    return _answered(request, interview.schedule_id, _("Undone."))


def _done(
    request: AccessRequest, message: str, before: InterviewDetails, after: Interview, overridden: dict[str, str]
) -> HttpResponse:
    """Close the dialog. The notice offers to undo the change, and to send the messages that it needs."""
    access = request.access
    signed = changes.receipt(access, before, after, overridden)
    undo = htmx.Undo(access.url("interview-undo", pk=after.pk), signed)
    return _answered(request, after.schedule_id, message, undo=undo, then=_send(access, after))


def _answered(request: AccessRequest, schedule: int, message: str, **offers: Any) -> HttpResponse:
    """Answer as `done`; without scripts, lead to the schedule, which says what was done."""
    if htmx.is_asked(request):
        return done(request, schedule, message, **offers)
    messages.success(request, message)
    return redirect(request.access.url("schedule", pk=schedule))


def _send(access: Access, interview: Interview) -> htmx.NextStep | None:
    """Return the link to the messages that wait to be sent; None without any."""
    number = interview.schedule.messages.filter(state=MessageState.DRAFT).count()
    if not number:
        return None
    label = ngettext("Send %(number)d message", "Send %(number)d messages", number) % {"number": number}
    return htmx.NextStep(f"{access.url('schedule-communications', pk=interview.schedule_id)}#messages", label)


def _when(interview: Interview) -> str:
    return format_span(interview.starts_at, interview.ends_at, interview.schedule.time_zone)
