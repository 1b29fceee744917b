"""The queries behind the list on Home: what is due, its interviews and people, their messages and links."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Case, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from integrations.calendars import Answer
from organizations.access import Access
from organizations.compiled import Compiled, among
from organizations.reader_queries import ReaderQuery
from scheduling.calendar_events.shown import is_room_reserved, told_by_calendar
from scheduling.join_links.meetings import is_server_set_up
from scheduling.models import CalendarEvent, CodingLink, EventState, Interview, LinkState, MailAnswer, Message
from scheduling.models.calendars import Weight
from scheduling.models.messages import NOTIFIED, TROUBLED

# How far ahead trouble is searched.
SOON = timedelta(days=14)
# Longer than any interview: one in progress is found by its start.
LONGEST = timedelta(days=2)
# The newest rows in trouble, of each state, which are read however far ahead their interviews are.
NEWEST = 50
# States that may need a person.
LINKS_IN_TROUBLE = [LinkState.FAILED, LinkState.UNKNOWN, LinkState.CANCELLING]


def _needs_attention(event: str = "") -> Q:
    """The condition of an event that its owner, or its room, answered or changed; `event` is the path to it."""
    return Q(**{f"{event}state": EventState.READY}) & (
        Q(**{f"{event}answer": Answer.DECLINED})
        | Q(**{f"{event}room_answer": Answer.DECLINED})
        | Q(**{f"{event}moved_starts_at__isnull": False})
        | Q(**{f"{event}proposed_starts_at__isnull": False})
        | Q(**{f"{event}deleted_at__isnull": False})
    )


def _waits_for_calendar(event: str) -> Q:
    """The condition of an event that its calendar has, and that is still to be changed or removed there."""
    waits = {f"{event}state__in": [EventState.PENDING, EventState.CANCELLING]}
    return Q(**waits, **{f"{event}written_revision__gt": 0})


def _answer_needs_attention(answer: str = "") -> Q:
    """The condition of an answer by mail; `answer` is the path to it."""
    return Q(**{f"{answer}answer": Answer.DECLINED}) | Q(**{f"{answer}proposed_starts_at__isnull": False})


class UpcomingRow(NamedTuple):
    """An interview of a schedule with one assignment, day off, entry of a calendar, event and answer: see `_rows`."""

    pk: int
    name: str
    kind: str
    place: str
    starts_at: datetime
    ends_at: datetime
    state: str
    link_tool: str | None
    planned_tool: str | None
    meeting: str
    meeting_url: str
    meeting_problem: str
    meeting_number: int
    meeting_server: bool
    member_video_room: str
    schedule: int
    schedule_state: str
    candidate: int
    candidate_name: str
    candidate_email: str
    job: int | None
    job_title: str | None
    stage_name: str | None
    member: int | None
    member_name: str
    member_email: str
    member_zone: str
    member_holidays_of: str
    off: date | None
    off_note: str
    is_told: bool | None
    entry: int | None
    entry_starts_at: datetime
    entry_ends_at: datetime
    entry_title: str
    event: int | None
    event_member: int | None
    event_answer: str
    event_room_answer: str
    event_moved_starts_at: datetime | None
    event_moved_ends_at: datetime | None
    event_proposed_starts_at: datetime | None
    event_deleted_at: datetime | None
    event_comment: str | None
    event_state: str
    event_connection: str | None
    event_starts_at: datetime | None
    event_ends_at: datetime | None
    event_member_name: str
    event_member_email: str
    mail: int | None
    mail_member: int | None
    mail_answer: str
    mail_starts_at: datetime | None
    mail_ends_at: datetime
    mail_proposed_starts_at: datetime | None
    mail_comment: str | None
    mail_overruled: bool
    mail_interviews: list[int]
    mail_cancelled: bool
    mail_audience: str
    room: int | None
    room_name: str
    room_location: str
    room_is_on: bool
    room_missing_since: datetime | None
    room_connection: str
    room_is_reserved: bool


def _rows(
    access: Access, now: datetime, began: datetime, until: datetime, first: date, last: date
) -> QuerySet[Interview, Any]:
    """The schedules that are due, with all their interviews and people.

    It has an `UpcomingRow` for each assignment, day off, entry of the person's calendar at the time of the interview,
    event of the interview in a calendar that needs attention or waits for it, and such an answer by mail.

    Not filtered by organization again: `_due` has only the reader's schedules, and their ids are the better index.
    """
    days_off = FilteredRelation(
        "assignments__membership__days_off", condition=Q(assignments__membership__days_off__day__range=(first, last))
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
    return (
        Interview.objects.filter(_InOnce(F("schedule_id"), _due(access, now, began, until).query))
        .annotate(off=days_off, taken=taken, told=told_by_calendar("pk", "assignments__membership"))
        .annotate(reserved=is_room_reserved())
        .annotate(server=is_server_set_up())
        .annotate(
            event=FilteredRelation(
                "calendar_events",
                condition=_needs_attention("calendar_events__") | _waits_for_calendar("calendar_events__"),
            )
        )
        .annotate(
            mailed=FilteredRelation(
                "schedule__mail_answers", condition=_answer_needs_attention("schedule__mail_answers__")
            )
        )
        .annotate(overruled=_is_overruled())
        .order_by("starts_at", "position", "id", "assignments__id", "event__id", "mailed__id")
        .values_list(
            "pk", "name", "kind", "place", "starts_at", "ends_at", "state", "link_tool", "plan_interview__link_tool",
            "meeting", "meeting_url", "meeting_problem", "meeting_number", "server",
            "assignments__membership__user__video_room",
            "schedule_id", "schedule__state", "schedule__candidate_id", "schedule__candidate__name",
            "schedule__candidate__email", "schedule__job_id", "schedule__job__title", "schedule__stage__name",
            "assignments__membership_id", "assignments__membership__user__name", "assignments__membership__user__email",
            "assignments__membership__user__time_zone", "assignments__membership__holidays_of", "off__day", "off__note",
            "told", "taken__id", "taken__starts_at", "taken__ends_at", "taken__title",
            "event__id", "event__membership_id", "event__answer", "event__room_answer", "event__moved_starts_at",
            "event__moved_ends_at", "event__proposed_starts_at", "event__deleted_at", "event__comment",
            "event__state", "event__connection__state", "event__starts_at", "event__ends_at",
            "event__membership__user__name", "event__membership__user__email",
            "mailed__id", "mailed__membership_id", "mailed__answer", "mailed__starts_at", "mailed__ends_at",
            "mailed__proposed_starts_at", "mailed__comment", "overruled", "mailed__entry__interview_ids",
            "mailed__entry__cancelled", "mailed__entry__audience",
            "room_id", "room__name", "room__location", "room__is_on", "room__missing_since", "room__connection__state",
            "reserved",
        )
    )  # fmt: skip


def _is_overruled() -> Case:
    """Whether the interviewer of the answer by mail, `mailed`, has said something in their calendar, too."""
    said = CalendarEvent.objects.filter(
        interview=OuterRef("mailed__interview"), membership=OuterRef("mailed__membership"), state=EventState.READY
    ).filter(~Q(answer=Answer.NONE) | _needs_attention())
    otherwise = Exists(said.order_by())
    return Case(When(mailed__isnull=True, then=False), default=otherwise, output_field=BooleanField())


ROWS: Final = ReaderQuery(_rows, datetime, datetime, datetime, date, date)


def _due(access: Access, now: datetime, began: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Ids of schedules with something to come: upcoming interviews, what people were told or answered, and trouble."""
    ahead = Q(starts_at__gt=began, starts_at__lt=until, ends_at__gt=now)
    notified = Q(covers_from__lt=until, covers_until__gt=now)
    later = Q(starts_at__gte=until) & (Exists(_changed_in_calendars()) | Exists(_answered_by_mail()))
    unsent = newest(access.all(Message).filter(replaced_at__isnull=True), TROUBLED)
    waiting = newest(access.all(CodingLink), LINKS_IN_TROUBLE)
    # Unordered: a union can't have ordered parts.
    interviews, messages = (access.all(model).order_by() for model in (Interview, Message))
    return (
        interviews.filter(ahead)
        .values("schedule_id")
        .union(
            interviews.filter(later).values("schedule_id"),
            messages.filter(notified, state__in=NOTIFIED).values("schedule_id"),
            *(some.filter(schedule__last_ends_at__gt=now).values("schedule_id") for some in unsent),
            *(some.filter(interview__ends_at__gt=now).values("interview__schedule_id") for some in waiting),
        )
    )


def _changed_in_calendars() -> QuerySet[CalendarEvent]:
    """The events of an interview that need attention."""
    return CalendarEvent.objects.filter(_needs_attention(), interview=OuterRef("pk")).order_by()


def _answered_by_mail() -> QuerySet[MailAnswer]:
    """Such answers by mail about an interview's schedule."""
    return MailAnswer.objects.filter(_answer_needs_attention(), schedule=OuterRef("schedule")).order_by()


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


def _messages(schedules: list[int]) -> QuerySet[Message, Any]:
    return (
        Message.objects.filter(among("schedule_id", schedules))
        # As text: most are compared by their digest, and their JSON is never parsed.
        .annotate(raw=Cast("interviews", TextField()))
        .order_by("id")
        .values_list(
            "schedule_id", "audience", "membership_id",
            "state", "to_name", "to_email", "interviews_digest", "raw", "replaced_at", "membership__user__email",
            "part_of_id", "kind",
        )
    )  # fmt: skip


MESSAGES: Final = Compiled(_messages, list)


def _links(interviews: list[int]) -> QuerySet[Interview, Any]:
    """The links of interviews: a row for each pair of a coding link and a valid join link.

    Of interviews with a video call that have no coding link, a row for each valid join link.
    """
    valid = FilteredRelation("join_links", condition=Q(join_links__revoked_at__isnull=True))
    return (
        Interview.objects.filter(among("id", interviews))
        .annotate(link=FilteredRelation("coding_links"), valid=valid)
        .filter(Q(link__isnull=False) | ~Q(meeting=""))
        .order_by("link__id", "valid__id")
        .values_list(
            "id", "valid__membership_id", "valid__id",
            "link__id", "link__state", "link__problem_code", "link__not_before", "link__created_at",
            "link__next_attempt_at", "link__integration__kind", "link__integration__state",
        )
    )  # fmt: skip


LINKS: Final = Compiled(_links, list)
