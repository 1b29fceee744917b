"""The filter of the list of candidates, which the export uses, too."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from organizations.access import AccessRequest
from organizations.filters import ListFilter, OrderFilter, RowFilter, SearchFilter
from scheduling.candidates.queries import listed


def jobs_of(request: AccessRequest) -> QuerySet[Job]:
    """The organization's jobs to choose from, by title."""
    return request.access.all(Job).order_by("search_key", "id")


class CandidateFilter(ListFilter):
    q = SearchFilter("search_key", label=_("Search name or e-mail"))
    job = RowFilter(jobs_of, label=_("Job"), empty_label=_("All jobs"))
    order = OrderFilter(
        {"": (_("Name, A to Z"), ("search_key", "id")), "added": (_("Newest first"), ("-id",))}, label=_("Order")
    )


def filter_candidates(request: AccessRequest) -> CandidateFilter:
    """The filter as it stands in the address, over all of the organization's candidates."""
    return CandidateFilter.of(request, listed(request.access).select_related("job", "stage"))
