"""Messages once more: what failed, what may not have arrived, what had no mail server, and copies."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.bidi import isolated
from organizations.mail import new_message_id
from organizations.models import User
from scheduling.messages import delivery as message_delivery
from scheduling.messages.compose import Board, compose, is_current, key_of, needed
from scheduling.messages.services import locked_board, note, queue, refresh, reopen
from scheduling.messages.snapshot import fingerprint
from scheduling.models import Message, MessageState, Schedule
from scheduling.models.messages import STAYED, TROUBLED


@transaction.atomic
def send_again(*, message: Message, actor: User) -> MessageState:
    """Asks for a person's newest message to go out (again); returns the state of what goes out, or of what stays.

    FAILED and NOT_SENT: it surely never left, so it is written anew and queued; where something speaks against that,
    it is a draft to look at. UNKNOWN: the very same mail goes out once more, with the same Message-ID and the same
    calendar events, which the reader's programs recognize. SENT: a copy goes out, as a message of its own with the
    same calendar events. A message that is not the person's newest, so also the second of two clicks, or that is not
    true any more, stays as it is.
    """
    board = locked_board(message.schedule)
    if message.part_of_id is not None or message.is_withdrawal:
        return _one_event_again(board, message, actor)
    newest = board.messages.get(key_of(message), [])[-1:]
    if not newest or newest[0].pk != message.pk:
        return MessageState(message.state)
    current = newest[0]
    if current.state == MessageState.UNKNOWN and is_current(board, current):
        return _repeat(current, actor)
    if current.state == MessageState.SENT and is_current(board, current):
        return _copy(current, actor)
    if current.state not in STAYED:
        return MessageState(current.state)
    draft = reopen(current)
    if draft is None:
        return MessageState.QUEUED
    content = compose(board=board, message=draft, actor=actor, now=timezone.now())
    kind = needed(board, key_of(draft))
    if kind != draft.kind or content.checks or draft.fingerprint != fingerprint(content.facts):
        if kind is not None:
            refresh(board, draft, kind, "")
        return MessageState.DRAFT
    queue(board, draft, content, actor)
    return MessageState.QUEUED


def _one_event_again(board: Board, message: Message, actor: User) -> MessageState:
    """A further mail, or a withdrawal, as it was: nothing of it can have changed while it is true."""
    current = next((one for one in board.mails.get(key_of(message), []) if one.pk == message.pk), None)
    if current is None or current.state not in TROUBLED or current.replaced_at or not _is_true(board, current):
        return MessageState(current.state if current else message.state)
    return _repeat(current, actor)


def _is_true(board: Board, message: Message) -> bool:
    if not message.is_withdrawal:
        return is_current(board, message)
    recipient = board.recipient(key_of(message))
    return recipient is None or message.to_email.lower() != recipient.email.lower()


def _copy(message: Message, actor: User) -> MessageState:
    """The message with its further mails: each a mail of its own."""
    copy = _copied(message, actor, None)
    for part in message.parts.order_by("id"):
        _copied(part, actor, copy)
    message.parts.filter(state__in=STAYED, replaced_at__isnull=True).update(replaced_at=timezone.now())
    note(copy, actor, "message.repeated", _("Sent again to %(name)s") % {"name": isolated(copy.to_name)})
    transaction.on_commit(partial(message_delivery.nudge, copy.pk))
    return MessageState.QUEUED


def _copied(message: Message, actor: User, part_of: Message | None) -> Message:
    now = timezone.now()
    copy = Message.objects.get(pk=message.pk)  # the board left the long texts out
    copy.pk, copy._state.adding = None, True
    copy.message_id = new_message_id()
    copy.state = MessageState.QUEUED
    copy.created_by = copy.sent_by = actor
    copy.created_at = copy.queued_at = copy.next_attempt_at = now
    copy.sent_at, copy.attempts, copy.claim, copy.claimed_at = None, 0, "", None
    copy.problem = copy.problem_code = ""
    copy.part_of, copy.replaced_at = part_of, None
    copy.save(force_insert=True)
    return copy


def _repeat(message: Message, actor: User) -> MessageState:
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
        note(message, actor, "message.repeated", _("Sent again to %(name)s") % {"name": isolated(message.to_name)})
        transaction.on_commit(partial(message_delivery.nudge, message.pk))
    return MessageState.QUEUED


@transaction.atomic
def mark_sent(*, message: Message, actor: User) -> bool:
    """Somebody knows that a message of unknown fate arrived."""
    changed = Message.objects.filter(pk=message.pk, state=MessageState.UNKNOWN).update(
        state=MessageState.SENT, sent_at=message.claimed_at or timezone.now(), problem="", problem_code=""
    )
    if changed:
        note(message, actor, "message.arrived", _("Noted that %(name)s has it") % {"name": isolated(message.to_name)})
    return bool(changed)


@transaction.atomic
def send_all_that_had_no_server(*, schedule: Schedule, actor: User) -> list[MessageState]:
    """Sends the newest message of everybody whose message stayed here for want of a mail server.

    Each is written anew, as `send_again` does; what is not as it was is a draft to look at. Returns where each is now.
    """
    board = locked_board(schedule)
    waiting = [rows[-1] for rows in board.messages.values() if rows[-1].state == MessageState.NOT_SENT]
    waiting += [one for rows in board.mails.values() for one in rows if _is_kept(one)]
    return [send_again(message=message, actor=actor) for message in waiting]


def _is_kept(message: Message) -> bool:
    """A withdrawal that had no server. Further mails go with their message, which is written anew."""
    return message.is_withdrawal and message.state == MessageState.NOT_SENT
