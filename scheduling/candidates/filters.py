"""The filter of the list of candidates, which the export uses, too."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from organizations.access import AccessRequest
from organizations.filters import ListFilter, OrderFilter, RowFilter, SearchFilter
from organizations.lists import Column, Sorts
from organizations.permissions import Permission
from scheduling.candidates.queries import listed


def jobs_of(request: AccessRequest) -> QuerySet[Job]:
    """The organization's jobs to choose from, by title."""
    return request.access.all(Job).order_by("search_key", "id")


def by_job(then: str = "", *, is_indexed: bool = True) -> Column:
    """The column of jobs and stages, sorted by the age of the job, and `then` by another field: as an index has them.

    By the title, all rows would have to be sorted.
    """
    by = ["job_id", *filter(None, [then])]
    return Column(_("Job and stage"), by, Sorts.BY_AGE, gaps=True, is_indexed=is_indexed)


#: Candidates are added in order of their ids.
COLUMNS = {
    "name": Column(_("Name"), ["search_key"]),
    "email": Column(_("E-mail")),
    "job": by_job(),
    "zone": Column(_("Time zone")),
    "added": Column(_("Added"), ["id"], Sorts.BY_AGE, css="list-late"),
    "actions": Column(_("Actions"), is_named=False, needs=Permission.CHANGE_CANDIDATES),
}


class CandidateFilter(ListFilter):
    q = SearchFilter("search_key", label=_("Search name or e-mail"))
    job = RowFilter(jobs_of, "title", label=_("Job"), empty_label=_("All jobs"))
    order = OrderFilter(COLUMNS, "name")


def filter_candidates(request: AccessRequest) -> CandidateFilter:
    """The filter as it stands in the address, over all of the organization's candidates."""
    return CandidateFilter.of(request, listed(request.access).select_related("job", "stage"))
