"""The life of a message until it is sent: proposed, edited here, previewed; `queueing` queues it, `delivery` sends it.

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

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from organizations.addresses import key
from organizations.fields import clean_columns
from organizations.models import User
from scheduling.calendar_events.following import follow
from scheduling.calendar_events.shown import by_member
from scheduling.join_links.references import without_addresses
from scheduling.messages import withdrawals
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
from scheduling.messages.snapshot import RELATED, digest_of, from_json, take_snapshot
from scheduling.messages.trail_rows import note
from scheduling.models import Candidate, Message, MessageKind, MessageState, Schedule
from scheduling.models.messages import NOTIFIED, STAYED, Audience


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

    Interviewers who were invited by mail go on getting mails, unless a calendar has the event.
    """
    snapshot = context.snapshot
    mailed = {key[1] for key in context.messages if key[0] == Audience.INTERVIEWER and context.last_mailed(key)}
    events = follow(
        snapshot.schedule,
        snapshot.interviews,
        snapshot.interviewers,
        snapshot.coding_links,
        mailed=mailed,
        is_new=is_new,
    )
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
