"""The changes that bring one reader's calendar up to date: events to add, to change and to cancel.

What an event says is rendered elsewhere. Here it is matched to the calendar entries that the reader has: an event keeps
its UID as long as it covers some of the same interviews, however they are moved or grouped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings

from organizations.mail import mail_domain
from organizations.models import Organization
from scheduling.calendar_events.ics import Event, Method, Person
from scheduling.calendar_events.stored import LastSent, from_json, last_sent, to_json
from scheduling.models.messages import CalendarEntry, Message

Grouping = Organization.InvitationGrouping


class Interval(Protocol):
    """An interview's times, whatever else is known of it."""

    @property
    def interview_id(self) -> int: ...

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


AnyInterval = TypeVar("AnyInterval", bound=Interval)


@dataclass(frozen=True, slots=True)
class EventContent:
    """One event as the reader's calendar should show it, for the interviews that it covers."""

    interview_ids: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """The organizer as calendars show it, and the address that the mail comes from."""

    organizer: Person
    sent_by: str


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """One event to send. `entry` is the row that it belongs to; None: one is made when the message is queued.

    `is_known`: the reader's calendar has the event already. SEQUENCE does not say so: it also rises for events that
    never arrived.
    """

    method: Method
    event: Event
    interview_ids: tuple[int, ...]
    entry: CalendarEntry | None
    is_known: bool = True


def group_into_events(interviews: Sequence[AnyInterval], grouping: str, zone: ZoneInfo) -> list[list[AnyInterval]]:
    """Return the interviews that share an event, in order of time: per day in `zone`, per unbroken block, or each."""
    found: list[list[AnyInterval]] = []
    for interview in sorted(interviews, key=lambda one: (one.starts_at, one.interview_id)):
        if found and _belongs_to(found[-1], interview, grouping, zone):
            found[-1].append(interview)
        else:
            found.append([interview])
    return found


def _belongs_to(group: Sequence[Interval], interview: Interval, grouping: str, zone: ZoneInfo) -> bool:
    if grouping == Grouping.INTERVIEW:
        return False
    if grouping == Grouping.DAY:
        return group[0].starts_at.astimezone(zone).date() == interview.starts_at.astimezone(zone).date()
    return interview.starts_at <= max(one.ends_at for one in group)


def calendar_changes(
    contents: Sequence[EventContent],
    *,
    reader: Person,
    entries: Sequence[CalendarEntry],
    messages: Sequence[Message],
    sender: SenderIdentity,
    seed: str,
    stamped_at: datetime,
) -> list[CalendarChange]:
    """Return the events that bring the reader's calendar from what was sent to it to `contents`.

    `entries` and `messages` are the reader's, in order of id. An event that reached the reader, at their address of
    today, and has not changed since is left out. `seed` makes the UIDs of the reader's new events, the same ones each
    time.
    """
    address = reader.email.lower()
    sent_here = last_sent(message for message in messages if message.to_email.lower() == address)
    sent_anywhere = last_sent(messages)
    left = list(entries)
    taken = {entry.uid for entry in entries}
    changes: list[CalendarChange] = []
    for content in contents:
        entry = match_entry(left, content.interview_ids)
        if entry is not None:
            left.remove(entry)
        uid = entry.uid if entry is not None else _new_uid(seed, content.interview_ids, taken)
        taken.add(uid)
        sent = sent_here.get(uid)
        identity = replace(sender, organizer=_organizer(sender, reader, sent or sent_anywhere.get(uid)))
        event = _event(content, uid, 0 if entry is None else entry.sequence + 1, reader, identity, stamped_at)
        if not _is_up_to_date(sent, event):
            is_known = sent is not None and sent.is_in_calendar
            changes.append(CalendarChange(Method.REQUEST, event, content.interview_ids, entry, is_known=is_known))
    return changes + [
        change for entry in left for change in cancel_event(entry, sent_here.get(entry.uid), sender, stamped_at)
    ]


def _event(
    content: EventContent, uid: str, sequence: int, reader: Person, sender: SenderIdentity, stamped_at: datetime
) -> Event:
    return Event(
        uid=uid,
        sequence=sequence,
        stamped_at=stamped_at,
        starts_at=content.starts_at,
        ends_at=content.ends_at,
        summary=content.summary,
        description=content.description,
        location=content.location,
        organizer=sender.organizer,
        attendees=(reader,),
        sent_by=sender.sent_by,
    )


def match_entry(entries: Sequence[CalendarEntry], interview_ids: Iterable[int]) -> CalendarEntry | None:
    """Return the entry that covers most of the interviews; among equals one that is not cancelled, then the oldest."""
    wanted = set(interview_ids)
    shared = [(len(wanted & set(entry.interview_ids)), not entry.cancelled, -entry.pk, entry) for entry in entries]
    found = max((item for item in shared if item[0]), key=lambda item: item[:3], default=None)
    return found[3] if found else None


def cancel_event(
    entry: CalendarEntry, sent: LastSent | None, sender: SenderIdentity, stamped_at: datetime
) -> list[CalendarChange]:
    """Return a CANCEL of the event that was sent; nothing for one that was never sent or is cancelled already."""
    if sent is None or not sent.is_in_calendar:
        return []
    old = from_json(sent.event)
    event = Event(
        uid=entry.uid,
        sequence=entry.sequence + 1,
        stamped_at=stamped_at,
        starts_at=old.starts_at,
        ends_at=old.ends_at,
        summary=old.summary,
        organizer=old.organizer,
        attendees=old.attendees,
        location=old.location,
        sent_by=sender.sent_by,
    )
    return [CalendarChange(Method.CANCEL, event, (), entry)]


def _new_uid(seed: str, interview_ids: Sequence[int], taken: Iterable[str]) -> str:
    """Return a UID made from the secret key: it says nothing, nobody can guess it, and it is stable until stored."""
    known, number = set(taken), 0
    while True:
        text = f"{settings.SECRET_KEY}|{seed}|{min(interview_ids)}|{number}"
        uid = f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@{mail_domain()}"
        if uid not in known:
            return uid
        number += 1


def _organizer(sender: SenderIdentity, reader: Person, sent: LastSent | None) -> Person:
    """Return the event's organizer for life: calendars take changes from an event's own organizer alone (RFC 5546).

    A reader never is the organizer of their own invitation: a calendar would take it for its owner's own event.
    """
    if sent is not None:
        return from_json(sent.event).organizer
    if sender.organizer.email.lower() == reader.email.lower():
        return Person(sender.organizer.name, sender.sent_by)
    return sender.organizer


def _is_up_to_date(sent: LastSent | None, event: Event) -> bool:
    if sent is None or not sent.arrived:
        return False
    return _content(sent.event) == _content(to_json(Method.REQUEST, event))


def _content(event: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in {"sequence", "stamped_at"}}
