"""Reads of candidates."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.coordinators import has_job
from organizations.access import Access
from scheduling.models import Candidate


def without_other_jobs(access: Access, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates to show: a coordinator doesn't learn that one is also considered for another job.

    Not to be saved: the rows have lost that job.
    """
    found = list(candidates)
    for candidate in found:
        if candidate.job_id is not None and not has_job(access, candidate.job_id):
            candidate.job = candidate.stage = None
    return found
