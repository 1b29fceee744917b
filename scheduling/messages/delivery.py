"""Sends queued messages, each once: claim, commit, talk to the mail server, then say what became of it.

A claim that nobody finished (the worker died) means that the mail may have been sent. Such a message is never sent
again by itself; a person decides.
"""

from __future__ import annotations

import logging
import random
import uuid
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.audit import record
from organizations.enqueue import send
from organizations.mail_server import can_leave
from scheduling.messages import mime, smtp
from scheduling.messages.snapshot import Loop, fingerprint, load
from scheduling.models import Schedule
from scheduling.models.messages import Audience, Message, MessageState

log = logging.getLogger(__name__)

# Seconds until the next attempt; after the last one it has failed. Together about ten hours.
WAITS = [30, 120, 480, 1800, 3600, 3600, 7200, 7200, 10800]
# A claim older than this is nobody's: each step of an SMTP session may take EMAIL_TIMEOUT, and there are nine.
LEASE = timedelta(seconds=200)
# A message whose nudge was lost waits at most this long and one round of the sweeper.
GRACE = timedelta(seconds=10)
# A further mail follows its message, which says what it is about: not before that is out, and never alone.
FOLLOWS = Q(part_of__isnull=True) | Q(
    part_of__state__in=[MessageState.SENT, MessageState.UNKNOWN, MessageState.NOT_SENT]
)
SWEEP_AT_MOST = 500
RELATED = ("organization", "schedule", "membership__user", "part_of")


def nudge(message_id: int) -> None:
    """Ask a worker to send it. Where that is lost the sweeper asks again."""
    send("scheduling.send_message", message_id)


def deliver(message_id: int) -> None:
    """Sends one queued message that is due; does nothing for any other, so it may be called twice at once."""
    claim = uuid.uuid4().hex
    now = timezone.now()
    due = Message.objects.filter(FOLLOWS, pk=message_id, state=MessageState.QUEUED, next_attempt_at__lte=now)
    if not due.update(state=MessageState.SENDING, claim=claim, claimed_at=now):
        return
    message = Message.objects.select_related(*RELATED).filter(pk=message_id).first()
    if message is None:
        return  # its schedule was deleted in this moment
    if not _still_true(message):
        sentence = _("The schedule changed before it went out, so nothing was sent. Look at it again.")
        _fail(message, claim, "changed", sentence)
        return
    leaves = can_leave() and (message.part_of is None or message.part_of.state != MessageState.NOT_SENT)
    try:
        smtp.hand_over(mime.build(message))
    except smtp.NotAccepted as error:
        _put_off(message, claim, error)
    except (smtp.RefusedForGood, ValueError) as error:
        code = getattr(error, "code", "unsendable")
        _fail(message, claim, code, getattr(error, "sentence", _("The message can't be written as an e-mail.")))
    except smtp.MaybeAccepted as error:
        _finish(message, claim, MessageState.UNKNOWN, error.code, error.sentence)
    else:
        # Without a server it is only a file to look at: nobody was told.
        code, sentence = ("", "") if leaves else ("no_server", no_server())
        _finish(message, claim, MessageState.SENT if leaves else MessageState.NOT_SENT, code, sentence)


def no_server() -> str:
    """Why nothing leaves while EMAIL_URL is not set."""
    return _("Panelist had no mail server, so it stayed here. It can be sent once there is one.")


def sweep() -> None:
    """Takes up what a lost nudge or a dead worker left behind. Called by beat."""
    now = timezone.now()
    due = Message.objects.filter(FOLLOWS, state=MessageState.QUEUED, next_attempt_at__lte=now - GRACE).order_by(
        "next_attempt_at", "id"
    )
    for message_id in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        nudge(message_id)
    stale = Message.objects.filter(state=MessageState.SENDING, claimed_at__lt=now - LEASE).select_related(*RELATED)
    sentence = _("Sending it was interrupted. It may have been sent: ask, or send it again.")
    for message in stale.order_by("id")[:SWEEP_AT_MOST]:
        _finish(message, message.claim, MessageState.UNKNOWN, "interrupted", sentence)


def _still_true(message: Message) -> bool:
    """What it says of the schedule is as it was when somebody looked at it, and it goes where they read it."""
    try:
        loop = load(message.schedule_id)
    except Schedule.DoesNotExist:
        return False
    address = _address(loop, message)
    if message.is_withdrawal:
        return address != message.to_email.lower()
    if address not in {None, message.to_email.lower()}:
        return False
    return fingerprint(loop.facts_for(Audience(message.audience), message.membership_id)) == message.fingerprint


def _address(loop: Loop, message: Message) -> str | None:
    """Where they read mail now; None for who left the organization."""
    if message.audience == Audience.CANDIDATE:
        return loop.candidate().email.lower()
    return message.membership.user.email.lower() if message.membership else None


def _put_off(message: Message, claim: str, error: smtp.NotAccepted) -> None:
    if message.attempts >= len(WAITS):
        sentence = _("Tried %(count)d times. %(reason)s") % {"count": len(WAITS) + 1, "reason": error.sentence}
        _fail(message, claim, error.code, sentence)
        return
    wait = WAITS[message.attempts] * random.uniform(1, 1.2)  # noqa: S311 - spreads attempts, keeps no secret
    Message.objects.filter(pk=message.pk, state=MessageState.SENDING, claim=claim).update(
        state=MessageState.QUEUED,
        attempts=message.attempts + 1,
        next_attempt_at=timezone.now() + timedelta(seconds=wait),
        problem_code=error.code,
        problem=error.sentence,
        claim="",
        claimed_at=None,
    )
    log.info("message put off: message=%s code=%s", message.pk, error.code)


def _fail(message: Message, claim: str, code: str, sentence: str) -> None:
    _finish(message, claim, MessageState.FAILED, code, sentence)


@transaction.atomic
def _finish(message: Message, claim: str, state: MessageState, code: str = "", sentence: str = "") -> None:
    """The end of an attempt. One that was given up as interrupted may still find out how it ended."""
    found = Message.objects.filter(
        pk=message.pk, claim=claim, state__in=[MessageState.SENDING, MessageState.UNKNOWN]
    ).update(
        state=state,
        sent_at=timezone.now() if state == MessageState.SENT else None,
        attempts=message.attempts + 1,
        problem_code=code,
        problem=sentence[:500],
        # A mailbox that does not take its withdrawal is not there, or theirs again: nobody has to see to that.
        replaced_at=timezone.now() if message.is_withdrawal and code in {"refused", "changed"} else None,
    )
    if not found:
        return
    transaction.on_commit(partial(_nudge_parts, message.pk))
    log.info("message %s: message=%s code=%s", state.value, message.pk, code)
    record(
        organization=message.organization,
        actor=None,
        action=f"message.{state.value}",
        subject=message.schedule,
        summary=_summary(message, state),
        detail={"message": message.pk, "kind": message.kind, "code": code},
    )


def _nudge_parts(message_id: int) -> None:
    for part in Message.objects.filter(FOLLOWS, part_of=message_id, state=MessageState.QUEUED).order_by("id"):
        nudge(part.pk)


def _summary(message: Message, state: MessageState) -> str:
    words = f"{state.label}: {message.get_kind_display()} ({message.to_name})"
    return words if message.part_of_id is None else _("%(words)s, further calendar event") % {"words": words}


def next_look(message: Message) -> datetime | None:
    """When a message that was put off is tried again."""
    return message.next_attempt_at if message.state == MessageState.QUEUED and message.attempts else None
