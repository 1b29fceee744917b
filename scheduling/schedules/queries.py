"""Rows of the list of schedules: their times for this reader, their state, and their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs.coordinators import has_job
from jobs.models import Job
from organizations import search
from organizations.access import Access
from organizations.models import Membership
from organizations.search import few, few_found, found_by
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule, ShownState
from scheduling.models.schedule_states import is_upcoming, state_at

_CANCELLED = Q(state=Schedule.State.CANCELLED)


@dataclass(frozen=True)
class TimeFields:
    """The fields with a schedule's times: begin, end, the one that is shown; and which rows are cancelled."""

    starts: str
    ends: str
    at: str
    cancelled: Q
    is_indexed: bool = False

    def upcoming(self, now: datetime) -> Q:
        return ~self.cancelled & is_upcoming(now, ends=self.ends)

    def near(self, state: ShownState, now: datetime, rows: QuerySet[Schedule]) -> Q:
        """A condition that rows in this state share and an index knows, so that the others are not read at all.

        Those to come are few of all `rows`: the index of their end gives them, whichever order the list has.
        """
        if not self.is_indexed or state == ShownState.CANCELLED:
            return Q()
        if state == ShownState.DONE:
            return Q(**{f"{self.starts}__lte": now})
        ids = rows.order_by().values("pk")
        # Apart: with OR, SQLite reads all rows. And without the cancelled, which have no times and are many.
        timeless = ids.filter(**{f"{self.ends}__isnull": True}, state=Schedule.State.SCHEDULED)
        return Q(pk__in=ids.filter(**{f"{self.ends}__gt": now}).union(timeless, all=True))


#: For recruiters the whole schedule; for interviewers their own part of it, which `with_own_times` works out; for
#: coordinators either, as `with_times_of_coordinator` says.
WHOLE = TimeFields("first_starts_at", "last_ends_at", "first_starts_at", _CANCELLED, is_indexed=True)
OWN = TimeFields("own_starts_at", "own_ends_at", "own_at", _CANCELLED | Q(own_starts_at__isnull=True))
MIXED = TimeFields(OWN.starts, OWN.ends, OWN.at, _CANCELLED | Q(own_starts_at__isnull=True, is_whole=False))


def times_for(access: Access) -> TimeFields:
    if not access.may.see_schedules:
        return OWN
    return MIXED if access.is_limited else WHOLE


def visible_schedules(access: Access, now: datetime | None = None) -> QuerySet[Schedule]:
    """Return the schedules that the reader may see, with the fields that `times_for` names.

    These are all of the organization's for recruiters, those of their own interviews for interviewers, and for
    coordinators those of their jobs and of their own interviews. None are of a candidate who is being deleted.
    """
    if not access.may.see_schedules:
        rows = with_own_times(access.all(Schedule), access.membership, now or timezone.now())
    elif access.is_limited:
        rows = with_times_of_coordinator(access, now or timezone.now())
    else:
        rows = access.all(Schedule)
    return rows.exclude(candidate__in=Candidate.objects.filter(erase_asked_at__isnull=False).order_by())


def named(access: Access, words: str, most: int | None = None) -> list[int] | None:
    """Return the ids of the organization's schedules whose candidate or job has the words, in one query.

    None: there are more than `most`, by default many. Then `is_named` finds them, in the order in which a list is read.
    """
    here, most = access.organization.pk, search.FEW if most is None else most
    people, jobs = (
        few_found(model, words, organization=here, value="schedules", most=most) for model in (Candidate, Job)
    )
    if connection.features.supports_slicing_ordering_in_compound:
        # Of each part no more is read than counts: of a union PostgreSQL before 17 plans to read all.
        people, jobs = people[: most + 1], jobs[: most + 1]
    return few(people.union(jobs, all=True), most)


def is_named(words: str) -> Q:
    """Condition for schedules whose candidate or job has the words."""
    return found_by(words, "candidate__search_key") | found_by(words, "job__search_key")


def visible_interviews(access: Access) -> QuerySet[Interview]:
    """Return the interviews that the reader may see: those of `visible_schedules`, and of these only their own part."""
    if access.may.see_schedules and not access.is_limited:
        return access.all(Interview)
    own = Exists(InterviewerAssignment.objects.filter(interview=OuterRef("pk"), membership=access.membership))
    if not access.may.see_schedules:
        return access.all(Interview).filter(own)
    return access.whole(Interview).filter(Q(pk__in=access.all(Interview).order_by().values("pk")) | own)


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


def with_times_of_coordinator(access: Access, now: datetime) -> QuerySet[Schedule]:
    """Return schedules of the coordinator's jobs with the times of the whole, and others with those of their own part.

    `is_whole` tells one from the other. A schedule of another job has the times of `with_own_times`.
    """
    mine = Interview.objects.filter(schedule=OuterRef("pk"), assignments__membership=access.membership).order_by()
    due = Q(state=Interview.State.SCHEDULED)

    def own(time: Aggregate) -> Subquery:
        return Subquery(mine.values("schedule").annotate(time=time).values("time"))

    def either(whole: str, time: Combinable) -> Case:
        return Case(When(is_whole=True, then=F(whole)), default=time)

    next_one = own(Min("starts_at", filter=due & Q(ends_at__gt=now)))
    last_one = own(Max("starts_at", filter=due))
    whole = access.all(Schedule).order_by().values("pk")
    return (
        access.whole(Schedule)
        .annotate(is_whole=Case(When(pk__in=whole, then=True), default=False, output_field=BooleanField()))
        .filter(Q(is_whole=True) | Exists(mine))
        .annotate(
            own_starts_at=either(WHOLE.starts, own(Min("starts_at", filter=due))),
            own_ends_at=either(WHOLE.ends, own(Max("ends_at", filter=due))),
            own_at=either(WHOLE.at, Coalesce(next_one, last_one, own(Max("starts_at")))),
        )
    )


def is_whole(access: Access, row: Schedule) -> bool:
    """Whether the reader may see all of the schedule, not only their own interviews there."""
    if not access.may.see_schedules:
        return False
    known = getattr(row, "is_whole", None)  # of `with_times_of_coordinator`: without another query
    return has_job(access, row.job_id) if known is None else bool(known)


def state_for(access: Access, row: Schedule) -> ShownState:
    """Return the state to show this reader. `row` comes from `visible_schedules`."""
    if is_whole(access, row):
        return row.shown_state
    starts_at, ends_at = getattr(row, OWN.starts), getattr(row, OWN.ends)
    cancelled = row.state == Schedule.State.CANCELLED or starts_at is None
    return state_at(timezone.now(), cancelled=cancelled, starts_at=starts_at, ends_at=ends_at)
