"""The events of a schedule in its interviewers' calendars, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from integrations.calendars import Answer
from integrations.models import CalendarConnection
from organizations.compiled import Compiled
from scheduling.calendar_events.said import ASKED_AGAIN, Badge, News, badge_of, news_of, with_comment
from scheduling.models import CalendarEvent, EventState, Interview, InterviewerAssignment, MailAnswer

CONNECTED, PAUSED = CalendarConnection.State.CONNECTED, CalendarConnection.State.PAUSED


@dataclass(frozen=True, slots=True)
class EventSeen:
    """One event. `is_writable`: its calendar's connection works.

    `shows` are the times in the calendar, as written last; None where it was never written. `planned` are those of the
    interview; None where the event is to be removed, which it can't be while the connection is paused.
    """

    interview: int
    membership: int
    state: str
    is_writable: bool
    shows: tuple[datetime, datetime] | None
    planned: tuple[datetime, datetime] | None
    answer: str
    answered_at: datetime | None
    moved_starts_at: datetime | None
    proposed_starts_at: datetime | None
    deleted_at: datetime | None
    comment: str = ""

    @property
    def is_told(self) -> bool:
        """Whether its interviewer needs no mail about it.

        It is in the calendar at its time, or a worker will write it there. Other news wait for the calendar.
        """
        if self.state not in {EventState.READY, EventState.PENDING}:
            return False
        return self.is_writable or (self.shows is not None and self.shows == self.planned)

    @property
    def is_stale(self) -> bool:
        """Whether the calendar shows another time, or what does not take place, and can't be written now."""
        is_waiting = self.state in {EventState.PENDING, EventState.CANCELLING} and not self.is_writable
        return is_waiting and self.shows is not None and self.shows != self.planned

    @property
    def badge(self) -> Badge:
        """Label, icon and severity (a colour's name in the style sheet)."""
        if self.state == EventState.FAILED:
            return _("Not in the calendar"), "calendar-x", "danger"
        if self.state == EventState.PENDING:
            label = _("Being written to the calendar") if self.is_writable else _("Waiting for the calendar")
            return label, "clock", "azure"
        return badge_of(self)

    @property
    def said_at(self) -> datetime | None:
        """When its owner said what the badge says, where that is known."""
        news = news_of(self) if self.state == EventState.READY else None
        if news is News.MOVED:
            return None
        return self.deleted_at if news is News.DELETED else self.answered_at


def when_calendars_follow(interviews: Iterable[Interview]) -> str:
    """Return when the interviewers' calendars follow a cancellation; empty where none has an event of these interviews.

    What is not written yet into a calendar that is paused never comes there.
    """
    there = CalendarEvent.objects.filter(interview__in=list(interviews))
    there = there.filter(state__in=[EventState.READY, EventState.PENDING])
    there = there.filter(Q(connection__state=CONNECTED) | Q(connection__state=PAUSED, written_revision__gt=0))
    states = set(there.order_by().values_list("connection__state", flat=True).distinct())
    if states == {CONNECTED, PAUSED}:
        return _("Interviewers' calendars are updated at once; paused ones once they work again.")
    if states == {PAUSED}:
        return _("Interviewers' calendars are updated once their connection works again.")
    return _("Interviewers' calendars are updated at once.") if states else ""


def told_by_calendar(interview: str, membership: str) -> Exists:
    """Return whether there is an event that `is_told`, for rows of interviews; these are the paths of their ids."""
    shown = Q(written_revision__gt=0, starts_at=OuterRef("starts_at"), ends_at=OuterRef("ends_at"))
    events = CalendarEvent.objects.filter(interview=OuterRef(interview), membership=OuterRef(membership))
    told = events.filter(state__in=[EventState.READY, EventState.PENDING])
    return Exists(told.filter(Q(connection__state=CONNECTED) | shown))


def there_in_calendar(interview: str, membership: str) -> Exists:
    """Return whether a calendar has the event, perhaps as it was before a change; for rows with ids at these paths."""
    events = CalendarEvent.objects.filter(interview=OuterRef(interview), membership=OuterRef(membership))
    return Exists(events.filter(state__in=[EventState.READY, EventState.PENDING], written_revision__gt=0))


#: Columns of an event, and of an answer by mail, that tell what an interviewer said.
_OF_EVENT = ("answer", "comment", "moved_starts_at", "proposed_starts_at", "deleted_at")
_OF_MAIL = {"answer": "said", "comment": "comment", "proposed_starts_at": "proposed_starts_at"}
_OF_SEEN = (*_OF_EVENT, "answered_at")


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """An interviewer's answer beside their name: an icon, its severity, the word, and what they wrote with it."""

    icon: str
    severity: str
    word: str
    comment: str = ""

    @property
    def words(self) -> str:
        """The word with the comment."""
        return with_comment(self.word, self.comment)


@dataclass(frozen=True, slots=True)
class _Said:
    """The answer of an interviewer, or their change: of the event in the calendar, or by mail."""

    answer: str
    comment: str
    proposed_starts_at: datetime | None
    moved_starts_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def is_nothing(self) -> bool:
        times = (self.proposed_starts_at, self.moved_starts_at, self.deleted_at)
        return self.answer == Answer.NONE and not any(times)


def with_answers(assignments: QuerySet[InterviewerAssignment]) -> QuerySet[InterviewerAssignment]:
    """Return the assignments with what their interviewers said, for `answer_mark`.

    An answer by mail to another time than the interview's is none, and so is one to an invitation that was withdrawn.
    """
    path = "interview__calendar_events"
    mine = Q(**{f"{path}__membership": F("membership"), f"{path}__state": EventState.READY})
    mailed = MailAnswer.objects.filter(
        interview=OuterRef("interview"),
        membership=OuterRef("membership"),
        starts_at=OuterRef("interview__starts_at"),
        ends_at=OuterRef("interview__ends_at"),
        entry__cancelled=False,
    ).order_by("-id")
    # As `said.by_mail`.
    asked_again = When(answered_at=None, stamped_at__isnull=False, then=Value(ASKED_AGAIN))
    mailed = mailed.annotate(said=Case(asked_again, default="answer"))
    events = {f"event_{name}": F(f"event__{name}") for name in _OF_EVENT}
    mails = {f"mail_{name}": Subquery(mailed.values(column)[:1]) for name, column in _OF_MAIL.items()}
    return assignments.annotate(event=FilteredRelation(path, condition=mine)).annotate(**events, **mails)


def with_room_answers(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Return the interviews with the `room_answer` of the event that brings their room along; None without one."""
    events = _with_room().order_by("-id")
    return interviews.annotate(room_answer=Subquery(events.values("room_answer")[:1]))


def is_room_reserved() -> Case:
    """Return whether an event brings an interview's room along, for queries of interviews; true without a room."""
    return Case(When(room=None, then=True), default=Exists(_with_room().order_by()), output_field=BooleanField())


def _with_room() -> QuerySet[CalendarEvent]:
    """The event that brings the room of an interview along; none where it could not be written."""
    events = CalendarEvent.objects.filter(interview=OuterRef("pk"), room__isnull=False)
    return events.filter(state__in=[EventState.PENDING, EventState.READY])


def room_problem(interview: Interview) -> str:
    """Return what is wrong with the booking of the room of an interview from `with_room_answers`; empty for nothing."""
    answer = getattr(interview, "room_answer", None)
    if answer == Answer.DECLINED:
        return _("The room declined")
    # No interviewer's calendar can invite it: nobody's is connected where the room is.
    return _("Not reserved in the room's calendar") if answer is None else ""


def answer_mark(assignment: InterviewerAssignment, *, reads_comment: bool) -> AnswerMark | None:
    """Return the mark of an assignment from `with_answers`; None while nothing was said."""
    said = _said(assignment)
    if said is None:
        return None
    word, icon, severity = badge_of(said)
    return AnswerMark(icon, severity, word, str(said.comment or "") if reads_comment else "")


def _said(assignment: InterviewerAssignment) -> _Said | None:
    """Return what counts: what they did in their calendar, or else their answer by mail."""
    for source, names in (("event", _OF_EVENT), ("mail", _OF_MAIL)):
        columns: dict[str, Any] = {name: getattr(assignment, f"{source}_{name}", None) for name in names}
        said = _Said(**columns) if columns["answer"] else None
        if said is not None and not said.is_nothing:
            return said
    return None


def seen(event: CalendarEvent, interview: Interview | None, *, is_writable: bool) -> EventSeen:
    """Return an event as it is shown. `interview`: None where it is to be removed."""
    assert event.interview_id is not None and event.membership_id is not None  # noqa: S101 - else nobody is shown it
    return EventSeen(
        event.interview_id,
        event.membership_id,
        event.state,
        is_writable,
        shows=_shows(event.written_revision, event.starts_at, event.ends_at),
        planned=(interview.starts_at, interview.ends_at) if interview is not None else None,
        **{name: getattr(event, name) for name in _OF_SEEN},
    )


def _shows(written: int, starts_at: datetime | None, ends_at: datetime | None) -> tuple[datetime, datetime] | None:
    return (starts_at, ends_at) if written and starts_at is not None and ends_at is not None else None


def by_member(events: Iterable[EventSeen]) -> dict[int, list[EventSeen]]:
    """Return events that `following.follow` returned, by membership."""
    found: dict[int, list[EventSeen]] = {}
    for event in events:
        found.setdefault(event.membership, []).append(event)
    return found


def events_of(schedule_id: int) -> dict[int, list[EventSeen]]:
    """Return the events of a schedule by membership, in order of time: those to be removed only while they can't be."""
    found: dict[int, list[EventSeen]] = {}
    for row in _EVENTS.all(schedule_id):
        interview, membership, state, connection, written, starts_at, ends_at, from_, until, *said = row
        one = EventSeen(
            interview,
            membership,
            state,
            is_writable=connection == CONNECTED,
            shows=_shows(written, starts_at, ends_at),
            planned=None if state == EventState.CANCELLING else (from_, until),
            **dict(zip(_OF_SEEN, said, strict=True)),
        )
        found.setdefault(membership, []).append(one)
    return found


def _events(schedule: int) -> QuerySet[CalendarEvent, tuple[Any, ...]]:
    stay = ~Q(state__in=[EventState.CANCELLING, EventState.CANCELLED])
    stale = Q(state=EventState.CANCELLING, connection__state=PAUSED)
    rows = CalendarEvent.objects.filter(stay | stale, interview__schedule=schedule, membership__isnull=False)
    columns = ("interview", "membership", "state", "connection__state", "written_revision", "starts_at", "ends_at")
    planned = ("interview__starts_at", "interview__ends_at")
    return rows.order_by("interview__starts_at", "id").values_list(*columns, *planned, *_OF_SEEN)


_EVENTS: Final = Compiled(_events, int)
