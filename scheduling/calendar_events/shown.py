"""The events of a schedule in its interviewers' calendars, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.calendars import Answer
from integrations.models import CalendarConnection
from scheduling.models import CalendarEvent, EventState, Interview, InterviewerAssignment, MailAnswer

CONNECTED = CalendarConnection.State.CONNECTED


@dataclass(frozen=True, slots=True)
class EventSeen:
    """One event. `is_writable`: its calendar's connection works. `is_current`: the calendar has its newest state."""

    interview: int
    membership: int
    state: str
    is_writable: bool
    is_current: bool
    answer: str
    answered_at: datetime | None

    @property
    def is_told(self) -> bool:
        """Whether its interviewer needs no mail about it: it is in the calendar, or a worker will write it there."""
        if self.state == EventState.READY:
            return self.is_current or self.is_writable
        return self.state == EventState.PENDING and self.is_writable

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
    """Return whether there is an event that `is_told`, for rows with an interview and a membership at these paths."""
    works = Q(connection__state=CONNECTED)
    told = Q(state=EventState.PENDING) & works | Q(state=EventState.READY) & (works | Q(written_revision=F("revision")))
    events = CalendarEvent.objects.filter(interview=OuterRef(interview), membership=OuterRef(membership))
    return Exists(events.exclude(state=EventState.CANCELLED).filter(told))


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


def by_member(events: Iterable[CalendarEvent]) -> dict[int, list[EventSeen]]:
    """Return events that `following.follow` returned, whose connections work, by membership."""
    found: dict[int, list[EventSeen]] = {}
    for event in events:
        if event.interview_id is not None and event.membership_id is not None:
            is_current = event.revision == event.written_revision
            seen = EventSeen(
                event.interview_id,
                event.membership_id,
                event.state,
                is_writable=True,
                is_current=is_current,
                answer=event.answer,
                answered_at=event.answered_at,
            )
            found.setdefault(event.membership_id, []).append(seen)
    return found


def events_of(schedule_id: int) -> dict[int, list[EventSeen]]:
    """Return the events of a schedule that are not removed, by membership, in order of time."""
    rows = CalendarEvent.objects.filter(interview__schedule=schedule_id).exclude(
        state__in=[EventState.CANCELLING, EventState.CANCELLED]
    )
    columns = ("interview", "membership", "state", "connection__state", "revision", "written_revision")
    found: dict[int, list[EventSeen]] = {}
    for row in rows.order_by("interview__starts_at", "id").values_list(*columns, "answer", "answered_at"):
        interview, membership, state, connection, revision, written, answer, answered_at = row
        is_writable, is_current = connection == CONNECTED, revision == written
        found.setdefault(membership, []).append(
            EventSeen(interview, membership, state, is_writable, is_current, answer, answered_at)
        )
    return found
