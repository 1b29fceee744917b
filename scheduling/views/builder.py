""" "New schedule": candidate, job and stage; then the plan's interviews with people and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from organizations import parameters
from organizations.access import Access, AccessRequest, recruiter_view
from organizations.models import Membership
from organizations.once import once
from organizations.search import found_by
from scheduling.models import Candidate, Schedule
from scheduling.planning import drafts
from scheduling.planning.form_rows import COUNT, ROWS, row_count
from scheduling.planning.form_state import PROPOSED, STAGE, TAKEN, changed, plan_of, resumed, with_defaults
from scheduling.planning.kept_rows import KEPT_ROWS
from scheduling.planning.zone_change import BEFORE, KEEP, KEPT, ZONE, ZoneQuestion, question_of
from scheduling.schedules import services as schedule_services
from scheduling.schedules.forms import NewCandidateForm, ScheduleForm, find_candidate
from scheduling.schedules.interview_forms import InterviewForm
from scheduling.views import problems
from scheduling.views.people import found_people
from scheduling.views.problems import Problem
from scheduling.views.rows import ShownRow, blocks_saving, members_of, overruled, show_rows

CANDIDATES_SHOWN = 8
#: What an address may ask for.
ASKED = ("candidate", "job", "stage")


@dataclass
class Builder:
    """What the page shows: the head, somebody new, and the rows. Made of what was typed, complete or not."""

    head: ScheduleForm
    person: NewCandidateForm
    candidate: Candidate | None
    people: list[Membership]
    zone: str
    rows: list[ShownRow] = field(default_factory=list)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields, in which the page remembers what the rows come from."""
        data = self.head.data
        remembered = [(name, str(data.get(name, ""))) for name in (STAGE, PROPOSED, ZONE, BEFORE, KEPT)]
        taken = (TAKEN, "yes" if data.get(TAKEN) else "")
        kept = data.getlist(KEPT_ROWS) if isinstance(data, QueryDict) else []
        return [*remembered, taken, *((KEPT_ROWS, text) for text in kept)]

    @property
    def zone_question(self) -> ZoneQuestion | None:
        return question_of(self.head.data) if isinstance(self.head.data, QueryDict) else None

    @property
    def problems(self) -> list[Problem]:
        """What keeps it from being saved, in the order of the page. Call after validation."""
        person = problems.of_form(self.person) if self.is_new_person else []
        head = problems.of_form(self.head, targets={"candidate": "candidate-search"})
        names = [_("Interview %(number)s") % {"number": row.index + 1} for row in self.rows]
        return [*head, *person, *problems.of_rows(self.rows, names)]

    @property
    def is_new_person(self) -> bool:
        return self.head.data.get("candidate") == ScheduleForm.NEW

    def is_valid(self) -> bool:
        """Checks all of it, so that every error is shown at once."""
        checks = [self.head.is_valid(), *(row.form.is_valid() for row in self.rows)]
        if self.is_new_person:
            checks.append(self.person.is_valid())
        if not self.rows:
            self.head.add_error(None, _("Add at least one interview."))
            checks.append(False)
        return all(checks) and not blocks_saving(self.rows)


@recruiter_view
@once
def schedule_new(request: AccessRequest) -> HttpResponse:
    """The page; while it is filled in, its parts `form` (after a choice), `conflicts` and `people`; saving.

    `draft` keeps what is typed, `start-over` gives it up.
    """
    part = request.POST.get("part", "")
    if request.method != "POST":
        return _first_page(request)
    if part == "draft":
        drafts.keep(request.access, request.POST)
        return HttpResponse(status=204)
    if part == "start-over":
        drafts.finish(request.access, request.POST)
        return redirect(_address(request))
    if part == "conflicts":
        builder = _build(request.access, request.POST)
        context = _row_context(request, builder) | {"out_of_band": True}
        return render(request, "scheduling/planning/_rows_conflicts.html", context)
    if part == "people":
        builder = _build(request.access, request.POST)
        return found_people(request, builder.people, builder.rows, builder.zone)
    if part == "form":
        builder = _build(request.access, changed(request.access, request.POST, timezone.now()))
        return render(request, "scheduling/planning/builder.html#form", _context(request, builder))
    schedule, builder = _save(request)
    if schedule is None:
        context = _context(request, builder) | {"checked": True, "problems": builder.problems}
        return render(request, "scheduling/planning/builder.html", context, status=422)
    words = ngettext("%(count)d interview is scheduled.", "%(count)d interviews are scheduled.", len(builder.rows))
    messages.success(request, words % {"count": len(builder.rows)})
    return redirect("schedule", organization=request.access.organization.slug, pk=schedule.pk)


def _first_page(request: AccessRequest) -> HttpResponse:
    """As it was left, or with what its address asks for."""
    page = drafts.page_of("schedule-new", request.GET, ASKED)
    draft = drafts.find(request.access, page)
    known = None
    if draft is not None and draft.content:
        data = resumed(request.access, QueryDict(draft.content), timezone.now())
    else:
        data, known = with_defaults(request.access, request.GET, timezone.now())
    data = data.copy()
    data[drafts.PAGE], data[drafts.FORM] = page, uuid4().hex
    builder = _build(request.access, data, known=known)
    return render(request, "scheduling/planning/builder.html", _context(request, builder) | {"draft": draft})


def _address(request: AccessRequest) -> str:
    """The page that was sent, with what its address asked for."""
    asked = request.POST.get(drafts.PAGE, "").partition("?")[2]
    wanted = drafts.page_of("", QueryDict(asked), ASKED)
    return f"{request.path}{wanted}"


@recruiter_view
@require_GET
def candidate_find(request: AccessRequest) -> HttpResponse:
    """Candidates to choose from, by the beginning or any part of name or address; the chosen one stays."""
    chosen = request.GET.get("candidate", "")
    known = find_candidate(request.access, chosen)
    context = _candidates(request.access, request.GET.get("q"), chosen, known)
    return render(request, "scheduling/planning/builder.html#candidates", context)


def _save(request: AccessRequest) -> tuple[Schedule | None, Builder]:
    """Saves what is complete and without open conflicts; else gives back the page's content with the errors."""
    access = request.access
    with transaction.atomic():
        builder = _build(access, request.POST)
        chosen = {person for row in builder.rows for person in row.form.planned("").interviewers}
        schedule_services.lock_people((person for person in builder.people if person.pk in chosen), builder.candidate)
        builder = _build(access, request.POST, checked=True)
        if not builder.is_valid():
            return None, builder
        head = builder.head.cleaned_data
        candidate = builder.candidate
        if candidate is None:
            candidate = builder.person.save(commit=False)
            candidate.job, candidate.stage = head["job"], head["stage"]
            schedule_services.save_candidate(candidate=candidate, actor=access.user)
        schedule = schedule_services.create_schedule(
            organization=access.organization,
            actor=access.user,
            candidate=candidate,
            job=head["job"],
            stage=head["stage"],
            time_zone=head["time_zone"],
            drafts=[row.form.draft(overruled(row)) for row in builder.rows],
        )
        drafts.finish(access, request.POST)
    return schedule, builder


def _build(access: Access, data: QueryDict, *, checked: bool = False, known: Candidate | None = None) -> Builder:
    """All of the page from what was typed; only what is `checked` shows what is missing."""
    head = ScheduleForm(data, access=access, known=known)
    head.is_valid()
    candidate = head.cleaned_data.get("candidate")
    zone = head.cleaned_data.get("time_zone") or access.organization.time_zone
    new = data.get("candidate") == ScheduleForm.NEW
    person = NewCandidateForm(data if new else None, access=access, prefix="new")
    people = members_of(access)
    stage = head.cleaned_data.get("stage")
    plans = {plan.pk: plan for plan in plan_of(access, stage.pk)} if stage else {}
    forms = [
        InterviewForm(data, prefix=f"{ROWS}-{index}", people=people, zone=zone, plans=plans)
        for index in range(row_count(data))
    ]
    typed_person = _typed_person(person) if new else candidate
    rows = show_rows(access, forms, zone, typed_person, checked=checked)
    if not checked:
        head.forget_errors()
        person.forget_errors()
    return Builder(head, person, candidate, people, zone, rows)


def _typed_person(form: NewCandidateForm) -> Candidate | None:
    """Somebody new, as far as the zone goes: enough to say what time it is for them."""
    form.is_valid()
    zone = form.cleaned_data.get("time_zone")
    return Candidate(name=form.cleaned_data.get("name", ""), time_zone=zone) if zone else None


def _row_context(request: AccessRequest, builder: Builder) -> dict[str, Any]:
    return {"rows": builder.rows, "form_address": request.path}


def _context(request: AccessRequest, builder: Builder) -> dict[str, Any]:
    chosen = str(builder.head.data.get("candidate", ""))
    data = builder.head.data
    shown = {"builder": builder, "form": builder.head, "count_name": COUNT, "keep_name": KEEP}
    shown["marks"] = [(name, str(data.get(name, ""))) for name in (drafts.PAGE, drafts.FORM)]
    found = _candidates(request.access, request.POST.get("q"), chosen, builder.candidate)
    return _row_context(request, builder) | shown | found


def _candidates(access: Access, asked: str | None, chosen: str, known: Candidate | None) -> dict[str, Any]:
    """`found`: whom to choose from, the chosen (and `known`) one first; `more`: whether there are others."""
    words = parameters.words(asked)
    match = access.all(Candidate).exclude(pk=known.pk if known else 0)
    match = match.filter(found_by(words, "search_key")).order_by("search_key" if words else "-id", "id")
    others = list(match[: CANDIDATES_SHOWN + 1])
    return {
        "found": [*([known] if known else []), *others[:CANDIDATES_SHOWN]],
        "more": len(others) > CANDIDATES_SHOWN,
        "chosen": chosen,
        "words": words,
    }
