"""The default text of each kind of message, until an organization customizes it ("Settings" > "Templates")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organizations import languages
from organizations.compiled import Compiled
from organizations.models import Organization
from scheduling.models.messages import CUSTOMIZABLE, MessageKind, MessageTemplate


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A subject and a body with placeholders, and addresses in Cc.

    `is_customized`: somebody wrote subject and body in place of the default.
    """

    subject: str
    body: str
    is_customized: bool = False
    cc: str = ""


_SUBJECTS: dict[MessageKind, str | Promise] = {
    MessageKind.CANDIDATE_INVITATION: _("Interview with {organization}, {when}"),
    MessageKind.CANDIDATE_UPDATE: _("Updated: interview with {organization}, {when}"),
    MessageKind.CANDIDATE_CANCELLATION: _("Cancelled: interview with {organization}, {when}"),
    MessageKind.INTERVIEWER_INVITATION: _("Interview with {candidate}, {when}"),
    MessageKind.INTERVIEWER_UPDATE: _("Updated: interview with {candidate}, {when}"),
    MessageKind.INTERVIEWER_CANCELLATION: _("Cancelled: interview with {candidate}, {when}"),
}

_BODIES: dict[MessageKind, str | Promise] = {
    MessageKind.CANDIDATE_INVITATION: _(
        "Hi {first_name},\n\n"
        "Thank you for your interest in {job} at {organization}. It will be great to meet you.\n\n"
        "Your schedule:\n\n"
        "{interviews}\n\n"
        "The attached invitation adds it to your calendar. If a time doesn't suit you, just reply to this e-mail.\n\n"
        "Best regards,\n{sender}\n{organization}"
    ),
    MessageKind.CANDIDATE_UPDATE: _(
        "Hi {first_name},\n\n"
        "Your interview with {organization} has changed:\n\n"
        "{changes}\n\n"
        "Your schedule now:\n\n"
        "{interviews}\n\n"
        "The attached invitation updates your calendar. If a time doesn't suit you, just reply to this e-mail."
        "\n\n"
        "Best regards,\n{sender}\n{organization}"
    ),
    MessageKind.CANDIDATE_CANCELLATION: _(
        "Hi {first_name},\n\n"
        "Unfortunately, your interview for {job} at {organization} is cancelled:\n\n"
        "{changes}\n\n"
        "It is removed from your calendar. If you have a question, just reply to this e-mail.\n\n"
        "Best regards,\n{sender}\n{organization}"
    ),
    MessageKind.INTERVIEWER_INVITATION: _(
        "Hi {first_name},\n\n"
        "You are interviewing {candidate} for {job} ({stage}):\n\n"
        "{interviews}\n\n"
        "Details: {schedule_link}\n\n"
        "Thank you,\n{sender}"
    ),
    MessageKind.INTERVIEWER_UPDATE: _(
        "Hi {first_name},\n\n"
        "Your interview with {candidate} for {job} has changed:\n\n"
        "{changes}\n\n"
        "Reason: {reason}\n\n"
        "Your schedule now:\n\n"
        "{interviews}\n\n"
        "Details: {schedule_link}\n\n"
        "Thank you,\n{sender}"
    ),
    MessageKind.INTERVIEWER_CANCELLATION: _(
        "Hi {first_name},\n\n"
        "You are no longer interviewing {candidate} for {job}:\n\n"
        "{changes}\n\n"
        "Reason: {reason}\n\n"
        "The time is free in your calendar again.\n\n"
        "Thank you,\n{sender}"
    ),
}

_CANCELLATION_AHEAD_OF_CALENDAR = _(
    "Hi {first_name},\n\n"
    "You are no longer interviewing {candidate} for {job}:\n\n"
    "{changes}\n\n"
    "Reason: {reason}\n\n"
    "Your calendar still shows this time as taken. It is updated once its connection works again.\n\n"
    "Thank you,\n{sender}"
)


def default_text(kind: MessageKind, *, is_behind: bool = False) -> TemplateText:
    """Return the default text of a kind, in the active language. `is_behind`: see `MessageContext.is_behind`."""
    if is_behind and kind is MessageKind.INTERVIEWER_CANCELLATION:
        return TemplateText(str(_SUBJECTS[kind]), str(_CANCELLATION_AHEAD_OF_CALENDAR))
    return TemplateText(str(_SUBJECTS[kind]), str(_BODIES[kind]))


_TEMPLATES: Final = Compiled(
    lambda organization: MessageTemplate.objects.filter(organization=organization).order_by("kind"), int
)


def template_texts(organization: Organization) -> dict[MessageKind, TemplateText]:
    """Return the text of every kind in an organization's language: customized where it has a template."""
    with languages.speaking_for(organization):
        texts = {kind: default_text(kind) for kind in CUSTOMIZABLE}
    for row in _TEMPLATES.all(organization.pk):
        kind = MessageKind(row.kind)
        if row.body:
            texts[kind] = TemplateText(row.subject, row.body, is_customized=True, cc=row.cc)
        else:
            texts[kind] = replace(texts[kind], cc=row.cc)
    return texts
