"""Read the schedules with upcoming interviews or trouble, for the list on Home.

The cost does not grow with the past: interviews come from a window of days, messages by the days that they cover, and
trouble further ahead from the newest rows in trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, FilteredRelation, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from integrations.calendars import Answer
from integrations.models import CalendarConnection, Integration
from organizations.access import Access
from scheduling.calendar_events.shown import told_by_calendar
from scheduling.messages.message_context import RecipientKey
from scheduling.models import CodingLink, EventState, Interview, JoinLink, LinkState, Message, Schedule
from scheduling.models.calendars import Weight
from scheduling.models.messages import NOTIFIED, TROUBLED, Audience, MessageKind

# How far ahead trouble is searched.
SOON = timedelta(days=14)
# Trouble of interviews within this time comes first.
NEAR = timedelta(hours=24)
# Longer than any interview: one in progress is found by its start.
LONGEST = timedelta(days=2)
# The newest rows in trouble, of each state, which are read however far ahead their interviews are.
NEWEST = 50
# States that may need a person.
LINKS_IN_TROUBLE = [LinkState.FAILED, LinkState.UNKNOWN, LinkState.CANCELLING]


_NEEDS_ATTENTION = Q(calendar_events__state=EventState.READY) & (
    Q(calendar_events__answer=Answer.DECLINED)
    | Q(calendar_events__room_answer=Answer.DECLINED)
    | Q(calendar_events__moved_starts_at__isnull=False)
    | Q(calendar_events__proposed_starts_at__isnull=False)
    | Q(calendar_events__deleted_at__isnull=False)
)
_ANSWER_NEEDS_ATTENTION = Q(schedule__mail_answers__answer=Answer.DECLINED) | Q(
    schedule__mail_answers__proposed_starts_at__isnull=False
)


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
    people: dict[int, Assigned] = field(default_factory=dict)
    room: UpcomingRoom | None = None
    #: Events in calendars that need attention, by id.
    events: dict[int, UpcomingEvent] = field(default_factory=dict)
    #: Its links, oldest first.
    links: list[UpcomingLink] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UpcomingRoom:
    """The room of an interview. `is_available`: it can still be booked."""

    pk: int
    name: str
    where: str
    is_available: bool


@dataclass(frozen=True, slots=True)
class UpcomingEvent:
    """The columns of an event in an interviewer's calendar that tell what they did to it there."""

    pk: int
    membership: int
    answer: str
    room_answer: str
    moved_starts_at: datetime | None
    proposed_starts_at: datetime | None
    deleted_at: datetime | None


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
        found = [
            interview
            for schedule in self.schedules
            for interview in schedule.interviews
            if not interview.is_cancelled and self.is_soon(interview.starts_at, interview.ends_at)
        ]
        return iter(sorted(found, key=lambda interview: (interview.starts_at, interview.pk)))

    def is_soon(self, starts_at: datetime, ends_at: datetime) -> bool:
        return ends_at > self.now and starts_at < self.now + SOON


def read(access: Access, now: datetime) -> Upcoming:
    """Read everything in at most four queries."""
    schedules = _schedules(_due(access, now), now)
    interviews = {one.pk: one for schedule in schedules.values() for one in schedule.interviews if not one.is_cancelled}
    if schedules:
        _add_messages(schedules)
    join_links = _add_links(interviews) if interviews else {}
    if with_meeting := [pk for pk, one in interviews.items() if one.meeting and not one.links]:
        links = JoinLink.objects.filter(interview__in=with_meeting, revoked_at__isnull=True).order_by("id")
        join_links |= {(pk, member): link for pk, member, link in links.values_list("interview", "membership", "pk")}
    return Upcoming(now, list(schedules.values()), join_links)


def _due(access: Access, now: datetime) -> QuerySet[Any, Any]:
    """Ids of schedules with something to come: upcoming interviews, what people were told, and trouble."""
    ahead = Q(starts_at__gt=now - LONGEST, starts_at__lt=now + SOON, ends_at__gt=now)
    notified = Q(covers_from__lt=now + SOON, covers_until__gt=now)
    unsent = newest(access.all(Message).filter(replaced_at__isnull=True), TROUBLED)
    waiting = newest(access.all(CodingLink), LINKS_IN_TROUBLE)
    # Unordered: a union can't have ordered parts.
    interviews, messages = (access.all(model).order_by() for model in (Interview, Message))
    return (
        interviews.filter(ahead)
        .values("schedule_id")
        .union(
            messages.filter(notified, state__in=NOTIFIED).values("schedule_id"),
            *(some.filter(schedule__last_ends_at__gt=now).values("schedule_id") for some in unsent),
            *(some.filter(interview__ends_at__gt=now).values("interview__schedule_id") for some in waiting),
        )
    )


def newest(rows: QuerySet[Any], states: Iterable[str], most: int = NEWEST) -> list[QuerySet[Any]]:
    """The newest rows of each of the states, a query each, for a union.

    One state at a time has them in an index in this order. Of several at once SQLite reads the whole table backwards
    to find enough soon, and PostgreSQL does when conditions on ids are joined by OR. They are not filtered by
    organization again, which a planner would take for the better index.
    """
    ids = (rows.filter(state=state).order_by("-id").values("pk")[:most] for state in states)
    return [rows.model._default_manager.order_by().filter(pk__in=some) for some in ids]


class _InOnce(In):
    """`IN (SELECT ...)` that is evaluated first. PostgreSQL would join whole tables before a plain one."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, before = self.process_lhs(compiler, connection)
        ids, within = self.process_rhs(compiler, connection)
        return f"{column} = ANY(ARRAY{ids})", [*before, *within]


def _schedules(due: QuerySet[Any, Any], now: datetime) -> dict[int, UpcomingSchedule]:
    """The schedules with all their interviews and people, in one query.

    It has a row for each assignment, day off, entry of the person's calendar at the time of the interview, event of
    the interview in a calendar that needs attention, and such an answer by mail.

    Not filtered by organization again: `due` holds only the reader's schedules, and their ids are the better index.
    """
    near = (now.date() - timedelta(days=2), (now + SOON).date() + timedelta(days=2))
    days_off = FilteredRelation(
        "assignments__membership__days_off", condition=Q(assignments__membership__days_off__day__range=near)
    )
    entry = "assignments__membership__calendar_times"
    taken = FilteredRelation(
        entry,
        condition=Q(
            **{
                f"{entry}__weight": Weight.HARD,
                f"{entry}__is_ours": False,
                f"{entry}__starts_at__lt": F("ends_at"),
                f"{entry}__ends_at__gt": F("starts_at"),
            }
        ),
    )
    rows: Iterable[Any] = (
        Interview.objects.filter(_InOnce(F("schedule_id"), due.query))
        .annotate(off=days_off, taken=taken, told=told_by_calendar("pk", "assignments__membership"))
        .annotate(event=FilteredRelation("calendar_events", condition=_NEEDS_ATTENTION))
        .annotate(mailed=FilteredRelation("schedule__mail_answers", condition=_ANSWER_NEEDS_ATTENTION))
        .order_by("starts_at", "position", "id", "assignments__id", "event__id", "mailed__id")
        .values(
            "pk", "name", "kind", "place", "starts_at", "ends_at", "state", "link_tool", "plan_interview__link_tool",
            "meeting", "meeting_url", "meeting_problem", "meeting_number", "assignments__membership__user__video_room",
            "schedule_id", "schedule__state", "schedule__candidate_id", "schedule__candidate__name",
            "schedule__candidate__email", "schedule__job_id", "schedule__job__title", "schedule__stage__name",
            "assignments__membership_id", "assignments__membership__user__name", "assignments__membership__user__email",
            "assignments__membership__user__time_zone", "off__day", "off__note",
            "told", "taken__id", "taken__starts_at", "taken__ends_at", "taken__title",
            "event__id", "event__membership_id", "event__answer", "event__room_answer", "event__moved_starts_at",
            "event__proposed_starts_at", "event__deleted_at",
            "mailed__id", "mailed__membership_id", "mailed__answer", "mailed__starts_at", "mailed__ends_at",
            "mailed__proposed_starts_at", "mailed__entry__interview_ids", "mailed__entry__cancelled",
            "mailed__entry__audience",
            "room_id", "room__name", "room__location", "room__is_on", "room__missing_since", "room__connection__state",
        )
    )  # fmt: skip
    schedules: dict[int, UpcomingSchedule] = {}
    interviews: dict[int, UpcomingInterview] = {}
    for row in rows:
        schedule = schedules.get(row["schedule_id"]) or schedules.setdefault(row["schedule_id"], _schedule(row))
        interview = interviews.get(row["pk"])
        if interview is None:
            interview = interviews[row["pk"]] = _interview(row, schedule)
            schedule.interviews.append(interview)
        _add_person(interview, row)
        _add_event(interview, row)
        _add_answer(schedule, row)
    return schedules


def _schedule(row: dict[str, Any]) -> UpcomingSchedule:
    return UpcomingSchedule(
        pk=row["schedule_id"],
        is_cancelled=row["schedule__state"] == Schedule.State.CANCELLED,
        candidate=row["schedule__candidate_id"],
        name=row["schedule__candidate__name"],
        email=row["schedule__candidate__email"].strip(),
        job=row["schedule__job__title"] or "",
        stage=row["schedule__stage__name"] or "",
        job_pk=row["schedule__job_id"],
    )


def _interview(row: dict[str, Any], schedule: UpcomingSchedule) -> UpcomingInterview:
    return UpcomingInterview(
        pk=row["pk"],
        name=row["name"],
        kind=row["kind"],
        location=row["place"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        is_cancelled=schedule.is_cancelled or row["state"] == Interview.State.CANCELLED,
        tool=(row["plan_interview__link_tool"] or "") if row["link_tool"] is None else row["link_tool"],
        schedule=schedule,
        meeting=row["meeting"],
        meeting_url=row["meeting_url"],
        meeting_problem=row["meeting_problem"],
        meeting_number=row["meeting_number"],
        room=_room(row),
    )


def _room(row: dict[str, Any]) -> UpcomingRoom | None:
    if row["room_id"] is None:
        return None
    where = ", ".join(part for part in (row["room__name"], row["room__location"]) if part)
    is_connected = row["room__connection__state"] != CalendarConnection.State.DISCONNECTED
    is_available = row["room__is_on"] and row["room__missing_since"] is None and is_connected
    return UpcomingRoom(row["room_id"], row["room__name"], where, is_available)


def _add_person(interview: UpcomingInterview, row: dict[str, Any]) -> None:
    pk = row["assignments__membership_id"]
    if pk is None:
        return
    assigned = interview.people.get(pk)
    if assigned is None:
        email = row["assignments__membership__user__email"]
        zone = row["assignments__membership__user__time_zone"]
        name = row["assignments__membership__user__name"] or email
        room = row["assignments__membership__user__video_room"]
        assigned = interview.people[pk] = Assigned(pk, name, email, zone, {}, bool(row["told"]), room=room)
    if row["off__day"] is not None:
        assigned.off[row["off__day"]] = row["off__note"]
    if row["taken__id"] is not None:
        assigned.taken[row["taken__id"]] = (row["taken__starts_at"], row["taken__ends_at"], row["taken__title"])


def _add_event(interview: UpcomingInterview, row: dict[str, Any]) -> None:
    if row["event__id"] is not None and row["event__membership_id"] is not None:
        interview.events[row["event__id"]] = UpcomingEvent(
            pk=row["event__id"],
            membership=row["event__membership_id"],
            answer=row["event__answer"],
            room_answer=row["event__room_answer"],
            moved_starts_at=row["event__moved_starts_at"],
            proposed_starts_at=row["event__proposed_starts_at"],
            deleted_at=row["event__deleted_at"],
        )


def _add_answer(schedule: UpcomingSchedule, row: dict[str, Any]) -> None:
    pk = row["mailed__id"]
    if pk is None or pk in schedule.answers or row["mailed__entry__cancelled"] or row["mailed__starts_at"] is None:
        return
    if row["mailed__entry__audience"] == Audience.INTERVIEWER and row["mailed__membership_id"] is None:
        return  # has left the organization
    schedule.answers[pk] = UpcomingAnswer(
        pk=pk,
        membership=row["mailed__membership_id"],
        interviews=frozenset(row["mailed__entry__interview_ids"]),
        answer=row["mailed__answer"],
        starts_at=row["mailed__starts_at"],
        ends_at=row["mailed__ends_at"],
        proposed_starts_at=row["mailed__proposed_starts_at"],
    )


def _add_messages(schedules: dict[int, UpcomingSchedule]) -> None:
    rows = (
        Message.objects.filter(schedule_id__in=list(schedules))
        # As text: most are compared by their digest, and their JSON is never parsed.
        .annotate(raw=Cast("interviews", TextField()))
        .order_by("id")
        .values_list(
            "schedule_id", "audience", "membership_id",
            "state", "to_name", "to_email", "interviews_digest", "raw", "replaced_at", "membership__user__email",
            "part_of_id", "kind",
        )
    )  # fmt: skip
    for schedule, audience, member, state, name, email, digest, notified, replaced, today, part_of, kind in rows:
        message = UpcomingMessage(state, name, email, digest, notified or "[]", replaced is not None, today or "")
        key, withdrawn = (audience, member), MessageKind(kind).occasion == "withdrawal"
        if part_of is not None or withdrawn:
            schedules[schedule].event_mails.setdefault(key, []).append(message)
        else:
            schedules[schedule].messages.setdefault(key, []).append(message)
        if part_of is None:
            schedules[schedule].mails.setdefault(key, []).append(message)


def _add_links(interviews: dict[int, UpcomingInterview]) -> dict[tuple[int, int | None], int]:
    """Add the links to the interviews, and return the valid join links: one query, a row per pair."""
    valid = FilteredRelation("interview__join_links", condition=Q(interview__join_links__revoked_at__isnull=True))
    rows = (
        CodingLink.objects.filter(interview_id__in=list(interviews))
        .annotate(valid=valid)
        .order_by("id", "valid__id")
        .values_list(
            "interview_id", "valid__membership_id", "valid__id",
            "pk", "state", "problem_code", "not_before", "created_at", "next_attempt_at", "integration__kind",
            "integration__state",
        )
    )  # fmt: skip
    join_links: dict[tuple[int, int | None], int] = {}
    for interview, member, join_link, *values in rows:
        links = interviews[interview].links
        if not links or links[-1].pk != values[0]:
            links.append(UpcomingLink(*cast(Any, values)))
        if join_link is not None:
            join_links[interview, member] = join_link
    return join_links


def is_held(link: UpcomingLink) -> bool:
    """Whether the link's connection does not work now."""
    return link.integration != Integration.State.CONNECTED
