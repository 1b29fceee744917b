"""The life of a message until it is queued: proposed, edited, previewed, sent on its way. `delivery` does the rest.

    DRAFT -> QUEUED -> SENDING -> SENT
      ^         |          |-> QUEUED    the mail server surely does not have it: again at `next_attempt_at`
      |         |          |-> FAILED    refused for good, or tried often enough
      |         |          |-> UNKNOWN   it may have been sent: only a person may send it again
      |---------|------------ FAILED     a draft again, when the schedule changed or somebody asks for it

A person's next message is the difference between what they were told and what is true (`composing.needed`), so
`propose_updates` may be called as often as one likes and by anybody who changed something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.audit import record
from organizations.bidi import isolated
from organizations.models import Organization, User
from scheduling.calendar_events.ics import Method
from scheduling.join_links import services as join_link_services
from scheduling.messages import calendar, withdrawals
from scheduling.messages import delivery as message_delivery
from scheduling.messages.calendar import Planned
from scheduling.messages.compose import Board, Composed, Key, compose, is_current, key_of, needed, open_board, unsent
from scheduling.messages.event_mails import Part
from scheduling.messages.preflight import Check
from scheduling.messages.snapshot import fingerprint, from_json, to_json
from scheduling.models import CalendarEntry, Candidate, Message, MessageKind, MessageState, Schedule
from scheduling.models.messages import STAYED, TOLD, TROUBLED, Audience


@dataclass(frozen=True, slots=True)
class Objection:
    """Why one message was not sent."""

    message: Message
    name: str
    sentences: tuple[str, ...]


class NotQueued(Exception):
    """Nothing was queued. `overrulable`: the same request with `overruled=True` would go through."""

    def __init__(self, objections: Sequence[Objection], *, overrulable: bool) -> None:
        super().__init__("not queued")
        self.objections = tuple(objections)
        self.overrulable = overrulable


def in_trouble(organization: Organization) -> QuerySet[Message]:
    """Messages that did not go out, or may not have, and that nothing newer has replaced; newest first."""
    return Message.objects.filter(
        organization=organization,
        state__in=TROUBLED,
        replaced_at__isnull=True,
    ).order_by("-id")


def who_expects(schedules: QuerySet[Schedule], *, lock: bool = False) -> dict[int, list[str]]:
    """By schedule, the names of those whose calendars still have something to come of it, as far as they were told.

    Includes who was told and takes no part any more; leaves out who left the organization. `lock`: until the end of
    the transaction none of the messages leaves.
    """
    rows = Message.objects.filter(schedule__in=schedules, part_of__isnull=True).defer("text", "html").order_by("id")
    told: dict[tuple[int, Key], Message] = {}
    for message in rows.select_for_update() if lock else rows:
        if message.state in TOLD and (message.audience == Audience.CANDIDATE or message.membership_id):
            told[message.schedule_id, key_of(message)] = message
    found: dict[int, list[str]] = {}
    now = timezone.now()
    for (schedule_id, _key), message in told.items():
        if any(fact.ends_at > now for fact in from_json(message.facts)):
            found.setdefault(schedule_id, []).append(message.to_name)
    return found


def was_invited_at(candidate: Candidate, email: str) -> bool:
    """Whether this address has join links of the candidate's to interviews that are still to come."""
    rows = Message.objects.filter(
        schedule__candidate=candidate, audience=Audience.CANDIDATE, state__in=TOLD, to_email__iexact=email
    )
    coming = rows.filter(schedule__state=Schedule.State.SCHEDULED, schedule__last_ends_at__gt=timezone.now())
    return bool(email) and any(fact["door"] for message in coming.only("facts") for fact in message.facts)


@transaction.atomic
def propose_updates(*, schedule: Schedule, actor: User | None, reason: str = "") -> list[Message]:
    """Drafts for exactly those who do not know what is true now: invitations, updates, cancellations.

    Call it in the transaction that changed something, after saving; also for a new schedule and for a cancelled one.
    Drafts that have nothing to say any more are removed, and a queued message that became wrong is a draft again.
    `reason` may be used in texts to interviewers. Nothing is sent but withdrawals from addresses that are nobody's any
    more. Returns the drafts that there are now.
    """
    board = locked_board(schedule)
    if withdrawals.withdraw(board, actor):
        board = open_board(schedule.pk)
    return [draft for key in board.people() if (draft := _propose(board, key, actor, reason)) is not None]


def locked_board(schedule: Schedule) -> Board:
    """The board, with the schedule's row locked: drafts are made and sent by one at a time. Needs a transaction.

    Whoever came into an interview has a join link from here on: every change of people ends in `propose_updates`.
    """
    Schedule.objects.select_for_update().get(pk=schedule.pk)
    join_link_services.make_missing(schedule.pk)
    return open_board(schedule.pk)


def _propose(board: Board, key: Key, actor: User | None, reason: str) -> Message | None:
    draft = next((m for m in board.messages.get(key, []) if m.state == MessageState.DRAFT), None)
    waiting = unsent(board, key)
    if draft is None and waiting is not None and not is_current(board, waiting):
        draft = reopen(waiting)
    kind = needed(board, key)
    if kind is None:
        if draft is not None:
            draft.delete()
        return None
    if draft is None:
        draft = Message(
            organization=board.loop.organization,
            schedule=board.loop.schedule,
            audience=key[0],
            membership_id=key[1],
            created_by=actor,
        )
    return refresh(board, draft, kind, reason)


def refresh(board: Board, draft: Message, kind: MessageKind, reason: str) -> Message:
    """Words that somebody wrote stay, and so does the fingerprint of what they were written for."""
    recipient = board.recipient(key_of(draft))
    draft.kind = kind
    draft.reason = reason[:300] or draft.reason
    draft.to_name = recipient.name[:150] if recipient else draft.to_name
    if not draft.edited_at:
        draft.fingerprint = fingerprint(board.facts(key_of(draft)))
    draft.save()
    older = Message.objects.filter(
        schedule=draft.schedule_id, audience=draft.audience, membership=draft.membership_id, state__in=STAYED
    )
    older.exclude(pk=draft.pk).filter(replaced_at__isnull=True).update(replaced_at=timezone.now())
    return draft


def reopen(message: Message) -> Message | None:
    """A message that waits or stayed here becomes a draft again; None when a worker took it a moment ago."""
    changed = Message.objects.filter(pk=message.pk, state=message.state).update(
        state=MessageState.DRAFT, next_attempt_at=None, problem="", problem_code="", attempts=0
    )
    if not changed:
        return None
    # None of them has left: they follow their message.
    message.parts.exclude(state__in=TOLD).delete()
    message.refresh_from_db()
    return message


@transaction.atomic
def edit_draft(*, message: Message, actor: User, subject: str, body: str) -> None:
    """Keeps a draft's own words, which have passed `placeholders.problems`. Empty ones: the template's again."""
    board = locked_board(message.schedule)
    own = bool(subject or body)
    changed = Message.objects.filter(pk=message.pk, state=MessageState.DRAFT).update(
        subject_source=subject,
        body_source=body,
        edited_at=timezone.now() if own else None,
        fingerprint=fingerprint(board.facts(key_of(message))),
    )
    if changed:
        note(message, actor, "message.edited", _("Edited the draft to %(name)s") % {"name": isolated(message.to_name)})


@transaction.atomic
def discard_draft(*, message: Message, actor: User) -> bool:
    """Removes a draft; false when it is none any more. "Prepare messages" makes a new one."""
    deleted, _rows = Message.objects.filter(pk=message.pk, state=MessageState.DRAFT).delete()
    if deleted:
        note(
            message,
            actor,
            "message.discarded",
            _("Discarded the draft to %(name)s") % {"name": isolated(message.to_name)},
        )
    return bool(deleted)


@transaction.atomic
def queue_messages(
    *, schedule: Schedule, actor: User, picks: Mapping[int, str], overruled: bool = False
) -> list[Message]:
    """Fixes the content of drafts and sends them on their way, all or none.

    `picks` maps a draft's id to the digest of its preview. A draft that is on its way already is left alone, so a
    second click does nothing. Raises NotQueued when something changed since the preview, when a check forbids it, or
    when one advises against it and `overruled` is false.
    """
    board = locked_board(schedule)
    now = timezone.now()
    drafts = [m for rows in board.messages.values() for m in rows if m.pk in picks and m.state == MessageState.DRAFT]
    composed = [(draft, compose(board=board, message=draft, actor=actor, now=now)) for draft in drafts]
    _object(board, composed, picks, overruled)
    return [draft for draft, content in composed if queue(board, draft, content, actor)]


def _object(
    board: Board, composed: Sequence[tuple[Message, Composed]], picks: Mapping[int, str], overruled: bool
) -> None:
    objections, overrulable = [], True
    for message, content in composed:
        found: list[Check] = [check for check in content.checks if check.blocks or not overruled]
        if picks[message.pk] != content.digest or needed(board, key_of(message)) != content.kind:
            sentence = _("It is not as you saw it any more: something changed since. Look at it again.")
            found.append(Check("changed", sentence, blocks=True))
        if found:
            overrulable = overrulable and not any(check.blocks for check in found)
            objections.append(Objection(message, message.to_name, tuple(check.sentence for check in found)))
    if objections:
        raise NotQueued(objections, overrulable=overrulable)


def queue(board: Board, draft: Message, content: Composed, actor: User) -> bool:
    """Fixes what the draft says and hands it to the workers; false when somebody else did."""
    assert content.recipient is not None  # noqa: S101 - a message to nobody was objected to
    now = timezone.now()
    changed = Message.objects.filter(pk=draft.pk, state=MessageState.DRAFT).update(
        state=MessageState.QUEUED,
        subject=content.rendered.subject,
        text=content.rendered.text,
        html=content.rendered.html,
        to_name=content.recipient.name[:150],
        to_email=content.recipient.email,
        sender=content.sender,
        calendar=content.calendar[:1],
        sequence=max((item.event.sequence for item in content.planned[:1]), default=0),
        facts=to_json(content.facts),
        fingerprint=fingerprint(content.facts),
        covers_from=min((fact.starts_at for fact in content.facts), default=None),
        covers_until=max((fact.ends_at for fact in content.facts), default=None),
        sent_by=actor,
        queued_at=now,
        next_attempt_at=now,
        attempts=0,
        problem="",
        problem_code="",
    )
    if changed:
        for item in content.planned:
            _enter(board, draft, item)
        _replace_older(draft)
        draft.refresh_from_db()
        for part in content.parts:
            _follow(draft, part, content)
        note(draft, actor, "message.queued", _sentence(draft))
        transaction.on_commit(partial(message_delivery.nudge, draft.pk))
    return bool(changed)


def _replace_older(draft: Message) -> None:
    """What still waits of earlier messages to the same person is out of date now."""
    older = Message.objects.filter(schedule=draft.schedule_id, audience=draft.audience, membership=draft.membership_id)
    older = older.filter(part_of__isnull=False).exclude(part_of=draft)
    older.filter(state=MessageState.QUEUED).update(state=MessageState.FAILED, problem_code="changed")
    older.filter(state__in=STAYED, replaced_at__isnull=True).update(replaced_at=timezone.now())


def _follow(message: Message, part: Part, content: Composed) -> None:
    """A further mail with one more event. It waits until its message is out."""
    covered = [fact for fact in content.facts if fact.interview in part.planned.interviews]
    Message.objects.create(
        organization=message.organization,
        schedule=message.schedule,
        audience=message.audience,
        membership_id=message.membership_id,
        part_of=message,
        kind=message.kind,
        state=MessageState.QUEUED,
        subject=part.rendered.subject,
        text=part.rendered.text,
        html=part.rendered.html,
        to_name=message.to_name,
        to_email=message.to_email,
        sender=message.sender,
        calendar=[calendar.to_json(part.planned.method, part.planned.event)],
        sequence=part.planned.event.sequence,
        facts=to_json(covered),
        fingerprint=message.fingerprint,
        created_by=message.created_by,
        sent_by=message.sent_by,
        queued_at=message.queued_at,
        next_attempt_at=message.queued_at,
    )


def _enter(board: Board, draft: Message, item: Planned) -> None:
    """Notes the UID and the SEQUENCE that are used up now, whatever becomes of the mail."""
    if item.entry is None:
        CalendarEntry.objects.create(
            organization=board.loop.organization,
            schedule=board.loop.schedule,
            audience=draft.audience,
            membership_id=draft.membership_id,
            uid=item.event.uid,
            sequence=item.event.sequence,
            interviews=list(item.interviews),
        )
        return
    item.entry.sequence = item.event.sequence
    item.entry.cancelled = item.method is Method.CANCEL
    item.entry.interviews = list(item.interviews) or item.entry.interviews
    item.entry.save(update_fields=["sequence", "cancelled", "interviews"])


def _sentence(message: Message) -> str:
    values = {"kind": message.get_kind_display(), "name": message.to_name}
    return _("Sent on its way: %(kind)s (%(name)s)") % values


def note(message: Message, actor: User | None, action: str, summary: str) -> None:
    """A line in the schedule's history."""
    record(
        organization=message.organization,
        actor=actor,
        action=action,
        subject=message.schedule,
        summary=summary,
        detail={"message": message.pk, "kind": message.kind},
    )
