"""Write the trail of messages: each step of one is a row about its schedule, and about the person whom it is for."""

from __future__ import annotations

from organizations.audit import Person, record
from organizations.models import AuditEvent, User
from scheduling.models import Message
from scheduling.models.messages import Audience


def note(message: Message, actor: User | None, action: str, *, code: str = "") -> None:
    """Record a step of a message; `code` is the problem it ended with."""
    detail = {"message": message.pk, "kind": message.kind}
    part = {"part": "copy" if message.is_copy else True} if message.part_of_id else {}
    record(
        organization=message.organization,
        actor=actor,
        action=action,
        subject=message.schedule,
        person=_recipient(message),
        detail=detail | ({"code": code} if code else {}) | part,
    )


def _recipient(message: Message) -> Person | None:
    if message.audience == Audience.CANDIDATE:
        return Person("candidate", message.schedule.candidate_id)
    if message.membership is not None:
        return Person("user", message.membership.user_id)
    # They have left the organization: an earlier step knew their account.
    earlier = AuditEvent.objects.filter(
        organization=message.organization_id,
        subject_type="schedule",
        subject_id=message.schedule_id,
        person_type="user",
        detail__message__in=[message.pk, message.part_of_id or message.pk],
    ).first()
    return Person("user", earlier.person_id) if earlier is not None and earlier.person_id else None
