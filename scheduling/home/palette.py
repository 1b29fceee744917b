"""Candidates and schedules in the command palette."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils import timezone

from organizations import search
from organizations.access import Access
from organizations.hooks.palette import MOST, Hit
from organizations.search import suggested
from scheduling.availability.local_time import format_start
from scheduling.models import Candidate, Schedule, ShownState
from scheduling.schedules.queries import is_named, named, state_for, times_for, visible_schedules


def find_candidates(access: Access, words: str) -> list[Hit]:
    """Candidates by name."""
    rows = suggested(access.all(Candidate), words, organization=access.organization.pk).order_by("search_key", "id")
    return [Hit(row.name, access.url("candidate", pk=row.pk), [row.email]) for row in rows[:MOST]]


def find_schedules(access: Access, words: str) -> list[Hit]:
    """Schedules by candidate or job: those to come, soonest first, then the others, latest first."""
    times, now = times_for(access), timezone.now()
    ids = named(access, words, search.SUGGESTED)
    rows = visible_schedules(access).filter(is_named(words) if ids is None else Q(pk__in=ids))
    rows = rows.select_related("candidate", "job")
    # Of many, those to come are read in their order, and the others only where these are not enough.
    coming = list(
        rows.filter(times.upcoming(now) & times.near(ShownState.SCHEDULED, now, access.all(Schedule))).order_by(
            times.at, "-id"
        )[:MOST]
    )
    others = rows.exclude(pk__in=[row.pk for row in coming]).order_by(F(times.at).desc(nulls_last=True), "-id")
    shown = [*coming, *others[: MOST - len(coming)]]
    return [Hit(row.candidate.name, access.url("schedule", pk=row.pk), _details(access, row)) for row in shown]


def _details(access: Access, row: Schedule) -> list[str]:
    at = getattr(row, times_for(access).at)
    parts = [row.job.title if row.job else "", format_start(at, access.user.time_zone) if at else ""]
    return [part for part in [*parts, str(state_for(access, row).label)] if part]
