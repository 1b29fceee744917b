"""Answers and changes in calendars, in words: Home, "Details" and Communications tell them alike."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Protocol

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.calendars import Answer
from organizations import text
from organizations.bidi import isolated
from scheduling.join_links.references import without_addresses

#: Characters of a comment that are stored, and that are quoted beside an answer.
LONGEST, QUOTED = 1000, 200

Badge = tuple[str, str, str]

#: In place of an answer by mail: they proposed another time, it was kept, and they have not answered again.
ASKED_AGAIN = "asked_again"

ANSWERS = {
    Answer.NONE: (gettext_lazy("In the calendar"), "calendar-event", "success"),
    Answer.ACCEPTED: (gettext_lazy("Accepted"), "circle-check", "success"),
    Answer.TENTATIVE: (gettext_lazy("Tentative"), "help", "warning"),
    Answer.DECLINED: (gettext_lazy("Declined"), "circle-x", "danger"),
    ASKED_AGAIN: (gettext_lazy("Asked again"), "clock", "azure"),
}


class News(enum.StrEnum):
    """The news of an event that asks for a decision."""

    DELETED = "deleted"
    DECLINED = "declined"
    MOVED = "moved"
    PROPOSED = "proposed"


class Seen(Protocol):
    """The columns of an event that tell what its owner did to it."""

    @property
    def answer(self) -> str: ...

    @property
    def deleted_at(self) -> datetime | None: ...

    @property
    def moved_starts_at(self) -> datetime | None: ...

    @property
    def proposed_starts_at(self) -> datetime | None: ...


def news_of(event: Seen) -> News | None:
    """Return the one thing to speak of; None where there is nothing to decide.

    Whoever declines and proposes another time is asking for that one.
    """
    if event.deleted_at is not None:
        return News.DELETED
    if event.answer == Answer.DECLINED:
        return News.DECLINED if event.proposed_starts_at is None else News.PROPOSED
    if event.moved_starts_at is not None:
        return News.MOVED
    return News.PROPOSED if event.proposed_starts_at is not None else None


def badge_of(event: Seen) -> Badge:
    """Return label, icon and severity (a colour's name in the style sheet) of an event that is in its calendar."""
    news = news_of(event)
    if news is News.DELETED:
        return _("Deleted from the calendar"), "calendar-x", "danger"
    if news is News.MOVED:
        return _("Moved in the calendar"), "calendar-time", "warning"
    if news is News.PROPOSED:
        return proposes(event.proposed_starts_at), "calendar-time", "warning"
    label, icon, severity = ANSWERS[event.answer]
    return str(label), icon, severity


def by_mail(answer: str, answered_at: datetime | None, stamped_at: datetime | None) -> str:
    """Return what counts of an answer by mail; of one that somebody was asked for anew only the stamp is left."""
    return ASKED_AGAIN if answered_at is None and stamped_at is not None else answer


def proposes(at: datetime | None) -> str:
    """Return `Proposes 3 Dec 2026, 15:00`, in the reader's zone."""
    return _("Proposes %(time)s") % {"time": date_format(localtime(at), "DATETIME_FORMAT")}


def stored(comment: str) -> str:
    """Return a comment as it is kept: clean, cut, and without the address of a join link."""
    return without_addresses(text.lines(comment))[:LONGEST]


def with_comment(what: str, comment: str) -> str:
    """Return `Dana declined “Coding”: “On leave”`, with a comment cut to a line; the sentence alone without one."""
    short = Truncator(text.line(comment)).chars(QUOTED)
    return _("%(what)s: “%(comment)s”") % {"what": what, "comment": isolated(short)} if short else what
