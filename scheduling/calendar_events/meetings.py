"""Video calls that a vendor makes together with an event: of each interview, one interviewer's event has it.

Everybody reaches it through their join link, so a message stays right when another one takes its place.
`Interview.meeting_number` rises then, which is news for those who were told of the former one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction

from integrations.calendar_registry import CALENDARS
from integrations.calendars import Meeting, VendorEvent
from integrations.meetings import Source, way_of
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit
from organizations.models import Membership
from scheduling.models import CalendarEvent, EventState, Interview, MemberCalendar, Schedule

#: Nobody of the interview has a calendar that makes such calls.
NOBODY = "nobody"
#: The vendor said no, or made the event without a call.
REFUSED = "refused"
#: There was one, and somebody took it out of the event.
REMOVED = "removed"


def is_made(interview: Interview) -> bool:
    """Whether its video call is made together with an event."""
    way = way_of(interview.meeting)
    return way is not None and way.source is Source.CALENDAR


def asked_of(event: CalendarEvent) -> Meeting:
    """Return the video call that the vendor is to make with an event."""
    way = way_of(event.meeting)
    return way.meeting if way is not None else Meeting.NONE


def owners(
    interviews: Sequence[Interview],
    people: Mapping[int, Sequence[Membership]],
    places: Mapping[tuple[int, int], MemberCalendar],
    rows: Mapping[tuple[int | None, int | None], CalendarEvent],
) -> dict[int, int]:
    """Return the membership whose event has the video call, by interview; nothing where nobody's calendar can.

    `places` are the calendars of their events. It stays with whoever has it, also while their calendar is paused; else
    it is the first one whose events can be written.
    """
    found = {}
    for interview in interviews:
        pairs = [(interview.pk, member.pk) for member in people.get(interview.pk, ())]
        able = [pair for pair in pairs if _can(places.get(pair), rows.get(pair), interview)]
        if able and is_made(interview):
            found[interview.pk] = min(able, key=lambda pair: _rank(rows.get(pair), interview))[1]
    return found


def _can(calendar: MemberCalendar | None, event: CalendarEvent | None, interview: Interview) -> bool:
    entry = CALENDARS.get(calendar.connection.kind) if calendar is not None else None
    if calendar is None or entry is None or entry.info.meeting.value != interview.meeting:
        return False
    has_it = event is not None and event.meeting == interview.meeting
    return has_it or calendar.connection.state == CalendarConnection.State.CONNECTED


def _rank(event: CalendarEvent | None, interview: Interview) -> int:
    if event is None or event.state in {EventState.CANCELLING, EventState.CANCELLED}:
        return 1
    if event.state == EventState.FAILED:
        return 2
    return 0 if event.meeting == interview.meeting else 1


def settle(interviews: Sequence[Interview], owned: Collection[int], anew: Collection[int]) -> None:
    """Store what has become of the video calls: whose nobody makes, and which are made anew, by interview."""
    for interview in interviews:
        if not is_made(interview):
            _save(interview, "")
        elif interview.pk not in owned:
            _save(interview, NOBODY)
        elif interview.pk in anew or interview.meeting_problem == NOBODY:
            _save(interview, "")


def order_again(interview: Interview) -> CalendarEvent | None:
    """Forget that somebody took the video call out of its event, which is to be written anew; None where nobody did.

    In the caller's transaction, with the schedule locked. One that was moved or deleted waits for another decision.
    """
    events = CalendarEvent.objects.select_for_update(of=("self",)).filter(
        interview=interview, meeting=interview.meeting, state=EventState.READY, moved_starts_at=None, deleted_at=None
    )
    event = events.order_by("id").first()
    removed = Interview.objects.filter(pk=interview.pk, meeting_problem=REMOVED)
    return event if event is not None and removed.update(meeting_problem="") else None


def _save(interview: Interview, problem: str) -> None:
    """Forget the address of a video call; another one that takes its place is news."""
    if not interview.meeting_url and interview.meeting_problem == problem:
        return
    interview.meeting_number += 1 if interview.meeting_url and is_made(interview) else 0
    interview.meeting_url, interview.meeting_problem = "", problem
    columns = ("meeting_number", "meeting_url", "meeting_problem")
    Interview.objects.filter(pk=interview.pk).update(**{name: getattr(interview, name) for name in columns})


@transaction.atomic
def made(event: CalendarEvent, there: VendorEvent | None) -> bool:
    """Store the video call of an event as it is at the vendor. Returns whether it is still being made."""
    if there is not None and there.meeting_pending and not there.meeting_url:
        return True
    url = there.meeting_url[:1000] if there is not None else ""
    _store(event, url=url, problem="" if url else REFUSED)
    return False


@transaction.atomic
def refused(event: CalendarEvent) -> None:
    """Store that the vendor makes no video call with an event."""
    _store(event, url="", problem=REFUSED)


def _store(event: CalendarEvent, *, url: str, problem: str) -> None:
    """Write the columns of the interview, as long as this event has its video call. The schedule is locked first."""
    schedules = Schedule.objects.select_for_update().filter(interviews=event.interview_id)
    if event.interview_id is None or not schedules.order_by("id").values_list("pk", flat=True):
        return
    mine = CalendarEvent.objects.filter(pk=event.pk, meeting=event.meeting).exclude(meeting="")
    row = Interview.objects.filter(pk=event.interview_id, meeting=event.meeting).first()
    if row is None or not mine.exclude(state__in=[EventState.CANCELLING, EventState.CANCELLED]).exists():
        return
    is_known = row.meeting_url or row.meeting_problem == REMOVED
    values: dict[str, Any] = {"meeting_url": url, "meeting_problem": REMOVED if problem and is_known else problem}
    if row.meeting_url and row.meeting_url != url:
        values["meeting_number"] = row.meeting_number + 1
        after_commit("scheduling.propose_updates", row.schedule_id)
    Interview.objects.filter(pk=row.pk).update(**values)
