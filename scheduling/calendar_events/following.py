"""Events follow their schedule: after each change of it, the rows of its events say what should be in calendars.

`follow` runs in the transaction of the change and only writes rows; workers bring the calendars up to date
(`calendar_events.writing`). Each interviewer with a calendar that receives interviews has one event for each interview.
An event that is in a calendar whose connection is paused stays the invitation, and is brought up to date afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from integrations.calendars import Answer
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit
from organizations.models import Membership, Organization
from scheduling.calendar_events import meetings
from scheduling.calendar_events.content import Told
from scheduling.calendar_events.places import places_of, works
from scheduling.calendar_events.shown import EventSeen, seen
from scheduling.models import CalendarEvent, Candidate, EventState, Interview, MemberCalendar, Schedule

#: The id has to differ between installations too: two may write into one calendar.
SALT = "scheduling.calendar_events"
#: Answers and changes of others that are about a time which is not the event's any more.
NOTHING_SEEN: dict[str, Any] = {
    "answer": Answer.NONE,
    "comment": "",
    "answered_at": None,
    "proposed_starts_at": None,
    "proposed_ends_at": None,
    "moved_starts_at": None,
    "moved_ends_at": None,
    "deleted_at": None,
    "room_answer": Answer.NONE,
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    interview: Interview
    membership: int
    calendar: MemberCalendar
    digest: str
    meeting: str
    room: int | None = None


def follow(
    schedule: Schedule,
    interviews: Sequence[Interview],
    people: Mapping[int, Sequence[Membership]],
    linked: Iterable[int],
    *,
    mailed: Collection[int | None] = (),
    is_new: bool = False,
) -> list[EventSeen]:
    """Make the rows of a schedule's events what they should be; return those that are to stay, or can't be removed yet.

    Call it in the transaction of the change, with the schedule locked and its candidate and organization joined in.
    `interviews` are those that take place, `people` their interviewers by interview, `linked` the ids of those with a
    coding link. `mailed` are memberships who get mails: they keep the events that they have, and get no new ones.
    `is_new`: the schedule was made in this transaction. Takes two queries, and one for each row that changes.
    """
    there = of_schedule(schedule.pk).annotate(connection_state=F("connection__state"))
    locked: Iterable[CalendarEvent] = () if is_new else there.select_for_update(of=("self",))
    rows = {(event.interview_id, event.membership_id): event for event in locked}
    now, stay, anew = timezone.now(), [], set()
    coming = [interview for interview in interviews if interview.ends_at > now]
    places = places_of(coming, people, rows, mailed) if _by_calendar(schedule.organization) else {}
    wanted = _wanted(schedule, coming, people, set(linked), rows, places)
    for key, want in wanted.items():
        event = rows.get(key)
        if event is None or _is_another_meeting(event, want):
            anew.update([want.interview.pk] if want.meeting else [])
        if event is None:
            event = _made(schedule, want)
        elif _is_to_be_written(event, want):
            _change(event, want)
        stay.append(seen(event, want.interview, is_writable=works(want.calendar)))
    meetings.settle(coming, {want.interview.pk for want in wanted.values() if want.meeting}, anew)
    for pair, event in rows.items():
        if pair not in wanted and not _is_over(event, now):
            withdraw_one(event)
            if _stays_for_now(event):
                stay.append(seen(event, None, is_writable=False))
    if rows or wanted:
        after_commit("scheduling.write_calendar_events", schedule.pk)
    return stay


def _stays_for_now(event: CalendarEvent) -> bool:
    """Whether an event to be removed can't be: its calendar is paused. Wants the `connection_state` of its row."""
    is_paused = getattr(event, "connection_state", None) == CalendarConnection.State.PAUSED
    return is_paused and event.state == EventState.CANCELLING and event.membership_id is not None


def withdraw(schedule: Schedule) -> None:
    """Remove all events of a schedule that is about to be deleted, in the caller's transaction."""
    for event in of_schedule(schedule.pk).select_for_update(of=("self",)):
        withdraw_one(event)
        after_commit("scheduling.write_calendar_event", event.pk)


def withdraw_one(event: CalendarEvent) -> None:
    """Have an event removed from its calendar; one that was never sent is removed at once.

    One that a worker has claimed may be sent at any moment.
    """
    if event.state in {EventState.CANCELLING, EventState.CANCELLED}:
        return
    sent = event.sent_at is not None or bool(event.claim)
    event.state = EventState.CANCELLING if sent else EventState.CANCELLED
    _save(event, due_at=_due_at(event) if sent else None, **NOTHING_SEEN)


def of_schedule(schedule_id: int) -> QuerySet[CalendarEvent]:
    """Return the events of a schedule's interviews, in order of id."""
    return CalendarEvent.objects.filter(interview__schedule=schedule_id).order_by("id")


def rewrite(event: CalendarEvent, *, keeps_answer: bool = False) -> None:
    """Have an event written as it should be, whatever it is like in the calendar now. The caller has locked it.

    `keeps_answer`: what its owner said of it stays true.
    """
    seen = {} if keeps_answer else NOTHING_SEEN
    event.revision += 1
    event.version = ""
    event.state = EventState.PENDING
    _save(event, due_at=_due_at(event), attempts=0, problem_code="", problem_params={}, version="", **seen)
    after_commit("scheduling.write_calendar_event", event.pk)


def renamed(candidate: Candidate) -> None:
    """Have past events of a candidate who got another name written again, in the caller's transaction.

    Nothing else changes an event that is over; `follow` sees to those that are coming. One that its owner deleted stays
    deleted.
    """
    now = timezone.now()
    over = CalendarEvent.objects.select_for_update(of=("self",)).filter(
        interview__schedule__candidate=candidate, state=EventState.READY, ends_at__lte=now, deleted_at=None
    )
    for event in over.filter(connection__state=CalendarConnection.State.CONNECTED).order_by("id"):
        event.revision += 1
        event.state = EventState.PENDING
        _save(event, due_at=now, attempts=0)
        after_commit("scheduling.write_calendar_event", event.pk)


def receives(organization: Organization) -> Combinable:
    """Return a column for queries of members: whether their calendar receives interviews."""
    if not _by_calendar(organization):
        return Value(value=False)
    works = MemberCalendar.objects.filter(is_written=True, connection__state=CalendarConnection.State.CONNECTED)
    return Exists(works.filter(membership=OuterRef("pk")).order_by())


def _by_calendar(organization: Organization) -> bool:
    return organization.interviewer_invitations == Organization.InterviewerInvitations.CALENDAR


def _is_another_meeting(event: CalendarEvent, want: _Wanted) -> bool:
    """Whether the event's video call is made anew: it has none, or it had one in another calendar, or is written again.

    One that the vendor refused is ordered again when the event changes.
    """
    if event.calendar_id != want.calendar.pk or not _is_live(event):
        return True
    return event.meeting != want.meeting and event.content_digest != want.digest


def _wanted(
    schedule: Schedule,
    coming: Sequence[Interview],
    people: Mapping[int, Sequence[Membership]],
    linked: set[int],
    rows: Mapping[tuple[int | None, int | None], CalendarEvent],
    places: Mapping[tuple[int, int], MemberCalendar],
) -> dict[tuple[int, int], _Wanted]:
    """The events that should be there, by interview and membership: of coming interviews."""
    owners = meetings.owners(coming, people, places, rows)
    found = {}
    for interview in coming:
        assigned = people.get(interview.pk, ())
        told = _told(interview, schedule, assigned, interview.pk in linked)
        host = _host(interview, assigned, places)
        for member in assigned:
            calendar = places.get((interview.pk, member.pk))
            if calendar is not None:
                has, room = owners.get(interview.pk) == member.pk, interview.room_id if member.pk == host else None
                digest = replace(told, has_meeting=has, brings=room or 0).digest()
                meeting = interview.meeting if has else ""
                found[interview.pk, member.pk] = _Wanted(interview, member.pk, calendar, digest, meeting, room)
    return found


def _host(
    interview: Interview, assigned: Sequence[Membership], places: Mapping[tuple[int, int], MemberCalendar]
) -> int | None:
    """Return the membership whose event brings the room along; None without a room, or where nobody's can.

    Only one event of an interview may: to a second one the room would say no. It has to be in a calendar that the
    room's vendor serves for the whole organization.
    """
    if interview.room is None or not interview.room.is_available:
        return None
    there = (member.pk for member in assigned if (interview.pk, member.pk) in places)
    hosts = (pk for pk in there if places[interview.pk, pk].connection_id == interview.room.connection_id)
    return min(hosts, default=None)


def _told(interview: Interview, schedule: Schedule, assigned: Sequence[Membership], has_link: bool) -> Told:
    return Told(
        interview=interview.pk,
        name=interview.name,
        place=interview.place,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        candidate=schedule.candidate.name,
        people=tuple(member.pk for member in assigned),
        has_link=has_link,
        meeting=interview.meeting,
        room=interview.room.where if interview.room else "",
    )


def _made(schedule: Schedule, want: _Wanted) -> CalendarEvent:
    return CalendarEvent.objects.create(
        organization=schedule.organization,
        interview=want.interview,
        membership_id=want.membership,
        **_place(want.calendar),
        our_id=our_id(want.interview.pk, want.membership),
        content_digest=want.digest,
        meeting=want.meeting,
        room_id=want.room,
    )


def _place(calendar: MemberCalendar) -> dict[str, Any]:
    """The columns that say where an event is written."""
    return {
        "calendar_id": calendar.pk,
        "connection_id": calendar.connection_id,
        "calendar_external_id": calendar.external_id,
    }


def our_id(interview: int, membership: int) -> str:
    """Return the id of an interviewer's event: 32 hexadecimal digits, the same each time.

    The second half is a seal, by which an id is known that no row has (`is_from_here`).
    """
    own = _digits(f"{interview}:{membership}")
    return own + _digits(own)


def is_from_here(event_id: str) -> bool:
    """Whether this installation has made an event's id, even if it does not remember it."""
    return len(event_id) == 32 and constant_time_compare(event_id[16:], _digits(event_id[:16]))


def _digits(value: str) -> str:
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:16]


def _change(event: CalendarEvent, want: _Wanted) -> None:
    """Give an event other content, or bring back one that was removed. In another calendar it is another event."""
    moved: dict[str, Any] = {}
    if event.calendar_id != want.calendar.pk:
        moved = _place(want.calendar)
        before = (event.connection_id, event.calendar_external_id)
        if before != (moved["connection_id"], moved["calendar_external_id"]):  # else it was only connected again
            _remove_from_former_calendar(event)
            moved |= {"external_id": "", "version": "", "sent_at": None, "room_address": ""}
    event.revision += 1
    event.content_digest = want.digest
    event.state = EventState.PENDING
    seen = NOTHING_SEEN if _another_time(event, want) else {}
    if event.room_id != want.room:
        moved |= {"room_id": want.room, "room_answer": Answer.NONE}
    _save(
        event,
        due_at=_due_at(event),
        content_digest=want.digest,
        meeting=want.meeting,
        attempts=0,
        problem_code="",
        problem_params={},
        **(seen | moved),
    )


def _is_to_be_written(event: CalendarEvent, want: _Wanted) -> bool:
    """Whether the event is not what it should be, or in another calendar."""
    if event.calendar_id != want.calendar.pk or not _is_live(event):
        return True
    is_behind = event.state == EventState.READY and event.revision != event.written_revision
    return (event.content_digest != want.digest or is_behind) and not _is_to_be_decided(event, want)


def _is_to_be_decided(event: CalendarEvent, want: _Wanted) -> bool:
    """Whether its owner moved or deleted it, and the interview is still where it was: Home asks what to do.

    To write it now would put it back, and take the question away. What else is new of it is written with the answer.
    """
    was_changed = event.moved_starts_at is not None or event.deleted_at is not None
    return was_changed and event.state == EventState.READY and not _another_time(event, want)


def _remove_from_former_calendar(event: CalendarEvent) -> None:
    """Have an event removed from the calendar that it is in, or may be, before its row goes on with another one."""
    if event.sent_at is None and not event.claim:
        return
    former = CalendarEvent.objects.create(
        organization_id=event.organization_id,
        interview=None,
        membership=None,
        connection_id=event.connection_id,
        calendar_external_id=event.calendar_external_id,
        our_id=event.our_id,
        room_address=event.room_address,
        state=EventState.CANCELLING,
        revision=event.revision,
        written_revision=event.written_revision,
        sent_at=event.sent_at or timezone.now(),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        next_attempt_at=_due_at(event),
    )
    after_commit("scheduling.write_calendar_event", former.pk)


def _another_time(event: CalendarEvent, want: _Wanted) -> bool:
    return (event.starts_at, event.ends_at) != (want.interview.starts_at, want.interview.ends_at)


def _save(event: CalendarEvent, *, due_at: datetime | None, **columns: Any) -> None:
    """Store an event's state, revision and timer. A claim stays: what its worker brings back is looked at again."""
    CalendarEvent.objects.filter(pk=event.pk).update(
        state=event.state, revision=event.revision, next_attempt_at=due_at, changed_at=timezone.now(), **columns
    )


def _due_at(event: CalendarEvent) -> datetime:
    """Now; or, where a worker talks to the vendor about it, when its lease is over: nothing may overtake it."""
    now = timezone.now()
    return max(now, event.next_attempt_at) if event.claim and event.next_attempt_at else now


def _is_live(event: CalendarEvent) -> bool:
    return event.state not in {EventState.CANCELLING, EventState.CANCELLED}


def _is_over(event: CalendarEvent, now: datetime) -> bool:
    """An event of the past stays in the calendar as a memory of it."""
    return event.ends_at is not None and event.ends_at <= now
