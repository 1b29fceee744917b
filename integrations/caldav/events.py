"""Panelist's event as an object of a CalDAV calendar, and what people made of it there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import icalendar
from icalendar.cal.component import Component
from icalendar.prop import vCalAddress, vText

from integrations.base import ToolError
from integrations.calendars import Answer, EventRequest, VendorEvent
from integrations.ical import entries
from integrations.ical.entries import Entry
from integrations.ical.occurrences import answer_of
from integrations.ical.ours import uid_of
from integrations.ical.zones import show
from integrations.transport import lost

#: Properties that Panelist writes anew; all others of an event stay.
_WRITTEN = (
    "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "STATUS",
    "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "TRANSP",
)  # fmt: skip
_PRODUCT = "-//Panelist//Panelist//EN"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object of a calendar: its document, and the event in it."""

    calendar: Component = field(repr=False)
    event: Component = field(repr=False)

    def is_ours(self, our_id: str) -> bool:
        """Whether it is the event of this id, and nothing that a person put in its place."""
        return str(self.event.get("UID", "")).strip().lower() == uid_of(our_id)

    def entry(self) -> Entry | None:
        """Its values; None where they can't be read."""
        try:
            document = entries.document_of(self.calendar, UTC)
        except ToolError:
            return None
        return next((master for series in document.series for master in series.masters), None)

    def times(self) -> tuple[datetime, datetime] | None:
        """Beginning and end in UTC; None where they can't be read."""
        found = self.entry()
        return None if found is None else (found.start.utc(), found.length.end(found.start.wall, found.start.zone))


def stored(body: bytes) -> Stored | None:
    """The object of a body; None where there is no event in it, or nothing that can be read."""
    try:
        calendar = entries.parse(body)
    except ToolError:
        return None
    event = next((part for part in calendar.subcomponents if part.name == "VEVENT"), None)
    return None if event is None else Stored(calendar, event)


def new_object(request: EventRequest, sender: str) -> bytes:
    """The object for an event that is not there yet."""
    calendar, event = icalendar.Calendar(), icalendar.Event()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    event.add("uid", uid_of(request.id))
    _fill(event, request)
    _invite(event, request, sender)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def changed_object(old: Stored, request: EventRequest, sender: str) -> bytes:
    """The object with what is new in it. Reminders, notes and whatever else its owner added stay.

    An answer to another time is none any more.
    """
    event, before = old.event, old.times()
    for name in _WRITTEN:
        event.pop(name, None)
    _fill(event, request)
    if before != (request.starts_at.astimezone(UTC), request.ends_at.astimezone(UTC)) or not event.get("ATTENDEE"):
        for name in ("ATTENDEE", "ORGANIZER", "COMMENT"):
            event.pop(name, None)
        _invite(event, request, sender)
    return show(old.calendar.to_ical())


def _fill(event: Component, request: EventRequest) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for name, value in (("dtstamp", now), ("last-modified", now), ("sequence", request.revision)):
        event.add(name, value)
    event.add("dtstart", request.starts_at.astimezone(UTC))
    event.add("dtend", request.ends_at.astimezone(UTC))
    texts = {"summary": request.title, "description": request.description, "location": request.location}
    for name, text in texts.items():
        if text:
            event.add(name, text)
    if request.url:
        event.add("url", request.url)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")


def _invite(event: Component, request: EventRequest, sender: str) -> None:
    """Add the owner as the attendee. SCHEDULE-AGENT (RFC 6638): the server mails nobody about it."""
    organizer = request.organizer or sender
    if not request.owner or not organizer or organizer.lower() == request.owner.lower():
        return
    event.add("organizer", _person(organizer))
    attendee = _person(request.owner)
    for name, value in (("PARTSTAT", "NEEDS-ACTION"), ("ROLE", "REQ-PARTICIPANT"), ("RSVP", "TRUE")):
        attendee.params[name] = vText(value)
    event.add("attendee", attendee)


def _person(address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["SCHEDULE-AGENT"] = vText("CLIENT")
    return person


def vendor_event(our_id: str, name: str, version: str, found: Stored, owners: Iterable[str]) -> VendorEvent | None:
    """The event as it stands; None for a cancelled one. Raises `Retryable` for one that can't be read."""
    event = found.event
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    entry, times = found.entry(), found.times()
    if entry is None or times is None:
        raise lost("unreadable", changes=False)
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    mine = frozenset(address.lower() for address in owners)
    answer = answer_of(entry, mine)
    return VendorEvent(
        our_id=our_id,
        external_id=name,
        version=version,
        starts_at=times[0],
        ends_at=times[1],
        answer=answer,
        comment=_comment(event, attendees, mine) if answer is not Answer.NONE else "",
    )


def _comment(event: Component, attendees: list[vCalAddress], owners: Collection[str]) -> str:
    """The words with an answer: COMMENT, or a parameter of the attendee (Apple, Microsoft)."""
    for attendee in attendees:
        if str(attendee).lower().removeprefix("mailto:") not in owners:
            continue
        if text := attendee.params.get("X-RESPONSE-COMMENT", ""):
            return str(text)[:2000]
    found = event.get("COMMENT", "")
    return str(found[0] if isinstance(found, list) and found else found or "")[:2000]
