"""Download candidates as CSV: an example to fill in, and the export."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.models import Job, Stage
from organizations import limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.audit import record
from organizations.parameters import row_ids
from organizations.permissions import Permission
from scheduling.candidates.filters import filter_candidates
from scheduling.candidates.import_csv import write
from scheduling.models import Candidate
from scheduling.schedules.selected import MOST


@allowed(Permission.MANAGE_CANDIDATES)
@require_safe
def import_example(request: AccessRequest) -> StreamingHttpResponse:
    """An example to fill in, with a job and stage of the organization."""
    stage = (
        request.access.all(Stage)
        # Its organization again: an index has its jobs in this order.
        .filter(job__organization=request.access.organization, job__state=Job.State.OPEN)
        .select_related("job")
        .order_by("job__search_key", "position", "id")
        .first()
    )
    job, name = (stage.job.title, stage.name) if stage else ("", "")
    zone = request.access.organization.time_zone
    rows = [
        ("Ada Lovelace", "ada@example.com", "+44 20 7946 0000", "Europe/London", job, name),
        ("Hopper, Grace", "grace@example.com", "", zone, job, ""),
        ("Alan Turing", "", "", "", "", ""),
    ]
    return _download(write(rows), "candidates-example.csv")


def _list(request: AccessRequest) -> str:
    return request.access.url("candidates")


@allowed(Permission.EXPORT_CANDIDATES)
@post_only(_list)
@limits.said_on(_list)
def export(request: AccessRequest) -> StreamingHttpResponse:
    """Export the candidates that match the list's filter, in its order; of these the selected ones, where any are.

    The columns are those of an import. Recorded.
    """
    limits.count(limits.EXPORTS, request.user.pk)
    found = filter_candidates(request).qs
    if "candidate" in request.POST:
        found = found.filter(pk__in=row_ids(request.POST.getlist("candidate"))[:MOST])
    record(
        organization=request.access.organization,
        actor=request.user,
        action="candidates.exported",
        subject=request.access.organization,
        detail={"count": found.count()},
    )
    name = f"candidates-{request.access.organization.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    return _download(write(export_rows(found)), name)


def export_rows(found: QuerySet[Candidate]) -> Iterator[list[str]]:
    rows = found.values_list("name", "email", "phone", "time_zone", "job__title", "stage__name")
    for row in rows.iterator(chunk_size=2000):
        yield [value or "" for value in row]


def _download(pieces: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
