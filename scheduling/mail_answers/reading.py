"""Read the mailbox for answers: each mail once, its UID stored in the transaction that carries it out.

A worker that dies in between has neither done nor noted it; the next one reads that mail again. Mails are taken in the
order of their UIDs, which never fall while the mailbox stays the same one.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Subquery
from django.utils import timezone

from scheduling.mail_answers import letters, mailbox, parts, taking
from scheduling.mail_answers.mailbox import OpenMailbox, Received, Unreachable
from scheduling.mail_answers.metrics import MAILS
from scheduling.models import AnswerMailbox

log = structlog.get_logger(__name__)

#: From one round to the next, and how long a dead worker keeps others away.
PAUSE, LEASE = timedelta(seconds=45), timedelta(minutes=5)


def read() -> None:
    """Carry out what came since the last round. Nothing without a mailbox, or while another worker reads it."""
    key = mailbox.key()
    if not key:
        return
    row, is_new = AnswerMailbox.objects.get_or_create(key=key)
    if is_new:  # the settings name another mailbox now
        AnswerMailbox.objects.exclude(pk=row.pk).delete()
    now = timezone.now()
    if not AnswerMailbox.objects.filter(pk=row.pk, due_at__lte=now).update(due_at=now + LEASE):
        return
    try:
        with mailbox.opened() as box:
            _read_all(row, box)
    except Unreachable as problem:
        _failed(row, problem.code)
    else:
        columns = {"read_at": timezone.now(), "problem_code": "", "problem_since": None}
        AnswerMailbox.objects.filter(pk=row.pk).update(**columns)
    AnswerMailbox.objects.filter(pk=row.pk).update(due_at=now + PAUSE)


def _failed(row: AnswerMailbox, code: str) -> None:
    log.warning("answers_not_read", code=code)
    since = row.problem_since or timezone.now()
    AnswerMailbox.objects.filter(pk=row.pk).update(problem_code=code, problem_since=since)


def _read_all(row: AnswerMailbox, box: OpenMailbox) -> None:
    if row.uid_validity != box.uid_validity:
        # Another mailbox, or a restored one: its numbers mean other mails. Those that were read are known again.
        AnswerMailbox.objects.filter(pk=row.pk).update(uid_validity=box.uid_validity, last_uid=0)
        row.last_uid = 0
    for mail in box.mails(after=row.last_uid):
        carry_out(row, box.uid_validity, mail)


def carry_out(row: AnswerMailbox, validity: int, mail: Received) -> str:
    """Carry out one mail and note its UID, both or neither. Returns the outcome, a word of the code."""
    outcome = _outcome(row, validity, mail)
    MAILS.labels(outcome=outcome).inc()
    log.info("answer_mail_read", uid=mail.uid, outcome=outcome)
    return outcome


def _outcome(row: AnswerMailbox, validity: int, mail: Received) -> str:
    letter = _letter(mail)
    with transaction.atomic():
        rows = AnswerMailbox.objects.filter(pk=row.pk, uid_validity=validity, last_uid__lt=mail.uid)
        if not rows.update(last_uid=mail.uid):
            return "done_before"
        if letter is None:
            return "hostile"
        try:
            with transaction.atomic():
                return taking.take(letter, mail.received_at, _hash_of(letter, mail), mail.size > mailbox.LARGEST)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:  # no mail of a stranger keeps those behind it waiting
            log.error("answer_mail_failed", uid=mail.uid, error=type(problem).__name__)
            return "failed"


def _letter(mail: Received) -> letters.Letter | None:
    try:
        return letters.read(mail.raw)
    except parts.Hostile:
        return None
    except Exception as problem:  # as above: parsers of other people's mails
        log.error("answer_mail_unreadable", uid=mail.uid, error=type(problem).__name__)
        return None


def _hash_of(letter: letters.Letter, mail: Received) -> str:
    """Return a hash by which the mail is known again under another UID."""
    return hashlib.sha256(letter.message_id.encode() or mail.raw).hexdigest()


def problem_mark() -> Subquery:
    """Return the code of what keeps the mailbox from being read, for `organizations.hooks.marks`; NULL while it is."""
    return Subquery(AnswerMailbox.objects.exclude(problem_code="").order_by("-id").values("problem_code")[:1])
