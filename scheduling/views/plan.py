""" "Edit plan": all interviews of a schedule that are due, changed together and saved with one reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.connections import connected_tool
from integrations.meetings import way_name
from integrations.registry import tool_name
from jobs.models import PlanInterview
from organizations.access import Access, AccessRequest, allowed
from organizations.models import Membership
from organizations.once import once
from organizations.permissions import Permission
from scheduling.availability.busy import Source
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.local_time import format_span
from scheduling.models import CodingLink, Interview, LinkState, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.models.coding_links import LIVE
from scheduling.planning import booking, form_drafts, plan_state
from scheduling.planning.booking import Booked, PlannedRow, Undecided
from scheduling.planning.form_rows import ROW_COUNT, ROWS, read_rows
from scheduling.planning.movable import movable_and_fixed, version_of
from scheduling.planning.plan_outcome import Outcome, outcome_of
from scheduling.planning.plan_state import REMOVED, VERSION, Followed
from scheduling.schedules.interview_forms import InterviewForm, ReasonForm
from scheduling.schedules.trail_rows import GivenReason
from scheduling.views import problems
from scheduling.views.builder import saved_clock
from scheduling.views.frame import find_schedule
from scheduling.views.people import found_people
from scheduling.views.problems import FormProblem
from scheduling.views.room_choice import found_rooms
from scheduling.views.rows import InterviewForms, members_of, rooms_for, ways_of
from scheduling.views.shown_rows import ShownRow, accept_all

PAGE = "scheduling/planning/plan.html"
#: The interviews of a schedule as they are: those that can be changed, and the others.
Known = tuple[list[Interview], list[Interview]]


@dataclass
class PlanPage:
    """The content of the page: a row for each interview that is due or added, what is removed, and the reason.

    `current` are the interviews as they are, `fixed` those that are cancelled or over. `rows` are filled by `show`.
    """

    access: Access
    schedule: Schedule
    current: Sequence[Interview]
    fixed: Sequence[Interview]
    data: QueryDict
    people: list[Membership]
    interviews: InterviewForms
    #: For each row, whether it wants something else than what there is, and whether that is only its coding link.
    changed: list[bool]
    switched_only: list[bool]
    #: None as long as nothing asks for it.
    reason: ReasonForm | None = None
    rows: list[ShownRow] = field(default_factory=list)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields."""
        marks = [(name, str(self.data.get(name, ""))) for name in ("candidate", "time_zone", VERSION)]
        return [*marks, *((REMOVED, str(one.pk)) for one in self.removed)]

    @property
    def removed(self) -> list[Interview]:
        """The interviews that saving cancels."""
        wanted = set(plan_state.removed_in(self.data))
        return [one for one in self.current if one.pk in wanted]

    @property
    def changes(self) -> int:
        return sum(self.changed) + len(self.removed)

    @property
    def wants_reason(self) -> bool:
        """Whether something that people may know of is changed or cancelled: what is only added needs no reason."""
        rows = zip(self.changed, self.switched_only, self.interviews.interviews, strict=True)
        return bool(self.removed) or any(
            is_changed and not is_switched and one is not None for is_changed, is_switched, one in rows
        )

    @property
    def conflicts(self) -> list[str]:
        """Ids of where each row's conflicts are decided, in order."""
        return [target for row in self.rows if (target := row.first_open_conflict)]

    @property
    def open_conflicts(self) -> int:
        return sum(row.open_conflicts for row in self.rows)

    @cached_property
    def outcome(self) -> Outcome:
        switched = [row for row in self.rows if row.interview is None or row.is_switched]
        on = [row for row in switched if row.form.asked_tool and connected_tool(self.access, row.form.asked_tool)]
        off = [row for row in switched if row.asks_about_link and row.form.removes_link]
        # A link that stays is no news.
        heard = {row.index for row in [*on, *off]}
        silent = {index for index, is_switch in enumerate(self.switched_only) if is_switch and index not in heard}
        changed = [row for row in self.rows if self.changed[row.index] and row.index not in silent]
        return outcome_of(
            self.schedule,
            [(row.planned, row.interview) for row in changed],
            self.removed,
            switched_on=[row.interview for row in on],
            switched_off=len(off),
        )

    @property
    def problems(self) -> list[FormProblem]:
        """The problems that keep it from being saved, in the order of the page."""
        rows = problems.of_rows(self.rows, [row.title for row in self.rows])
        return [*rows, *(problems.of_form(self.reason) if self.reason else [])]

    def is_known(self) -> bool:
        """Return whether the reader saw the interviews as they are now."""
        return self.data.get(VERSION, "") == version_of(self.current)

    def is_complete(self) -> bool:
        """Check everything, so that all errors are shown at once, and return whether it can be saved."""
        return all([self.interviews.is_complete(), self.reason is None or self.reason.is_valid()])

    def show(self, *, found: Sequence[Conflict] | None = None, checked: bool = False) -> None:
        """Fill `rows`. What stays as it is has its conflicts accepted, and leaves those with changed rows to them."""
        self.rows = self.interviews.shown(self.access, found=found, checked=checked)
        self._note_links()
        theirs = [f"{Source.PLANNED}-{row.key}@" for row in self.rows if self.changed[row.index]]
        for row in self.rows:
            if not self.changed[row.index]:
                own = [one for one in row.conflicts if not any(mark in one.conflict.token for mark in theirs)]
                row.conflicts = own
                accept_all(row)

    def _note_links(self) -> None:
        """Note the links of rows that are switched off: somebody says what becomes of them. One query at most."""
        off = {one.pk: row for row in self.rows if (one := row.interview) is not None and row.is_switched_off}
        links = self.access.whole(CodingLink).filter(interview__in=off, state__in=LIVE) if off else []
        for link in links:
            if link.state != LinkState.ACTIVE and link.interview_id is not None:
                off[link.interview_id].linked_tool = tool_name(link.integration.kind)

    def save(self) -> Booked | Undecided:
        """Save what is complete. Raises booking.NotBooked."""
        numbered = zip(self.interviews.bookings(), self.interviews.interviews, self.changed, strict=True)
        return booking.replan(
            access=self.access,
            schedule=self.schedule,
            rows=[PlannedRow(one, was.pk if was else None, is_changed) for one, was, is_changed in numbered],
            removed=[one.pk for one in self.removed],
            reason=self.reason.given_reason() if self.reason else GivenReason(""),
            version=self.data.get(VERSION, ""),
        )


@allowed(Permission.CHANGE_SCHEDULES)
@once
def schedule_plan(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the page; while it is filled in, its parts `form` (after a button), `conflicts` and `people`; save it.

    `draft` keeps the fields, `start-over` discards them. A cancelled schedule leads to its Details.
    """
    schedule = find_schedule(request.access, pk)
    details = request.access.url("schedule", pk=pk)
    if schedule.state == Schedule.State.CANCELLED:
        if request.method == "POST":
            messages.warning(request, _("This schedule is cancelled. Nothing was saved."))
        return redirect(details)
    if request.method != "POST":
        return _first_page(request, schedule)
    answer = _PARTS.get(request.POST.get("part", ""), _save)
    return answer(request, schedule)


def _first_page(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    """Show the interviews as they are, with what the reader changed and did not save."""
    page = f"schedule-plan?schedule={schedule.pk}"
    draft, known = form_drafts.find(request.access, page), movable_and_fixed(schedule)
    since = None
    if draft is not None and draft.content:
        since = plan_state.followed(QueryDict(draft.content), schedule, known[0])
    data = since.data if since else plan_state.as_it_is(schedule, known[0])
    data[form_drafts.PAGE], data[form_drafts.FORM] = page, uuid4().hex
    shown = _read(request.access, schedule, data, known)
    shown.show()
    saved_at = saved_clock(draft.updated_at) if draft is not None and draft.content else ""
    context = _context(request, shown, since) | {"draft": draft, "saved_at": saved_at}
    return render(request, PAGE, context)


def _keep_draft(request: AccessRequest, schedule: Schedule) -> HttpResponse:  # noqa: ARG001 - as the others
    form_drafts.keep(request.access, request.POST)
    return HttpResponse(status=204, headers={"Saved-At": saved_clock(timezone.now())})


def _start_over(request: AccessRequest, schedule: Schedule) -> HttpResponse:  # noqa: ARG001 - as the others
    form_drafts.finish(request.access, request.POST)
    return redirect(request.path)


def _conflicts(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    page = _build(request.access, schedule, request.POST)
    # A reason that stands there already is left alone: somebody may be writing it.
    context = _context(request, page) | {"out_of_band": True, "adds_reason": "reason" not in request.POST}
    return render(request, "scheduling/planning/_plan_conflicts.html", context)


def _people(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    page = _build(request.access, schedule, request.POST)
    return found_people(request, page.people, page.rows, schedule.time_zone, page.interviews.excluded)


def _rooms(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    page = _build(request.access, schedule, request.POST)
    return found_rooms(request, page.rows, schedule.time_zone, page.interviews.excluded)


def _redrawn(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    known = movable_and_fixed(schedule)
    data = plan_state.rearranged(request.access, request.POST, schedule, known[0], timezone.now())
    page = _read(request.access, schedule, data, known)
    page.show()
    return render(request, f"{PAGE}#form", _context(request, page))


_PARTS: dict[str, Callable[[AccessRequest, Schedule], HttpResponse]] = {
    "draft": _keep_draft,
    "start-over": _start_over,
    "conflicts": _conflicts,
    "people": _people,
    "rooms": _rooms,
    "form": _redrawn,
}


def _save(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    """Save what is complete and without open conflicts; else draw the page with the errors."""
    access, details = request.access, request.access.url("schedule", pk=schedule.pk)
    page = _read(access, schedule, request.POST, saves=True)
    if not page.is_known():
        return _changed_since(request, schedule)
    if not page.changes:
        form_drafts.finish(access, request.POST)
        messages.info(request, _("Nothing changed."))
        return redirect(details)
    result = None
    try:
        result = page.save() if page.is_complete() else None
    except booking.Missing:
        # Somebody deleted a chosen person just now: read anew, the form says who.
        access.memo.clear()
        page = _read(access, schedule, request.POST, saves=True)
        page.is_complete()
    except booking.Cancelled:
        messages.warning(request, _("This schedule is cancelled. Nothing was saved."))
        return redirect(details)
    except booking.ChangedSince:
        return _changed_since(request, schedule)
    if isinstance(result, Booked):
        form_drafts.finish(access, request.POST)
        message = ngettext("%(count)d change saved.", "%(count)d changes saved.", page.changes)
        messages.success(request, message % {"count": page.changes})
        return redirect(details)
    page.show(found=result.found if result else None, checked=True)
    context = _context(request, page) | {"checked": True, "problems": page.problems}
    return render(request, PAGE, context, status=422)


def _changed_since(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    """Show what was typed on top of the interviews as they are now. Saving again replaces them."""
    known = movable_and_fixed(schedule)
    since = plan_state.followed(request.POST, schedule, known[0])
    page = _read(request.access, schedule, since.data, known)
    page.show()
    return render(request, PAGE, _context(request, page, since) | {"is_refused": True}, status=422)


def _build(access: Access, schedule: Schedule, data: QueryDict) -> PlanPage:
    page = _read(access, schedule, data)
    page.show()
    return page


def _read(
    access: Access, schedule: Schedule, data: QueryDict, known: Known | None = None, *, saves: bool = False
) -> PlanPage:
    """Return the content of the page from its fields, without its rows. `known`: the interviews, where read already.

    Only one that `saves` misses a reason.
    """
    current, fixed = known or movable_and_fixed(schedule)
    zone, people = schedule.time_zone, members_of(access)
    rooms = rooms_for(access, people, current)
    interviews = plan_state.interviews_in(data, current)
    rows = list(zip(read_rows(data), interviews, strict=True))
    changed = [plan_state.is_changed(row, one, zone) for row, one in rows]
    switched = [plan_state.is_switched_only(row, one, zone) for row, one in rows]
    ways = ways_of(people)
    forms = [
        InterviewForm(
            data,
            prefix=f"{ROWS}-{index}",
            people=people,
            rooms=rooms,
            zone=zone,
            plans=_plans_of(one),
            ways=ways,
        )
        for index, one in enumerate(interviews)
    ]
    removed = set(plan_state.removed_in(data))
    excluded = [one.pk for one in current if one.pk in removed]
    together = InterviewForms(forms, zone, schedule.candidate, interviews, excluded)
    page = PlanPage(access, schedule, current, fixed, data, people, together, changed, switched)
    page.reason = _reason(page, saves=saves)
    return page


def _reason(page: PlanPage, *, saves: bool) -> ReasonForm | None:
    """Return the form of the reason, once there is one to give; what is chosen stays."""
    data = page.data
    if not (page.wants_reason or "reason" in data):
        return None
    reasons = reasons_of(page.access.organization)
    chosen = {name: data.get(name, "") for name in ("reason", "note")}
    return ReasonForm(data if saves else None, initial=chosen, reasons=reasons, needed=page.wants_reason)


def _plans_of(interview: Interview | None) -> dict[int, PlanInterview]:
    """Return the interview of the plan that an interview comes from, by id."""
    plan = interview.plan_interview if interview else None
    return {plan.pk: plan} if plan else {}


@dataclass(frozen=True)
class FixedLine:
    """An interview that can't be changed any more, in words."""

    name: str
    when: str
    is_cancelled: bool


def _fixed(page: PlanPage) -> list[FixedLine]:
    zone = page.schedule.time_zone
    return [FixedLine(one.name, format_span(one.starts_at, one.ends_at, zone), one.is_cancelled) for one in page.fixed]


def _context(request: AccessRequest, page: PlanPage, since: Followed | None = None) -> dict[str, Any]:
    data = page.data
    return {
        "plan": page,
        "schedule": page.schedule,
        "rows": page.rows,
        "reason": page.reason,
        "fixed": _fixed(page),
        "form_address": request.path,
        "count_name": ROW_COUNT,
        "has_lines": True,
        "is_plan": True,
        "marks": [(name, str(data.get(name, ""))) for name in (form_drafts.PAGE, form_drafts.FORM)],
        "since": since,
        "now": [_summary(page, one) for one in since.met] if since else [],
    }


def _summary(page: PlanPage, interview: Interview) -> str:
    """Return an interview as it is now in one line."""
    names = {member.pk: str(member.user) for member in page.people}
    there = sorted(names.get(one.membership_id, "") for one in interview.assignments.all())
    people = ", ".join(name for name in there if name) or _("No interviewer assigned")
    when = format_span(interview.starts_at, interview.ends_at, page.schedule.time_zone)
    room = interview.room.name if interview.room else ""
    where = interview.place or way_name(interview.meeting)
    return " · ".join(part for part in (interview.name, when, people, room, where) if part)
