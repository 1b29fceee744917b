"""The dialog that moves all interviews of a schedule together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import AccessRequest, recruiter_view
from organizations.bidi import isolated
from scheduling.availability.local_time import format_span, to_wall_clock
from scheduling.models import Interview, InterviewerAssignment, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.planning.form_rows import ROWS
from scheduling.planning.form_state import data_of, moved_by, version_of
from scheduling.schedules import services as schedule_services
from scheduling.schedules.interview_forms import InterviewForm, MoveForm, WhyForm
from scheduling.schedules.rescheduling import Move, move_schedule
from scheduling.views import problems
from scheduling.views.frame import find_schedule
from scheduling.views.interviews import done
from scheduling.views.rows import ShownRow, blocks_saving, members_of, overruled, show_rows


@dataclass(frozen=True)
class Shift:
    """One interview of the dialog: when it is, and the row with when it would be. `after` is empty while unmoved."""

    interview: Interview
    row: ShownRow
    before: str
    after: str


@dataclass(frozen=True)
class Plan:
    """What is to be moved, and `by` how much on the clock. `seen` says which state of it the reader knows."""

    schedule: Schedule
    form: MoveForm
    by: timedelta
    shifts: list[Shift]
    seen: str

    @property
    def rows(self) -> list[ShownRow]:
        return [shift.row for shift in self.shifts]


@recruiter_view
def schedule_move(request: AccessRequest, pk: int) -> HttpResponse:
    """Typing shows where each goes and what speaks against it; saving needs one reason for all."""
    schedule = find_schedule(request.access, pk)
    reasons = reasons_of(request.access.organization)
    if request.method != "POST":
        return _dialog(request, _plan(request, schedule, None), WhyForm(reasons=reasons))
    if request.POST.get("part"):
        context = {"plan": _plan(request, schedule, request.POST)}
        return render(request, "scheduling/planning/move.html#moves", context)
    why = WhyForm(request.POST, reasons=reasons)
    with transaction.atomic():
        plan = _locked_plan(request, schedule)
        problem = _problem(request, plan)
        if not (why.is_valid() and plan.form.is_valid()) or problem or blocks_saving(plan.rows):
            return _dialog(request, plan, why, checked=True, problem=problem)
        moves = [_move(shift) for shift in plan.shifts]
        move_schedule(schedule=plan.schedule, moves=moves, actor=request.user, why=why.why())
    words = ngettext("%(count)d interview is moved.", "%(count)d interviews are moved.", len(moves))
    return done(request, schedule.pk, words % {"count": len(moves)})


def _problem(request: AccessRequest, plan: Plan) -> str:
    """Why the whole can't be moved, in a sentence; empty: nothing speaks against it."""
    if plan.schedule.state == Schedule.State.CANCELLED or not plan.shifts:
        return _("There is nothing to move any more: all of it is cancelled or over.")
    if request.POST.get("seen", plan.seen) != plan.seen:
        return _("Somebody changed this while you had it open. Look at the times again; nothing was moved.")
    if plan.form.is_valid() and not plan.by:
        return _("This is when it is already. Choose another date or time.")
    return ""


def _locked_plan(request: AccessRequest, schedule: Schedule) -> Plan:
    """The plan as it is while nobody else can book the same people, or change the same interviews."""
    members = {member.pk: member for member in members_of(request.access)}
    seated = InterviewerAssignment.objects.filter(interview__schedule=schedule).values_list("membership", flat=True)
    schedule_services.lock_people([members[pk] for pk in set(seated) if pk in members], schedule.candidate)
    Schedule.objects.select_for_update().get(pk=schedule.pk)
    return _plan(request, find_schedule(request.access, schedule.pk), request.POST)


def _plan(request: AccessRequest, schedule: Schedule, sent: QueryDict | None) -> Plan:
    """`sent` is None for the dialog as it opens, in which nothing is moved yet."""
    zone = schedule.time_zone
    due = schedule.interviews.filter(state=Interview.State.SCHEDULED, ends_at__gt=timezone.now())
    assignments = Prefetch("assignments", InterviewerAssignment.objects.order_by("id"))
    interviews = list(due.select_related("plan_interview").prefetch_related(assignments).order_by("starts_at", "id"))
    begins = _begins(interviews, zone)
    form = MoveForm(sent) if sent is not None else MoveForm(initial=_initial(begins))
    target = form.start if sent is not None and form.is_valid() else None
    by = target - begins if target is not None and begins is not None else timedelta()
    data = moved_by(interviews, zone, by, sent if sent is not None else QueryDict())
    people = members_of(request.access)
    plans = {one.plan_interview.pk: one.plan_interview for one in interviews if one.plan_interview is not None}
    forms = [
        InterviewForm(data, prefix=f"{ROWS}-{index}", people=people, zone=zone, plans=plans)
        for index in range(len(interviews))
    ]
    if by:
        rows = show_rows(request.access, forms, zone, schedule.candidate, interviews)
    else:  # what speaks against where they are is no news
        rows = [ShownRow(form, index, []) for index, form in enumerate(forms)]
    shifts = [_shift(one, row, zone, by) for one, row in zip(interviews, rows, strict=True)]
    seen = version_of("&".join(data_of(interview, zone).urlencode() for interview in interviews))
    return Plan(schedule, form, by, shifts, seen)


def _begins(interviews: list[Interview], zone: str) -> datetime | None:
    """When the first one begins on the clocks of the zone, naive."""
    if not interviews:
        return None
    day, clock, _fold = to_wall_clock(interviews[0].starts_at, zone)
    return datetime.combine(day, clock)


def _initial(begins: datetime | None) -> dict[str, object]:
    return {"date": begins.date(), "time": begins.time()} if begins is not None else {}


def _shift(interview: Interview, row: ShownRow, zone: str, by: timedelta) -> Shift:
    planned = row.planned
    known = by and planned.starts_at is not None and planned.ends_at is not None
    after = format_span(planned.starts_at, planned.ends_at, zone) if known else ""  # type: ignore[arg-type]
    return Shift(interview, row, format_span(interview.starts_at, interview.ends_at, zone), after)


def _move(shift: Shift) -> Move:
    draft = shift.row.form.draft(overruled(shift.row))
    return Move(shift.interview, draft.starts_at, draft.ends_at, draft.overruled)


def _dialog(
    request: AccessRequest, plan: Plan, why: WhyForm, *, checked: bool = False, problem: str = ""
) -> HttpResponse:
    context = {"plan": plan, "schedule": plan.schedule, "why": why, "checked": checked, "problem": problem}
    if checked:
        names = [isolated(shift.interview.name) for shift in plan.shifts]
        rows = problems.of_rows(plan.rows, names, time="id_time")
        context["problems"] = [*problems.of_form(plan.form), *rows, *problems.of_form(why)]
    return render(request, "scheduling/planning/move.html", context, status=422 if checked else 200)
