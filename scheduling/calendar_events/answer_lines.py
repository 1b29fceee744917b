"""Answers by mail in words, as the list of messages shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from integrations.calendars import Answer
from scheduling.calendar_events.shown import ANSWERS
from scheduling.models import Interview, MailAnswer


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer by mail in words, with what was written beside it."""

    icon: str
    severity: str
    label: str
    answered_at: datetime
    comment: str


def answer_lines(schedule_id: int) -> dict[tuple[str, int | None], list[AnswerLine]]:
    """Return the answers by mail to the invitations of a schedule, by audience and membership, in order of time."""
    rows = MailAnswer.objects.filter(schedule=schedule_id, answered_at__isnull=False).select_related("entry")
    answers = list(rows.order_by("starts_at", "id"))
    times = _times(schedule_id) if answers else {}
    found: dict[tuple[str, int | None], list[AnswerLine]] = {}
    for answer in answers:
        if not answer.entry.cancelled and answer.answered_at is not None:
            covered = [times[pk] for pk in answer.entry.interview_ids if pk in times]
            label, icon, severity = _answer_words(answer, covered)
            line = AnswerLine(icon, severity, label, answer.answered_at, str(answer.comment))
            found.setdefault((answer.entry.audience, answer.membership_id), []).append(line)
    return found


def _times(schedule_id: int) -> dict[int, tuple[datetime, datetime]]:
    rows = Interview.objects.filter(schedule=schedule_id, state=Interview.State.SCHEDULED).order_by()
    return {pk: (starts_at, ends_at) for pk, starts_at, ends_at in rows.values_list("pk", "starts_at", "ends_at")}


def _answer_words(answer: MailAnswer, covered: Sequence[tuple[datetime, datetime]]) -> tuple[str, str, str]:
    """Return label, icon and severity. `covered`: the times of its interviews now."""
    label, icon, severity = ANSWERS[Answer(answer.answer)]
    now = (min(one[0] for one in covered), max(one[1] for one in covered)) if covered else None
    if now != (answer.starts_at, answer.ends_at):
        return _("%(answer)s, before the time changed") % {"answer": label}, "clock", "secondary"
    if answer.proposed_starts_at is not None:
        at = date_format(localtime(answer.proposed_starts_at), "DATETIME_FORMAT")
        return _("Proposes %(time)s") % {"time": at}, "calendar-time", "warning"
    return (str(label), icon, severity) if answer.answer != Answer.NONE else (_("No answer"), "help", "secondary")
