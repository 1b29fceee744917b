"""Carry out what a mail says. Called in the transaction that notes the mail as done; returns the outcome as a word.

Nothing is believed for the sender's address. The token in the recipient's address names the invitation, and an answer
counts only from the address that was invited, for the event and a version of it that were sent there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.calendars import Answer
from organizations import limits
from scheduling.calendar_events import reply_addresses
from scheduling.calendar_events.ics import Event, Method
from scheduling.calendar_events.stored import from_json
from scheduling.join_links.references import without_addresses
from scheduling.mail_answers.itip import COUNTER, REFRESH, Reply
from scheduling.mail_answers.letters import Letter
from scheduling.messages import delivery, repeats
from scheduling.models import MailAnswer, MailNote, Message
from scheduling.models.messages import NOTIFIED

#: Letters that are kept of one schedule. More are no correspondence.
MOST_NOTES = 50
#: Times that somebody proposes lie within this.
_FARTHEST = timedelta(days=366)
#: Clocks are wrong by minutes. What is stamped later than this would outlast every later answer.
_SKEW = timedelta(hours=1)


def take(letter: Letter, received_at: datetime, digest: str, is_too_large: bool) -> str:
    """Carry out one mail. Needs a transaction."""
    if letter.bounce is not None:
        return "bounce" if delivery.bounced(letter.bounce.message_id, letter.bounce.status, received_at) else "foreign"
    if letter.is_automatic:
        return "automatic"
    answers = [found for token in letter.tokens if (found := reply_addresses.find(token)) is not None]
    if not answers:
        return "unknown_address"
    if letter.reply is None:
        return _note(answers[0], letter, received_at, digest, is_too_large)
    answer = next((one for one in answers if one.entry.uid == letter.reply.uid), None)
    return _reply(answer, letter.reply, received_at) if answer is not None else "foreign"


def _reply(answer: MailAnswer, reply: Reply, received_at: datetime) -> str:
    event = _sent(answer).get(reply.sequence)
    invited = event.attendees[0].email.lower() if event is not None else ""
    if event is None or invited not in reply.attendees:
        return "foreign"
    stamped_at = min(reply.stamped_at or received_at, received_at + _SKEW)
    if reply.method == REFRESH:
        return _sent_again(answer, stamped_at)
    known = reply.attendees[invited]
    if known is None:
        return "no_answer"
    if answer.stamped_at is not None and (reply.sequence, stamped_at) <= (answer.sequence, answer.stamped_at):
        return "older"
    proposed = _proposed(reply, event) if reply.method == COUNTER else (None, None)
    columns: dict[str, Any] = {
        "answer": Answer.TENTATIVE if proposed[0] is not None and known == Answer.NONE else known,
        "comment": without_addresses(reply.comment),
        "answered_at": received_at,
        "sequence": reply.sequence,
        "stamped_at": stamped_at,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "proposed_starts_at": proposed[0],
        "proposed_ends_at": proposed[1],
    }
    MailAnswer.objects.filter(pk=answer.pk).update(**columns)
    return "proposal" if proposed[0] is not None else "answer"


def _sent(answer: MailAnswer) -> dict[int, Event]:
    """Return the invitations that left for the entry, by SEQUENCE; of several alike the last one."""
    rows = Message.objects.filter(
        schedule=answer.schedule_id,
        audience=answer.entry.audience,
        state__in=NOTIFIED,
    ).exclude(calendar=[])
    return {
        row["sequence"]: from_json(row)
        for calendar in rows.order_by("id").values_list("calendar", flat=True)
        for row in calendar
        if row["uid"] == answer.entry.uid and row["method"] == Method.REQUEST.value
    }


def _proposed(reply: Reply, event: Event) -> tuple[datetime | None, datetime | None]:
    """Return the other time; none where it is the same one, over, or no time at all."""
    starts_at, ends_at = reply.starts_at, reply.ends_at
    if starts_at is None or ends_at is None or ends_at <= starts_at or starts_at == event.starts_at:
        return None, None
    now = timezone.now()
    return (starts_at, ends_at) if now < starts_at < now + _FARTHEST else (None, None)


def _sent_again(answer: MailAnswer, stamped_at: datetime) -> str:
    """Send the invitation once more to somebody whose calendar asks for it, once for each time that it asks."""
    if answer.refreshed_at is not None and stamped_at <= answer.refreshed_at:
        return "older"
    MailAnswer.objects.filter(pk=answer.pk).update(refreshed_at=stamped_at)
    return "sent_again" if send_again(answer) else "nothing_to_send"


def send_again(answer: MailAnswer, *, asks_anew: bool = False) -> bool:
    """Queue a copy of the newest message to the invited, as long as it is true; False where that can't be.

    `asks_anew`: as an invitation that is to be answered once more.
    """
    whose = {"audience": answer.entry.audience, "membership": answer.membership_id}
    rows = Message.objects.filter(schedule=answer.schedule_id, **whose)
    newest = rows.filter(part_of__isnull=True).select_related("schedule__organization").order_by("-id").first()
    if newest is None:
        return False
    try:
        return repeats.copy_if_sent(message=newest, uid=answer.entry.uid, asks_anew=asks_anew)
    except limits.Reached:
        return False


def _note(answer: MailAnswer, letter: Letter, received_at: datetime, digest: str, is_too_large: bool) -> str:
    notes = MailNote.objects.filter(schedule=answer.schedule_id)
    if notes.filter(message_hash=digest).exists():
        return "older"
    if notes.count() >= MOST_NOTES:
        return "too_many"
    MailNote.objects.create(
        organization_id=answer.organization_id,
        schedule_id=answer.schedule_id,
        membership_id=answer.membership_id,
        sender=letter.sender[:320],
        text=without_addresses(letter.words),
        is_too_large=is_too_large and not letter.words,
        message_hash=digest,
        received_at=received_at,
    )
    return "note"
