"""An organization's own words for its messages."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.audit import record
from organizations.models import Organization, User
from scheduling.models import MessageKind, MessageTemplate


@transaction.atomic
def save(*, organization: Organization, actor: User, kind: MessageKind, subject: str, body: str) -> MessageTemplate:
    """Keeps words that have passed `placeholders.problems`."""
    row, _made = MessageTemplate.objects.update_or_create(
        organization=organization, kind=kind.value, defaults={"subject": subject, "body": body, "changed_by": actor}
    )
    record(
        organization=organization,
        actor=actor,
        action="messagetemplate.changed",
        subject=row,
        summary=_("Changed the template “%(kind)s”") % {"kind": kind.label},
    )
    return row


@transaction.atomic
def reset(*, organization: Organization, actor: User, kind: MessageKind) -> None:
    """Takes the organization's words away; the product's are used again."""
    row = MessageTemplate.objects.filter(organization=organization, kind=kind.value).first()
    if row is None:
        return
    record(
        organization=organization,
        actor=actor,
        action="messagetemplate.reset",
        subject=row,
        summary=_("Went back to the original template “%(kind)s”") % {"kind": kind.label},
    )
    row.delete()
