"""How many interviews people have in a week, to share the work fairly."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from organizations.access import Access
from scheduling.availability.local_time import day_starts
from scheduling.models import Interview, InterviewerAssignment


def is_same_week(one: datetime, other: datetime, zone: str) -> bool:
    place = ZoneInfo(zone)
    return one.astimezone(place).isocalendar()[:2] == other.astimezone(place).isocalendar()[:2]


def interviews_in_week(access: Access, at: datetime, zone: str) -> dict[int, int]:
    """Return the number of interviews of each membership in the week of a moment, from Monday, by clocks in `zone`.

    Cancelled ones don't count, and whoever has none is not in it. One query.
    """
    day = at.astimezone(ZoneInfo(zone)).date()
    monday = day - timedelta(days=day.weekday())
    begins, ends = day_starts(monday, zone), day_starts(monday + timedelta(days=7), zone)
    coming = access.whole(Interview).filter(state=Interview.State.SCHEDULED, starts_at__gte=begins, starts_at__lt=ends)
    rows = InterviewerAssignment.objects.filter(interview__in=coming).order_by()
    return dict(rows.values("membership").annotate(number=Count("pk")).values_list("membership", "number"))
