"""Rows of the list of schedules: their times for this reader, their state, and their links."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from organizations import zones
from organizations.access import Access
from organizations.models import Membership
from scheduling.availability.local_time import format_start
from scheduling.coding_links.display import LinkView
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import Interview, InterviewerAssignment, Schedule, ShownState
from scheduling.models.schedule_states import is_upcoming, state_at

_CANCELLED = Q(state=Schedule.State.CANCELLED)


@dataclass(frozen=True)
class TimeFields:
    """The fields with a schedule's times: begin, end, the one that is shown; and which rows are cancelled."""

    starts: str
    ends: str
    at: str
    cancelled: Q

    def upcoming(self, now: datetime) -> Q:
        return ~self.cancelled & is_upcoming(now, ends=self.ends)


#: For recruiters the whole schedule; for interviewers their own part of it, which `with_own_times` works out.
WHOLE = TimeFields("first_starts_at", "last_ends_at", "first_starts_at", _CANCELLED)
OWN = TimeFields("own_starts_at", "own_ends_at", "own_at", _CANCELLED | Q(own_starts_at__isnull=True))


def times_for(access: Access) -> TimeFields:
    return WHOLE if access.may.see_schedules else OWN


def with_own_times(rows: QuerySet[Schedule], membership: Membership, now: datetime) -> QuerySet[Schedule]:
    """Return the schedules in which this member interviews, with the times of their own interviews there.

    `own_at` is the next one; without any to come the last one, cancelled or not.
    """
    due = Q(interviews__state=Interview.State.SCHEDULED)
    starts, ends = "interviews__starts_at", "interviews__ends_at"
    return rows.filter(interviews__assignments__membership=membership).annotate(
        own_starts_at=Min(starts, filter=due),
        own_ends_at=Max(ends, filter=due),
        own_at=Coalesce(Min(starts, filter=due & Q(interviews__ends_at__gt=now)), Max(starts, filter=due), Max(starts)),
    )


def state_for(access: Access, row: Schedule) -> ShownState:
    """Return the state to show this reader. An interviewer's `row` comes from `with_own_times`."""
    if access.may.see_schedules:
        return row.shown_state
    starts_at, ends_at = getattr(row, OWN.starts), getattr(row, OWN.ends)
    cancelled = row.state == Schedule.State.CANCELLED or starts_at is None
    return state_at(timezone.now(), cancelled=cancelled, starts_at=starts_at, ends_at=ends_at)


@dataclass
class ListedSchedule:
    """One line of the list, with the interviews' links. `zone` is the reader's, with its offset on that day."""

    schedule: Schedule
    state: ShownState
    links: list[LinkRow]
    when: str
    zone: str

    @property
    def link_states(self) -> list[tuple[LinkView, int]]:
        """Each state once, and how many of the links are in it, in the order of the interviews."""
        views = {row.view.word: row.view for row in self.links}
        counts = Counter(row.view.word for row in self.links)
        return [(view, counts[word]) for word, view in views.items()]


def listed_schedules(access: Access, rows: list[Schedule]) -> list[ListedSchedule]:
    """Return the lines of one page, with their links in two more queries."""
    interviews = access.all(Interview).filter(schedule__in=rows).order_by("starts_at", "position", "id")
    if not access.may.see_schedules:
        interviews = interviews.filter(
            pk__in=InterviewerAssignment.objects.filter(membership=access.membership).values("interview")
        )
    links: dict[int, list[LinkRow]] = defaultdict(list)
    for link_row in link_rows(interviews, access):
        if link_row.link is not None:
            links[link_row.interview.schedule_id].append(link_row)
    return [_listed(access, row, links[row.pk]) for row in rows]


def _listed(access: Access, row: Schedule, links: list[LinkRow]) -> ListedSchedule:
    place, at = access.user.time_zone, getattr(row, times_for(access).at)
    when = format_start(at, place) if at else ""
    return ListedSchedule(row, state_for(access, row), links, when, zones.label(place, at))
