"""The filter of the list of jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from jobs.hooks.usage import schedule_total
from jobs.models import Job, Stage
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
    """Jobs, with `stage_total` and `schedule_total`."""

    q = SearchFilter("search_key", label=_("Search in title and location"), max_length=200)
    state = ChoiceFilter(label=_("State"), choices=Job.State.choices, empty_label=_("All states"))
    order = OrderFilter(COLUMNS, "title")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Annotate the totals: by subqueries, because two joined counts would multiply."""
        stages = Stage.objects.filter(job=OuterRef("pk")).order_by().values("job")
        stage_total = Coalesce(Subquery(stages.annotate(total=Count("pk")).values("total")), 0)
        return super().filter_queryset(queryset.annotate(stage_total=stage_total, schedule_total=schedule_total()))
