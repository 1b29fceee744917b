"""The words that messages have until an organization writes its own ("Organization Settings" > "Templates")."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization
from scheduling.models.messages import WORDED, MessageKind, MessageTemplate


@dataclass(frozen=True, slots=True)
class Words:
    """A subject and a text with their placeholders. `own`: the organization wrote them."""

    subject: str
    body: str
    own: bool = False


_SUBJECTS: dict[MessageKind, str | Promise] = {
    MessageKind.CANDIDATE_INVITATION: _("Your interviews with {organization}: {dates}"),
    MessageKind.CANDIDATE_UPDATE: _("Changed: your interviews with {organization}, {dates}"),
    MessageKind.CANDIDATE_CANCELLATION: _("Cancelled: your interviews with {organization}"),
    MessageKind.INTERVIEWER_INVITATION: _("You interview {candidate} for {job}: {dates}"),
    MessageKind.INTERVIEWER_UPDATE: _("Changed: your interviews with {candidate}, {dates}"),
    MessageKind.INTERVIEWER_CANCELLATION: _("Cancelled: your interviews with {candidate}"),
}

_BODIES: dict[MessageKind, str | Promise] = {
    MessageKind.CANDIDATE_INVITATION: _(
        "Hello {recipient},\n\n"
        "Thank you for your interest in {job} at {organization}. We are looking forward to meeting you:\n\n"
        "{interviews}\n\n"
        "A calendar invitation is attached. If one of these times does not suit you, just answer this message.\n\n"
        "Best regards\n{sender}\n{organization}"
    ),
    MessageKind.CANDIDATE_UPDATE: _(
        "Hello {recipient},\n\n"
        "Something about your interviews with {organization} has changed:\n\n"
        "{changes}\n\n"
        "This is your schedule now:\n\n"
        "{interviews}\n\n"
        "The links you already have still work, and your calendar is updated by the attached invitation. "
        "If the new time does not suit you, just answer this message.\n\n"
        "Best regards\n{sender}\n{organization}"
    ),
    MessageKind.CANDIDATE_CANCELLATION: _(
        "Hello {recipient},\n\n"
        "Your interviews for {job} with {organization} will not take place as planned. "
        "They are taken out of your calendar.\n\n"
        "{changes}\n\n"
        "If you have a question, just answer this message.\n\n"
        "Best regards\n{sender}\n{organization}"
    ),
    MessageKind.INTERVIEWER_INVITATION: _(
        "Hello {recipient},\n\n"
        "You are interviewing {candidate} for {job} ({stage}):\n\n"
        "{interviews}\n\n"
        "Everything about this loop: {schedule_link}\n\n"
        "Thank you\n{sender}"
    ),
    MessageKind.INTERVIEWER_UPDATE: _(
        "Hello {recipient},\n\n"
        "Something about your interviews with {candidate} for {job} has changed:\n\n"
        "{changes}\n\n"
        "Reason: {reason}\n\n"
        "This is your part now:\n\n"
        "{interviews}\n\n"
        "The links you already have still work. Everything about this loop: {schedule_link}\n\n"
        "Thank you\n{sender}"
    ),
    MessageKind.INTERVIEWER_CANCELLATION: _(
        "Hello {recipient},\n\n"
        "You no longer interview {candidate} for {job}. The time is free again in your calendar.\n\n"
        "{changes}\n\n"
        "Reason: {reason}\n\n"
        "Thank you\n{sender}"
    ),
}


def product_words(kind: MessageKind) -> Words:
    """What the product says by itself, in the active language."""
    return Words(str(_SUBJECTS[kind]), str(_BODIES[kind]))


def words_of(organization: Organization) -> dict[MessageKind, Words]:
    """Every kind's words for this organization: its own where it wrote some. One query."""
    words = {kind: product_words(kind) for kind in WORDED}
    for row in MessageTemplate.objects.filter(organization=organization).order_by("kind"):
        words[MessageKind(row.kind)] = Words(row.subject, row.body, own=True)
    return words
