"""Findings for Home: what people did to their events in their calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from integrations.calendars import Answer
from organizations.access import Access
from organizations.bidi import isolated
from scheduling.calendar_events.said import News, news_of, with_comment
from scheduling.home.items import AttentionItem, Finding, moment_label, quoted, way_to, way_to_person, way_to_room
from scheduling.home.upcoming import NEAR, Upcoming, UpcomingEvent, UpcomingInterview

Build = Callable[[str, UpcomingInterview, UpcomingEvent, Access], AttentionItem]


def calendar_findings(upcoming: Upcoming, access: Access) -> Iterator[Finding]:
    """Yield events that their owner or their room declined, that were moved or deleted, and times proposed instead:
    however far ahead they are, because that is when there is time to find somebody else."""
    for interview in upcoming.not_over():
        for event in interview.events.values():
            if event.room_answer == Answer.DECLINED and interview.room is not None:
                severity = "danger" if interview.starts_at < upcoming.now + NEAR else "warning"
                item = partial(_room_declined, severity, interview, access)
                yield Finding(interview.schedule.pk, severity, interview.starts_at, item)
            build = _build_of(event)
            if build is not None and event.membership in interview.people:
                severity = "danger" if interview.starts_at < upcoming.now + NEAR else "warning"
                item = partial(build, severity, interview, event, access)
                yield Finding(interview.schedule.pk, severity, interview.starts_at, item)


def _build_of(event: UpcomingEvent) -> Build | None:
    news = news_of(event)
    return _BUILDS[news] if news is not None else None


def _names(interview: UpcomingInterview, event: UpcomingEvent) -> dict[str, str]:
    return {"person": isolated(interview.people[event.membership].name), "interview": quoted(interview)}


def _declined(severity: str, interview: UpcomingInterview, event: UpcomingEvent, access: Access) -> AttentionItem:
    text = with_comment(_("%(person)s declined %(interview)s") % _names(interview, event), event.comment)
    way = way_to_person(interview, access, _("Find a replacement"), event.membership)
    return AttentionItem("user-question", severity, text, moment_label(interview.starts_at), *way)


def _room_declined(severity: str, interview: UpcomingInterview, access: Access) -> AttentionItem:
    values = {"room": isolated(interview.room.name if interview.room else ""), "interview": quoted(interview)}
    text = _("%(room)s declined %(interview)s") % values
    return AttentionItem("map-pin", severity, text, moment_label(interview.starts_at), *way_to_room(interview, access))


def _deleted(severity: str, interview: UpcomingInterview, event: UpcomingEvent, access: Access) -> AttentionItem:
    text = _("%(person)s deleted %(interview)s from their calendar") % _names(interview, event)
    way = way_to_person(interview, access, _("Find a replacement"), event.membership)
    detail = moment_label(interview.starts_at)
    return AttentionItem("calendar-x", severity, text, detail, *way, instead=_back(event, access, _("Put it back")))


def _moved(severity: str, interview: UpcomingInterview, event: UpcomingEvent, access: Access) -> AttentionItem:
    at = event.moved_starts_at or interview.starts_at
    if at == interview.starts_at:
        return _longer_or_shorter(severity, interview, event, access)
    values = _names(interview, event) | {"time": new_time(at, interview.starts_at)}
    text = _("%(person)s moved %(interview)s to %(time)s") % values
    return _another_time("calendar-time", severity, text, interview, event, access, _("Put it back"))


def _longer_or_shorter(
    severity: str, interview: UpcomingInterview, event: UpcomingEvent, access: Access
) -> AttentionItem:
    """Return the item of an event that begins as before and ends at another time: there is nothing to move."""
    ends_at = event.moved_ends_at or interview.ends_at
    values = _names(interview, event) | {"time": new_time(ends_at, interview.ends_at)}
    text = _("%(person)s changed the end of %(interview)s to %(time)s") % values
    detail = _("Planned: %(time)s") % {"time": moment_label(interview.ends_at)}
    way = way_to([interview], access, _("Edit interview"))
    instead = _back(event, access, _("Put it back"))
    return AttentionItem("calendar-time", severity, text, detail, *way, instead=instead)


def _proposed(severity: str, interview: UpcomingInterview, event: UpcomingEvent, access: Access) -> AttentionItem:
    at = event.proposed_starts_at or interview.starts_at
    values = _names(interview, event) | {"time": new_time(at, interview.starts_at)}
    text = with_comment(_("%(person)s proposes %(time)s for %(interview)s") % values, event.comment)
    return _another_time("calendar-time", severity, text, interview, event, access, _("Keep the time"))


_BUILDS: dict[News, Build] = {
    News.DELETED: _deleted,
    News.DECLINED: _declined,
    News.MOVED: _moved,
    News.PROPOSED: _proposed,
}


def _another_time(
    icon: str,
    severity: str,
    text: str,
    interview: UpcomingInterview,
    event: UpcomingEvent,
    access: Access,
    otherwise: str,
) -> AttentionItem:
    """Return the item that moves the interview to the event's new time, or leaves it where it is."""
    address = access.url("interview-time", pk=interview.pk) + f"?event={event.pk}"
    detail = _("Planned: %(time)s") % {"time": moment_label(interview.starts_at)}
    instead = _back(event, access, otherwise)
    return AttentionItem(icon, severity, text, detail, address, _("Move the interview"), address, instead=instead)


def _back(event: UpcomingEvent, access: Access, label: str) -> tuple[str, str]:
    return access.url("calendar-event-restore", pk=event.pk), label


def new_time(at: datetime, before: datetime) -> str:
    """Return the clock time alone where the day stays the same."""
    if localtime(at).date() == localtime(before).date():
        return date_format(localtime(at), "H:i")
    return moment_label(at)
