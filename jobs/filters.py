"""The filter of the list of jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from jobs.models import Job
from organizations.filters import ListFilter, OrderFilter, SearchFilter


class JobFilter(ListFilter):
    """The jobs need their totals: see `jobs.views`."""

    q = SearchFilter("search_key", label=_("Search in title and location"), max_length=200)
    state = ChoiceFilter(label=_("State"), choices=Job.State.choices, empty_label=_("All states"))
    order = OrderFilter(
        {
            "title": (_("Title, A to Z"), ("search_key", "id")),
            "newest": (_("Newest first"), ("-created_at", "-id")),
            "schedules": (_("Most schedules"), ("-schedule_total", "search_key", "id")),
        },
        label=_("Order"),
    )
