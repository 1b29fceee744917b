"""Customize and reset an organization's message templates."""

from __future__ import annotations

from django.db import transaction

from organizations.audit import record
from organizations.models import Organization, User
from scheduling.messages.default_texts import template_texts
from scheduling.models import MessageKind, MessageTemplate


@transaction.atomic
def save(
    *, organization: Organization, actor: User, kind: MessageKind, subject: str, body: str, cc: str = ""
) -> MessageTemplate:
    """Store a customized text that has no `placeholder_syntax.problems`, and the addresses in Cc.

    A text that is the default's stays the default's: in the reader's language, and changed by later versions.
    """
    before = template_texts(organization)[kind]
    values = {"subject": subject, "body": body}
    if not before.is_customized and (before.subject, before.body) == (subject, body):
        values = {"subject": "", "body": ""}
    row, _made = MessageTemplate.objects.update_or_create(
        organization=organization, kind=kind.value, defaults={**values, "cc": cc, "changed_by": actor}
    )
    record(
        organization=organization,
        actor=actor,
        action="messagetemplate.changed",
        subject=row,
        detail={"kind": kind.value},
    )
    return row


@transaction.atomic
def reset(*, organization: Organization, actor: User, kind: MessageKind) -> None:
    """Delete the customized text: the default is used again. The Cc stays."""
    row = MessageTemplate.objects.filter(organization=organization, kind=kind.value).first()
    if row is None:
        return
    record(
        organization=organization,
        actor=actor,
        action="messagetemplate.reset",
        subject=row,
        detail={"kind": kind.value},
    )
    if row.cc:
        row.subject, row.body, row.changed_by = "", "", actor
        row.save()
    else:
        row.delete()
