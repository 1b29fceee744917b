"""Filters of the list of schedules: the search, the tab and the order."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from jobs.models import Job, Stage
from organizations import search
from organizations.access import AccessRequest
from organizations.filters import DayFilter, ListFilter, OrderFilter, RowFilter
from organizations.lists import Column, Columns, Sorts
from organizations.parameters import row_id
from organizations.permissions import Permission
from organizations.search import found_by
from scheduling.availability.local_time import day_starts
from scheduling.candidates.filters import by_job, jobs_of
from scheduling.models import Schedule, ShownState
from scheduling.models.schedule_states import in_state
from scheduling.schedules.queries import TimeFields, is_named, named, times_for


class Tab(models.TextChoices):
    """The parts of the list of schedules. Drafts are forms of the reader's own that are not saved yet."""

    UPCOMING = "upcoming", _("Upcoming")
    PAST = "past", _("Past")
    CANCELLED = "cancelled", _("Cancelled")
    DRAFTS = "drafts", _("Drafts")


#: The tab on which schedules of a state stand.
TAB_OF: dict[str, Tab] = {
    ShownState.SCHEDULED: Tab.UPCOMING,
    ShownState.IN_PROGRESS: Tab.UPCOMING,
    ShownState.DONE: Tab.PAST,
    ShownState.CANCELLED: Tab.CANCELLED,
}


_SEARCHED = ("q", "job", "stage", "made_by", "day_from", "day_until")


def stages_of_job(request: AccessRequest) -> QuerySet[Stage]:
    """The stages of the job that is chosen; none while none is."""
    job = row_id(request.GET.get("job"))
    return request.access.all(Stage).filter(job_id=job).order_by("position", "id") if job else Stage.objects.none()


#: A draft is on a tab of its own: none of the other filters finds it.
STATES = [choice for choice in ShownState.choices if choice[0] != ShownState.DRAFT]


class ScheduleFilter(ListFilter):
    """The list of schedules. A chosen state decides on the tab, else `show` does."""

    q = CharFilter(label=_("Search candidate or job"), method="named", max_length=100)
    job = RowFilter(jobs_of, "title", label=_("Job"), empty_label=_("All jobs"))
    stage = RowFilter(stages_of_job, "name", label=_("Stage"), empty_label=_("All stages"))
    state = ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("All states"))
    made_by = ChoiceFilter(
        label=_("Scheduled by"), choices=[("me", _("Me"))], empty_label=_("Anyone"), method="of_member"
    )
    day_from = DayFilter(_("From"), "since")
    day_until = DayFilter(_("Until"), "until")
    order = OrderFilter({"at": Column("", ["id"])}, "at")
    show = ChoiceFilter(label="", choices=Tab.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times: TimeFields = times_for(self.request.access)
        if not self.request.access.may.change_schedules:
            del self.filters["made_by"]  # they never scheduled anything
        if not row_id(self.request.GET.get("job")):
            del self.filters["stage"]
        if self.tab == Tab.UPCOMING and self.times.is_indexed:
            self.has_many = False  # compared with all that is over, which would be looked through for them
        order = self.filters["order"]
        assert isinstance(order, OrderFilter)  # noqa: S101
        order.take(self._columns(), "at" if self.tab == Tab.UPCOMING else "-at")

    def _columns(self) -> Columns:
        """The columns for this reader.

        Schedules in progress come first among those to come: the column shows their next interview, while the order
        is by the first one, for which there is an index.
        """
        may, along = self.request.access.may, "candidate" if self.times.is_indexed else ""
        if not may.see_schedules:
            at = _("Your interview")
        else:
            at = _("Next interview") if self.tab == Tab.UPCOMING else _("First interview")
        return {
            "candidate": Column(_("Candidate"), ["candidate__search_key", "candidate_id"], along=along),
            "job": by_job(self.times.at, is_indexed=self.times.is_indexed),
            # Where rows are found by their beginning, each has one: the index has them in this order.
            "at": Column(at, [self.times.at], Sorts.BY_TIME, gaps=self.has_gaps),
            "links": Column(_("Links")),
            "messages": Column(_("Messages"), needs=Permission.SEE_SCHEDULES),
            "state": Column(_("State")),
            "actions": Column(_("Actions"), is_named=False, needs=Permission.CHANGE_SCHEDULES),
        }

    @property
    def tab(self) -> Tab:
        if tab := TAB_OF.get(self.request.GET.get("state", "")):
            return tab
        asked = self.request.GET.get("show", "")
        if asked not in Tab.values or (asked == Tab.DRAFTS and not self.request.access.may.change_schedules):
            return Tab.UPCOMING
        return Tab(asked)

    @property
    def has_gaps(self) -> bool:
        """Whether a row may have no time: only one without any interview, or without one of the reader's."""
        return self.tab == Tab.CANCELLED or not self.times.is_indexed

    def named(self, rows: QuerySet[Schedule], _name: str, words: str) -> QuerySet[Schedule]:
        if not self.times.is_indexed:
            return rows.filter(is_named(words))  # a member's own, which are few
        are_few = self.has_many is False  # all that are to come: they are looked through sooner than a thousand names
        ids = named(self.request.access, words, search.SUGGESTED if are_few else None)
        if ids is not None:
            return self.few(rows.filter(pk__in=ids))
        if are_few:
            return rows.filter(is_named(words))
        self.is_counted = False
        if self.has_many is None and not self._is_narrowed():
            self.has_many = True
        # Candidates who are called so, and all others only where a job is.
        jobs = self.request.access.all(Job).filter(found_by(words, "search_key"))
        self.related = found_by(words, "search_key") | Q(Exists(jobs))
        return rows.filter(is_named(words))

    def _is_narrowed(self) -> bool:
        """Whether anything but words is searched for."""
        return any(self.form.cleaned_data.get(name) for name in _SEARCHED if name != "q")

    def of_member(self, rows: QuerySet[Schedule], _name: str, _me: str) -> QuerySet[Schedule]:
        return rows.filter(created_by=self.request.access.user)

    def since(self, rows: QuerySet[Schedule], _name: str, day: date) -> QuerySet[Schedule]:
        return rows.filter(**{f"{self.times.at}__gte": day_starts(day, self.request.access.user.time_zone)})

    def until(self, rows: QuerySet[Schedule], _name: str, day: date) -> QuerySet[Schedule]:
        after = day_starts(day + timedelta(days=1), self.request.access.user.time_zone)
        return rows.filter(**{f"{self.times.at}__lt": after})

    @cached_property
    def found(self) -> QuerySet[Schedule]:
        """The schedules that were searched for, in any state."""
        return self.filtered(self.queryset, *(name for name in _SEARCHED if name in self.filters))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - django-filter's signature
        """The part of what was searched for that the chosen state shows, or the tab."""
        return self.filtered(self.found.filter(self._shown()), "order")

    def _shown(self) -> Q:
        if state := self.form.cleaned_data.get("state"):
            return self._in_state(ShownState(state))
        return self._part(self.tab)

    def _part(self, tab: Tab) -> Q:
        if tab == Tab.DRAFTS:
            return self._in_state(ShownState.DRAFT)
        if tab == Tab.CANCELLED:
            return self.times.cancelled
        if tab == Tab.PAST:
            return self._in_state(ShownState.DONE)
        return self.times.upcoming(self.now) & self._near(ShownState.SCHEDULED)

    def _in_state(self, state: ShownState) -> Q:
        times = self.times
        found = in_state(state, self.now, cancelled=times.cancelled, starts=times.starts, ends=times.ends)
        return found & self._near(state)

    def _near(self, state: ShownState) -> Q:
        return self.times.near(state, self.now, self.request.access.all(Schedule))

    def elsewhere(self) -> list[Tab]:
        """The other tabs on which something of what was searched for stands."""
        return [tab for tab in Tab if tab != self.tab and self.found.filter(self._part(tab)).exists()]
