"""The filter of the list of jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from jobs.models import Job
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.lists import Column, Sorts
from organizations.permissions import Permission

COLUMNS = {
    "title": Column(_("Job"), ["search_key"]),
    "state": Column(_("State")),
    "stages": Column(_("Stages"), ["stage_total"], Sorts.BY_NUMBER),
    "schedules": Column(_("Schedules"), ["schedule_total"], Sorts.BY_NUMBER),
    "added": Column(_("Created"), ["created_at"], Sorts.BY_AGE, css="list-late"),
    "actions": Column(_("Actions"), is_named=False, needs=Permission.CHANGE_PLANS),
}


class JobFilter(ListFilter):
    """The jobs need their totals: see `jobs.views`."""

    q = SearchFilter("search_key", label=_("Search in title and location"), max_length=200)
    state = ChoiceFilter(label=_("State"), choices=Job.State.choices, empty_label=_("All states"))
    order = OrderFilter(COLUMNS, "title")
