"""Read the schedules with upcoming interviews or trouble, for the list on Home.

The cost does not grow with the past: interviews come from a window of days, messages by the days that they cover, and
trouble further ahead from the newest rows in trouble.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from integrations.models import CalendarConnection, Integration
from organizations.access import Access
from scheduling.home.upcoming_queries import LINKS, LONGEST, MESSAGES, ROWS, SOON, UpcomingRow
from scheduling.messages.message_context import RecipientKey
from scheduling.models import EventState, Interview, LinkState, Schedule
from scheduling.models.messages import WITHDRAWALS, Audience

# Trouble of interviews within this time comes first.
NEAR = timedelta(hours=24)


@dataclass(slots=True)
class Assigned:
    """An interviewer. `off` has their days off in the window, with the notes.

    `taken` has what blocks the interview's time in their calendar: beginning, end and title, by the entry's id.
    `is_told`: the interview is in their calendar, or a worker will write it there, so that they need no mail.
    """

    pk: int
    name: str
    email: str
    zone: str
    off: dict[date, str]
    #: As `Membership.holidays_of`.
    holidays_of: str = ""
    is_told: bool = False
    taken: dict[int, tuple[datetime, datetime, str]] = field(default_factory=dict)
    #: The address of their own video room.
    room: str = ""


@dataclass(slots=True)
class UpcomingInterview:
    """An interview. `tool` is the kind of coding tool whose link its plan asks for, "" for none."""

    pk: int
    name: str
    kind: str
    location: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    tool: str
    schedule: UpcomingSchedule
    #: Its video call, as the columns of `Interview` have it.
    meeting: str = ""
    meeting_url: str = ""
    meeting_problem: str = ""
    meeting_number: int = 0
    #: Whether the server that it is on is set up.
    has_server: bool = False
    room: UpcomingRoom | None = None
    people: dict[int, Assigned] = field(default_factory=dict)
    #: Events in calendars that need attention, by id.
    events: dict[int, UpcomingEvent] = field(default_factory=dict)
    #: People whose calendars show it wrongly, because they can't be written now.
    stale: dict[int, StaleEvent] = field(default_factory=dict)
    #: Its links, oldest first.
    links: list[UpcomingLink] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StaleEvent:
    """An event as an interviewer's calendar shows it, and the interviewer, who may take no part any more."""

    starts_at: datetime
    ends_at: datetime
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class UpcomingRoom:
    """The room of an interview. `is_available`: it can still be booked; `is_reserved`: an event does, or will soon."""

    pk: int
    name: str
    where: str
    is_available: bool
    is_reserved: bool


@dataclass(frozen=True, slots=True)
class UpcomingEvent:
    """The columns of an event in an interviewer's calendar that tell what they did to it there."""

    pk: int
    membership: int
    answer: str
    room_answer: str
    moved_starts_at: datetime | None
    moved_ends_at: datetime | None
    proposed_starts_at: datetime | None
    deleted_at: datetime | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class UpcomingAnswer:
    """An answer by mail that needs attention: a decline, or another time. `membership` is None for the candidate's.

    It is about one calendar entry, for the `interviews` in it, at the time at which they were then.
    """

    pk: int
    membership: int | None
    interviews: frozenset[int]
    answer: str
    starts_at: datetime
    ends_at: datetime
    proposed_starts_at: datetime | None
    comment: str = ""


@dataclass(slots=True)
class UpcomingSchedule:
    """A schedule with its interviews in order of time."""

    pk: int
    is_cancelled: bool
    candidate: int
    name: str
    email: str
    job: str
    stage: str
    job_pk: int | None = None
    interviews: list[UpcomingInterview] = field(default_factory=list)
    #: Answers by mail, by id.
    answers: dict[int, UpcomingAnswer] = field(default_factory=dict)
    #: By recipient, in order of id: messages with news, and these with withdrawals from old addresses.
    messages: dict[RecipientKey, list[UpcomingMessage]] = field(default_factory=dict)
    mails: dict[RecipientKey, list[UpcomingMessage]] = field(default_factory=dict)
    #: Mails that only bring or withdraw one calendar event.
    event_mails: dict[RecipientKey, list[UpcomingMessage]] = field(default_factory=dict)


@dataclass(slots=True)
class UpcomingLink:
    """The columns of a coding link that tell whether it is in trouble."""

    pk: int
    state: str
    problem_code: str
    not_before: datetime | None
    created_at: datetime
    next_attempt_at: datetime | None
    tool: str
    integration: str

    @property
    def needs_a_person(self) -> bool:
        return self.state == LinkState.FAILED or (self.state == LinkState.UNKNOWN and self.problem_code == "ambiguous")


@dataclass(slots=True)
class UpcomingMessage:
    """The columns of a message that tell whether its recipient is notified. `interviews` is JSON, rarely parsed."""

    state: str
    to_name: str
    to_email: str
    interviews_digest: str
    interviews: str
    is_replaced: bool
    #: An interviewer's current address.
    email: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Everything the list is made from. `join_links` are ids of valid join links by interview and membership."""

    now: datetime
    schedules: list[UpcomingSchedule]
    join_links: dict[tuple[int, int | None], int]

    def coming(self) -> Iterator[UpcomingInterview]:
        """Interviews in progress or soon, in order of time."""
        return (one for one in self.not_over() if self.is_soon(one.starts_at, one.ends_at))

    def not_over(self) -> Iterator[UpcomingInterview]:
        """Interviews in progress or to come, in order of time: those that are not soon as far as they are read."""
        found = [
            interview
            for schedule in self.schedules
            for interview in schedule.interviews
            if not interview.is_cancelled and interview.ends_at > self.now
        ]
        return iter(sorted(found, key=lambda interview: (interview.starts_at, interview.pk)))

    def is_soon(self, starts_at: datetime, ends_at: datetime) -> bool:
        return ends_at > self.now and starts_at < self.now + SOON


def read(access: Access, now: datetime) -> Upcoming:
    """Read everything in at most three queries."""
    schedules = _schedules(access, now)
    interviews = {one.pk: one for schedule in schedules.values() for one in schedule.interviews if not one.is_cancelled}
    if schedules:
        _add_messages(schedules)
    join_links = _add_links(interviews) if interviews else {}
    return Upcoming(now, list(schedules.values()), join_links)


def _schedules(access: Access, now: datetime) -> dict[int, UpcomingSchedule]:
    """The schedules with all their interviews and people, in one query."""
    until, around = now + SOON, timedelta(days=2)
    days = now.date() - around, until.date() + around
    schedules: dict[int, UpcomingSchedule] = {}
    interviews: dict[int, UpcomingInterview] = {}
    for row in map(UpcomingRow._make, ROWS.all(access, now, now - LONGEST, until, *days)):
        schedule = schedules.get(row.schedule) or schedules.setdefault(row.schedule, _schedule(row))
        interview = interviews.get(row.pk)
        if interview is None:
            interview = interviews[row.pk] = _interview(row, schedule)
            schedule.interviews.append(interview)
        _add_person(interview, row)
        _add_event(interview, row)
        _add_answer(schedule, row)
    return schedules


def _schedule(row: UpcomingRow) -> UpcomingSchedule:
    return UpcomingSchedule(
        pk=row.schedule,
        is_cancelled=row.schedule_state == Schedule.State.CANCELLED,
        candidate=row.candidate,
        name=row.candidate_name,
        email=row.candidate_email.strip(),
        job=row.job_title or "",
        stage=row.stage_name or "",
        job_pk=row.job,
    )


def _interview(row: UpcomingRow, schedule: UpcomingSchedule) -> UpcomingInterview:
    return UpcomingInterview(
        pk=row.pk,
        name=row.name,
        kind=row.kind,
        location=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_cancelled=schedule.is_cancelled or row.state == Interview.State.CANCELLED,
        tool=(row.planned_tool or "") if row.link_tool is None else row.link_tool,
        schedule=schedule,
        meeting=row.meeting,
        meeting_url=row.meeting_url,
        meeting_problem=row.meeting_problem,
        meeting_number=row.meeting_number,
        has_server=bool(row.meeting_server),
        room=_room(row),
    )


def _room(row: UpcomingRow) -> UpcomingRoom | None:
    if row.room is None:
        return None
    where = ", ".join(part for part in (row.room_name, row.room_location) if part)
    is_connected = row.room_connection != CalendarConnection.State.DISCONNECTED
    is_available = row.room_is_on and row.room_missing_since is None and is_connected
    return UpcomingRoom(row.room, row.room_name, where, is_available, bool(row.room_is_reserved))


def _add_person(interview: UpcomingInterview, row: UpcomingRow) -> None:
    pk = row.member
    if pk is None:
        return
    assigned = interview.people.get(pk)
    if assigned is None:
        name = row.member_name or row.member_email
        assigned = Assigned(
            pk, name, row.member_email, row.member_zone, {}, row.member_holidays_of, is_told=bool(row.is_told)
        )
        assigned.room = row.member_video_room
        interview.people[pk] = assigned
    if row.off is not None:
        assigned.off[row.off] = row.off_note
    if row.entry is not None:
        assigned.taken[row.entry] = (row.entry_starts_at, row.entry_ends_at, row.entry_title)


def _add_event(interview: UpcomingInterview, row: UpcomingRow) -> None:
    if row.event is None or row.event_member is None:
        return
    if row.event_state != EventState.READY:
        _add_stale(interview, row, row.event_member)
    else:
        interview.events[row.event] = UpcomingEvent(
            pk=row.event,
            membership=row.event_member,
            answer=row.event_answer,
            room_answer=row.event_room_answer,
            moved_starts_at=row.event_moved_starts_at,
            moved_ends_at=row.event_moved_ends_at,
            proposed_starts_at=row.event_proposed_starts_at,
            deleted_at=row.event_deleted_at,
            comment=str(row.event_comment or ""),
        )


def _add_stale(interview: UpcomingInterview, row: UpcomingRow, member: int) -> None:
    """Like `calendar_events.shown.EventSeen.is_stale`."""
    is_planned, state = row.event_state == EventState.PENDING, row.event_connection
    can_wait = state != CalendarConnection.State.CONNECTED if is_planned else state == CalendarConnection.State.PAUSED
    shows = (row.event_starts_at, row.event_ends_at)
    if not can_wait or (is_planned and shows == (interview.starts_at, interview.ends_at)):
        return
    if shows[0] is not None and shows[1] is not None:
        name = row.event_member_name or row.event_member_email
        interview.stale[member] = StaleEvent(shows[0], shows[1], name, row.event_member_email)


def _add_answer(schedule: UpcomingSchedule, row: UpcomingRow) -> None:
    if row.mail is None or row.mail in schedule.answers or row.mail_cancelled or row.mail_starts_at is None:
        return
    if row.mail_audience == Audience.INTERVIEWER and row.mail_member is None:
        return  # has left the organization
    if row.mail_overruled:
        return  # they answered in their calendar, too
    schedule.answers[row.mail] = UpcomingAnswer(
        pk=row.mail,
        membership=row.mail_member,
        interviews=frozenset(row.mail_interviews),
        answer=row.mail_answer,
        starts_at=row.mail_starts_at,
        ends_at=row.mail_ends_at,
        proposed_starts_at=row.mail_proposed_starts_at,
        comment=str(row.mail_comment or ""),
    )


def _add_messages(schedules: dict[int, UpcomingSchedule]) -> None:
    for (
        schedule,
        audience,
        member,
        state,
        name,
        email,
        digest,
        notified,
        replaced,
        today,
        part_of,
        kind,
    ) in MESSAGES.all(list(schedules)):
        message = UpcomingMessage(state, name, email, digest, notified or "[]", replaced is not None, today or "")
        key, found = (audience, member), schedules[schedule]
        if part_of is not None or kind in WITHDRAWALS:
            found.event_mails.setdefault(key, []).append(message)
        else:
            found.messages.setdefault(key, []).append(message)
        if part_of is None:
            found.mails.setdefault(key, []).append(message)


def _add_links(interviews: dict[int, UpcomingInterview]) -> dict[tuple[int, int | None], int]:
    """Add the coding links to the interviews, and return the valid join links: one query."""
    join_links: dict[tuple[int, int | None], int] = {}
    for interview, member, join_link, *values in LINKS.all(list(interviews)):
        links = interviews[interview].links
        if values[0] is not None and (not links or links[-1].pk != values[0]):
            links.append(UpcomingLink(*cast(Any, values)))
        if join_link is not None:
            join_links[interview, member] = join_link
    return join_links


def is_held(link: UpcomingLink) -> bool:
    """Whether the link's connection does not work now."""
    return link.integration != Integration.State.CONNECTED
