"""Queue drafts: what a message says is fixed here, and every address is counted. `delivery` sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import limits
from organizations.enqueue import after_commit
from organizations.models import User
from scheduling.calendar_events.entries import record_change
from scheduling.calendar_events.stored import to_json as event_to_json
from scheduling.messages import copies
from scheduling.messages.compose import Composed, compose
from scheduling.messages.event_mails import Part
from scheduling.messages.message_context import (
    MessageContext,
    key_of,
    needed,
)
from scheduling.messages.preflight import Check
from scheduling.messages.render import Rendered
from scheduling.messages.services import lock_message_context
from scheduling.messages.snapshot import digest_of, to_json
from scheduling.messages.trail_rows import note
from scheduling.models import Message, MessageState, Schedule
from scheduling.models.messages import STAYED, Audience


@dataclass(frozen=True, slots=True)
class Objection:
    """A draft that was not queued. `reasons` are messages for a person."""

    message: Message
    name: str
    reasons: tuple[str, ...]


class NotQueued(Exception):
    """Nothing was queued. `can_override`: the same request with `overridden=True` would succeed."""

    def __init__(self, objections: Sequence[Objection], *, can_override: bool) -> None:
        super().__init__("not queued")
        self.objections = tuple(objections)
        self.can_override = can_override


@transaction.atomic
def queue_messages(
    *, schedule: Schedule, actor: User | None, picks: Mapping[int, str], overridden: bool = False
) -> list[Message]:
    """Fix the content of drafts and queue them, all or none. Returns those that were queued.

    `picks` maps a draft's id to the digest of its preview. A draft that is queued already is left alone, so a second
    click does nothing. Raises NotQueued when something changed since the preview, when a check blocks, when one warns
    and `overridden` is false, or when too many went to an address.
    """
    context = lock_message_context(schedule)
    now = timezone.now()
    drafts = [m for rows in context.messages.values() for m in rows if m.pk in picks and m.state == MessageState.DRAFT]
    composed = [(draft, compose(context=context, message=draft, actor=actor, now=now)) for draft in drafts]
    _check(context, composed, picks, overridden)
    queued: list[Message] = []
    objections = count_copies(composed)
    for draft, content in composed:
        try:
            if queue(draft, content, actor):
                queued.append(draft)
        except limits.Reached as reached:
            objections.append(Objection(draft, draft.to_name, (reached.message,)))
    if objections:
        raise NotQueued(objections, can_override=False)
    return queued


def _check(
    context: MessageContext, composed: Sequence[tuple[Message, Composed]], picks: Mapping[int, str], overridden: bool
) -> None:
    """Raise NotQueued with all objections, if there are any."""
    objections, can_override = [], True
    for message, content in composed:
        found: list[Check] = [check for check in content.checks if check.blocks or not overridden]
        if picks[message.pk] != content.digest or needed(context, key_of(message)) != content.kind:
            found.append(Check("changed", _("This changed since you opened it. Review it again."), blocks=True))
        if found:
            can_override = can_override and not any(check.blocks for check in found)
            objections.append(Objection(message, message.to_name, tuple(check.message for check in found)))
    if objections:
        raise NotQueued(objections, can_override=can_override)


def queue(draft: Message, content: Composed, actor: User | None) -> bool:
    """Fix what a draft says and queue it; false when another request did.

    Needs a transaction. Raises limits.Reached.
    """
    assert content.recipient is not None  # noqa: S101 - `_check` objects to a message to nobody
    count_mail(draft, content.recipient.email)
    now = timezone.now()
    changed = Message.objects.filter(pk=draft.pk, state=MessageState.DRAFT).update(
        **_fixed_content(content),
        state=MessageState.QUEUED,
        to_name=content.recipient.name[:150],
        to_email=content.recipient.email,
        sent_by=actor,
        queued_at=now,
        next_attempt_at=now,
        attempts=0,
        problem="",
        problem_code="",
    )
    if changed:
        for change in content.changes:
            record_change(draft, change)
        _replace_older(draft)
        draft.refresh_from_db()
        for part in content.parts:
            _queue_part(draft, part, content)
        if content.copy is not None:
            for address in content.cc:
                _queue_copy(draft, address, content.copy)
        note(draft, actor, "message.queued")
        after_commit("scheduling.send_message", draft.pk)
    return bool(changed)


def count_copies(composed: Sequence[tuple[Message, Composed]]) -> list[Objection]:
    """Count copies that are about to go to addresses in Cc; return what stands against those that are too many."""
    found = []
    wanted = [(address, message) for message, content in composed for address in content.cc]
    # In one order for all requests: see `limits.count`.
    for address, message in sorted(wanted, key=lambda one: (one[0].lower(), one[1].pk)):
        try:
            count_copy(message, address)
        except limits.Reached as reached:
            found.append(Objection(message, message.to_name, (f"{address}: {reached.message}",)))
    return found


def count_copy(message: Message, address: str) -> None:
    """Count a copy that is about to go to an address in Cc. Raises limits.Reached."""
    limits.count(limits.MESSAGES_IN_CC, message.organization_id, address.lower())


def count_mail(message: Message, email: str) -> None:
    """Count a message that is about to go to an address. Raises limits.Reached.

    A message with its further events counts once; so does one to a former address, which went there before.
    """
    if message.is_copy:
        count_copy(message, email)
        return
    to_candidate = message.audience == Audience.CANDIDATE
    limit = limits.MESSAGES_TO_CANDIDATE if to_candidate else limits.MESSAGES_TO_INTERVIEWER
    limits.count(limit, message.organization_id, email.lower())


def _fixed_content(content: Composed) -> dict[str, Any]:
    """Return the columns that queueing fixes; the calendar's further events go with the parts."""
    return {
        "subject": content.rendered.subject,
        "text": content.rendered.text,
        "html": content.rendered.html,
        "sender": content.sender,
        "cc": copies.joined(list(content.cc)),
        "calendar": content.calendar[:1],
        "interviews": to_json(content.interviews),
        "interviews_digest": digest_of(content.interviews),
        "covers_from": min((interview.starts_at for interview in content.interviews), default=None),
        "covers_until": max((interview.ends_at for interview in content.interviews), default=None),
    }


def _replace_older(draft: Message) -> None:
    """Mark what is left of earlier messages to the same person as replaced."""
    older = Message.objects.filter(schedule=draft.schedule_id, audience=draft.audience, membership=draft.membership_id)
    older = older.filter(part_of__isnull=False).exclude(part_of=draft)
    older.filter(state=MessageState.QUEUED).update(state=MessageState.FAILED, problem_code="changed")
    older.filter(state__in=STAYED, replaced_at__isnull=True).update(replaced_at=timezone.now())


def _queue_part(message: Message, part: Part, content: Composed) -> None:
    """Queue a further mail with one more event. It is sent once its message was."""
    covered = [interview for interview in content.interviews if interview.interview_id in part.change.interview_ids]
    calendar = [event_to_json(part.change.method, part.change.event)]
    _follow(message, part.rendered, to_email=message.to_email, calendar=calendar, interviews=to_json(covered))


def _queue_copy(message: Message, address: str, rendered: Rendered) -> None:
    """Queue the copy to one address in Cc. It is sent once its message was."""
    _follow(message, rendered, to_email=address, is_copy=True)


def _follow(message: Message, rendered: Rendered, **values: Any) -> None:
    Message.objects.create(
        organization=message.organization,
        schedule=message.schedule,
        audience=message.audience,
        membership_id=message.membership_id,
        part_of=message,
        kind=message.kind,
        state=MessageState.QUEUED,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        to_name=message.to_name,
        sender=message.sender,
        interviews_digest=message.interviews_digest,
        created_by=message.created_by,
        sent_by=message.sent_by,
        queued_at=message.queued_at,
        next_attempt_at=message.queued_at,
        **values,
    )
