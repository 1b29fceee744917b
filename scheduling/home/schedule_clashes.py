"""Findings for the home page: overlapping times, missing interviewers, and video calls without an address.

Days off, departures and other bookings can come after an interview was scheduled, when no conflict is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.calendars import Answer
from organizations.access import Access
from organizations.bidi import isolated
from organizations.models import Organization
from organizations.public_holidays import holidays_in, place_by
from scheduling.availability import busy, calendar_times
from scheduling.availability.busy import Attendee
from scheduling.availability.local_time import format_entry, local_days
from scheduling.home.items import (
    AttentionItem,
    Finding,
    listed,
    moment_label,
    quoted,
    way_to,
    way_to_person,
    way_to_room,
    way_to_time,
)
from scheduling.home.upcoming import NEAR, Assigned, Upcoming, UpcomingInterview
from scheduling.join_links.meetings import Call, CallState, find_call
from scheduling.messages.preflight import lacks_address

Findings = Iterator[Finding]


def time_findings(upcoming: Upcoming, access: Access) -> Findings:
    """Yield people in two interviews at once or on a day off, and interviews without people or an address."""
    interviews = list(upcoming.coming())
    yield from _twice(interviews, access)
    yield from _taken(interviews, access)
    yield from _off(interviews, access)
    for one in interviews:
        if one.room is not None and not one.room.is_available:
            yield Finding(one.schedule.pk, "warning", one.starts_at, partial(_without_room, one, access))
        elif one.room is not None and one.people and not one.room.is_reserved:
            yield Finding(one.schedule.pk, "warning", one.starts_at, partial(_not_reserved, one, access))
    for found in _by_schedule(one for one in interviews if not one.people):
        yield _finding(found, upcoming, partial(_without_people, found, access))
    for found in _by_schedule(one for one in interviews if lacks_address(one.kind, one.location or one.meeting)):
        yield _finding(found, upcoming, partial(_without_address, found, access))
    for interview in interviews:
        call = _call(interview)
        if call is not None and call.state is CallState.MISSING:
            yield _finding([interview], upcoming, partial(_without_call, interview, call, access))


def _call(interview: UpcomingInterview) -> Call | None:
    """Return the interview's video call, other than one that was typed."""
    if not interview.meeting:
        return None
    rooms = [person.room for person in interview.people.values()]
    columns = {"url": interview.meeting_url, "problem": interview.meeting_problem}
    return find_call(interview.meeting, rooms, {interview.meeting} if interview.has_server else (), **columns)


def _twice(interviews: Sequence[UpcomingInterview], access: Access) -> Findings:
    """Yield interviewers and candidates who are in two interviews at the same time."""
    attended: dict[Attendee, list[UpcomingInterview]] = {}
    for interview in interviews:
        for attendee in _attendees(interview):
            attended.setdefault(attendee, []).append(interview)
    for attendee, theirs in attended.items():
        for first, second in busy.overlapping(theirs):
            if attendee.is_room:
                build = partial(_room_twice, first, second, access)
            else:
                name = second.schedule.name if attendee.is_candidate else second.people[attendee.pk].name
                person = None if attendee.is_candidate else attendee.pk
                build = partial(_clash, name, first, second, access, person)
            yield Finding(second.schedule.pk, "warning", second.starts_at, build)


def _attendees(interview: UpcomingInterview) -> Iterator[Attendee]:
    """Yield whom, and which room, an interview keeps busy."""
    yield busy.candidate_attendee(interview.schedule.candidate)
    yield from map(busy.interviewer, interview.people)
    if interview.room is not None:
        yield busy.room_attendee(interview.room.pk)


def _room_twice(first: UpcomingInterview, second: UpcomingInterview, access: Access) -> AttentionItem:
    """Return the item about a room with two interviews at once."""
    values = {
        "one": quoted(first),
        "candidate": isolated(first.schedule.name),
        "other": quoted(second),
        "second": isolated(second.schedule.name),
    }
    text = _("%(room)s is booked twice at the same time") % {"room": isolated(second.room.name if second.room else "")}
    detail = _("%(one)s with %(candidate)s and %(other)s with %(second)s") % values
    return AttentionItem("map-pin", "warning", text, detail, *way_to_room(second, access))


def _clash(
    name: str, first: UpcomingInterview, second: UpcomingInterview, access: Access, person: int | None
) -> AttentionItem:
    """Return the item about somebody in two interviews at once: an interviewer, or the candidate where it is None."""
    text = _("%(person)s is booked twice at the same time") % {"person": isolated(name)}
    detail = _("%(one)s with %(candidate)s and %(other)s with %(second)s") % {
        "one": quoted(first),
        "candidate": isolated(first.schedule.name),
        "other": quoted(second),
        "second": isolated(second.schedule.name),
    }
    if person is None:
        way = way_to_time(second, access)
    else:
        way = way_to_person(second, access, _("Replace interviewer"), person)
    return AttentionItem("calendar-x", "warning", text, detail, *way)


def _taken(interviews: Sequence[UpcomingInterview], access: Access) -> Findings:
    """Yield interviewers whose calendar has something else at the time of an interview: once for each.

    Whoever declined, or deleted the event, is on the list for that.
    """
    for interview in interviews:
        events = interview.events.values()
        out = {one.membership for one in events if one.deleted_at is not None or one.answer == Answer.DECLINED}
        for person in interview.people.values():
            if person.taken and person.pk not in out:
                build = partial(_busy, person, interview, access)
                yield Finding(interview.schedule.pk, "warning", interview.starts_at, build)


def _busy(person: Assigned, interview: UpcomingInterview, access: Access) -> AttentionItem:
    starts_at, ends_at, title = min(person.taken.values())
    values = {
        "person": isolated(person.name),
        "when": format_entry(starts_at, ends_at, timezone.get_current_timezone_name(), person.zone),
        "title": isolated(title),
        "interview": quoted(interview),
        "candidate": isolated(interview.schedule.name),
    }
    text = _("%(person)s is busy in their calendar")
    if title and calendar_times.may_see_titles(access, person.pk):
        text = _("%(person)s is busy in their calendar: “%(title)s”")
    detail = _("Overlaps %(interview)s with %(candidate)s: %(when)s") % values
    way = way_to_person(interview, access, _("Replace interviewer"), person.pk)
    return AttentionItem("calendar-x", "warning", text % values, detail, *way)


def _off(interviews: Sequence[UpcomingInterview], access: Access) -> Findings:
    """Yield interviewers who have the day off, by the clocks where they are: once for each person and day."""
    days: dict[tuple[int, int, date, str], list[UpcomingInterview]] = {}
    for interview in interviews:
        for person in interview.people.values():
            if off := _day_off(interview, person, access.organization):
                days.setdefault((interview.schedule.pk, person.pk, *off), []).append(interview)
    for (schedule, pk, day, note), found in days.items():
        build = partial(_away, found[0].people[pk], day, note, found, access)
        yield Finding(schedule, "warning", found[0].starts_at, build)


def _day_off(interview: UpcomingInterview, person: Assigned, organization: Organization) -> tuple[date, str] | None:
    """Return the day of the interview that the person has off, with its note, or the name of the public holiday."""
    place = place_by(person.holidays_of, organization)
    if not person.off and not place:
        return None
    days = local_days(interview.starts_at, interview.ends_at, person.zone)
    off = holidays_in(place, days[0], days[-1]) | person.off
    return next(((day, off[day]) for day in days if day in off), None)


def _away(person: Assigned, day: date, note: str, found: Sequence[UpcomingInterview], access: Access) -> AttentionItem:
    values = {"person": isolated(person.name), "day": date_format(day, "DAY_FORMAT"), "note": isolated(note)}
    text = (_("%(person)s is off on %(day)s (%(note)s)") if note else _("%(person)s is off on %(day)s")) % values
    # One at a time: those that are left stay on the list.
    way = way_to_person(found[0], access, _("Replace interviewer"), person.pk)
    return AttentionItem("calendar-x", "warning", text, listed(map(quoted, found)), *way)


def _without_people(found: Sequence[UpcomingInterview], access: Access, severity: str) -> AttentionItem:
    """Return the item about interviews without interviewers: never chosen, or gone since."""
    text = _("%(interview)s has no interviewer")
    if len(found) > 1:
        text = ngettext(
            "%(number)d interview has no interviewer", "%(number)d interviews have no interviewer", len(found)
        )
        return _item("user-question", severity, text, found, access, "")
    item = _item("user-question", severity, text, found, access, "")
    address, action, dialog = way_to_person(found[0], access, _("Add interviewer"))
    return replace(item, address=address, action=action, dialog=dialog)


def _without_address(found: Sequence[UpcomingInterview], access: Access, severity: str) -> AttentionItem:
    """Return the item about video calls without an address."""
    text = _("%(interview)s is a video call without a meeting link")
    if len(found) > 1:
        text = ngettext(
            "%(number)d video call has no meeting link", "%(number)d video calls have no meeting link", len(found)
        )
    return _item("video", severity, text, found, access, _("Add meeting link"))


def _without_call(interview: UpcomingInterview, call: Call, access: Access, severity: str) -> AttentionItem:
    """Return the item about a video call that can't be made."""
    text = _("%(interview)s has no video call") % {"interview": quoted(interview)}
    way = way_to([interview], access, _("Choose how to meet"))
    back = (access.url("interview-call-restore", pk=interview.pk), _("Put it back")) if call.is_removed else None
    return AttentionItem("video", severity, text, call.sentence, *way, instead=back)


def _without_room(interview: UpcomingInterview, access: Access) -> AttentionItem:
    """Return the item about an interview whose room can't be booked any more."""
    values = {"room": isolated(interview.room.name if interview.room else ""), "interview": quoted(interview)}
    text = _("%(room)s can't be booked for %(interview)s any more") % values
    return AttentionItem("map-pin", "warning", text, moment_label(interview.starts_at), *way_to_room(interview, access))


def _not_reserved(interview: UpcomingInterview, access: Access) -> AttentionItem:
    """Return the item about an interview whose room is reserved by no event."""
    values = {"room": isolated(interview.room.name if interview.room else ""), "interview": quoted(interview)}
    text = _("%(room)s isn't reserved for %(interview)s") % values
    detail = _("No interviewer's calendar can reserve it.")
    return AttentionItem("map-pin", "warning", text, detail, *way_to([interview], access, _("Edit interview")))


def _by_schedule(interviews: Iterable[UpcomingInterview]) -> Iterator[list[UpcomingInterview]]:
    found: dict[int, list[UpcomingInterview]] = {}
    for interview in interviews:
        found.setdefault(interview.schedule.pk, []).append(interview)
    return iter(found.values())


def _finding(found: Sequence[UpcomingInterview], upcoming: Upcoming, build: Callable[[str], AttentionItem]) -> Finding:
    """Return one finding for interviews of a schedule; it is urgent where the first of them is near."""
    severity = "danger" if found[0].starts_at < upcoming.now + NEAR else "warning"
    return Finding(found[0].schedule.pk, severity, found[0].starts_at, partial(build, severity))


def _item(
    icon: str, severity: str, text: str, found: Sequence[UpcomingInterview], access: Access, action: str
) -> AttentionItem:
    named = text % {"interview": quoted(found[0]), "number": len(found)}
    detail = listed(map(quoted, found)) if len(found) > 1 else ""
    return AttentionItem(icon, severity, named, detail, *way_to(found, access, action))
