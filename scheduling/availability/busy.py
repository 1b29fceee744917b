"""Busy times of people: the one answer for conflicts, the search for interviewers, the day view and the home page.

An interview that is not cancelled keeps its candidate and its interviewers busy. `busy_times` reads the interviews of a
stretch; `of_interviews` does the same for interviews that are already loaded, or only planned. Anything else that keeps
people busy is one more `Source`, read in `busy_times`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import BooleanField, Case, QuerySet, When

from organizations.access import Access
from scheduling.availability.stretches import Stretch
from scheduling.models import Interview, InterviewerAssignment

#: No interview takes longer (forms allow 600 minutes): what began earlier is over, which the index can use.
LONGEST = timedelta(days=1)


class Source(StrEnum):
    """The origin of a busy time: an interview that is scheduled, or one that is only planned."""

    INTERVIEW = "interview"
    PLANNED = "planned"


class Attendee(NamedTuple):
    """A member or a candidate, by the id of the membership or the candidate."""

    is_candidate: bool
    pk: int


#: A candidate who is not saved yet, and so is busy only with the interviews being planned.
NEW_CANDIDATE = Attendee(is_candidate=True, pk=0)


def interviewer(membership: int) -> Attendee:
    return Attendee(is_candidate=False, pk=membership)


def candidate_attendee(pk: int | None) -> Attendee:
    return NEW_CANDIDATE if pk is None else Attendee(is_candidate=True, pk=pk)


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A time at which a person is busy, with the interview's `name` and its candidate's (empty when that is not known).

    `key` is the interview's id, or the key of a planned one, as `source` says. `is_private`: it is none of the reader's
    business what keeps the person busy, and both names are empty.
    """

    attendee: Attendee
    starts_at: datetime
    ends_at: datetime
    name: str
    candidate: str
    source: Source
    key: str
    is_private: bool = False

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.starts_at, self.ends_at)


BusyTimes = dict[Attendee, list[BusyTime]]


@dataclass(frozen=True, slots=True)
class InterviewTime:
    """An interview's time with the people whom it keeps busy."""

    key: str
    name: str
    starts_at: datetime
    ends_at: datetime
    candidate: Attendee
    candidate_name: str = ""
    interviewers: Collection[int] = ()
    source: Source = Source.INTERVIEW
    is_private: bool = False

    def busy(self, attendee: Attendee) -> BusyTime:
        names = ("", "") if self.is_private else (self.name, self.candidate_name)
        return BusyTime(attendee, self.starts_at, self.ends_at, *names, self.source, self.key, self.is_private)


def of_interviews(interviews: Iterable[InterviewTime]) -> BusyTimes:
    """Return the times at which the interviews keep their people busy, in the order of the interviews."""
    found: BusyTimes = {}
    for interview in interviews:
        for attendee in (interview.candidate, *map(interviewer, dict.fromkeys(interview.interviewers))):
            found.setdefault(attendee, []).append(interview.busy(attendee))
    return found


def busy_times(
    *,
    access: Access,
    within: Stretch,
    interviewers: Collection[int] = (),
    candidate: int | None = None,
    excluded: Collection[int] = (),
) -> BusyTimes:
    """Return the times within a stretch at which memberships and a candidate are busy, by their beginning.

    Interviews of all jobs count, also for a coordinator of some; what those of others are about is private. `excluded`
    interviews keep nobody busy: they are being changed. One query for the memberships, however many, and one for the
    candidate.
    """
    interviews = _going_on(access, within).exclude(pk__in=excluded)
    found: BusyTimes = {}
    if interviewers:
        rows = InterviewerAssignment.objects.filter(membership__in=interviewers, interview__in=interviews)
        rows = rows.annotate(is_private=_is_private(access, "interview"))
        for row in rows.select_related("interview__schedule__candidate").order_by("interview__starts_at", "id"):
            attendee = interviewer(row.membership_id)
            found.setdefault(attendee, []).append(_time_of(row.interview, is_private=row.is_private).busy(attendee))
    if candidate is not None:
        attendee = candidate_attendee(candidate)
        theirs = interviews.filter(schedule__candidate=candidate).select_related("schedule__candidate")
        theirs = theirs.annotate(is_private=_is_private(access, "pk"))
        if rows_of_theirs := list(theirs.order_by("starts_at", "id")):
            found[attendee] = [
                _time_of(interview, is_private=interview.is_private).busy(attendee) for interview in rows_of_theirs
            ]
    return found


def overlapping(times: Iterable[BusyTime]) -> Iterator[tuple[BusyTime, BusyTime]]:
    """Yield each time that begins during an earlier one, after that one. Wants them in order of their beginning."""
    longest: BusyTime | None = None
    for time in times:
        if longest is not None and longest.stretch.meets(time.stretch):
            yield longest, time
        if longest is None or time.ends_at > longest.ends_at:
            longest = time


def _going_on(access: Access, within: Stretch) -> QuerySet[Interview]:
    return access.whole(Interview).filter(
        state=Interview.State.SCHEDULED,
        starts_at__lt=within.ends_at,
        starts_at__gt=within.starts_at - LONGEST,
        ends_at__gt=within.starts_at,
    )


def _is_private(access: Access, interview: str) -> Case:
    """Whether an interview, whose id is at this path, is none of the reader's: one of a coordinator's other jobs."""
    if not access.is_limited:
        return Case(default=False, output_field=BooleanField())
    theirs = access.all(Interview).order_by().values("pk")
    return Case(When(**{f"{interview}__in": theirs}, then=False), default=True, output_field=BooleanField())


def _time_of(interview: Interview, *, is_private: bool) -> InterviewTime:
    return InterviewTime(
        key=str(interview.pk),
        name=interview.name,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        candidate=candidate_attendee(interview.schedule.candidate_id),
        candidate_name=interview.schedule.candidate.name,
        is_private=is_private,
    )
