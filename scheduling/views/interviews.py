"""The dialogs of one interview on "Details": add, edit, cancel."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import PlanInterview
from organizations import htmx
from organizations.access import AccessRequest, recruiter_view
from organizations.bidi import isolated
from organizations.once import once
from scheduling.availability.local_time import format_span
from scheduling.coding_links.rows import link_rows
from scheduling.models import Interview, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.planning.default_times import Places
from scheduling.planning.form_rows import COUNT, ROWS
from scheduling.planning.form_state import changed, data_of, first_row, version_of
from scheduling.schedules import services as schedule_services
from scheduling.schedules.interview_forms import InterviewForm, WhyForm
from scheduling.views import problems
from scheduling.views.frame import find_schedule
from scheduling.views.people import found_people
from scheduling.views.rows import ShownRow, accept_all, blocks_saving, members_of, overruled, show_rows
from scheduling.views.schedules import PAGE, details_context


@recruiter_view
@once
def interview_add(request: AccessRequest, pk: int) -> HttpResponse:
    """One more interview, after the last one of the schedule."""
    schedule = find_schedule(request.access, pk)
    if request.method != "POST":
        last = schedule.interviews.order_by("-starts_at", "-id").first()
        places = Places(request.access.organization.time_zone, schedule.candidate.time_zone)
        row = _row(request, schedule, None, first_row(last, schedule.time_zone, places, timezone.now()))
        return _dialog(request, schedule, None, row)
    if request.POST.get("part"):
        return _part(request, schedule, None)
    with transaction.atomic():
        row = _locked_row(request, schedule, None)
        # It may have been cancelled since it was found.
        state = Schedule.objects.select_for_update().values_list("state", flat=True).get(pk=schedule.pk)
        open_schedule = state == Schedule.State.SCHEDULED
        if not open_schedule or not row.form.is_valid() or blocks_saving([row]):
            return _dialog(request, schedule, None, row, checked=True, closed=not open_schedule)
        draft = row.form.draft(overruled(row))
        interview = schedule_services.add_interview(schedule=schedule, draft=draft, actor=request.user)
    return done(request, schedule.pk, _("“%(interview)s” is added.") % {"interview": isolated(interview.name)})


@recruiter_view
def interview_edit(request: AccessRequest, pk: int) -> HttpResponse:
    """Time, people, place and name. A new time asks for a reason."""
    interview = request.access.find(Interview, pk, "schedule__candidate", "plan_interview")
    schedule = interview.schedule
    reasons = reasons_of(request.access.organization)
    if request.method != "POST":
        now = data_of(interview, schedule.time_zone)
        row = _row(request, schedule, interview, now)
        accept_all(row)
        why = WhyForm(reasons=reasons, needed=False)
        return _dialog(request, schedule, interview, row, why=why, seen=version_of(now))
    if request.POST.get("part"):
        return _part(request, schedule, interview)
    with transaction.atomic():
        row = _locked_row(request, schedule, interview)
        current = schedule_services.locked_interview(interview)
        seen = version_of(data_of(current, schedule.time_zone))
        valid = row.form.is_valid() and not blocks_saving([row])
        data = row.form.cleaned_data
        times = (data.get("starts_at"), data.get("ends_at"))
        moved = None not in times and times != (current.starts_at, current.ends_at)
        why = WhyForm(request.POST, reasons=reasons, needed=moved)
        stale = request.POST.get("seen", seen) != seen
        if not why.is_valid() or not valid or stale or current.is_cancelled:
            closed, meanwhile = current.is_cancelled, _as_it_is(current, schedule) if stale else ""
            return _dialog(
                request, schedule, interview, row, why=why, checked=True, closed=closed, seen=seen, meanwhile=meanwhile
            )
        draft = row.form.draft(overruled(row))
        schedule_services.edit_interview(interview=interview, draft=draft, actor=request.user, why=why.why())
    words = _("“%(interview)s” is moved.") if moved else _("“%(interview)s” is saved.")
    return done(request, schedule.pk, words % {"interview": isolated(draft.name)})


def _as_it_is(interview: Interview, schedule: Schedule) -> str:
    """The interview in one line, for who wrote over a colleague's change."""
    assignments = interview.assignments.select_related("membership__user").order_by(
        "membership__user__search_key", "id"
    )
    people = ", ".join(str(assignment.membership.user) for assignment in assignments) or _("nobody yet")
    when = format_span(interview.starts_at, interview.ends_at, schedule.time_zone)
    return " · ".join(part for part in (interview.name, when, people, interview.place) if part)


@recruiter_view
def interview_cancel(request: AccessRequest, pk: int) -> HttpResponse:
    """Cancels one interview, for a reason."""
    interview = request.access.find(Interview, pk, "schedule__candidate")
    form = WhyForm(request.POST or None, reasons=reasons_of(request.access.organization))
    if request.method == "POST" and form.is_valid():
        schedule_services.cancel_interview(interview=interview, actor=request.user, why=form.why())
        words = _("“%(interview)s” is cancelled.") % {"interview": isolated(interview.name)}
        return done(request, interview.schedule_id, words)
    context = {"interview": interview, "form": form, "link_row": link_rows([interview], request.access)[0]}
    return render(request, "scheduling/schedules/interview_cancel.html", context, status=422 if form.is_bound else 200)


def _part(request: AccessRequest, schedule: Schedule, interview: Interview | None) -> HttpResponse:
    """Parts of an open dialog: the conflicts after a change, people to choose from, the fields after a button."""
    if request.POST["part"] == "conflicts":
        row = _row(request, schedule, interview, request.POST)
        context = _context(request, schedule, interview, row) | {"out_of_band": True}
        return render(request, "scheduling/planning/_rows_conflicts.html", context)
    if request.POST["part"] == "people":
        row = _row(request, schedule, interview, request.POST)
        return found_people(request, list(row.form.people.values()), [row], schedule.time_zone)
    data = changed(request.access, request.POST, timezone.now())
    row = _row(request, schedule, interview, data)
    context = _context(request, schedule, interview, row)
    return render(request, "scheduling/planning/interview.html#fields", context)


def _locked_row(request: AccessRequest, schedule: Schedule, interview: Interview | None) -> ShownRow:
    """The row as it is sent, checked while nobody else can book the same people."""
    form = _row(request, schedule, interview, request.POST).form
    schedule_services.lock_people((form.people[pk] for pk in form.planned("").interviewers), schedule.candidate)
    return _row(request, schedule, interview, request.POST, checked=True)


def _row(
    request: AccessRequest,
    schedule: Schedule,
    interview: Interview | None,
    data: QueryDict,
    *,
    checked: bool = False,
) -> ShownRow:
    plan: PlanInterview | None = interview.plan_interview if interview else None
    zone = schedule.time_zone
    form = InterviewForm(
        data,
        prefix=f"{ROWS}-0",
        people=members_of(request.access),
        zone=zone,
        plans={plan.pk: plan} if plan else {},
    )
    return show_rows(request.access, [form], zone, schedule.candidate, [interview], checked=checked)[0]


def _context(request: AccessRequest, schedule: Schedule, interview: Interview | None, row: ShownRow) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "interview": interview,
        "row": row,
        "rows": [row],
        "count_name": COUNT,
        "form_address": request.path,
    }


def _dialog(
    request: AccessRequest,
    schedule: Schedule,
    interview: Interview | None,
    row: ShownRow,
    *,
    why: WhyForm | None = None,
    checked: bool = False,
    closed: bool = False,
    seen: str = "",
    meanwhile: str = "",
) -> HttpResponse:
    """The dialog; `checked`: with the errors of an attempt to save. `closed`: it was cancelled meanwhile.

    `seen` is the state that the reader knows now; `meanwhile` says what somebody else made of it.
    """
    context = _context(request, schedule, interview, row)
    if checked:
        wrong_reason = problems.of_form(why) if why is not None else []
        context["problems"] = [*problems.of_rows([row], []), *wrong_reason]
    context |= {"why": why, "checked": checked, "closed": closed, "seen": seen, "meanwhile": meanwhile}
    return render(request, "scheduling/planning/interview.html", context, status=422 if checked else 200)


def done(request: AccessRequest, pk: int, words: str) -> HttpResponse:
    """Closes the dialog and shows the schedule's interviews as they are now."""
    response = htmx.render(request, PAGE, details_context(request, pk), part="details", target="#details")
    return htmx.trigger(response, notice=words, close_dialog=True)
