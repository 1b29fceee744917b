"""Drafts that were discarded a moment ago, and can be had back: what they were is kept by the page, signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.dateparse import parse_datetime

from organizations.models import User
from scheduling.messages.message_context import needed
from scheduling.messages.services import lock_message_context, refresh
from scheduling.messages.trail_rows import note
from scheduling.models import Message, MessageState, Schedule

#: How long a draft can be restored. The page offers it for ten seconds.
RESTORED_WITHIN = timedelta(minutes=10)
_SALT = "scheduling.messages.discarded"


def receipt(message: Message) -> str:
    """Return a signed text from which `restore` makes the draft again, with its customized text."""
    values = {
        "schedule": message.schedule_id,
        "audience": message.audience,
        "membership": message.membership_id,
        "reason": message.reason,
        "subject": message.subject_source,
        "body": message.body_source,
        "edited_at": message.edited_at.isoformat() if message.edited_at else "",
        "digest": message.interviews_digest,
    }
    return signing.dumps(values, salt=_SALT, compress=True)


@transaction.atomic
def restore(*, schedule: Schedule, actor: User, signed: str) -> Message | None:
    """Make a discarded draft again, as it was; None when it is too late, or its person needs no message any more."""
    values = _read(schedule, signed)
    if values is None:
        return None
    context = lock_message_context(schedule)
    key = (str(values["audience"]), values["membership"])
    kind = needed(context, key)
    there = context.messages.get(key, [])
    if kind is None or any(message.state == MessageState.DRAFT for message in there):
        return None
    draft = Message(
        organization=context.snapshot.organization,
        schedule=context.snapshot.schedule,
        audience=key[0],
        membership_id=key[1],
        created_by=actor,
        subject_source=values["subject"],
        body_source=values["body"],
        edited_at=parse_datetime(values["edited_at"]) if values["edited_at"] else None,
        interviews_digest=values["digest"],
    )
    restored = refresh(context, draft, kind, values["reason"])
    note(restored, actor, "message.restored")
    return restored


def _read(schedule: Schedule, signed: str) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = signing.loads(signed, salt=_SALT, max_age=RESTORED_WITHIN)
    except signing.BadSignature:
        return None
    return values if values["schedule"] == schedule.pk else None
