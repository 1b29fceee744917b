"""Decisions about answers by mail."""

from __future__ import annotations

from django.db import transaction

from integrations.calendars import Answer
from organizations.models import User
from scheduling.mail_answers.taking import send_again
from scheduling.models import MailAnswer
from scheduling.schedules import trail_rows


class Settled(Exception):
    """Nothing was done: nobody waits for a decision any more."""


@transaction.atomic
def keep_time(*, answer: MailAnswer, actor: User) -> bool:
    """Decline another time that somebody proposed by mail. False where they could not be told. Raises Settled.

    They get their invitation again, with a higher SEQUENCE, and not a DECLINECOUNTER (RFC 5546, 3.2.8): Outlook knows
    no such method, and other calendars show at most a file for it, while each asks for an answer to an invitation that
    is newer than its own. Its mail has the time in words as well.

    Wants the answer's entry, its schedule with the organization, and its membership.
    """
    waiting = MailAnswer.objects.filter(pk=answer.pk, proposed_starts_at__isnull=False)
    if not waiting.update(proposed_starts_at=None, proposed_ends_at=None):
        raise Settled
    is_told = send_again(answer, asks_anew=True)
    if is_told:  # what they said before is no answer to the new invitation; its stamp says that they are asked again
        MailAnswer.objects.filter(pk=answer.pk).update(answer=Answer.NONE, comment="", answered_at=None)
    trail_rows.record(
        answer.schedule,
        actor,
        "schedule.time_kept",
        detail={"user": answer.membership.user_id} if answer.membership else {},
    )
    return is_told
