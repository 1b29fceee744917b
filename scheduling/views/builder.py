""" "New schedule": candidate, job and stage; then the plan's interviews with people and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from integrations.connections import connected_tool
from integrations.registry import tool_name
from jobs.models import Stage
from organizations import parameters
from organizations.access import Access, AccessRequest, allowed
from organizations.models import Membership
from organizations.once import once
from organizations.permissions import Permission
from organizations.row_choices import OPTIONS, answer_options
from organizations.search import suggested
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.local_time import CLOCK_FORMAT
from scheduling.candidates.forms import find_candidate
from scheduling.candidates.queries import listed
from scheduling.models import Candidate
from scheduling.planning import booking, form_drafts
from scheduling.planning.booking import Booked, Undecided
from scheduling.planning.form_rows import ROW_COUNT, ROWS, row_count
from scheduling.planning.form_state import (
    JOB_FROM_CANDIDATE,
    PROPOSED,
    ROWS_STAGE,
    changed,
    plan_of,
    resumed,
    with_defaults,
)
from scheduling.planning.kept_rows import KEPT_ROWS
from scheduling.planning.zone_change import BEFORE, KEEP, KEPT, ZONE, ZoneQuestion, question_of
from scheduling.schedules.forms import NewCandidateForm, ScheduleForm
from scheduling.schedules.interview_forms import InterviewForm
from scheduling.views import problems
from scheduling.views.people import found_people
from scheduling.views.problems import FormProblem
from scheduling.views.room_choice import found_rooms
from scheduling.views.rows import InterviewForms, members_of, rooms_for, ways_of
from scheduling.views.shown_rows import ShownRow

CANDIDATES_SHOWN = 8
#: The hidden field that says whether candidate, job and stage are being changed.
CHOICE = "choice"
#: Rows that an address may name.
ASKED = ("candidate", "job", "stage")


@dataclass
class Builder:
    """The content of the page: the head, a new candidate, and the interviews. Made of the fields, complete or not."""

    head: ScheduleForm
    person: NewCandidateForm
    candidate: Candidate | None
    people: list[Membership]
    interviews: InterviewForms
    rows: list[ShownRow] = field(default_factory=list)
    #: Names of the coding tools that the rows ask for, and whether each is connected.
    tools: dict[str, bool] = field(default_factory=dict)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields, in which the page remembers where the rows come from."""
        data = self.head.data
        remembered = [(name, str(data.get(name, ""))) for name in (ROWS_STAGE, PROPOSED, ZONE, BEFORE, KEPT, CHOICE)]
        from_candidate = (JOB_FROM_CANDIDATE, "yes" if data.get(JOB_FROM_CANDIDATE) else "")
        kept = data.getlist(KEPT_ROWS) if isinstance(data, QueryDict) else []
        return [*remembered, from_candidate, *((KEPT_ROWS, text) for text in kept)]

    @property
    def zone_question(self) -> ZoneQuestion | None:
        return question_of(self.head.data) if isinstance(self.head.data, QueryDict) else None

    @property
    def problems(self) -> list[FormProblem]:
        """The problems that keep it from being saved, in the order of the page. Call after `is_complete` and `show`."""
        person = problems.of_form(self.person) if self.is_new_person else []
        head = problems.of_form(self.head, targets={"candidate": "candidate-search"})
        names = [row.title for row in self.rows]
        return [*head, *person, *problems.of_rows(self.rows, names)]

    @property
    def is_new_person(self) -> bool:
        return self.head.data.get("candidate") == ScheduleForm.NEW

    @property
    def stage(self) -> Stage | None:
        chosen: Stage | None = getattr(self.head, "cleaned_data", {}).get("stage")
        return chosen

    @property
    def is_chosen(self) -> bool:
        """Whether candidate, job and stage are known, so that one line shows them."""
        return self.candidate is not None and self.stage is not None

    @property
    def is_choosing(self) -> bool:
        """Whether the fields of candidate, job and stage are shown."""
        return not self.is_chosen or bool(self.head.data.get(CHOICE)) or bool(self.head.errors)

    @property
    def zone(self) -> str:
        return self.interviews.zone

    @property
    def duration(self) -> str:
        """How long all interviews take, such as `3 h 45 min`; breaks are not counted."""
        lengths = (form.cleaned_data.get("minutes") or 0 for form in self.interviews.forms)
        hours, minutes = divmod(sum(lengths), 60)
        if not hours:
            return _("%(minutes)s min") % {"minutes": minutes} if minutes else ""
        values = {"hours": hours, "minutes": minutes}
        return _("%(hours)s h %(minutes)s min") % values if minutes else _("%(hours)s h") % values

    @property
    def conflicts(self) -> list[str]:
        """Ids of where each row's conflicts are decided, in order."""
        return [target for row in self.rows if (target := row.first_open_conflict)]

    @property
    def open_conflicts(self) -> int:
        return sum(row.open_conflicts for row in self.rows)

    @property
    def links_coming(self) -> int:
        """How many coding links saving asks for."""
        return sum(self.tools.get(row.tool, False) for row in self.rows)

    @property
    def links_missing(self) -> dict[str, Any] | None:
        """The number of links that can't be made, and the tool that isn't connected. None where there are none."""
        missing = [row.tool for row in self.rows if row.tool and not self.tools.get(row.tool)]
        return {"count": len(missing), "tool": missing[0]} if missing else None

    def is_complete(self) -> bool:
        """Check everything, so that all errors are shown at once, and return whether it can be booked."""
        checks = [self.head.is_valid(), self.interviews.is_complete()]
        if self.is_new_person:
            checks.append(self.person.is_valid())
        if not self.interviews.forms:
            self.head.add_error(None, _("Add at least one interview."))
            checks.append(False)
        return all(checks)

    def show(self, access: Access, *, found: Sequence[Conflict] | None = None, checked: bool = False) -> None:
        """Fill `rows`, with the conflicts `found`, or as of now. Only `checked` shows which fields are missing."""
        self.rows = self.interviews.shown(access, found=found, checked=checked)
        kinds = {row.form.asked_tool for row in self.rows} - {""}
        self.tools = {tool_name(kind): connected_tool(access, kind) is not None for kind in kinds}
        if not checked:
            self.head.forget_errors()
            self.person.forget_errors()

    def book(self, access: Access) -> Booked | Undecided:
        """Book what is complete. Raises booking.Missing."""
        head, candidate = self.head.cleaned_data, self.candidate
        if candidate is None:
            candidate = self.person.save(commit=False)
            candidate.job, candidate.stage = head["job"], head["stage"]
        return booking.book_schedule(
            access=access,
            candidate=candidate,
            job=head["job"],
            stage=head["stage"],
            time_zone=head["time_zone"],
            bookings=self.interviews.bookings(),
        )


@allowed(Permission.CHANGE_SCHEDULES)
@once
def schedule_new(request: AccessRequest) -> HttpResponse:
    """Show the page; while it is filled in, its parts `form` (after a choice), `conflicts` and `people`; save it.

    `draft` keeps the fields, `start-over` discards them.
    """
    if request.method != "POST":
        return _first_page(request)
    answer = _PARTS.get(request.POST.get("part", ""), _save)
    return answer(request)


def _keep_draft(request: AccessRequest) -> HttpResponse:
    form_drafts.keep(request.access, request.POST)
    return HttpResponse(status=204, headers={"Saved-At": saved_clock(timezone.now())})


def saved_clock(at: datetime) -> str:
    """Return `10:51`, where the reader is, with the day where it is not today."""
    local = timezone.localtime(at)
    return date_format(local, CLOCK_FORMAT if local.date() == timezone.localdate() else "SHORT_DAY_TIME_FORMAT")


def _start_over(request: AccessRequest) -> HttpResponse:
    form_drafts.finish(request.access, request.POST)
    return redirect(_address(request))


def _conflicts(request: AccessRequest) -> HttpResponse:
    builder = _build(request.access, request.POST)
    context = _row_context(request, builder) | {"builder": builder, "out_of_band": True}
    return render(request, "scheduling/planning/_rows_conflicts.html", context)


def _people(request: AccessRequest) -> HttpResponse:
    builder = _build(request.access, request.POST)
    return found_people(request, builder.people, builder.rows, builder.interviews.zone)


def _rooms(request: AccessRequest) -> HttpResponse:
    builder = _build(request.access, request.POST)
    return found_rooms(request, builder.rows, builder.interviews.zone)


def _redrawn(request: AccessRequest) -> HttpResponse:
    builder = _build(request.access, changed(request.access, request.POST, timezone.now()))
    return render(request, "scheduling/planning/builder.html#form", _context(request, builder))


_PARTS: dict[str, Callable[[AccessRequest], HttpResponse]] = {
    "draft": _keep_draft,
    "start-over": _start_over,
    "conflicts": _conflicts,
    "people": _people,
    "rooms": _rooms,
    "form": _redrawn,
}


def _save(request: AccessRequest) -> HttpResponse:
    """Book what is complete and without open conflicts; else draw the page with the errors."""
    builder = _read(request.access, request.POST)
    try:
        result = builder.book(request.access) if builder.is_complete() else None
    except booking.Missing:
        # Somebody deleted a chosen row just now: read anew, the form says which.
        request.access.memo.clear()
        builder, result = _read(request.access, request.POST), None
        builder.is_complete()
    if isinstance(result, Booked):
        form_drafts.finish(request.access, request.POST)
        count = len(result.interviews)
        message = ngettext("%(count)d interview scheduled.", "%(count)d interviews scheduled.", count)
        messages.success(request, message % {"count": count})
        return redirect("schedule", organization=request.access.organization.slug, pk=result.schedule.pk)
    builder.show(request.access, found=result.found if result else None, checked=True)
    context = _context(request, builder) | {"checked": True, "problems": builder.problems}
    return render(request, "scheduling/planning/builder.html", context, status=422)


def _first_page(request: AccessRequest) -> HttpResponse:
    """Show the page as it was left, or with the rows that its address names."""
    if OPTIONS in request.GET and (answer := answer_options(request, ScheduleForm(request.GET, access=request.access))):
        return answer
    page = form_drafts.page_of("schedule-new", request.GET, ASKED)
    draft = form_drafts.find(request.access, page)
    known = None
    if draft is not None and draft.content:
        data = resumed(request.access, QueryDict(draft.content), timezone.now())
    else:
        data, known = with_defaults(request.access, request.GET, timezone.now())
    data = data.copy()
    data[form_drafts.PAGE], data[form_drafts.FORM] = page, uuid4().hex
    builder = _build(request.access, data, known=known, proposes=False)
    saved_at = saved_clock(draft.updated_at) if draft is not None and draft.content else ""
    context = _context(request, builder) | {"draft": draft, "saved_at": saved_at}
    return render(request, "scheduling/planning/builder.html", context)


def _address(request: AccessRequest) -> str:
    """Return the address of the page that was sent, with the rows that it named."""
    asked = request.POST.get(form_drafts.PAGE, "").partition("?")[2]
    wanted = form_drafts.page_of("", QueryDict(asked), ASKED)
    return f"{request.path}{wanted}"


@allowed(Permission.CHANGE_SCHEDULES)
@require_GET
def candidate_find(request: AccessRequest) -> HttpResponse:
    """Show candidates to choose from, by any part of name or address; the chosen one stays."""
    chosen = request.GET.get("candidate", "")
    known = find_candidate(request.access, chosen)
    context = _candidates(request.access, request.GET.get("q"), chosen, known)
    return render(request, "scheduling/planning/_choice.html#candidates", context)


def _build(access: Access, data: QueryDict, *, known: Candidate | None = None, proposes: bool = True) -> Builder:
    """Return the content of the page while it is filled in, with its conflicts as of now."""
    builder = _read(access, data, known=known)
    builder.interviews = replace(builder.interviews, proposes=proposes)
    builder.show(access)
    return builder


def _read(access: Access, data: QueryDict, *, known: Candidate | None = None) -> Builder:
    """Return the content of the page from its fields, without its rows. `known`: the candidate, where read already."""
    head = ScheduleForm(data, access=access, known=known)
    head.is_valid()
    candidate = head.cleaned_data.get("candidate")
    zone = head.cleaned_data.get("time_zone") or access.organization.time_zone
    new = data.get("candidate") == ScheduleForm.NEW
    person = NewCandidateForm(data if new else None, access=access, prefix="new")
    people = members_of(access)
    rooms = rooms_for(access, people)
    ways = ways_of(people)
    stage = head.cleaned_data.get("stage")
    plans = {plan.pk: plan for plan in plan_of(access, stage.pk)} if stage else {}
    forms = [
        InterviewForm(data, prefix=f"{ROWS}-{index}", people=people, rooms=rooms, zone=zone, plans=plans, ways=ways)
        for index in range(row_count(data))
    ]
    interviews = InterviewForms(forms, zone, _new_candidate(person) if new else candidate)
    return Builder(head, person, candidate, people, interviews)


def _new_candidate(form: NewCandidateForm) -> Candidate | None:
    """Return a new candidate with name and zone, enough to show the time there. None without a zone."""
    form.is_valid()
    zone = form.cleaned_data.get("time_zone")
    return Candidate(name=form.cleaned_data.get("name", ""), time_zone=zone) if zone else None


def _row_context(request: AccessRequest, builder: Builder) -> dict[str, Any]:
    return {"rows": builder.rows, "form_address": request.path, "has_lines": True}


def _context(request: AccessRequest, builder: Builder) -> dict[str, Any]:
    chosen = str(builder.head.data.get("candidate", ""))
    data = builder.head.data
    shown = {"builder": builder, "form": builder.head, "count_name": ROW_COUNT, "keep_name": KEEP}
    shown["marks"] = [(name, str(data.get(name, ""))) for name in (form_drafts.PAGE, form_drafts.FORM)]
    found = _candidates(request.access, request.POST.get("q"), chosen, builder.candidate)
    return _row_context(request, builder) | shown | found


def _candidates(access: Access, asked: str | None, chosen: str, known: Candidate | None) -> dict[str, Any]:
    """Return `found`: candidates to choose from, the `known` one first; `more`: whether there are others."""
    words = parameters.short_text(asked)
    match = listed(access).exclude(pk=known.pk if known else 0)
    match = suggested(match, words, organization=access.organization.pk)
    match = match.order_by("search_key", "id") if words else match.order_by("-id")
    others = list(match[: CANDIDATES_SHOWN + 1])
    return {
        "found": [*([known] if known else []), *others[:CANDIDATES_SHOWN]],
        "more": len(others) > CANDIDATES_SHOWN,
        "chosen": chosen,
        "words": words,
    }
