"""Send queued messages, each once: claim, commit, talk to the mail server, then store the outcome.

A claim whose lease has passed (its worker died) means that the mail may have been sent. No worker sends such a message
again; a person decides.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import enqueue
from organizations.mail_server import can_leave
from scheduling.messages import mime, smtp
from scheduling.messages.snapshot import ScheduleSnapshot, digest_of, load_snapshot
from scheduling.messages.trail_rows import note
from scheduling.models import Schedule
from scheduling.models.messages import Audience, Message, MessageState

log = structlog.get_logger(__name__)

# Seconds until the next attempt; after the last one the message has failed. Together about ten hours.
WAITS = [30, 120, 480, 1800, 3600, 3600, 7200, 7200, 10800]
# A claim older than this is abandoned: each step of an SMTP session may take EMAIL_TIMEOUT, and there are nine.
LEASE = timedelta(seconds=200)
# How long the sweep leaves a message to the task that was enqueued for it.
GRACE = timedelta(seconds=10)
# A part follows its message, which says what it is about: not before that was sent, and never alone.
MAY_GO = Q(part_of__isnull=True) | Q(
    part_of__state__in=[MessageState.SENT, MessageState.UNKNOWN, MessageState.NOT_SENT]
)
SWEEP_AT_MOST = 500
# How much the clock of another server may be behind.
CLOCKS = timedelta(minutes=5)
RELATED = ("organization", "schedule", "membership__user", "part_of")


def deliver(message_id: int) -> None:
    """Send one queued message that is due; do nothing for any other, so it may be called twice at once."""
    claim = uuid.uuid4().hex
    now = timezone.now()
    due = Message.objects.filter(MAY_GO, pk=message_id, state=MessageState.QUEUED, next_attempt_at__lte=now)
    if not due.update(state=MessageState.SENDING, claim=claim, claimed_at=now):
        return
    message = Message.objects.select_related(*RELATED).filter(pk=message_id).first()
    if message is None:
        return  # its schedule was deleted in this moment
    if not _is_still_true(message):
        problem = _("The schedule changed before sending, so nothing was sent. Review the message again.")
        _finish(message, claim, MessageState.FAILED, "changed", problem)
        return
    _send(message, claim)


def _send(message: Message, claim: str) -> None:
    reaches_people = can_leave() and (message.part_of is None or message.part_of.state != MessageState.NOT_SENT)
    try:
        smtp.send(mime.build(message))
    except smtp.TemporaryFailure as error:
        _retry_later(message, claim, error)
    except smtp.PermanentFailure as error:
        _finish(message, claim, MessageState.FAILED, error.code, error.message)
    except smtp.UnknownOutcome as error:
        _finish(message, claim, MessageState.UNKNOWN, error.code, error.message)
    except mime.UnreadableJoinLink:
        problem = _("Its join link can't be read. Renew the join link, then send the message again.")
        _finish(message, claim, MessageState.FAILED, "join_link_unreadable", problem)
    except ValueError:
        _finish(message, claim, MessageState.FAILED, "unsendable", _("The e-mail can't be created. Check its address."))
    else:
        if reaches_people:
            _finish(message, claim, MessageState.SENT)
        else:  # it only became a file on the server
            _finish(message, claim, MessageState.NOT_SENT, "no_server", no_server())


def no_server() -> str:
    """Return the problem of a message while EMAIL_URL is not set."""
    return _("There was no mail server. Send the message once there is one.")


def sweep() -> None:
    """Enqueue due messages whose task was lost, and give up claims of dead workers. Called by beat."""
    now = timezone.now()
    due = Message.objects.filter(MAY_GO, state=MessageState.QUEUED, next_attempt_at__lte=now - GRACE).order_by(
        "next_attempt_at", "id"
    )
    for message_id in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        enqueue.send("scheduling.send_message", message_id)
    stale = Message.objects.filter(state=MessageState.SENDING, claimed_at__lt=now - LEASE).order_by("id")
    problem = _("Sending was interrupted. The message may have been sent. Ask the recipient, or send it again.")
    # Nearly always none: what belongs to them is read in a second query.
    ids = list(stale.values_list("pk", flat=True)[:SWEEP_AT_MOST])
    for message in Message.objects.filter(pk__in=ids).select_related(*RELATED).order_by("id") if ids else ():
        _finish(message, message.claim, MessageState.UNKNOWN, "interrupted", problem)


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the message is due that has waited longest; None where none waits."""
    due = Message.objects.filter(MAY_GO, state=MessageState.QUEUED, next_attempt_at__lte=now)
    return due.order_by("next_attempt_at", "id").values_list("next_attempt_at", flat=True).first()


def _is_still_true(message: Message) -> bool:
    """Whether the schedule is as it was when a person reviewed the message, and the address is the recipient's."""
    try:
        snapshot = load_snapshot(message.schedule_id)
    except Schedule.DoesNotExist:
        return False
    address = _current_address(snapshot, message)
    if message.is_withdrawal:
        return address != message.to_email.lower()
    if not message.is_copy and address not in {None, message.to_email.lower()}:
        return False
    interviews = snapshot.interviews_for(Audience(message.audience), message.membership_id)
    return digest_of(interviews) == message.interviews_digest


def _current_address(snapshot: ScheduleSnapshot, message: Message) -> str | None:
    """Return the recipient's address of today; None for an interviewer who left the organization."""
    if message.audience == Audience.CANDIDATE:
        return snapshot.candidate.email.lower()
    return message.membership.user.email.lower() if message.membership else None


def _retry_later(message: Message, claim: str, error: smtp.TemporaryFailure) -> None:
    if message.attempts >= len(WAITS):
        problem = _("Tried %(count)d times. %(reason)s") % {"count": len(WAITS) + 1, "reason": error.message}
        _finish(message, claim, MessageState.FAILED, error.code, problem)
        return
    wait = WAITS[message.attempts] * random.uniform(1, 1.2)  # noqa: S311 - spreads attempts, keeps no secret
    Message.objects.filter(pk=message.pk, state=MessageState.SENDING, claim=claim).update(
        state=MessageState.QUEUED,
        attempts=message.attempts + 1,
        next_attempt_at=timezone.now() + timedelta(seconds=wait),
        problem_code=error.code,
        problem=error.message,
        claim="",
        claimed_at=None,
    )
    log.info("message_retried_later", message=message.pk, code=error.code)


@transaction.atomic
def _finish(message: Message, claim: str, state: MessageState, code: str = "", problem: str = "") -> None:
    """Store the outcome of an attempt. One that the sweep gave up as interrupted may still store its own."""
    found = Message.objects.filter(
        pk=message.pk, claim=claim, state__in=[MessageState.SENDING, MessageState.UNKNOWN]
    ).update(
        state=state,
        sent_at=timezone.now() if state == MessageState.SENT else None,
        attempts=message.attempts + 1,
        problem_code=code,
        problem=problem[:500],
        # A mailbox that refuses its withdrawal does not exist, or is theirs again: no person has to act.
        replaced_at=timezone.now() if message.is_withdrawal and code in {"refused", "changed"} else None,
    )
    if not found:
        return
    transaction.on_commit(partial(_enqueue_parts, message.pk))
    log.info("message_finished", state=state.value, message=message.pk, code=code)
    note(message, None, f"message.{state.value}", code=code)


@transaction.atomic
def bounced(message_id: str, status: str, at: datetime) -> bool:
    """Store that a mail server returned a message `at` a time; False for none that was sent before.

    A message that was sent again since is not meant.
    """
    rows = Message.objects.select_related("organization", "schedule", "membership")
    message = rows.filter(message_id=message_id, state__in=[MessageState.SENT, MessageState.UNKNOWN]).first()
    if message is None or (message.sent_at or message.claimed_at or at) > at + CLOCKS:
        return False
    problem = _("It came back: the recipient's mail server refused it (%(status)s). Check the address.")
    changed = Message.objects.filter(pk=message.pk, state=message.state).update(
        state=MessageState.FAILED,
        sent_at=None,
        problem_code="bounced",
        problem=(problem % {"status": status})[:500],
    )
    if changed:
        log.info("message_bounced", message=message.pk, code=status)
        note(message, None, "message.failed", code="bounced")
    return bool(changed)


def _enqueue_parts(message_id: int) -> None:
    for part in Message.objects.filter(MAY_GO, part_of=message_id, state=MessageState.QUEUED).order_by("id"):
        enqueue.send("scheduling.send_message", part.pk)
