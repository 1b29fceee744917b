"""The calendars that interviews are written into: each interviewer's, as long as it works, or has the event already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from integrations.models import CalendarConnection
from organizations.models import Membership
from scheduling.models import CalendarEvent, EventState, Interview, MemberCalendar

IN_USE = [CalendarConnection.State.CONNECTED, CalendarConnection.State.PAUSED]


def places_of(
    coming: Sequence[Interview],
    people: Mapping[int, Sequence[Membership]],
    rows: Mapping[tuple[int | None, int | None], CalendarEvent],
    mailed: Collection[int | None],
) -> dict[tuple[int, int], MemberCalendar]:
    """Return the calendar that is to have an event, by interview and membership.

    One that is paused keeps the events that it has; somebody who gets mails, too. New ones come to neither.
    """
    members = {member.pk for interview in coming for member in people.get(interview.pk, ())}
    if not members:
        return {}
    written = MemberCalendar.objects.filter(membership__in=members, is_written=True, connection__state__in=IN_USE)
    columns = ("membership", "connection__kind", "connection__state", "external_id")
    chosen = written.select_related("connection").only(*columns).order_by("id")
    # One that works comes before one that is paused.
    calendars = {calendar.membership_id: calendar for calendar in sorted(chosen, key=works)}
    found = {}
    for interview in coming:
        for member in people.get(interview.pk, ()):
            calendar, event = calendars.get(member.pk), rows.get((interview.pk, member.pk))
            if calendar is None or (member.pk in mailed and not _is_in_calendar(event)):
                continue
            if works(calendar) or (_is_in_calendar(event) and _is_in(event, calendar)):
                found[interview.pk, member.pk] = calendar
    return found


def works(calendar: MemberCalendar) -> bool:
    """Whether its connection is not paused."""
    return calendar.connection.state == CalendarConnection.State.CONNECTED


def _is_in_calendar(event: CalendarEvent | None) -> bool:
    """Whether a calendar has the event, as far as is known: perhaps as it was before a change."""
    return event is not None and event.written_revision > 0 and event.state in {EventState.READY, EventState.PENDING}


def _is_in(event: CalendarEvent | None, calendar: MemberCalendar) -> bool:
    place = (calendar.connection_id, calendar.external_id)
    return event is not None and (event.connection_id, event.calendar_external_id) == place
