"""Build the iTIP object of one calendar event. Knows no Django and reads no clock.

What a calendar needs (RFC 5545, the format; RFC 5546, invitations and their replies; RFC 6047, by e-mail):

* METHOD in the body, which the MIME part's `method` parameter repeats;
* one UID per event for its whole life, and a SEQUENCE that rises with every change;
* an ORGANIZER and, in a CANCEL, every ATTENDEE whose entry is cancelled;
* DTSTAMP, lines that end in CRLF and are no longer than 75 octets.

Times are written in UTC: every client reads them alike, and no VTIMEZONE can disagree with a client's own rules.
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar
from icalendar import Event as VEvent
from icalendar.parser import Parameters
from icalendar.prop import vCalAddress, vText

from organizations.text import for_header
from organizations.text import lines as text_lines

PRODUCT = "-//Panelist//Panelist//EN"


class Method(enum.StrEnum):
    """The iTIP method: invite to the event or replace it, cancel it, or only show it, which nobody answers."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True)
class Person:
    """A name, which may hold anything that a person typed, and an address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event as one message carries it. All times are aware.

    `sent_by` is the address the mail comes from where that is not the organizer's own; `sequence` counts the changes
    of this `uid` from 0.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    organizer: Person
    attendees: tuple[Person, ...]
    description: str = ""
    location: str = ""
    sent_by: str = ""


def invitation(event: Event, method: Method) -> bytes:
    """Return the iTIP object: UTF-8 with CRLF line ends. Raises ValueError for an event that no calendar could take."""
    _check(event, method)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_component(event, method))
    data: bytes = calendar.to_ical(sorted=False)
    return data


def _component(event: Event, method: Method) -> VEvent:
    component = VEvent()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.stamped_at.astimezone(UTC).replace(microsecond=0))
    component.add("dtstart", event.starts_at.astimezone(UTC).replace(microsecond=0))
    component.add("dtend", event.ends_at.astimezone(UTC).replace(microsecond=0))
    component.add("summary", vText(_clean(event.summary)))
    if event.location:
        component.add("location", vText(_clean(event.location)))
    if event.description:
        component.add("description", vText(_clean(event.description, lines=True)))
    component.add("organizer", _organizer(event))
    for person in event.attendees:
        component.add("attendee", _attendee(person, method))
    component.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if method is Method.CANCEL else "OPAQUE")
    component.add("class", "PRIVATE")
    return component


class _QuotingParameters(Parameters):
    """Parameters with every CN quoted: a name may hold `,`, `:` or `;`, and some clients split at a plain space."""

    always_quoted = (*Parameters.always_quoted, "CN")  # type: ignore[assignment]


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{for_header(person.email)}")
    address.params = _QuotingParameters()
    # A double quote can't stand in a parameter (RFC 5545, 3.2), and hardly any client undoes RFC 6868's escapes.
    address.params["CN"] = _clean(person.name).replace('"', "'").replace("^", "") or person.email
    return address


def _organizer(event: Event) -> vCalAddress:
    address = _address(event.organizer)
    if event.sent_by and event.sent_by.lower() != event.organizer.email.lower():
        address.params["SENT-BY"] = f"mailto:{event.sent_by}"
    return address


def _attendee(person: Person, method: Method) -> vCalAddress:
    address = _address(person)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    if method is Method.REQUEST:
        address.params["PARTSTAT"] = "NEEDS-ACTION"
        address.params["RSVP"] = "TRUE"
    return address


def _clean(text: str, *, lines: bool = False) -> str:
    """Drop control characters, which RFC 5545 forbids, and those that turn the direction of the text behind them.

    Line breaks stay only with `lines`.
    """
    return text_lines(text) if lines else for_header(text)


def _check(event: Event, method: Method) -> None:
    times = (event.stamped_at, event.starts_at, event.ends_at)
    if any(time.utcoffset() is None for time in times):
        raise ValueError("Times of a calendar event carry their zone.")
    if event.ends_at <= event.starts_at:
        raise ValueError("A calendar event ends after it starts.")
    if event.sequence < 0 or not event.uid:
        raise ValueError("A calendar event has a UID and a SEQUENCE of 0 or more.")
    if bool(event.attendees) == (method is Method.PUBLISH):
        raise ValueError("A calendar event has at least one attendee, unless it is only shown: then none.")
    for person in (event.organizer, *event.attendees):
        if "@" not in person.email or any(c.isspace() or unicodedata.category(c) == "Cc" for c in person.email):
            raise ValueError("An address in a calendar event is not one.")
