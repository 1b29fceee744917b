"""Calendar events as messages keep them (`Message.calendar`), and what is known of the calendars they went to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduling.calendar_events.ics import Event, Method, Person
from scheduling.models.messages import NOTIFIED, Message, MessageState


def to_json(method: Method, event: Event) -> dict[str, Any]:
    """Return an event as `Message.calendar` keeps it."""
    return {
        "method": method.value,
        "uid": event.uid,
        "sequence": event.sequence,
        "stamped_at": event.stamped_at.isoformat(),
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "summary": event.summary,
        "description": event.description,
        "location": event.location,
        "organizer": [event.organizer.name, event.organizer.email],
        "attendees": [[person.name, person.email] for person in event.attendees],
        "sent_by": event.sent_by,
    }


def from_json(row: Mapping[str, Any]) -> Event:
    """Return the event that `Message.calendar` keeps."""
    return Event(
        uid=row["uid"],
        sequence=row["sequence"],
        stamped_at=datetime.fromisoformat(row["stamped_at"]),
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=datetime.fromisoformat(row["ends_at"]),
        summary=row["summary"],
        description=row["description"],
        location=row["location"],
        organizer=Person(*row["organizer"]),
        attendees=tuple(Person(*person) for person in row["attendees"]),
        sent_by=row["sent_by"],
    )


@dataclass(frozen=True, slots=True)
class LastSent:
    """The last event that was sent under one UID, as JSON. `arrived` is false where the mail may not have arrived."""

    event: Mapping[str, Any]
    arrived: bool

    @property
    def is_in_calendar(self) -> bool:
        return bool(self.event["method"] != Method.CANCEL.value)


def last_sent(messages: Iterable[Message]) -> dict[str, LastSent]:
    """Return the last event of each UID in `messages`, which are one person's in order of id."""
    arrived = {MessageState.SENDING, MessageState.SENT}
    return {
        event["uid"]: LastSent(event, message.state in arrived)
        for message in messages
        if message.state in {*arrived, MessageState.UNKNOWN}
        for event in message.calendar
    }


def events_by_address(messages: Iterable[Message]) -> dict[tuple[str, str], tuple[Message, Event]]:
    """Return the events in each calendar, as far as is known: by UID and address, with the message that sent it last.

    `messages` are one person's in order of id. A withdrawal counts from when it is queued, also one that the server
    refused: so it is made once.
    """
    found: dict[tuple[str, str], tuple[Message, Event]] = {}
    for message in messages:
        if message.state not in NOTIFIED and not (message.is_withdrawal and message.problem_code != "changed"):
            continue
        for event in message.calendar:
            key = (event["uid"], message.to_email.lower())
            if event["method"] == Method.CANCEL.value:
                found.pop(key, None)
            else:
                found[key] = (message, from_json(event))
    return found
