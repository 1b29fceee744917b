"""Reads of candidates."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from jobs.coordinators import has_job
from organizations.access import Access
from scheduling.models import Candidate


def listed(access: Access) -> QuerySet[Candidate]:
    """The candidates that lists show and forms offer: all of the reader's but those who are being deleted."""
    return access.all(Candidate).filter(erase_asked_at__isnull=True)


def without_other_jobs(access: Access, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates to show: a coordinator doesn't learn that one is also considered for another job.

    Not to be saved: the rows have lost that job.
    """
    found = list(candidates)
    for candidate in found:
        if candidate.job_id is not None and not has_job(access, candidate.job_id):
            candidate.job = candidate.stage = None
    return found
