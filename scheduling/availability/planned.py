"""Interviews as they are planned, and the data that they are checked against, in at most five queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.calendars import Answer
from jobs.models import PlanInterview
from organizations.access import Access
from organizations.models import Membership, Organization
from scheduling.availability import busy
from scheduling.availability.buffers import FARTHEST, NO_BUFFER, missing, planned_buffer
from scheduling.availability.busy import Attendee, BusyTime, BusyTimes, InterviewTime, Source
from scheduling.availability.calendar_times import Unknown
from scheduling.availability.hours import DaysOff, days_off
from scheduling.availability.local_time import WallClockError
from scheduling.availability.stretches import Stretch
from scheduling.models import CalendarEvent, Candidate, EventState, Room
from scheduling.models.calendars import Weight

Declined = tuple[int, int, datetime | None, datetime | None]

#: The key of an interview that is no plan, only a question.
ASKED = "asked"


@dataclass(frozen=True)
class PlannedInterview:
    """One interview as it is planned. Without a time (none is entered yet) only its people are looked at."""

    key: str
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    # Ids of memberships, each as often as it is chosen.
    interviewers: tuple[int, ...] = ()
    # How many interviewers the plan asks for; 0: it does not say.
    expected: int = 0
    # The date and time that were entered name no moment, or two.
    clock_error: WallClockError | None = None
    # The interview that this changes: it does not stand in its own way.
    interview: int | None = None
    # The plan's interview whose hours and buffer it has; without one it may be at any hour.
    plan: PlanInterview | None = None
    # With its connection joined in.
    room: Room | None = None

    @property
    def stretch(self) -> Stretch | None:
        if self.starts_at is None or self.ends_at is None:
            return None
        return Stretch(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class Known:
    """The data that planned interviews are checked against. `zone` is the one of entry."""

    zone: str
    organization: Organization
    people: dict[int, Membership]
    days_off: DaysOff
    busy: BusyTimes
    #: Interview, room, beginning and end, where the room declined the interview that is changed.
    declined: frozenset[Declined] = frozenset()

    def has_declined(self, room: Room, planned: PlannedInterview, stretch: Stretch) -> bool:
        """Whether the room said no to the interview that this changes, at this very time."""
        return planned.interview is not None and (planned.interview, room.pk, *stretch) in self.declined

    def meeting(self, attendee: Attendee, planned: PlannedInterview, stretch: Stretch) -> Iterator[BusyTime]:
        """Yield the person's times that share a moment with the stretch, without the planned interview itself."""
        for time in self.busy.get(attendee, []):
            is_itself = time.source == Source.PLANNED and time.key == planned.key
            if not is_itself and time.stretch.meets(stretch):
                yield time

    def near(
        self, attendee: Attendee, planned: PlannedInterview, stretch: Stretch
    ) -> Iterator[tuple[BusyTime, int, int]]:
        """Yield what leaves the person less than the buffers before or after the stretch, with both numbers of minutes.

        What can be booked over needs no minutes beside it.
        """
        own = planned_buffer(self.organization, planned.plan)
        for time in self.busy.get(attendee, []):
            is_itself = time.source == Source.PLANNED and time.key == planned.key
            if is_itself or time.weight != Weight.HARD or own == time.buffer == NO_BUFFER:
                continue
            if (minutes := missing(stretch, own, time.stretch, time.buffer)) is not None:
                yield time, *minutes

    def unknown(self, member: int, stretch: Stretch) -> Unknown | None:
        """The member's calendar where it does not tell of the stretch: not read lately, or not so far ahead."""
        return _told_of(self.busy.unknown.get(member), stretch)

    def unknown_room(self, room: int, stretch: Stretch) -> Unknown | None:
        """The room's calendar where it does not tell of the stretch."""
        return _told_of(self.busy.unknown_rooms.get(room), stretch)


def _told_of(calendar: Unknown | None, stretch: Stretch) -> Unknown | None:
    if calendar is None or (calendar.ends_at is not None and calendar.ends_at >= stretch.ends_at):
        return None
    return calendar


def read(
    access: Access,
    planned: Sequence[PlannedInterview],
    zone: str,
    candidate: Candidate | None,
    excluded: Collection[int] = (),
    members: Mapping[int, Membership] | None = None,
) -> Known:
    """Read what keeps the people of planned interviews from them, also so far around as buffers reach.

    `members` are all members by id, users joined in, where the caller has read them.
    """
    ids = {person for one in planned for person in one.interviewers}
    if members is None:
        found = access.all(Membership).select_related("user").filter(pk__in=ids) if ids else []
        members = {member.pk: member for member in found}
    people = {pk: members[pk] for pk in sorted(ids) if pk in members}
    stretches = [stretch for one in planned if (stretch := one.stretch) is not None]
    if not stretches:
        return Known(zone, access.organization, people, {}, BusyTimes())
    begins, ends = min(one.starts_at for one in stretches), max(one.ends_at for one in stretches)
    within = Stretch(begins - FARTHEST, ends + FARTHEST)
    attendee = busy.candidate_attendee(candidate.pk if candidate else None)
    times = busy.of_interviews(_times_of([one for one in planned if one.key != ASKED], attendee, access.organization))
    scheduled = busy.busy_times(
        access=access,
        within=within,
        interviewers=people,
        candidate=candidate.pk if candidate else None,
        rooms=sorted({one.room.pk for one in planned if one.room is not None}),
        excluded=[*(one.interview for one in planned if one.interview is not None), *excluded],
    )
    for person, theirs in scheduled.items():
        times.setdefault(person, []).extend(theirs)
    times.unknown, times.unknown_rooms = scheduled.unknown, scheduled.unknown_rooms
    off = days_off(access.organization, people.values(), within) if people else {}
    return Known(zone, access.organization, people, off, times, _declined(planned))


def _declined(planned: Iterable[PlannedInterview]) -> frozenset[Declined]:
    """The rooms that declined; one query where a saved interview may have one, else none."""
    asked = {one.interview for one in planned if one.interview is not None and one.room is not None}
    if not asked:
        return frozenset()
    rows = CalendarEvent.objects.filter(
        interview__in=asked, room__isnull=False, room_answer=Answer.DECLINED, state=EventState.READY
    )
    return frozenset(rows.order_by().values_list("interview_id", "room_id", "starts_at", "ends_at"))


def _times_of(
    planned: Iterable[PlannedInterview], candidate: Attendee, organization: Organization
) -> Iterator[InterviewTime]:
    for one in planned:
        if (stretch := one.stretch) is not None:
            yield InterviewTime(
                key=one.key,
                name=one.name,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
                candidate=candidate,
                interviewers=one.interviewers,
                room=one.room.pk if one.room else None,
                source=Source.PLANNED,
                buffer=planned_buffer(organization, one.plan),
            )
