"""Candidates and schedules in the command palette."""

from __future__ import annotations

from django.db.models import Case, F, Q, When
from django.utils import timezone

from jobs.models import Job
from organizations.access import Access
from organizations.hooks.palette import MOST, Hit
from organizations.search import found_by
from scheduling.availability.local_time import format_start
from scheduling.models import Candidate, Schedule
from scheduling.schedules.queries import state_for, times_for, visible_schedules


def find_candidates(access: Access, words: str) -> list[Hit]:
    """Candidates by name."""
    rows = access.all(Candidate).filter(found_by(words, "search_key")).order_by("search_key", "id")
    return [Hit(row.name, access.url("candidate", pk=row.pk), [row.email]) for row in rows[:MOST]]


def find_schedules(access: Access, words: str) -> list[Hit]:
    """Schedules by candidate or job: those to come, soonest first, then the others, latest first."""
    found, times = found_by(words, "search_key"), times_for(access)
    people, jobs = access.whole(Candidate).filter(found), access.whole(Job).filter(found)
    rows = (
        visible_schedules(access)
        .filter(Q(candidate__in=people.values("pk")) | Q(job__in=jobs.values("pk")))
        .select_related("candidate", "job")
        .annotate(comes_at=Case(When(times.upcoming(timezone.now()), then=F(times.at))))
        .order_by(F("comes_at").asc(nulls_last=True), F(times.at).desc(nulls_last=True), "-id")
    )
    return [Hit(row.candidate.name, access.url("schedule", pk=row.pk), _details(access, row)) for row in rows[:MOST]]


def _details(access: Access, row: Schedule) -> list[str]:
    at = getattr(row, times_for(access).at)
    parts = [row.job.title if row.job else "", format_start(at, access.user.time_zone) if at else ""]
    return [part for part in [*parts, str(state_for(access, row).label)] if part]
