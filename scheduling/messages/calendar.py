"""Which calendar events a message carries: new ones, changed ones, and those to strike out.

The candidate gets one event per day, per block without a break, or per interview, as the organization sets it; an
interviewer one per interview, so that only those times are taken. An event keeps its UID as long as it covers some
of the same interviews, however they are moved or grouped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from organizations.bidi import isolated
from organizations.mail import mail_domain
from organizations.models import Organization
from scheduling.calendar_events.ics import Event, Method, Person
from scheduling.messages.formatting import zone_of
from scheduling.messages.render import Reading, days, entry_lines
from scheduling.messages.snapshot import Fact
from scheduling.models.messages import Audience, CalendarEntry, Message, MessageState

Grouping = Organization.InvitationGrouping


@dataclass(frozen=True, slots=True)
class Planned:
    """One event of one message. `entry` is the row it belongs to; None: a row has to be made when it is queued.

    `is_known`: the reader's calendar has it already. A SEQUENCE says that not: it also rises for what never arrived.
    """

    method: Method
    event: Event
    interviews: tuple[int, ...]
    entry: CalendarEntry | None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """Who invites: the organizer as calendars show it, and the address the mail really comes from."""

    organizer: Person
    sent_by: str


def plan(
    *,
    reading: Reading,
    grouping: str,
    entries: Sequence[CalendarEntry],
    messages: Sequence[Message],
    desk: Desk,
    seed: str,
    stamped_at: datetime,
) -> list[Planned]:
    """The events that bring this reader's calendar from what it was told to what is true.

    `entries` and `messages` are this reader's, in order of id. Events that reached the reader, at the address that is
    theirs now, as they are now are left out. `seed` makes the UIDs of this reader's new events, the same ones each
    time.
    """
    address = reading.recipient.email.lower()
    told = _told([message for message in messages if message.to_email.lower() == address])
    elsewhere = _told(messages)
    left = list(entries)
    taken = {entry.uid for entry in entries}
    planned: list[Planned] = []
    for group in groups(reading, grouping):
        entry = _best(left, group)
        if entry is not None:
            left.remove(entry)
        uid = entry.uid if entry is not None else _new_uid(seed, group, taken)
        taken.add(uid)
        organizer = _organizer(desk, reading, told.get(uid) or elsewhere.get(uid))
        event = _event(group, reading, organizer, desk, uid, 0 if entry is None else entry.sequence + 1, stamped_at)
        if not _arrived(told.get(uid), event):
            covered = tuple(fact.interview for fact in group)
            planned.append(Planned(Method.REQUEST, event, covered, entry, is_known=_stands(told.get(uid))))
    return planned + [item for entry in left for item in _strike(entry, told.get(entry.uid), desk, stamped_at)]


def groups(reading: Reading, grouping: str) -> list[list[Fact]]:
    """The interviews that make one event each, in order of time."""
    facts = sorted(reading.facts, key=lambda fact: (fact.starts_at, fact.interview))
    if reading.recipient.audience == Audience.INTERVIEWER or grouping == Grouping.INTERVIEW:
        return [[fact] for fact in facts]
    zone = zone_of(reading.recipient.zone)
    found: list[list[Fact]] = []
    for fact in facts:
        last = found[-1] if found else []
        if grouping == Grouping.DAY:
            fits = bool(last) and last[0].starts_at.astimezone(zone).date() == fact.starts_at.astimezone(zone).date()
        else:
            fits = bool(last) and fact.starts_at <= max(one.ends_at for one in last)
        if fits:
            last.append(fact)
        else:
            found.append([fact])
    return found


def _best(entries: Sequence[CalendarEntry], group: Sequence[Fact]) -> CalendarEntry | None:
    """The entry that covers most of the group; among equals one that is still in the calendar, then the oldest."""
    wanted = {fact.interview for fact in group}
    shared = [(len(wanted & set(entry.interviews)), not entry.cancelled, -entry.pk, entry) for entry in entries]
    found = max((item for item in shared if item[0]), key=lambda item: item[:3], default=None)
    return found[3] if found else None


def _new_uid(seed: str, group: Sequence[Fact], taken: Iterable[str]) -> str:
    """Made from the secret key, so that it says nothing and nobody can guess it; stable until it is stored."""
    known, number = set(taken), 0
    while True:
        text = f"{settings.SECRET_KEY}|{seed}|{min(fact.interview for fact in group)}|{number}"
        uid = f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@{mail_domain()}"
        if uid not in known:
            return uid
        number += 1


def _organizer(desk: Desk, reading: Reading, told: _Told | None) -> Person:
    """Who invited stays who invites: calendars take changes from an event's own organizer alone (RFC 5546).

    Nobody is invited by themselves: a calendar takes that for an event of its owner's own making.
    """
    if told is not None:
        return from_json(told.event).organizer
    if desk.organizer.email.lower() == reading.recipient.email.lower():
        return Person(desk.organizer.name, desk.sent_by)
    return desk.organizer


def _event(
    group: Sequence[Fact],
    reading: Reading,
    organizer: Person,
    desk: Desk,
    uid: str,
    sequence: int,
    stamped_at: datetime,
) -> Event:
    places = {fact.place for fact in group if fact.place}
    links = [reading.join_links[fact.interview] for fact in group if reading.join_links.get(fact.interview)]
    return Event(
        uid=uid,
        sequence=sequence,
        stamped_at=stamped_at,
        starts_at=min(fact.starts_at for fact in group),
        ends_at=max(fact.ends_at for fact in group),
        summary=_summary(group, reading),
        description=_description(group, reading),
        location=places.pop() if len(places) == 1 else (links[0] if len(links) == 1 and not places else ""),
        organizer=organizer,
        attendees=(Person(reading.recipient.name, reading.recipient.email),),
        sent_by=desk.sent_by,
    )


def _summary(group: Sequence[Fact], reading: Reading) -> str:
    whom = reading.candidate if reading.recipient.audience == Audience.INTERVIEWER else reading.organization
    if len(group) == 1:
        return _("%(interview)s with %(whom)s") % {"interview": isolated(group[0].name), "whom": whom}
    return _("Interviews with %(whom)s") % {"whom": whom}


def _description(group: Sequence[Fact], reading: Reading) -> str:
    part = Reading(
        recipient=reading.recipient,
        candidate=reading.candidate,
        candidate_email=reading.candidate_email,
        organization=reading.organization,
        sender=reading.sender,
        facts=group,
        join_links=reading.join_links,
    )
    lines = []
    for day in days(part):
        for entry in day.entries:
            lines += [f"{day.title}, {entry.clock}: {entry.name}", *entry_lines(entry), ""]
    lines.append(_("Times are in the time zone %(zone)s.") % {"zone": reading.recipient.zone})
    return "\n".join(lines)


# --- what the calendar was told ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """The last message about one UID: its JSON, and whether it surely arrived."""

    event: Mapping[str, Any]
    surely: bool


def _told(messages: Sequence[Message]) -> dict[str, _Told]:
    arrived = {MessageState.SENDING, MessageState.SENT}
    return {
        event["uid"]: _Told(event, message.state in arrived)
        for message in messages
        if message.state in {*arrived, MessageState.UNKNOWN}
        for event in message.calendar
    }


def _stands(told: _Told | None) -> bool:
    return told is not None and told.event["method"] != Method.CANCEL.value


def _arrived(told: _Told | None, event: Event) -> bool:
    if told is None or not told.surely:
        return False
    return _content(told.event) == _content(to_json(Method.REQUEST, event))


def _content(event: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in {"sequence", "stamped_at"}}


def _strike(entry: CalendarEntry, told: _Told | None, desk: Desk, stamped_at: datetime) -> list[Planned]:
    """A CANCEL with what the calendar has; nothing for an event that never left or is struck out already."""
    if told is None or told.event["method"] == Method.CANCEL.value:
        return []
    old = from_json(told.event)
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
        sent_by=desk.sent_by,
    )
    return [Planned(Method.CANCEL, event, (), entry)]


def to_json(method: Method, event: Event) -> dict[str, Any]:
    """An event as a message keeps it."""
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
