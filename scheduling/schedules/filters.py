"""Filters of the list of schedules: the search, the tab and the order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from jobs.models import Job, Stage
from organizations.access import AccessRequest
from organizations.filters import DayFilter, ListFilter, OrderFilter, Orders, RowFilter
from organizations.parameters import row_id
from organizations.search import found_by
from scheduling.availability.local_time import day_starts
from scheduling.candidates.filters import jobs_of
from scheduling.models import Candidate, Schedule, ShownState
from scheduling.models.schedule_states import in_state
from scheduling.schedules.queries import TimeFields, times_for


class Tab(models.TextChoices):
    """The three parts of the list of schedules."""

    UPCOMING = "upcoming", _("Upcoming")
    PAST = "past", _("Past")
    CANCELLED = "cancelled", _("Cancelled")


#: The tab on which schedules of a state stand.
TAB_OF: dict[str, Tab] = {
    ShownState.SCHEDULED: Tab.UPCOMING,
    ShownState.IN_PROGRESS: Tab.UPCOMING,
    ShownState.DONE: Tab.PAST,
    ShownState.CANCELLED: Tab.CANCELLED,
}


def stages_of_job(request: AccessRequest) -> QuerySet[Stage]:
    """The stages of the job that is chosen; none while none is."""
    job = row_id(request.GET.get("job"))
    return request.access.all(Stage).filter(job_id=job).order_by("position", "id") if job else Stage.objects.none()


class ScheduleFilter(ListFilter):
    """The list of schedules. A chosen state decides on the tab, else `show` does."""

    q = CharFilter(label=_("Search candidate or job"), method="named", max_length=100)
    job = RowFilter(jobs_of, label=_("Job"), empty_label=_("All jobs"))
    stage = RowFilter(stages_of_job, label=_("Stage"), empty_label=_("All stages"))
    state = ChoiceFilter(label=_("State"), choices=ShownState.choices, empty_label=_("All states"))
    day_from = DayFilter(_("From"), "since")
    day_until = DayFilter(_("Until"), "until")
    order = OrderFilter({"": ("", ())}, label=_("Order"))
    show = ChoiceFilter(label="", choices=Tab.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now: datetime = timezone.now()
        self.times: TimeFields = times_for(self.request.access)
        order = self.filters["order"]
        assert isinstance(order, OrderFilter)  # noqa: S101
        order.take(self._orders())

    def _orders(self) -> Orders:
        """The orders to choose from. Schedules without a time come last in both directions, on every database."""
        at = F(self.times.at)
        soonest = _("Soonest first"), (at.asc(nulls_last=True), "id")
        latest = _("Latest first"), (at.desc(nulls_last=True), "-id")
        first = {"": soonest, "latest": latest} if self.tab == Tab.UPCOMING else {"": latest, "soonest": soonest}
        return first | {
            "candidate": (_("Candidate, A to Z"), ("candidate__search_key", "id")),
            "made": (_("Newest schedule first"), ("-id",)),
        }

    @property
    def tab(self) -> Tab:
        if tab := TAB_OF.get(self.request.GET.get("state", "")):
            return tab
        asked = self.request.GET.get("show", "")
        return Tab(asked) if asked in Tab.values else Tab.UPCOMING

    def named(self, rows: QuerySet[Schedule], _name: str, words: str) -> QuerySet[Schedule]:
        # Of the whole organization: `rows` are those that the reader may see.
        access, found = self.request.access, found_by(words, "search_key")
        people, jobs = access.whole(Candidate).filter(found), access.whole(Job).filter(found)
        return rows.filter(Q(candidate__in=people.values("pk")) | Q(job__in=jobs.values("pk")))

    def since(self, rows: QuerySet[Schedule], _name: str, day: date) -> QuerySet[Schedule]:
        return rows.filter(**{f"{self.times.at}__gte": day_starts(day, self.request.access.user.time_zone)})

    def until(self, rows: QuerySet[Schedule], _name: str, day: date) -> QuerySet[Schedule]:
        after = day_starts(day + timedelta(days=1), self.request.access.user.time_zone)
        return rows.filter(**{f"{self.times.at}__lt": after})

    @cached_property
    def found(self) -> QuerySet[Schedule]:
        """The schedules that were searched for, in any state."""
        return self.filtered(self.queryset, "q", "job", "stage", "day_from", "day_until")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - django-filter's signature
        """The part of what was searched for that the chosen state shows, or the tab."""
        return self.filtered(self.found.filter(self._shown()), "order")

    def _shown(self) -> Q:
        if state := self.form.cleaned_data.get("state"):
            return self._in_state(ShownState(state))
        return self._part(self.tab)

    def _part(self, tab: Tab) -> Q:
        if tab == Tab.CANCELLED:
            return self.times.cancelled
        return self._in_state(ShownState.DONE) if tab == Tab.PAST else self.times.upcoming(self.now)

    def _in_state(self, state: ShownState) -> Q:
        times = self.times
        return in_state(state, self.now, cancelled=times.cancelled, starts=times.starts, ends=times.ends)

    def elsewhere(self) -> list[Tab]:
        """The other tabs on which something of what was searched for stands."""
        return [tab for tab in Tab if tab != self.tab and self.found.filter(self._part(tab)).exists()]
