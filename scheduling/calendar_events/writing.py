"""Bring calendars up to date: put events that should be there, delete those that should not.

    PENDING -> READY        it is in the calendar as `written_revision` says: an older one where its owner has moved it
       ^         |-> PENDING   something changed: it is written again
       |-- FAILED             the vendor refused for good; the interviewer is invited by mail
    any -> CANCELLING -> CANCELLED   the vendor refused for good: it stays CANCELLING without a timer, and Home says so

A READY event whose video call the vendor still makes is looked at until it is there (`meetings`).

A coding link's life has two states more. An event needs neither: putting and deleting it may be repeated, because its
id is derived from our own, so a lost answer is a reason to do the same again.

Claim by conditional update, commit, call the vendor outside any transaction, then store the outcome. A change that
comes in between leaves the claim alone; the worker sees the newer revision, or the other state, when it is back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.base import CredentialsRejected, Gone, Refused, Retryable, ToolError
from integrations.calendar_calls import MAX_WAIT, call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import CalendarLimited, EventChanged, EventRequest, VendorEvent
from integrations.models import CalendarConnection
from organizations import enqueue
from organizations.waits import back_off, new_claim
from scheduling.availability import snapshots
from scheduling.calendar_events import meetings
from scheduling.calendar_events.content import request_of
from scheduling.calendar_events.following import rewrite
from scheduling.calendar_events.meetings import asked_of
from scheduling.models import CalendarEvent, EventState, JoinLink, MemberCalendar, Message, MessageState
from scheduling.models.coding_links import HAD

log = structlog.get_logger(__name__)

# Tries before an event has failed: with waits of up to ten minutes together about an hour.
MAX_ATTEMPTS = 12
#: While the connection is paused nothing is tried; this often it is looked whether it works again.
PAUSED_WAIT = timedelta(minutes=10)
#: How long a vendor is given to make a video call before it is looked again whether it has.
LOOK_AGAIN = timedelta(seconds=2)
#: A room says no to a second event at once. So an event waits for another one of Panelist's to let go of it, not for
#: ever: two may wait for each other.
ROOM_WAIT, WAITS_FOR_ROOM = timedelta(seconds=5), 3
SWEEP_AT_MOST = 500
#: How long the sweep leaves an event to the task that was enqueued for it.
GRACE = timedelta(seconds=10)
DUE_STATES = [EventState.PENDING, EventState.CANCELLING]
#: How long the row of a removed event, whose interview is gone, or of one that stayed, is kept.
KEPT = timedelta(days=30)
FORGET_AT_ONCE = 1000
#: Of an event that can't be removed: its calendar is not connected any more.
NOT_CONNECTED = "not_connected"
RELATED = (
    *("organization", "membership__user", "connection"),
    *(
        "interview__room",
        "room",
        "interview__schedule__candidate",
        "interview__schedule__job",
        "interview__schedule__stage",
    ),
)


def write(event_id: int) -> None:
    """Do what is due for one event; nothing for any other, so it may be called twice at once."""
    event = _claimed(event_id)
    if event is None:
        return
    connection = event.connection
    is_removal = event.state == EventState.CANCELLING
    is_open = connection is not None and (connection.can_remove if is_removal else connection.is_connected)
    if connection is None or not is_open or connection.kind not in CALENDARS:
        if is_removal:
            _give_up(event, problem_code=NOT_CONNECTED, problem_params={})
        else:
            _finish(event, EventState.FAILED, "gone")
        return
    if connection.state == CalendarConnection.State.PAUSED:
        _again(event, timezone.now() + PAUSED_WAIT, attempts=event.attempts)
        return
    try:
        if is_removal:
            call(connection, lambda vendor: vendor.delete_event(event.calendar_external_id, event.our_id))
            _removed(event, connection)
        elif event.state == EventState.READY:
            _look_at_meeting(event, connection)
        elif event.interview is None or event.membership is None or event.interview.is_cancelled:
            _finish(event, EventState.CANCELLED)
        elif event.attempts < WAITS_FOR_ROOM and _is_room_held(event):
            _again(event, timezone.now() + ROOM_WAIT, attempts=event.attempts + 1)
        else:
            _put(event, connection, request_of(event, _join_links(event)))
    except ToolError as problem:
        _failed(event, problem)


def write_of_schedule(schedule_id: int) -> None:
    """Do what is due for each event of a schedule."""
    due = CalendarEvent.objects.filter(interview__schedule=schedule_id, next_attempt_at__lte=timezone.now())
    for pk in due.order_by("id").values_list("pk", flat=True):
        enqueue.send("scheduling.write_calendar_event", pk)


def sweep() -> None:
    """Enqueue due events whose task was lost, and those whose worker died. Called by beat."""
    due = CalendarEvent.objects.filter(next_attempt_at__lte=timezone.now() - GRACE).order_by("next_attempt_at", "id")
    for pk in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        enqueue.send("scheduling.write_calendar_event", pk)


def forget_removed() -> None:
    """Delete rows of events that are out of their calendars, or whose removal failed, long enough after their time."""
    before = timezone.now() - KEPT
    gone = Q(state=EventState.CANCELLED, changed_at__lt=before)
    is_over = Q(ends_at__lt=before) | Q(ends_at=None, changed_at__lt=before)
    stayed = is_over & Q(state=EventState.CANCELLING, next_attempt_at=None)
    rows = CalendarEvent.objects.filter(gone | stayed, interview=None).order_by("id")
    some = list(rows.values_list("pk", flat=True)[:FORGET_AT_ONCE])
    CalendarEvent.objects.filter(pk__in=some).delete()


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the event is due that has waited longest; None where none waits."""
    due = CalendarEvent.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    return due.values_list("next_attempt_at", flat=True).first()


def lease() -> timedelta:
    """How long a worker may be silent before it counts as dead: three calls of the slowest vendor, and some."""
    slowest = max((entry.info.limits.timeout for entry in CALENDARS.values()), default=10)
    return timedelta(seconds=3 * slowest * 1.25 + 25)


def _claimed(event_id: int) -> CalendarEvent | None:
    """Claim an event that is due; None where it is not, or another worker has it."""
    now, claim = timezone.now(), new_claim()
    wanted = Q(state__in=DUE_STATES) | Q(state=EventState.READY) & ~Q(meeting="")
    due = CalendarEvent.objects.filter(wanted, pk=event_id, next_attempt_at__lte=now)
    if not due.update(claim=claim, claimed_at=now, next_attempt_at=now + lease()):
        return None
    rows = CalendarEvent.objects.select_related(*RELATED)
    return rows.filter(pk=event_id, claim=claim).first()


def _join_links(event: CalendarEvent) -> list[JoinLink]:
    """The interviewer's valid join link, where the interview has a coding link or a video call."""
    links = JoinLink.objects.filter(
        interview=event.interview_id, membership=event.membership_id, revoked_at__isnull=True
    )
    leads_on = Q(interview__coding_links__state__in=HAD) | ~Q(interview__meeting="")
    return list(links.filter(leads_on).distinct().order_by("id")[:1])


def _is_room_held(event: CalendarEvent) -> bool:
    """Whether another event, which is about to change or to go, still has the room at the interview's time."""
    room, interview = event.room, event.interview
    if room is None or interview is None:
        return False
    rows = CalendarEvent.objects.filter(connection=room.connection_id, room_address=room.external_id)
    rows = rows.filter(starts_at__lt=interview.ends_at, ends_at__gt=interview.starts_at, state__in=DUE_STATES)
    return rows.exclude(pk=event.pk).exists()


def _read_rooms(event: CalendarEvent, *addresses: str) -> None:
    """Have the calendars of rooms read soon that an event was written into, or taken out of; and its own, which tells
    how the room answers."""
    theirs = Q(connection=event.connection_id, room__isnull=False, external_id__in={one for one in addresses if one})
    rows = MemberCalendar.objects.filter(theirs | Q(pk=event.calendar_id))
    if any(addresses):
        snapshots.mark_due(list(rows.order_by("id").values_list("pk", flat=True)))


def _put(event: CalendarEvent, connection: CalendarConnection, request: EventRequest) -> None:
    place = event.calendar_external_id
    # Stored before the call: should the answer be lost, the event may be there, and has to be deleted one day.
    mine = CalendarEvent.objects.filter(pk=event.pk, claim=event.claim, state=event.state)
    if not mine.update(sent_at=timezone.now()):  # it is to be removed since, or is another worker's
        _again(event, timezone.now(), attempts=event.attempts)
        return
    try:
        there = call(connection, lambda vendor: vendor.put_event(place, request))
    except EventChanged:
        _meet_change(event, request, call(connection, lambda vendor: vendor.fetch_event(place, event.our_id)))
        return
    is_pending = bool(request.meeting) and meetings.made(event, there)
    _written(event, request, there, look_at=timezone.now() + LOOK_AGAIN if is_pending else None)
    if is_pending:
        enqueue.send("scheduling.write_calendar_event", event.pk, after=LOOK_AGAIN.total_seconds())


def _meet_change(event: CalendarEvent, request: EventRequest, seen: VendorEvent | None) -> None:
    """Go on with an event that somebody changed since it was read last: `seen`, None where it is not there.

    One that was moved or deleted is not written over: it is looked at again, and a person decides (`answers`). Where
    the interview itself has another time now, or where only other things were changed, the schedule wins.
    """
    now, written = timezone.now(), (event.starts_at, event.ends_at)
    is_rescheduled = (request.starts_at, request.ends_at) != written
    is_there = seen is not None and (seen.starts_at, seen.ends_at) == written
    if is_rescheduled or is_there or request.ends_at <= now:
        CalendarEvent.objects.filter(pk=event.pk, claim=event.claim).update(version=seen.version if seen else "")
        _again(event, now, attempts=event.attempts + 1)
        return
    _finish(event, EventState.READY, check_at=now, attempts=0)
    enqueue.send("scheduling.check_calendar_event", event.pk)


def _look_at_meeting(event: CalendarEvent, connection: CalendarConnection) -> None:
    """Ask whether the vendor has made the video call of an event by now."""
    place, attempts = event.calendar_external_id, event.attempts + 1
    wait = min(LOOK_AGAIN * attempts, timedelta(minutes=1))
    try:
        there = call(connection, lambda vendor: vendor.fetch_event(place, event.our_id))
        is_pending = meetings.made(event, there)
    except Retryable as problem:
        is_pending, wait = True, max(wait, timedelta(seconds=problem.retry_after or 0))
    if is_pending and attempts < MAX_ATTEMPTS:
        _again(event, timezone.now() + wait, attempts=attempts)
        enqueue.send("scheduling.write_calendar_event", event.pk, after=wait.total_seconds())
        return
    if is_pending:
        meetings.refused(event)
    mine = CalendarEvent.objects.filter(pk=event.pk, claim=event.claim)
    mine.filter(state=EventState.READY).update(next_attempt_at=None, attempts=0)
    mine.update(claim="", claimed_at=None)


@transaction.atomic
def _written(event: CalendarEvent, request: EventRequest, there: VendorEvent, look_at: datetime | None) -> None:
    """Store that the calendar has the event. One that changed since the request is due again.

    `look_at`: when to look whether its video call is made.
    """
    mine = CalendarEvent.objects.select_for_update(of=("self",)).filter(pk=event.pk, claim=event.claim).first()
    if mine is None:
        return
    is_current = mine.state == EventState.PENDING and mine.revision == request.revision
    CalendarEvent.objects.filter(pk=event.pk).update(
        state=EventState.READY if is_current else mine.state,
        next_attempt_at=look_at if is_current else timezone.now(),
        written_revision=request.revision,
        external_id=there.external_id,
        version=there.version,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        room_address=request.rooms[0] if request.rooms else "",
        room_answer=there.room_answer,
        attempts=0,
        problem_code="",
        problem_params={},
        claim="",
        claimed_at=None,
        changed_at=timezone.now(),
    )
    _read_rooms(event, mine.room_address, *request.rooms)
    if not is_current:
        enqueue.after_commit("scheduling.write_calendar_event", event.pk)


def _removed(event: CalendarEvent, connection: CalendarConnection) -> None:
    """Store that the event is not there. One whose last request may still arrive is looked for again after that."""
    limits = CALENDARS[connection.kind].info.limits
    within = timedelta(seconds=MAX_WAIT + limits.timeout + limits.settle)
    is_answered = event.written_revision == event.revision
    if is_answered or event.sent_at is None or event.sent_at + within < timezone.now():
        _finish(event, EventState.CANCELLED)
    else:
        _again(event, event.sent_at + within, attempts=event.attempts)


def _failed(event: CalendarEvent, problem: ToolError) -> None:
    columns = problem.columns() if problem.code else {"problem_code": "trouble", "problem_params": {}}
    if isinstance(problem, Gone) and event.state == EventState.CANCELLING:
        _finish(event, EventState.CANCELLED)
        return
    if isinstance(problem, CredentialsRejected):
        _again(event, timezone.now() + PAUSED_WAIT, attempts=event.attempts, **columns)
        return
    if isinstance(problem, Retryable) and problem.rate_limited:
        at = timezone.now() + timedelta(seconds=max(1.0, problem.retry_after or 1.0))
        if isinstance(problem, CalendarLimited):
            _defer_calendar(event, at)
        _again(event, at, attempts=event.attempts, **columns)
        return
    is_put = event.state == EventState.PENDING and asked_of(event)
    if isinstance(problem, Refused) and not isinstance(problem, Gone) and is_put:
        # Better an event without a video call than no event.
        meetings.refused(event)
        CalendarEvent.objects.filter(pk=event.pk, claim=event.claim).update(meeting="")
        _again(event, timezone.now(), attempts=event.attempts, **columns)
        return
    attempts = event.attempts + 1
    is_final = isinstance(problem, Refused) and not isinstance(problem, EventChanged)  # changed: the next try sees it
    if is_final or attempts >= MAX_ATTEMPTS:
        if event.state == EventState.CANCELLING:
            _give_up(event, **columns)
        else:
            meetings.refused(event)
            _finish(event, EventState.FAILED, **columns)
    else:
        _again(event, timezone.now() + back_off(attempts), attempts=attempts, **columns)


def _defer_calendar(event: CalendarEvent, at: datetime) -> None:
    """Have the other events of the same calendar wait until `at`; those of other people go on."""
    others = CalendarEvent.objects.filter(connection=event.connection_id, claim="", next_attempt_at__lt=at)
    others.filter(calendar_external_id=event.calendar_external_id).update(next_attempt_at=at)


def _give_up(event: CalendarEvent, **columns: Any) -> None:
    """Leave an event that can't be removed to a person (`left`). One that never was there, or is over, is forgotten.

    Where the interview is gone, as with its candidate, the event waits for its calendar to be connected again.
    """
    is_over = event.ends_at is not None and event.ends_at <= timezone.now()
    is_gone = event.interview_id is None and event.connection_id is not None
    if event.sent_at is None or (is_over and not is_gone and columns["problem_code"] == NOT_CONNECTED):
        _finish(event, EventState.CANCELLED)
    else:
        _finish(event, EventState.CANCELLING, **columns)


def _again(event: CalendarEvent, at: datetime, *, attempts: int, **columns: Any) -> None:
    """Give up the claim; the event is due again `at`, or at once where it has changed since it was claimed."""
    mine = CalendarEvent.objects.filter(pk=event.pk, claim=event.claim)
    unchanged = Q(state=event.state, revision=event.revision)
    columns |= {"claim": "", "claimed_at": None, "changed_at": timezone.now()}
    if not mine.filter(unchanged).update(next_attempt_at=at, attempts=attempts, **columns):
        mine.update(next_attempt_at=timezone.now(), **columns)
        enqueue.send("scheduling.write_calendar_event", event.pk)
    elif at <= timezone.now():
        enqueue.send("scheduling.write_calendar_event", event.pk)


@transaction.atomic
def _finish(event: CalendarEvent, state: EventState, problem_code: str = "", **columns: Any) -> None:
    """Store the end of an attempt. Where the event has changed since it was claimed, it is due again instead.

    An event that failed has its interviewer invited by mail: their messages are looked at again. So are those that were
    to tell of a removal while the calendar was paused.
    """
    mine = CalendarEvent.objects.filter(pk=event.pk, claim=event.claim)
    columns |= {"claim": "", "claimed_at": None, "changed_at": timezone.now()}
    if state == EventState.CANCELLED:
        _read_rooms(event, event.room_address)
    ended = mine.filter(state=event.state, revision=event.revision).update(
        state=state,
        **({"room_address": ""} if state == EventState.CANCELLED else {}),
        next_attempt_at=None,
        **({"problem_code": problem_code} if problem_code else {}),
        **columns,
    )
    if not ended:
        mine.update(next_attempt_at=timezone.now(), **columns)
        enqueue.after_commit("scheduling.write_calendar_event", event.pk)
        return
    log.info("calendar_event_ended", calendar_event=event.pk, state=state.value, code=problem_code)
    if state == EventState.CANCELLED and event.interview_id is None:
        _write_again_elsewhere(event)
    has_other_news = state == EventState.FAILED or (state == EventState.CANCELLED and _is_announced(event))
    if has_other_news and event.interview is not None:
        enqueue.after_commit("scheduling.propose_updates", event.interview.schedule_id)


def _is_announced(event: CalendarEvent) -> bool:
    """Whether a message is prepared for its interviewer."""
    drafts = Message.objects.filter(membership=event.membership_id, state=MessageState.DRAFT)
    return event.interview is not None and drafts.filter(schedule=event.interview.schedule_id).exists()


def _write_again_elsewhere(event: CalendarEvent) -> None:
    """Have the same interview's event written again that goes through another connection.

    Both connections may lead to one calendar, where the event was removed just now.
    """
    same = CalendarEvent.objects.select_for_update(of=("self",)).filter(our_id=event.our_id, state=EventState.READY)
    for other in same.exclude(connection=event.connection_id).order_by("id"):
        rewrite(other)
