"""The life of a message until it is queued: proposed, edited, previewed, queued. `delivery` sends it.

    DRAFT -> QUEUED -> SENDING -> SENT
      ^         |          |-> QUEUED    temporary failure, the mail server does not have it: again at `next_attempt_at`
      |         |          |-> FAILED    permanent failure, or tried often enough
      |         |          |-> UNKNOWN   it may have been sent: only a person may send it again
      |         |          |-> NOT_SENT  there is no mail server
      |---------|------------ FAILED, NOT_SENT   reopened, when the schedule changed or somebody asks for it

A person's next message is the difference between what they were last notified of and the schedule now
(`message_context.needed`), so everything that changes something calls `propose_updates`, any number of times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import limits
from organizations.addresses import key
from organizations.enqueue import after_commit
from organizations.fields import clean_columns
from organizations.models import User
from scheduling.calendar_events.entries import record_change
from scheduling.calendar_events.following import follow
from scheduling.calendar_events.shown import by_member
from scheduling.calendar_events.stored import to_json as event_to_json
from scheduling.join_links.references import without_addresses
from scheduling.messages import copies, withdrawals
from scheduling.messages.compose import Composed, compose
from scheduling.messages.event_mails import Part
from scheduling.messages.message_context import (
    MessageContext,
    RecipientKey,
    is_current,
    key_of,
    load_message_context,
    message_context_of,
    needed,
    unsent,
)
from scheduling.messages.preflight import Check
from scheduling.messages.render import Rendered
from scheduling.messages.snapshot import RELATED, digest_of, from_json, take_snapshot, to_json
from scheduling.messages.trail_rows import note
from scheduling.models import Candidate, Message, MessageKind, MessageState, Schedule
from scheduling.models.messages import NOTIFIED, STAYED, Audience


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


def still_invited(schedules: QuerySet[Schedule], *, lock: bool = False) -> dict[int, list[str]]:
    """Return, per schedule, the names of people whose last message announced an interview that is not over.

    Includes people who take no part any more; leaves out those who left the organization. `lock`: until the end of the
    transaction none of the messages is sent.
    """
    rows = Message.objects.filter(schedule__in=schedules, part_of__isnull=True).defer("text", "html").order_by("id")
    last: dict[tuple[int, RecipientKey], Message] = {}
    for message in rows.select_for_update() if lock else rows:
        if message.state in NOTIFIED and (message.audience == Audience.CANDIDATE or message.membership_id):
            last[message.schedule_id, key_of(message)] = message
    found: dict[int, list[str]] = {}
    now = timezone.now()
    for (schedule_id, _key), message in last.items():
        if any(interview.ends_at > now for interview in from_json(message.interviews)):
            found.setdefault(schedule_id, []).append(message.to_name)
    return found


def was_invited_at(candidate: Candidate, email: str) -> bool:
    """Whether join links to coming interviews of the candidate were sent to this address."""
    rows = Message.objects.filter(schedule__candidate=candidate, audience=Audience.CANDIDATE, state__in=NOTIFIED)
    coming = rows.filter(schedule__state=Schedule.State.SCHEDULED, schedule__last_ends_at__gt=timezone.now())
    sent_there = [row for row in coming.only("interviews", "to_email") if key(row.to_email) == key(email)]
    return bool(email) and any(
        interview.join_link_id or interview.meeting_link_id
        for message in sent_there
        for interview in from_json(message.interviews)
    )


@transaction.atomic(savepoint=False)
def propose_updates(*, schedule: Schedule, actor: User | None, reason: str = "", is_new: bool = False) -> list[Message]:
    """Make drafts for exactly those who have to be notified: invitations, updates, cancellations. Returns the drafts.

    Call it in the transaction that changed something, after saving; also for a new schedule and for a cancelled one.
    Drafts that have nothing to say any more are removed, and a queued message that is not true any more becomes a
    draft again. `reason` may be used in texts to interviewers. Sends nothing but withdrawals from former addresses.
    `is_new`: the schedule was made in this transaction.
    """
    context = lock_message_context(schedule)
    if withdrawals.withdraw(context, actor):
        context = load_message_context(schedule.pk)
    context = _follow_in_calendars(context, is_new=is_new)
    drafts, not_needed = [], []
    for recipient_key in context.recipient_keys():
        draft, kind = _draft_of(context, recipient_key), needed(context, recipient_key)
        if kind is not None:
            draft = draft or _new_draft(context, recipient_key, actor)
            drafts.append(_filled(context, draft, kind, reason))
        elif draft is not None:
            not_needed.append(draft.pk)
    if not_needed:
        Message.objects.filter(pk__in=not_needed).delete()
    _save(context, drafts)
    return drafts


@transaction.atomic
def propose_again(schedule_id: int) -> None:
    """Do as `propose_updates` after something changed that no person did; nothing where the schedule is gone."""
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is not None:
        propose_updates(schedule=schedule, actor=None)


def _follow_in_calendars(context: MessageContext, *, is_new: bool) -> MessageContext:
    """Bring the rows of events in calendars up to date, and return the context with them.

    Interviewers who were invited by mail go on getting mails.
    """
    snapshot = context.snapshot
    mailed = {key[1] for key in context.messages if key[0] == Audience.INTERVIEWER and context.last_notified(key)}
    people = {
        interview: [member for member in members if member.pk not in mailed]
        for interview, members in snapshot.interviewers.items()
    }
    events = follow(snapshot.schedule, snapshot.interviews, people, snapshot.coding_links, is_new=is_new)
    return replace(context, written=by_member(events))


def lock_message_context(schedule: Schedule) -> MessageContext:
    """Lock the schedule's row, make missing join links and load the context. Needs a transaction.

    The lock makes drafts and queueing of one schedule sequential. People who came into an interview get their join
    link here: every change of people ends in `propose_updates`.
    """
    rows = Schedule.objects.select_for_update(of=("self",)).select_related(*RELATED)
    return message_context_of(take_snapshot(rows.get(pk=schedule.pk), makes_join_links=True))


def _draft_of(context: MessageContext, key: RecipientKey) -> Message | None:
    """Return the recipient's draft; one is made of an unsent message that is not true any more."""
    draft = next((m for m in context.messages.get(key, []) if m.state == MessageState.DRAFT), None)
    waiting = unsent(context, key)
    if draft is None and waiting is not None and not is_current(context, waiting):
        return reopen(waiting)
    return draft


def _new_draft(context: MessageContext, key: RecipientKey, actor: User | None) -> Message:
    return Message(
        organization=context.snapshot.organization,
        schedule=context.snapshot.schedule,
        audience=key[0],
        membership_id=key[1],
        created_by=actor,
    )


def refresh(context: MessageContext, draft: Message, kind: MessageKind, reason: str) -> Message:
    """Save a draft as what is needed now. A customized text stays, with the digest of what it was written for."""
    _save(context, [_filled(context, draft, kind, reason)])
    return draft


def _filled(context: MessageContext, draft: Message, kind: MessageKind, reason: str) -> Message:
    recipient = context.recipient(key_of(draft))
    draft.kind = kind
    draft.reason = reason[:300] or draft.reason
    draft.to_name = recipient.name[:150] if recipient else draft.to_name
    if not draft.edited_at:
        draft.interviews_digest = digest_of(context.interviews(key_of(draft)))
    return draft


def _save(context: MessageContext, drafts: Sequence[Message]) -> None:
    """Save `_filled` drafts, and mark as replaced what could not be sent to the same people before."""
    columns = ["kind", "reason", "to_name", "interviews_digest"]
    there = [draft for draft in drafts if draft.pk is not None]
    Message.objects.bulk_create([draft for draft in drafts if draft.pk is None])
    for draft in there:
        clean_columns(draft, columns)
    Message.objects.bulk_update(there, columns)
    ids = {draft.pk for draft in drafts}
    older = [one.pk for draft in drafts for one in context.mails.get(key_of(draft), []) if one.pk not in ids]
    if older:
        stayed = Message.objects.filter(pk__in=older, state__in=STAYED, replaced_at__isnull=True)
        stayed.update(replaced_at=timezone.now())


def reopen(message: Message) -> Message | None:
    """Make a draft of a message that was not sent; None when a worker claimed it in this moment."""
    changed = Message.objects.filter(pk=message.pk, state=message.state).update(
        state=MessageState.DRAFT, next_attempt_at=None, problem="", problem_code="", attempts=0
    )
    if not changed:
        return None
    # None of its parts was sent: they follow their message.
    message.parts.exclude(state__in=NOTIFIED).delete()
    message.refresh_from_db()
    return message


@transaction.atomic
def edit_draft(*, message: Message, actor: User, subject: str, body: str, cc: str = "") -> None:
    """Customize a draft with a text that has no `placeholder_syntax.problems`, and its Cc.

    An empty text: the template again.
    """
    context = lock_message_context(message.schedule)
    changed = Message.objects.filter(pk=message.pk, state=MessageState.DRAFT).update(
        subject_source=subject,
        body_source=without_addresses(body),
        cc=cc if subject or body else "",
        edited_at=timezone.now() if subject or body else None,
        interviews_digest=digest_of(context.interviews(key_of(message))),
    )
    if changed:
        note(message, actor, "message.edited")


@transaction.atomic
def discard_draft(*, message: Message, actor: User) -> bool:
    """Delete a draft; false when it is no draft any more. "Prepare messages" makes a new one."""
    deleted, _rows = Message.objects.filter(pk=message.pk, state=MessageState.DRAFT).delete()
    if deleted:
        note(message, actor, "message.discarded")
    return bool(deleted)


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
