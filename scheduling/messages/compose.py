"""Everything a page or a sender needs to know of a schedule's messages: read once, worked out without writing.

`Board` holds what the database has; `compose` says what a draft would be if it were sent now. The preview shows
exactly that, and queueing stores exactly that: `Composed.digest` proves that the two are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from organizations import mail
from organizations.models import User
from scheduling.calendar_events.ics import Person
from scheduling.messages import calendar as message_calendar
from scheduling.messages import preflight as message_preflight
from scheduling.messages.calendar import Desk, Planned
from scheduling.messages.default_texts import Words, words_of
from scheduling.messages.event_mails import Part, parts_of
from scheduling.messages.preflight import Check
from scheduling.messages.render import Reading, Rendered, links_for, render
from scheduling.messages.snapshot import Fact, Loop, Recipient, differences, fingerprint, interviewer, load, told_by
from scheduling.models.messages import STAYED, Audience, CalendarEntry, Message, MessageKind, MessageState

Key = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Board:
    """A schedule's messages and calendar entries by person, in order of id, and the loop as it is now.

    `messages` are those that say something of their own. `mails` are all that went out or is to: also further mails
    with calendar events, and withdrawals from old addresses.
    """

    loop: Loop
    messages: dict[Key, list[Message]]
    mails: dict[Key, list[Message]]
    entries: dict[Key, list[CalendarEntry]]
    words: dict[MessageKind, Words]

    def recipient(self, key: Key) -> Recipient | None:
        """Who it is, also when they take no part any more; None when they left the organization."""
        if key[0] == Audience.CANDIDATE:
            return self.loop.candidate()
        for recipient in self.loop.recipients():
            if recipient.key == key:
                return recipient
        members = [message.membership for message in self.messages.get(key, []) if message.membership is not None]
        return interviewer(members[0]) if members else None

    def people(self) -> list[Key]:
        """Everybody who takes part or was ever written to: those who take part first."""
        taking_part = [recipient.key for recipient in self.loop.recipients()]
        return list(dict.fromkeys([*taking_part, *self.messages]))

    def facts(self, key: Key) -> list[Fact]:
        return self.loop.facts_for(Audience(key[0]), key[1])

    def told(self, key: Key) -> list[Fact] | None:
        """What this person knows from the mail to the address that is theirs now; None when none ever went there."""
        recipient = self.recipient(key)
        return told_by(
            message
            for message in self.mails.get(key, [])
            if message.part_of_id is None and (recipient is None or _goes_to(message, recipient))
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it would leave now. `recipient` is None when nobody is left to read it."""

    kind: MessageKind
    recipient: Recipient | None
    rendered: Rendered
    planned: tuple[Planned, ...]
    parts: tuple[Part, ...]
    facts: tuple[Fact, ...]
    checks: tuple[Check, ...]
    sender: dict[str, str]
    digest: str

    @property
    def blocked(self) -> bool:
        return any(check.blocks for check in self.checks)

    @property
    def calendar(self) -> list[dict[str, Any]]:
        return [message_calendar.to_json(item.method, item.event) for item in self.planned]


def open_board(schedule_id: int) -> Board:
    """Reads everything in eight queries, whatever the number of people. Raises Schedule.DoesNotExist."""
    return board_of(load(schedule_id))


def board_of(loop: Loop) -> Board:
    """The messages and calendar entries around a loop that was just read."""
    messages: dict[Key, list[Message]] = {}
    mails: dict[Key, list[Message]] = {}
    rows = Message.objects.filter(schedule=loop.schedule).select_related("membership__user", "sent_by")
    for message in rows.defer("text", "html").order_by("id"):
        mails.setdefault(key_of(message), []).append(message)
        if message.part_of_id is None and not message.is_withdrawal:
            messages.setdefault(key_of(message), []).append(message)
    entries: dict[Key, list[CalendarEntry]] = {}
    for entry in CalendarEntry.objects.filter(schedule=loop.schedule).order_by("id"):
        entries.setdefault((entry.audience, entry.membership_id), []).append(entry)
    return Board(loop, messages, mails, entries, words_of(loop.organization))


def key_of(message: Message) -> Key:
    return (message.audience, message.membership_id)


def needed(board: Board, key: Key) -> MessageKind | None:
    """What this person has to be sent so that they know what is true; None when they know it, or are not there.

    Nor is anything needed once all they were told of and all they take part in has ended.

    Somebody whose address is another one since they were told is invited at the new one. A message that waits to go
    out, or that could not, says it already when it is as true as on the day it was written.
    """
    told, now = board.told(key), board.facts(key)
    if board.recipient(key) is None:
        return None
    waiting = unsent(board, key)
    if waiting is not None and is_current(board, waiting):
        return None
    missing = occasion(told or [], now)
    return _kind(key, missing) if missing else None


def occasion(told: Sequence[Fact], now: Sequence[Fact]) -> str:
    """What a person who was told this has to be sent: `invitation`, `update`, `cancellation`, or nothing ("").

    `told` is what went to the address that is theirs now. Once all of both has ended, nothing is needed any more.
    """
    if _is_over([*told, *now]):
        return ""
    if not now:
        return "cancellation" if told else ""
    if not told:
        return "invitation"
    return "update" if differences(told, now) else ""


def _is_over(facts: Sequence[Fact]) -> bool:
    now = timezone.now()
    return all(fact.ends_at <= now for fact in facts)


def unsent(board: Board, key: Key) -> Message | None:
    """This person's newest message, when it waits to go out or stayed here."""
    newest = board.messages.get(key, [])[-1:]
    return next((m for m in newest if m.state in {MessageState.QUEUED, *STAYED}), None)


def is_current(board: Board, message: Message) -> bool:
    """What it says is still true, and it goes where the person reads it."""
    key = key_of(message)
    recipient = board.recipient(key)
    if recipient is None or not _goes_to(message, recipient):
        return False
    return message.fingerprint == fingerprint(board.facts(key))


def _kind(key: Key, occasion: str) -> MessageKind:
    return MessageKind(f"{key[0]}_{occasion}")


def _goes_to(message: Message, recipient: Recipient) -> bool:
    return message.to_email.lower() == recipient.email.lower()


def words_for(board: Board, message: Message) -> Words:
    """The draft's own words, or the organization's template of its kind."""
    template = board.words[MessageKind(message.kind)]
    if not message.edited_at:
        return template
    return Words(message.subject_source, message.body_source, own=True)


def compose(*, board: Board, message: Message, actor: User, now: datetime) -> Composed:
    """What `message`, a draft, would be if `actor` sent it now."""
    kind, key = MessageKind(message.kind), key_of(message)
    gone = key[0] == Audience.INTERVIEWER and key[1] is None
    found = None if gone else board.recipient(key)
    recipient = found or Recipient(Audience(key[0]), key[1], message.to_name, "", board.loop.organization.time_zone)
    facts = board.facts(key)
    reading = _reading(board, message, recipient, actor, facts)
    words = words_for(board, message)
    rendered = render(words.subject, words.body, reading)
    sender = sender_of(board.loop, actor)
    planned = message_calendar.plan(
        reading=reading,
        grouping=board.loop.organization.invitation_grouping,
        entries=board.entries.get(key, []),
        messages=board.mails.get(key, []),
        desk=_desk(sender),
        seed=f"{board.loop.schedule.pk}|{key[0]}|{key[1] or ''}",
        stamped_at=now,
    )
    found_checks = [
        *message_preflight.check_address(found),
        *message_preflight.check_words(words.subject, words.body, kind),
        *_check_rest(board, message, reading, rendered, words, now),
    ]
    parts = parts_of(planned, reading, rendered.subject)
    return Composed(
        kind,
        found,
        rendered,
        tuple(planned),
        parts,
        tuple(facts),
        tuple(found_checks),
        sender,
        _digest(recipient, sender, [rendered, *(part.rendered for part in parts)], planned),
    )


def _check_rest(
    board: Board, message: Message, reading: Reading, rendered: Rendered, words: Words, now: datetime
) -> list[Check]:
    kind = MessageKind(message.kind)
    found: list[Check] = []
    if kind.audience == Audience.CANDIDATE:
        found += message_preflight.check_for_candidate(
            f"{rendered.subject}\n{rendered.text}", board.loop, reading.join_links.values()
        )
    if kind.occasion != "cancellation":
        found += message_preflight.check_links(board.loop, reading.recipient, reading.facts)
        found += message_preflight.check_meetings(reading.facts, now)
        found += message_preflight.check_text_has_links(words.body, list(reading.join_links.values()), kind)
    changed = fingerprint(reading.facts) != message.fingerprint
    found += message_preflight.check_times(reading.facts, now, edited=message.edited_at is not None, changed=changed)
    return found


def _reading(board: Board, message: Message, recipient: Recipient, actor: User, facts: Sequence[Fact]) -> Reading:
    schedule, organization = board.loop.schedule, board.loop.organization
    told = board.told(key_of(message)) or []
    return Reading(
        recipient=recipient,
        candidate=schedule.candidate.name,
        candidate_email=schedule.candidate.email,
        candidate_phone=schedule.candidate.phone,
        organization=organization.name,
        sender=actor.name or organization.sender_name or organization.name,
        facts=facts,
        changes=differences(told, facts),
        join_links=links_for(board.loop, recipient, facts),
        job=schedule.job.title if schedule.job else "",
        stage=schedule.stage.name if schedule.stage else "",
        reason=message.reason,
        schedule_link=_schedule_link(organization.slug, schedule.pk),
    )


def _schedule_link(slug: str, pk: int) -> str:
    try:
        return settings.BASE_URL + reverse("schedule", kwargs={"organization": slug, "pk": pk})
    except NoReverseMatch:
        return ""


def sender_of(loop: Loop, actor: User) -> dict[str, str]:
    """Who the mail comes from: the organization's name, our address, and where answers are read."""
    mine, answers = mail.sender_of(loop.organization), mail.answers_to(loop.organization, actor)
    return {
        "from_name": mine.name,
        "from_email": mine.email,
        "reply_to": answers.email if answers else "",
        "reply_name": answers.name if answers else "",
    }


def _desk(sender: dict[str, str]) -> Desk:
    """Calendars send "accepted" and "declined" to the organizer: so it is who reads answers, as Reply-To says.

    That is not the address in From, so SENT-BY names that one for programs that compare the two (RFC 5545, 3.2.18).
    """
    organizer = Person(sender["reply_name"] or sender["from_name"], sender["reply_to"] or sender["from_email"])
    return Desk(organizer, sender["from_email"])


def _digest(recipient: Recipient, sender: dict[str, str], mails: Sequence[Rendered], planned: Sequence[Planned]) -> str:
    """Of all that the reader will see. Only the calendar's time stamp is not in it: it is the moment of queueing."""
    calendar = [message_calendar.to_json(item.method, item.event) for item in planned]
    events = [{key: value for key, value in event.items() if key != "stamped_at"} for event in calendar]
    words = [[mail.subject, mail.text, mail.html] for mail in mails]
    whole = [recipient.email, recipient.name, sender, words, events]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]
