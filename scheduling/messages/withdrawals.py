"""Cancel calendar events at an address that is no longer the recipient's (RFC 5546, 3.2.5).

The calendar behind the old address would otherwise keep interviews that move or are cancelled later: it gets no further
messages. So a withdrawal is queued at once, without a draft: there is nothing to review, and waiting helps nobody.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone, translation

from organizations import languages
from organizations.enqueue import after_commit
from organizations.mail import own_sender
from organizations.models import User
from scheduling.calendar_events.entries import record_cancellation
from scheduling.calendar_events.ics import Event, Method
from scheduling.calendar_events.stored import events_by_address, to_json
from scheduling.messages.event_mails import withdrawal
from scheduling.messages.message_context import MessageContext, RecipientKey
from scheduling.messages.render_context import RenderContext
from scheduling.messages.snapshot import Recipient
from scheduling.messages.trail_rows import note
from scheduling.models import Message, MessageKind, MessageState


def withdraw(context: MessageContext, actor: User | None) -> list[Message]:
    """Queue a CANCEL for each coming event in a calendar at a former address; does so once.

    Call it in the transaction that holds the context's lock.
    """
    return [
        _queue(context, recipient, message, event, actor)
        for key in context.messages
        if (recipient := context.recipient(key)) is not None
        for message, event in _events_elsewhere(context, key, recipient)
    ]


def _events_elsewhere(context: MessageContext, key: RecipientKey, recipient: Recipient) -> list[tuple[Message, Event]]:
    """Return coming events in calendars at former addresses, with the message that sent each last."""
    now, current = timezone.now(), recipient.email.lower()
    return [
        (message, event)
        for (_uid, address), (message, event) in events_by_address(context.mails.get(key, [])).items()
        if address != current and event.ends_at > now
    ]


def _queue(context: MessageContext, recipient: Recipient, sent: Message, event: Event, actor: User | None) -> Message:
    snapshot, now = context.snapshot, timezone.now()
    cancelled = _cancelled(snapshot.schedule.pk, event)
    with translation.override(recipient.language or languages.of_organization(snapshot.organization)):
        rendered = withdrawal(cancelled, _render_context(context, replace(recipient, email=sent.to_email)))
    message = Message.objects.create(
        organization=snapshot.organization,
        schedule=snapshot.schedule,
        audience=sent.audience,
        membership_id=sent.membership_id,
        kind=MessageKind(f"{sent.audience}_withdrawal"),
        state=MessageState.QUEUED,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        to_name=sent.to_name,
        to_email=sent.to_email,
        # No person sends it; replies go where those to the invitation go.
        sender={**sent.sender, "from_email": own_sender().email},
        calendar=[to_json(Method.CANCEL, cancelled)],
        created_by=actor,
        queued_at=now,
        next_attempt_at=now,
    )
    note(message, actor, "message.withdrawn")
    after_commit("scheduling.send_message", message.pk)
    return message


def _cancelled(schedule_id: int, event: Event) -> Event:
    """Return the event for its CANCEL. The mailbox may be somebody else's now: nothing leads to the interview."""
    sequence = record_cancellation(schedule_id, event)
    sender = own_sender().email
    return replace(event, sequence=sequence, stamped_at=timezone.now(), description="", location="", sent_by=sender)


def _render_context(context: MessageContext, recipient: Recipient) -> RenderContext:
    return RenderContext(
        recipient=recipient,
        candidate="",
        candidate_email="",
        organization=context.snapshot.organization.name,
        look=context.look,
        sender="",
        interviews=(),
    )
