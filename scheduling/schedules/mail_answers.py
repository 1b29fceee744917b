"""Decisions about answers by mail."""

from __future__ import annotations

from django.db import transaction

from organizations.models import User
from scheduling.mail_answers.taking import send_again
from scheduling.models import MailAnswer
from scheduling.schedules import trail_rows


@transaction.atomic
def keep_time(*, answer: MailAnswer, actor: User) -> bool:
    """Decline another time that somebody proposed by mail, and send them the invitation again; False without one.

    Wants the answer's entry, its schedule with the organization, and its membership.
    """
    waiting = MailAnswer.objects.filter(pk=answer.pk, proposed_starts_at__isnull=False)
    if not waiting.update(proposed_starts_at=None, proposed_ends_at=None):
        return False
    send_again(answer)
    trail_rows.record(
        answer.schedule,
        actor,
        "schedule.time_kept",
        detail={"user": answer.membership.user_id} if answer.membership else {},
    )
    return True
