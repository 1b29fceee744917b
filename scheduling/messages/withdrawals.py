"""Clears the calendar behind an address that is no longer the person's (RFC 5546, 3.2.5).

Whoever reads the old mailbox would otherwise keep interviews that move or are called off without them: it hears of
nothing any more. So it is told at once, without a draft: there is nothing to look over, and waiting helps nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.audit import record
from organizations.mail import own_sender
from organizations.models import User
from scheduling.calendar_events.ics import Event, Method
from scheduling.messages import calendar
from scheduling.messages import delivery as message_delivery
from scheduling.messages.compose import Board, Key
from scheduling.messages.event_mails import withdrawal
from scheduling.messages.render import Reading
from scheduling.messages.snapshot import Recipient
from scheduling.models import CalendarEntry, Message, MessageKind, MessageState
from scheduling.models.messages import TOLD


def withdraw(board: Board, actor: User | None) -> list[Message]:
    """Queues a CANCEL for each coming event that stands in a calendar at an old address; does so once.

    Call it in the transaction that holds the board's lock.
    """
    return [
        _queue(board, key, message, event, actor)
        for key in board.people()
        for message, event in _left_behind(board, key)
    ]


def _left_behind(board: Board, key: Key) -> list[tuple[Message, Mapping[str, Any]]]:
    """Events that were told at an address which is not the person's now, with the message that told each last."""
    recipient = board.recipient(key)
    if recipient is None:
        return []
    now, current = timezone.now(), recipient.email.lower()
    return [
        (message, event)
        for (_uid, address), (message, event) in _standing(board, key).items()
        if address != current and calendar.from_json(event).ends_at > now
    ]


def _standing(board: Board, key: Key) -> dict[tuple[str, str], tuple[Message, Mapping[str, Any]]]:
    """What stands in which calendar, by UID and address, as far as is known."""
    found: dict[tuple[str, str], tuple[Message, Mapping[str, Any]]] = {}
    for message in board.mails.get(key, []):
        # A withdrawal counts from when it is queued, also one that the server refused: so it is made once.
        if message.state not in TOLD and not (message.is_withdrawal and message.problem_code != "changed"):
            continue
        for event in message.calendar:
            place = (event["uid"], message.to_email.lower())
            if event["method"] == Method.CANCEL.value:
                found.pop(place, None)
            else:
                found[place] = (message, event)
    return found


def _queue(board: Board, key: Key, told: Message, event: Mapping[str, Any], actor: User | None) -> Message:
    loop, now = board.loop, timezone.now()
    struck = _struck(loop.schedule.pk, calendar.from_json(event))
    recipient = board.recipient(key)
    assert recipient is not None  # noqa: S101 - nobody was left out before
    rendered = withdrawal(struck, _reading(board, replace(recipient, email=told.to_email)))
    message = Message.objects.create(
        organization=loop.organization,
        schedule=loop.schedule,
        audience=key[0],
        membership_id=key[1],
        kind=MessageKind(f"{key[0]}_withdrawal"),
        state=MessageState.QUEUED,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        to_name=told.to_name,
        to_email=told.to_email,
        # Nobody sends it by hand; answers go where those to the invitation go.
        sender={**told.sender, "from_email": own_sender().email},
        calendar=[calendar.to_json(Method.CANCEL, struck)],
        sequence=struck.sequence,
        created_by=actor,
        queued_at=now,
        next_attempt_at=now,
    )
    record(
        organization=loop.organization,
        actor=actor,
        action="message.queued",
        subject=loop.schedule,
        summary=_("Withdrew the calendar event from the old address (%(name)s)") % {"name": told.to_name},
        detail={"message": message.pk, "kind": message.kind},
    )
    transaction.on_commit(partial(message_delivery.nudge, message.pk))
    return message


def _struck(schedule_id: int, event: Event) -> Event:
    """The event with the next SEQUENCE of its UID, which is used up by this."""
    entry = CalendarEntry.objects.get(schedule=schedule_id, uid=event.uid)
    entry.sequence += 1
    entry.cancelled = True
    entry.save(update_fields=["sequence", "cancelled"])
    # Whose mailbox it is now is not known: nothing in it opens a door.
    struck = replace(event, description="", location="", sent_by=own_sender().email)
    return replace(struck, sequence=entry.sequence, stamped_at=timezone.now())


def _reading(board: Board, recipient: Recipient) -> Reading:
    return Reading(
        recipient=recipient,
        candidate="",
        candidate_email="",
        organization=board.loop.organization.name,
        sender="",
        facts=(),
    )
