"""Jobs in the command palette."""

from __future__ import annotations

from jobs.models import Job
from organizations.access import Access
from organizations.hooks.palette import MOST, Hit
from organizations.search import found_by


def find_jobs(access: Access, words: str) -> list[Hit]:
    """Open jobs first, then by title."""
    rows = access.all(Job).filter(found_by(words, "search_key")).order_by("-state", "search_key", "id")
    return [Hit(row.title, access.url("job", pk=row.pk), _details(row)) for row in rows[:MOST]]


def _details(job: Job) -> list[str]:
    closed = [job.get_state_display()] if job.state == Job.State.CLOSED else []
    return [*([job.location] if job.location else []), *closed]
