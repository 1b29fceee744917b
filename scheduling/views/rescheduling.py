"""The dialog that moves all interviews of a schedule together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx, parameters
from organizations.access import Access, AccessRequest, allowed
from organizations.bidi import isolated
from organizations.permissions import Permission
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.local_time import format_span, to_wall_clock
from scheduling.models import Interview, MailAnswer, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.planning import booking
from scheduling.planning.booking import Booked, Undecided
from scheduling.planning.form_rows import ROWS, shifted
from scheduling.planning.form_state import moved_by
from scheduling.planning.movable import movable, version_of
from scheduling.schedules.interview_forms import InterviewForm, ReasonForm, RescheduleForm
from scheduling.schedules.rescheduling import Move
from scheduling.views import problems
from scheduling.views.frame import find_schedule
from scheduling.views.interviews import done
from scheduling.views.rows import InterviewForms, members_of, rooms_for
from scheduling.views.shown_rows import ShownRow

#: Quick buttons, by what they add to what clocks show.
QUICK = {"1d": timedelta(days=1), "1w": timedelta(weeks=1)}


@dataclass(frozen=True)
class Shift:
    """One interview of the dialog: when it is, and the row with its new time. `after` is empty while unmoved."""

    interview: Interview
    row: ShownRow
    before: str
    after: str


@dataclass
class RescheduleDialog:
    """The interviews that can be moved, and `by` how much on the clock.

    `known` is the version of them that the reader knows; empty: whichever it is. `checked` after an attempt to save,
    with the conflicts that it `found`.
    """

    access: Access
    schedule: Schedule
    form: RescheduleForm
    interviews: list[Interview]
    by: timedelta
    forms: InterviewForms
    known: str = ""
    checked: bool = False
    found: Sequence[Conflict] | None = None

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [("1d", _("+1 day")), ("1w", _("+1 week"))]

    @property
    def version(self) -> str:
        return version_of(self.interviews)

    @cached_property
    def shifts(self) -> list[Shift]:
        # Conflicts of the times at which they are already are no news.
        found = self.found if self.by else []
        rows = self.forms.shown(self.access, found=found, checked=self.checked)
        return [_shift(one, row, self.forms.zone, self.by) for one, row in zip(self.interviews, rows, strict=True)]

    @property
    def problem(self) -> str:
        """The reason why nothing at all can be moved; empty when something can."""
        if self.schedule.state == Schedule.State.CANCELLED or not self.interviews:
            return _("Nothing left to move. All interviews are cancelled or over.")
        if self.known and self.known != self.version:
            return _("This changed since you opened it. Nothing was moved. Check the times again.")
        if self.form.is_valid() and not self.by:
            return _("The interviews are at this time already. Choose another date or time.")
        return ""

    def is_complete(self) -> bool:
        """Check everything, so that all errors are shown at once, and return whether the interviews can be moved."""
        return all([self.form.is_valid(), not self.problem, self.forms.is_complete()])

    def moves(self) -> list[Move]:
        """Return the new time of each interview. Only of complete forms."""
        bookings = self.forms.bookings()
        return [
            Move(interview, one.details.starts_at, one.details.ends_at, one.overrides)
            for interview, one in zip(self.interviews, bookings, strict=True)
        ]


@allowed(Permission.CHANGE_SCHEDULES)
def reschedule(request: AccessRequest, pk: int) -> HttpResponse:
    """Move all interviews of a schedule together, for one reason; part `moves` as the dialog is filled in.

    A `quick` button only shows what would be. `answer`: it opens with the time that somebody proposed by mail.
    """
    schedule = find_schedule(request.access, pk)
    reasons = reasons_of(request.access.organization)
    if request.method != "POST":
        return _answer(request, _dialog(request, schedule, _proposed(request, schedule)), ReasonForm(reasons=reasons))
    if (quick := request.POST.get("quick")) in QUICK:
        dialog = _dialog(request, schedule, shifted(request.POST, QUICK[quick]))
        # Not the whole dialog: a reason may have been chosen since.
        page, context = "scheduling/planning/reschedule.html", {"dialog": dialog, "is_quick": True}
        return htmx.render(request, page, context, part="fields", target="#move-fields")
    dialog = _dialog(request, schedule, request.POST)
    if request.POST.get("part"):
        return render(request, "scheduling/planning/reschedule.html#moves", {"dialog": dialog})
    reason = ReasonForm(request.POST, reasons=reasons)
    result = _booked(dialog, reason) if all([reason.is_valid(), dialog.is_complete()]) else None
    if isinstance(result, Booked):
        count = len(result.interviews)
        message = ngettext("%(count)d interview moved.", "%(count)d interviews moved.", count)
        return done(request, schedule.pk, message % {"count": count})
    if isinstance(result, booking.NotBooked):  # somebody else changed the schedule just now: read anew, it says so
        dialog = _dialog(request, find_schedule(request.access, pk), request.POST)
    dialog.checked, dialog.found = True, result.found if isinstance(result, Undecided) else None
    return _answer(request, dialog, reason)


def _proposed(request: AccessRequest, schedule: Schedule) -> QueryDict | None:
    """Return the fields that move all interviews by as much as somebody proposes to move theirs; None without."""
    pk, interviews = parameters.row_id(request.GET.get("answer")), movable(schedule)
    answers = request.access.all(MailAnswer).filter(schedule=schedule, pk=pk or 0, proposed_starts_at__isnull=False)
    answer = answers.first() if pk and interviews else None
    if answer is None or answer.proposed_starts_at is None or answer.starts_at is None:
        return None
    zone, data = schedule.time_zone, QueryDict(mutable=True)
    old, new = to_wall_clock(answer.starts_at, zone), to_wall_clock(answer.proposed_starts_at, zone)
    first = to_wall_clock(interviews[0].starts_at, zone)
    begins = datetime.combine(first.day, first.time)
    begins += datetime.combine(new.day, new.time) - datetime.combine(old.day, old.time)
    data["date"], data["time"] = begins.date().isoformat(), f"{begins:%H:%M}"
    return data


def _booked(dialog: RescheduleDialog, reason: ReasonForm) -> Booked | Undecided | booking.NotBooked:
    try:
        return booking.reschedule(
            access=dialog.access,
            schedule=dialog.schedule,
            moves=dialog.moves(),
            reason=reason.given_reason(),
            version=dialog.known,
        )
    except booking.NotBooked as refusal:
        return refusal


def _dialog(request: AccessRequest, schedule: Schedule, sent: QueryDict | None) -> RescheduleDialog:
    """Return the dialog. `sent` is None as it opens, when nothing is moved yet."""
    zone, interviews = schedule.time_zone, movable(schedule)
    begins = to_wall_clock(interviews[0].starts_at, zone) if interviews else None
    initial = {"date": begins.day, "time": begins.time} if begins else {}
    form = RescheduleForm(sent) if sent is not None else RescheduleForm(initial=initial)
    target = form.start if sent is not None and form.is_valid() else None
    by = target - datetime.combine(begins.day, begins.time) if target and begins else timedelta()
    data = moved_by(interviews, zone, by, sent if sent is not None else QueryDict())
    forms = _forms(request.access, schedule, interviews, data)
    known = sent.get("version", "") if sent is not None else ""
    return RescheduleDialog(request.access, schedule, form, interviews, by, forms, known)


def _forms(access: Access, schedule: Schedule, interviews: Sequence[Interview], data: QueryDict) -> InterviewForms:
    people, zone = members_of(access), schedule.time_zone
    plans = {one.plan_interview.pk: one.plan_interview for one in interviews if one.plan_interview is not None}
    rooms = rooms_for(access, people, interviews)
    forms = [
        InterviewForm(data, prefix=f"{ROWS}-{index}", people=people, rooms=rooms, zone=zone, plans=plans)
        for index in range(len(interviews))
    ]
    return InterviewForms(forms, zone, schedule.candidate, interviews)


def _shift(interview: Interview, row: ShownRow, zone: str, by: timedelta) -> Shift:
    stretch = row.planned.stretch
    after = format_span(*stretch, zone) if by and stretch is not None else ""
    return Shift(interview, row, format_span(interview.starts_at, interview.ends_at, zone), after)


def _answer(request: AccessRequest, dialog: RescheduleDialog, reason: ReasonForm) -> HttpResponse:
    checked = dialog.checked
    context = {"dialog": dialog, "schedule": dialog.schedule, "reason": reason, "checked": checked}
    if checked:
        names = [isolated(shift.interview.name) for shift in dialog.shifts]
        rows = problems.of_rows([shift.row for shift in dialog.shifts], names, time="id_time")
        errors = [*problems.of_form(dialog.form), *rows, *problems.of_form(reason)]
        context |= {"problem": dialog.problem, "problems": errors}
    return render(request, "scheduling/planning/reschedule.html", context, status=422 if checked else 200)
