"""Answers in words, as the list of messages shows them: those by mail, and comments in calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from integrations.calendars import Answer
from organizations.compiled import Compiled
from scheduling.calendar_events.said import ANSWERS, ASKED_AGAIN, Badge, by_mail, proposes, with_comment
from scheduling.calendar_events.shown import EventSeen
from scheduling.models import CalendarEntry, Interview, MailAnswer
from scheduling.models.messages import Audience


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer in words, with what was written beside it. `answered_at`: None of somebody who was asked again."""

    icon: str
    severity: str
    label: str
    answered_at: datetime | None
    comment: str

    @property
    def words(self) -> str:
        """The answer with the comment, on one line."""
        return with_comment(self.label, self.comment)


def answer_lines(entries: Iterable[CalendarEntry], times: Mapping[int, tuple[datetime, datetime]]) -> list[AnswerLine]:
    """Return the answers by mail to these entries, in order of time. `times` are those of the interviews now, by id."""
    answers = [
        answer
        for entry in entries
        if not entry.cancelled
        and (answer := getattr(entry, "mail_answer", None)) is not None
        and (answer.answered_at is not None or answer.stamped_at is not None)
    ]
    found = []
    for answer in sorted(answers, key=lambda one: (one.starts_at, one.pk)):
        covered = [times[pk] for pk in answer.entry.interview_ids if pk in times]
        if (words := _answer_words(answer, covered)) is None:
            continue
        label, icon, severity = words
        found.append(AnswerLine(icon, severity, label, answer.answered_at, str(answer.comment)))
    return found


def candidate_lines(schedule_id: int, interviews: Iterable[Interview]) -> list[AnswerLine]:
    """Return a candidate's answers by mail, in order of time. `interviews`: those of the schedule. One query."""
    times = {one.pk: (one.starts_at, one.ends_at) for one in interviews if not one.is_cancelled}
    return answer_lines(_OF_CANDIDATE.all(schedule_id), times)


_OF_CANDIDATE: Final = Compiled(
    lambda schedule: (
        CalendarEntry.objects.filter(schedule=schedule, audience=Audience.CANDIDATE, mail_answer__isnull=False)
        .select_related("mail_answer")
        .defer("mail_answer__token")
        .order_by("id")
    ),
    int,
)


def comment_lines(events: Iterable[EventSeen]) -> list[AnswerLine]:
    """Return the answers in a calendar with which something was written. Without, a badge says enough."""
    found = []
    for event in events:
        if event.comment and event.answered_at is not None:
            label, icon, severity = event.badge
            found.append(AnswerLine(icon, severity, label, event.answered_at, event.comment))
    return found


def _answer_words(answer: MailAnswer, covered: Sequence[tuple[datetime, datetime]]) -> Badge | None:
    """Return label, icon and severity; None where nothing is to be said. `covered`: the times of its interviews now."""
    said = by_mail(answer.answer, answer.answered_at, answer.stamped_at)
    label, icon, severity = ANSWERS[said]
    now = (min(one[0] for one in covered), max(one[1] for one in covered)) if covered else None
    if now != (answer.starts_at, answer.ends_at):
        was = _("%(answer)s, before the time changed") % {"answer": label}
        return (was, "clock", "secondary") if said != ASKED_AGAIN else None
    if answer.proposed_starts_at is not None:
        return proposes(answer.proposed_starts_at), "calendar-time", "warning"
    return (str(label), icon, severity) if said != Answer.NONE else (_("No answer"), "help", "secondary")
