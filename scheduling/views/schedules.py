"""The list of schedules, and one schedule's "Details"."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from jobs.models import Job
from organizations.access import Access, AccessRequest, any_member_view, recruiter_view
from scheduling import actions
from scheduling.forms import ScheduleFilterForm
from scheduling.interview_forms import WhyForm
from scheduling.link_outcome import Progress, ShownFeedback, feedback, progress
from scheduling.link_rows import LinkRow, link_rows
from scheduling.link_words import LinkView
from scheduling.messages import who_expects
from scheduling.models import Candidate, Interview, MessageState, Schedule, Seat
from scheduling.models.reasons import reasons_of
from scheduling.times import day_starts, span, start
from scheduling.views.frame import find_schedule, schedule_context, visible_interviews, visible_schedules

PAGE_SIZE = 50


@dataclass
class ListedSchedule:
    """One line of the list, with the interviews' links."""

    schedule: Schedule
    links: list[LinkRow]
    when: str

    @property
    def link_states(self) -> list[tuple[LinkView, int]]:
        """Each state once, and how many of the links are in it, in the order of the interviews."""
        views = {row.view.word: row.view for row in self.links}
        counts = Counter(row.view.word for row in self.links)
        return [(view, counts[word]) for word, view in views.items()]


@dataclass
class ShownTime:
    """A time as the clocks somewhere show it. `whose` says why it is shown."""

    text: str
    zone: str
    whose: str = ""


@dataclass
class ShownInterview:
    """One interview of "Details". `is_mine`: the reader interviews in it, and has a join link of their own."""

    link_row: LinkRow
    times: list[ShownTime]
    people: list[Seat]
    is_mine: bool
    progress: Progress | None
    feedback: list[ShownFeedback]

    @property
    def interview(self) -> Interview:
        return self.link_row.interview

    @property
    def place_is_address(self) -> bool:
        return self.interview.place.startswith(("https://", "http://"))


@any_member_view
def schedules(request: AccessRequest) -> HttpResponse:
    """The list: searched, narrowed and ordered. An interviewer finds the schedules in which they sit."""
    access = request.access
    form = ScheduleFilterForm(request.GET, access=access)
    form.is_valid()
    rows = _narrowed(visible_schedules(access), access, form.cleaned_data)
    rows = rows.order_by(*ScheduleFilterForm.ORDERS.get(form.cleaned_data.get("order") or "", ("-id",)))
    page = Paginator(rows.select_related("candidate", "job", "stage"), PAGE_SIZE).get_page(request.GET.get("page"))
    listed = listed_schedules(access, list(page.object_list))
    return render(request, "scheduling/schedules.html", {"form": form, "page": page, "listed": listed})


@any_member_view
def schedule(request: AccessRequest, pk: int) -> HttpResponse:
    """The tab "Details"; an interviewer finds only their own interviews here. Its part `details` refreshes itself."""
    context = details_context(request, pk)
    part = "#details" if request.htmx and request.GET.get("part") == "details" else ""
    return render(request, f"scheduling/schedule.html{part}", context)


@recruiter_view
def schedule_cancel(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that cancels all of it."""
    row = find_schedule(request.access, pk)
    form = WhyForm(request.POST or None, reasons=reasons_of(request.access.organization))
    if request.method == "POST" and form.is_valid():
        actions.cancel_schedule(schedule=row, actor=request.user, why=form.why())
        messages.success(request, _("The schedule is cancelled."))
        return _leave(request, "schedule", pk=row.pk)
    context = {"schedule": row, "form": form, "shown": link_rows(_due(row), request.access)}
    status = 422 if form.is_bound else 200
    return render(request, "scheduling/schedule_cancel.html", context, status=status)


@recruiter_view
def schedule_delete(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that deletes a schedule for good, unless there are people who still expect it."""
    row = find_schedule(request.access, pk)
    expected = who_expects(Schedule.objects.filter(pk=row.pk)).get(row.pk, [])
    status = 200
    if request.method == "POST":
        try:
            actions.delete_schedule(schedule=row, actor=request.user, untold=request.POST.get("untold") == "on")
        except actions.StillExpected as refusal:
            expected, status = refusal.names, 422
        else:
            messages.success(request, _("The schedule is deleted."))
            return _leave(request, "schedules")
    shown = link_rows(visible_interviews(request.access, row), request.access)
    context = {"schedule": row, "shown": shown, "expected": expected, "refused": status == 422}
    return render(request, "scheduling/schedule_delete.html", context, status=status)


def details_context(request: AccessRequest, pk: int) -> dict[str, Any]:
    """What "Details" shows: `shown` interviews, and whether something is `busy` and worth asking for again."""
    context = schedule_context(request, pk)
    row: Schedule = context["schedule"]
    seats = Seat.objects.select_related("membership__user").order_by("membership__user__name", "id")
    interviews = visible_interviews(request.access, row).prefetch_related(Prefetch("seats", seats))
    shown = [_shown(request, row, link_row) for link_row in link_rows(interviews, request.access)]
    unsent = row.messages.filter(state=MessageState.DRAFT).count() if request.access.is_recruiter else 0
    return context | {"shown": shown, "busy": any(one.link_row.busy for one in shown), "unsent": unsent}


def _shown(request: AccessRequest, row: Schedule, link_row: LinkRow) -> ShownInterview:
    """Reads the interview's seats. Feedback is for recruiters and for the interview's own interviewers."""
    access, people = request.access, list(link_row.interview.seats.all())
    is_mine = access.membership.pk in {seat.membership_id for seat in people}
    return ShownInterview(
        link_row,
        _times(request, row, link_row.interview),
        people,
        is_mine,
        progress(link_row.link, access.user.time_zone),
        feedback(link_row.all_links) if is_mine or access.is_recruiter else [],
    )


def _leave(request: AccessRequest, name: str, **kwargs: int) -> HttpResponse:
    """Leads the whole page elsewhere, from within a dialog."""
    return HttpResponseClientRedirect(reverse(name, args=[request.access.organization.slug, *kwargs.values()]))


def _due(row: Schedule) -> QuerySet[Interview]:
    return row.interviews.filter(state=Interview.State.SCHEDULED).order_by("starts_at", "id")


def _times(request: AccessRequest, row: Schedule, interview: Interview) -> list[ShownTime]:
    """In the reader's zone first; then where clocks show something else: the schedule's, the candidate's."""
    mine = request.user.time_zone
    times = [ShownTime(span(interview.starts_at, interview.ends_at, mine), mine)]
    for zone, whose in ((row.candidate.time_zone, _("candidate")), (row.time_zone, _("schedule"))):
        text = span(interview.starts_at, interview.ends_at, zone)
        if text not in [one.text for one in times]:
            times.append(ShownTime(text, zone, whose))
    return times


def _narrowed(rows: QuerySet[Schedule], access: Access, asked: dict[str, Any]) -> QuerySet[Schedule]:
    if words := (asked.get("q") or "").strip():
        people = access.all(Candidate).filter(Q(name__icontains=words) | Q(email__icontains=words))
        jobs = access.all(Job).filter(title__icontains=words)
        rows = rows.filter(Q(candidate__in=people.values("pk")) | Q(job__in=jobs.values("pk")))
    for name in ("job", "stage", "state"):
        if value := asked.get(name):
            rows = rows.filter(**{name: value})
    zone = access.user.time_zone
    if first := asked.get("day_from"):
        rows = rows.filter(first_starts_at__gte=day_starts(first, zone))
    if last := asked.get("day_until"):
        rows = rows.filter(first_starts_at__lt=day_starts(last + timedelta(days=1), zone))
    return rows


def listed_schedules(access: Access, rows: list[Schedule]) -> list[ListedSchedule]:
    """The lines of one page, with their links in two more queries."""
    interviews = access.all(Interview).filter(schedule__in=rows).order_by("starts_at", "position", "id")
    if not access.is_recruiter:
        interviews = interviews.filter(pk__in=Seat.objects.filter(membership=access.membership).values("interview"))
    links: dict[int, list[LinkRow]] = defaultdict(list)
    for link_row in link_rows(interviews, access):
        if link_row.link is not None:
            links[link_row.interview.schedule_id].append(link_row)
    zone = access.user.time_zone
    return [
        ListedSchedule(row, links[row.pk], start(row.first_starts_at, zone) if row.first_starts_at else "")
        for row in rows
    ]
