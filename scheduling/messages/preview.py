"""A message as its preview shows it: a draft as it would be sent now, any other as it was fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from organizations.mail_logos import in_place, named_in
from organizations.models import User
from scheduling.calendar_events.ics import Event, Method, invitation
from scheduling.calendar_events.stored import from_json
from scheduling.join_links.references import JoinAddresses, addresses_for
from scheduling.messages import copies
from scheduling.messages.compose import Composed, compose
from scheduling.messages.formatting import zone_name, zone_of
from scheduling.messages.message_context import message_context_of
from scheduling.messages.mime import event_to_read
from scheduling.messages.preflight import Check
from scheduling.messages.rows import state_badge
from scheduling.messages.snapshot import take_snapshot
from scheduling.models import Message, MessageKind, MessageState


@dataclass(frozen=True, slots=True)
class PartPreview:
    """A further mail. `state` is the label of its state; empty in a draft."""

    subject: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class EventPreview:
    """One calendar event, in the active time zone, whose city and offset `zone` has.

    `is_known`: the reader's calendar has it already. `part` is the mail that brings it; None for the first event, which
    comes with the message itself. `file` is the iTIP object as text; empty in a draft to nobody.
    """

    event: Event
    zone: str
    is_cancelled: bool
    is_known: bool
    file: str
    part: PartPreview | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that the dialog shows of a message. `copy` is the text that readers in Cc get.

    `is_behind`: it brings no event, and the recipient's calendar has the event wrongly until it can be written again.
    """

    to_name: str
    to_email: str
    sender: Mapping[str, str]
    subject: str
    text: str
    cc: Sequence[str]
    copy: str
    checks: Sequence[Check]
    events: Sequence[EventPreview]
    label: str
    icon: str
    severity: str
    is_behind: bool = False


def compose_draft(message: Message, actor: User) -> Composed | None:
    """Compose a draft that was read with the `snapshot.RELATED` rows of its schedule; None for any other message."""
    if message.state != MessageState.DRAFT:
        return None
    context = message_context_of(take_snapshot(message.schedule))
    return compose(context=context, message=message, actor=actor, now=timezone.now())


def preview_of(message: Message, actor: User) -> Preview:
    """Return the preview of a message that was read as for `compose_draft`."""
    content, links = compose_draft(message, actor), addresses_for(message)
    badge = state_badge(message)
    if content is None:
        return Preview(
            # A copy is for the address alone.
            "" if message.is_copy else message.to_name,
            message.to_email,
            message.sender,
            message.subject,
            links.put_in(message.text),
            copies.split(message.cc),
            message.parts.filter(is_copy=True).values_list("text", flat=True).first() or "",
            (),
            _fixed_events(message, links),
            *badge,
        )
    recipient = content.recipient
    return Preview(
        recipient.name if recipient else message.to_name,
        recipient.email if recipient else message.to_email,
        content.sender,
        content.rendered.subject,
        links.put_in(content.rendered.text),
        content.cc,
        content.copy.text if content.copy else "",
        content.checks,
        _draft_events(content, links),
        *badge,
        is_behind=content.is_behind,
    )


def html_of(message: Message, actor: User) -> str:
    """Return the HTML part as it will be, or was, sent; of a message that was read as for `compose_draft`."""
    content = compose_draft(message, actor)
    found = content.rendered.html if content else message.html
    return in_place(addresses_for(message).put_in(found), named_in(found, message.organization))


def _draft_events(content: Composed, links: JoinAddresses) -> list[EventPreview]:
    further = [PartPreview(part.rendered.subject, links.put_in(part.rendered.text), "") for part in content.parts]
    parts = [None, *further]
    return [
        _event_preview(event, links, is_known=change.is_known, part=part)
        for change, event, part in zip(content.changes, content.calendar, parts, strict=False)
    ]


def _fixed_events(message: Message, links: JoinAddresses) -> list[EventPreview]:
    found: list[tuple[dict[str, Any], PartPreview | None]] = [(event, None) for event in message.calendar]
    for row in message.parts.order_by("id"):
        part = PartPreview(row.subject, links.put_in(row.text), state_badge(row)[0])
        found += [(event, part) for event in row.calendar]
    is_update = MessageKind(message.kind).occasion != "invitation"
    return [
        _event_preview(event, links, is_known=is_update and event["sequence"] > 0, part=part) for event, part in found
    ]


def _event_preview(
    event: dict[str, Any], links: JoinAddresses, *, is_known: bool, part: PartPreview | None
) -> EventPreview:
    shown, is_cancelled = event_to_read(from_json(event), links), event["method"] == Method.CANCEL.value
    zone = zone_name(zone_of(timezone.get_current_timezone_name()), shown.starts_at)
    return EventPreview(shown, zone, is_cancelled, is_known, _file(shown, Method(event["method"])), part)


def _file(event: Event, method: Method) -> str:
    """Return the iTIP object as it is sent; a draft to nobody has none yet."""
    try:
        return invitation(event, method).decode()
    except ValueError:
        return ""
