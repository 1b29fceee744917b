"""Send messages once more: those that failed, may not have arrived or had no mail server, and copies."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from organizations import limits
from organizations.enqueue import after_commit
from organizations.mail import new_message_id
from organizations.models import User
from scheduling.calendar_events.entries import asked_anew
from scheduling.messages.compose import compose
from scheduling.messages.message_context import MessageContext, is_current, key_of, needed
from scheduling.messages.queueing import count_copy, count_mail, queue
from scheduling.messages.services import lock_message_context, refresh, reopen
from scheduling.messages.snapshot import digest_of
from scheduling.messages.trail_rows import note
from scheduling.models import Message, MessageState, Schedule
from scheduling.models.messages import STAYED, TROUBLED


@transaction.atomic
def send_again(*, message: Message, actor: User) -> MessageState:
    """Send a person's newest message (again); return the state that it, or its copy, is in then.

    FAILED and NOT_SENT: it was never sent, so it is composed anew and queued; where a check objects, it becomes a
    draft to review. UNKNOWN: the very same mail is sent once more, with the same Message-ID and calendar event, which
    the reader's programs recognize. SENT: a copy is sent, as a message of its own with the same calendar event. A
    message that is not the person's newest (also the second of two clicks) or not current stays as it is. Raises
    limits.Reached.
    """
    context = lock_message_context(message.schedule)
    if message.part_of_id is not None or message.is_withdrawal:
        return _one_event_again(context, message, actor)
    newest = context.messages.get(key_of(message), [])[-1:]
    if not newest or newest[0].pk != message.pk:
        return MessageState(message.state)
    current = newest[0]
    if current.state == MessageState.UNKNOWN and is_current(context, current):
        return _repeat(current, actor)
    if current.state == MessageState.SENT and is_current(context, current):
        return _copy(current, actor)
    if current.state not in STAYED:
        return MessageState(current.state)
    draft = reopen(current)
    if draft is None:
        return MessageState.QUEUED
    content = compose(context=context, message=draft, actor=actor, now=timezone.now())
    kind = needed(context, key_of(draft))
    if kind != draft.kind or content.checks or draft.interviews_digest != digest_of(content.interviews):
        if kind is not None:
            refresh(context, draft, kind, "")
        return MessageState.DRAFT
    for address in sorted(content.cc):
        count_copy(draft, address)
    queue(draft, content, actor)
    return MessageState.QUEUED


@transaction.atomic
def copy_if_sent(*, message: Message, uid: str, asks_anew: bool = False) -> bool:
    """Queue a copy of a person's newest message because their calendar asked for it, or their proposal was declined.

    `uid`: the event that it is about. `asks_anew`: its events get new SEQUENCEs, so that calendars take them for
    invitations that are to be answered. False where it was not sent, is not true any more, or brings other events
    alone. Raises limits.Reached.
    """
    context = lock_message_context(message.schedule)
    newest = context.messages.get(key_of(message), [])[-1:]
    if not newest or newest[0].state != MessageState.SENT or not is_current(context, newest[0]):
        return False
    brought = {event["uid"] for one in (newest[0], *newest[0].parts.all()) for event in one.calendar}
    if uid not in brought:
        return False
    _copy(newest[0], None, asks_anew=asks_anew)
    return True


def _one_event_again(context: MessageContext, message: Message, actor: User) -> MessageState:
    """Send a further mail or a withdrawal again, unchanged: while it is true, nothing of it can have changed."""
    current = next((one for one in context.mails.get(key_of(message), []) if one.pk == message.pk), None)
    if current is None or current.state not in TROUBLED or current.replaced_at or not _is_true(context, current):
        return MessageState(current.state if current else message.state)
    return _repeat(current, actor)


def _is_true(context: MessageContext, message: Message) -> bool:
    if not message.is_withdrawal:
        return is_current(context, message)
    recipient = context.recipient(key_of(message))
    return recipient is None or message.to_email.lower() != recipient.email.lower()


def _copy(message: Message, actor: User | None, *, asks_anew: bool = False) -> MessageState:
    """Queue a copy of the message and of each of its parts."""
    limits.count(limits.COPIES, message.schedule_id, *key_of(message))
    for one in sorted(message.parts.filter(is_copy=True), key=lambda one: one.to_email):
        count_copy(message, one.to_email)
    count_mail(message, message.to_email)
    copy = _copied(message, actor, None, asks_anew)
    for part in message.parts.order_by("id"):
        _copied(part, actor, copy, asks_anew)
    message.parts.filter(state__in=STAYED, replaced_at__isnull=True).update(replaced_at=timezone.now())
    note(copy, actor, "message.repeated")
    after_commit("scheduling.send_message", copy.pk)
    return MessageState.QUEUED


def _copied(message: Message, actor: User | None, part_of: Message | None, asks_anew: bool) -> Message:
    now = timezone.now()
    copy = Message.objects.get(pk=message.pk)  # the context deferred the long texts
    copy.pk, copy._state.adding = None, True
    copy.message_id = new_message_id()
    copy.state = MessageState.QUEUED
    copy.created_by = copy.sent_by = actor
    copy.created_at = copy.queued_at = copy.next_attempt_at = now
    copy.sent_at, copy.attempts, copy.claim, copy.claimed_at = None, 0, "", None
    copy.problem = copy.problem_code = ""
    copy.part_of, copy.replaced_at = part_of, None
    if asks_anew:
        copy.calendar = [asked_anew(copy.schedule_id, event, now) for event in copy.calendar]
    copy.save(force_insert=True)
    return copy


def _repeat(message: Message, actor: User) -> MessageState:
    limits.count(limits.COPIES, "the same", message.pk)
    count_mail(message, message.to_email)
    now = timezone.now()
    changed = Message.objects.filter(pk=message.pk, state=message.state).update(
        state=MessageState.QUEUED,
        next_attempt_at=now,
        queued_at=now,
        sent_by=None if message.is_withdrawal else actor,
        attempts=0,
        problem="",
        problem_code="",
    )
    if changed:
        note(message, actor, "message.repeated")
        after_commit("scheduling.send_message", message.pk)
    return MessageState.QUEUED


@transaction.atomic
def mark_sent(*, message: Message, actor: User) -> bool:
    """Mark a message whose outcome is unknown as sent: somebody knows that it arrived. False when it is in no doubt."""
    changed = Message.objects.filter(pk=message.pk, state=MessageState.UNKNOWN).update(
        state=MessageState.SENT, sent_at=message.claimed_at or timezone.now(), problem="", problem_code=""
    )
    if changed:
        note(message, actor, "message.arrived")
    return bool(changed)


@transaction.atomic
def send_all_that_had_no_server(*, schedule: Schedule, actor: User) -> list[MessageState]:
    """Send every newest message that was not sent for want of a mail server; return the state of each then.

    Each is composed anew, as `send_again` does; one that has changed since becomes a draft to review. Raises
    limits.Reached, and sends none, when that is too many for an address.
    """
    context = lock_message_context(schedule)
    waiting = [rows[-1] for rows in context.messages.values() if rows[-1].state == MessageState.NOT_SENT]
    waiting += [one for rows in context.mails.values() for one in rows if _is_kept(one)]
    return [send_again(message=message, actor=actor) for message in waiting]


def _is_kept(message: Message) -> bool:
    """Whether it is a withdrawal that had no server. Parts go with their message, which is composed anew."""
    return message.is_withdrawal and message.state == MessageState.NOT_SENT
