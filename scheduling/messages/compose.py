"""Compose drafts: a message as it would be if it were sent now.

The preview shows exactly that, and queueing stores exactly that: `Composed.digest` proves that the two are the same.
Nothing here writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from integrations.registry import tool_name
from organizations import languages, mail
from organizations.models import Organization, User
from scheduling.calendar_events.changes import CalendarChange, SenderIdentity, calendar_changes
from scheduling.calendar_events.ics import Person
from scheduling.calendar_events.reply_addresses import own_address
from scheduling.calendar_events.stored import to_json
from scheduling.messages import copies, preflight
from scheduling.messages.calendar import event_contents
from scheduling.messages.default_texts import TemplateText, default_text
from scheduling.messages.event_mails import Part, parts_of
from scheduling.messages.message_context import MessageContext, key_of
from scheduling.messages.preflight import Check
from scheduling.messages.render import Rendered, render
from scheduling.messages.render_context import RenderContext, join_link_references
from scheduling.messages.snapshot import InterviewSnapshot, Recipient, ScheduleSnapshot, differences, digest_of
from scheduling.models.messages import NOTIFIED, Audience, Message, MessageKind


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it would leave now. `recipient` is None when nobody is left to read it."""

    kind: MessageKind
    recipient: Recipient | None
    rendered: Rendered
    changes: tuple[CalendarChange, ...]
    parts: tuple[Part, ...]
    interviews: tuple[InterviewSnapshot, ...]
    checks: tuple[Check, ...]
    sender: dict[str, str]
    cc: tuple[str, ...]
    copy: Rendered | None
    digest: str
    # It brings no event, because the recipient's calendar has it and can't be written now.
    is_behind: bool = False

    @property
    def is_blocked(self) -> bool:
        return any(check.blocks for check in self.checks)

    @property
    def calendar(self) -> list[dict[str, Any]]:
        return [to_json(change.method, change.event) for change in self.changes]


def compose(*, context: MessageContext, message: Message, actor: User | None, now: datetime) -> Composed:
    """Compose `message`, a draft, as it would be if `actor` sent it now; None for a directory."""
    kind, key = MessageKind(message.kind), key_of(message)
    found = None if _has_left(message) else context.recipient(key)
    nobody = Recipient(Audience(key[0]), key[1], message.to_name, "", context.snapshot.organization.time_zone)
    recipient = found or nobody
    render_context = _render_context(context, message, recipient, actor)
    text, sender = text_for(context, message), sender_of(context.snapshot, actor)
    with translation.override(_language(context, message)):  # whatever the reader of the preview speaks
        rendered = render(text.subject, text.body, render_context)
        contents = event_contents(render_context, context.snapshot.organization.invitation_grouping)
        changes = calendar_changes(
            [one for one in contents if not context.is_in_a_calendar(key, one.interview_ids)],
            reader=Person(recipient.name, recipient.email),
            entries=context.entries.get(key, []),
            messages=context.mails.get(key, []),
            sender=_sender_identity(sender, context.snapshot.organization),
            seed=f"{context.snapshot.schedule.pk}|{key[0]}|{key[1] or ''}",
            stamped_at=now,
        )
        parts = parts_of(changes, render_context, rendered.subject)
        cc = cc_of(context, message)
        copy = copies.rendered(text, render_context, rendered.subject) if cc else None
    checks = [
        *preflight.check_address(found),
        *preflight.check_text(text.subject, text.body, kind),
        *_check_content(context, message, render_context, rendered, text, now),
    ]
    mails = [rendered, *(part.rendered for part in parts), *([copy] if copy else [])]
    return Composed(
        kind,
        found,
        rendered,
        tuple(changes),
        parts,
        tuple(render_context.interviews),
        tuple(checks),
        sender,
        cc,
        copy,
        _digest(recipient, sender, mails, cc, changes),
        is_behind=kind.occasion != "invitation" and not changes and context.is_behind(key),
    )


def _has_left(message: Message) -> bool:
    """Whether the message is to an interviewer who left the organization."""
    return message.audience == Audience.INTERVIEWER and message.membership_id is None


def text_for(context: MessageContext, message: Message) -> TemplateText:
    """Return the draft's customized text, or the template of its kind."""
    if message.edited_at:
        return TemplateText(message.subject_source, message.body_source, is_customized=True)
    kind = MessageKind(message.kind)
    if context.texts[kind].is_customized:
        return context.texts[kind]
    with translation.override(_language(context, message)):
        # Of the calendars only a cancellation's text speaks.
        speaks_of_it = kind is MessageKind.INTERVIEWER_CANCELLATION
        return default_text(kind, is_behind=speaks_of_it and context.is_behind(key_of(message)))


def _language(context: MessageContext, message: Message) -> str:
    """Return the recipient's language, unless the organization has written the text in its own."""
    recipient = None if _has_left(message) else context.recipient(key_of(message))
    if recipient is not None and recipient.language and not context.texts[MessageKind(message.kind)].is_customized:
        return recipient.language
    return languages.of_organization(context.snapshot.organization)


def cc_of(context: MessageContext, message: Message) -> tuple[str, ...]:
    """Return the addresses in a draft's Cc: those that were chosen for it, else those of its template.

    Whoever read along in the last message to the same person reads along in its update and cancellation, too.
    """
    kind, key = MessageKind(message.kind), key_of(message)
    found = copies.split(message.cc if message.edited_at else context.texts[kind].cc)
    if not message.edited_at and kind.occasion != "invitation":
        sent = [one for one in context.messages.get(key, []) if one.state in NOTIFIED]
        found += copies.split(sent[-1].cc) if sent else []
    recipient = context.recipient(key)
    own = recipient.email.lower() if recipient is not None else ""
    return tuple(one for one in dict.fromkeys(found) if one.lower() != own)[: copies.MOST]


def sender_of(snapshot: ScheduleSnapshot, actor: User | None) -> dict[str, str]:
    """Return `Message.sender`: the name and the address that the mail comes from, and the Reply-To."""
    sender, answers = mail.sender_of(snapshot.organization, actor), mail.answers_to(snapshot.organization, actor)
    return {
        "from_name": sender.name,
        "from_email": sender.email,
        "reply_to": answers.email if answers else "",
        "reply_name": answers.name if answers else "",
    }


def _sender_identity(sender: dict[str, str], organization: Organization) -> SenderIdentity:
    """Return the organizer, to whom calendars send "accepted" and "declined": our mailbox, without one the Reply-To.

    It differs from the address in From, so SENT-BY names that one for programs that compare (RFC 5545, 3.2.18).
    """
    # An event keeps its organizer, whoever sends its next update.
    name = sender["reply_name"] or mail.sender_of(organization).name
    organizer = Person(name, own_address() or sender["reply_to"] or sender["from_email"])
    return SenderIdentity(organizer, sender["from_email"])


def _check_content(
    context: MessageContext,
    message: Message,
    render_context: RenderContext,
    rendered: Rendered,
    text: TemplateText,
    now: datetime,
) -> list[Check]:
    kind, interviews = MessageKind(message.kind), render_context.interviews
    links = list(render_context.join_links.values())
    found: list[Check] = []
    if kind.audience == Audience.CANDIDATE:
        own = [*links, *render_context.meeting_links.values()]
        found += preflight.check_for_candidate(f"{rendered.subject}\n{rendered.text}", context.snapshot, own)
    if kind.occasion != "cancellation":
        found += preflight.check_links(context.snapshot, render_context.recipient, interviews)
        found += preflight.check_meetings(interviews, now)
        found += preflight.check_calls(context.snapshot, context.servers, now)
        found += preflight.check_text_has_links(text.body, links, kind)
    changed = digest_of(interviews) != message.interviews_digest
    found += preflight.check_times(interviews, now, edited=message.edited_at is not None, changed=changed)
    return found


def _render_context(
    context: MessageContext, message: Message, recipient: Recipient, actor: User | None
) -> RenderContext:
    schedule, organization = context.snapshot.schedule, context.snapshot.organization
    key = key_of(message)
    interviews = context.interviews(key)
    is_first = MessageKind(message.kind).occasion == "invitation"  # no calendar has told them of anything
    notified = context.last_mailed(key) if is_first else context.last_notified(key)
    return RenderContext(
        recipient=recipient,
        candidate=schedule.candidate.name,
        candidate_email=schedule.candidate.email,
        candidate_phone=schedule.candidate.phone,
        organization=organization.name,
        look=context.look,
        sender=(actor.name if actor else "") or organization.sender_name or organization.name,
        interviews=interviews,
        changes=differences(notified or [], interviews),
        join_links=join_link_references(context.snapshot, recipient, interviews),
        meeting_links=join_link_references(context.snapshot, recipient, interviews, meetings=True),
        tools={pk: tool_name(link.integration.kind) for pk, link in context.snapshot.coding_links.items()},
        job=schedule.job.title if schedule.job else "",
        stage=schedule.stage.name if schedule.stage else "",
        reason=message.reason,
        schedule_link=settings.BASE_URL
        + reverse("schedule", kwargs={"organization": organization.slug, "pk": schedule.pk}),
    )


def _digest(
    recipient: Recipient,
    sender: dict[str, str],
    mails: Sequence[Rendered],
    cc: Sequence[str],
    changes: Sequence[CalendarChange],
) -> str:
    """Return a digest of all that the preview shows. Only the events' time stamp is left out: it is set at queueing."""
    calendar = [to_json(change.method, change.event) for change in changes]
    events = [{key: value for key, value in event.items() if key != "stamped_at"} for event in calendar]
    texts = [[mail.subject, mail.text, mail.html] for mail in mails]
    whole = [recipient.email, recipient.name, sender, list(cc), texts, events]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]
