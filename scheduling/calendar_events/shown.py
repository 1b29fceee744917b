"""The events of a schedule in its interviewers' calendars, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.calendars import Answer
from integrations.models import CalendarConnection
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
    def badge(self) -> tuple[str, str, str]:
        """Label, icon and severity (a colour's name in the style sheet)."""
        if self.state == EventState.FAILED:
            return _("Not in the calendar"), "calendar-x", "danger"
        if self.state == EventState.PENDING:
            return _("Being written to the calendar"), "clock", "azure"
        label, icon, severity = ANSWERS[Answer(self.answer)]
        return str(label), icon, severity


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


ANSWERS = {
    Answer.NONE: (gettext_lazy("In the calendar"), "calendar-event", "success"),
    Answer.ACCEPTED: (gettext_lazy("Accepted"), "circle-check", "success"),
    Answer.TENTATIVE: (gettext_lazy("Tentative"), "help", "warning"),
    Answer.DECLINED: (gettext_lazy("Declined"), "circle-x", "danger"),
}


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """An interviewer's answer beside their name: an icon, its severity, and the word."""

    icon: str
    severity: str
    word: str


def with_answers(assignments: QuerySet[InterviewerAssignment]) -> QuerySet[InterviewerAssignment]:
    """Return the assignments with the `answer` from the interviewer's calendar, or by mail; None without either.

    An answer by mail to another time than the interview's is none.
    """
    events = CalendarEvent.objects.filter(
        interview=OuterRef("interview"), membership=OuterRef("membership"), state=EventState.READY
    )
    mailed = MailAnswer.objects.filter(
        interview=OuterRef("interview"),
        membership=OuterRef("membership"),
        starts_at=OuterRef("interview__starts_at"),
        ends_at=OuterRef("interview__ends_at"),
    )
    found = [Subquery(rows.order_by("-id").values("answer")[:1]) for rows in (events, mailed)]
    return assignments.annotate(answer=Coalesce(*found))


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


def answer_mark(assignment: InterviewerAssignment) -> AnswerMark | None:
    """Return the mark of an assignment from `with_answers`; None while nothing was answered."""
    answer = getattr(assignment, "answer", None) or Answer.NONE
    if answer == Answer.NONE:
        return None
    word, icon, severity = ANSWERS[Answer(answer)]
    return AnswerMark(icon, severity, str(word))


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
        answer=event.answer,
        answered_at=event.answered_at,
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
    stay = ~Q(state__in=[EventState.CANCELLING, EventState.CANCELLED])
    stale = Q(state=EventState.CANCELLING, connection__state=PAUSED)
    rows = CalendarEvent.objects.filter(stay | stale, interview__schedule=schedule_id, membership__isnull=False)
    columns = ("interview", "membership", "state", "connection__state", "written_revision", "starts_at", "ends_at")
    planned = ("interview__starts_at", "interview__ends_at")
    found: dict[int, list[EventSeen]] = {}
    for row in rows.order_by("interview__starts_at", "id").values_list(*columns, *planned, "answer", "answered_at"):
        interview, membership, state, connection, written, starts_at, ends_at, from_, until, answer, answered_at = row
        one = EventSeen(
            interview,
            membership,
            state,
            is_writable=connection == CONNECTED,
            shows=_shows(written, starts_at, ends_at),
            planned=None if state == EventState.CANCELLING else (from_, until),
            answer=answer,
            answered_at=answered_at,
        )
        found.setdefault(membership, []).append(one)
    return found
