"""The messages of a schedule as the "Communications" tab shows them: one row per recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.addresses import readable
from organizations.mail_server import can_leave
from organizations.models import User
from scheduling.calendar_events.answer_lines import AnswerLine
from scheduling.calendar_events.shown import EventSeen
from scheduling.messages import copies
from scheduling.messages.compose import Composed, compose
from scheduling.messages.formatting import zone_of
from scheduling.messages.message_context import MessageContext, RecipientKey, is_current, needed, occasion
from scheduling.messages.preflight import Check
from scheduling.messages.summary import summary
from scheduling.models import Audience, Message, MessageKind, MessageState
from scheduling.models.messages import STAYED, TROUBLED

_BADGES = {
    MessageState.DRAFT: ("pencil", "secondary"),
    MessageState.QUEUED: ("clock", "azure"),
    MessageState.SENDING: ("loader-2", "azure"),
    MessageState.SENT: ("circle-check", "success"),
    MessageState.FAILED: ("alert-triangle", "danger"),
    MessageState.UNKNOWN: ("help", "warning"),
    MessageState.NOT_SENT: ("ban", "danger"),
}

#: Badges of several events, the first to be spoken of first.
_URGENT = ["danger", "warning", "azure", "success"]


@dataclass(frozen=True, slots=True)
class EventRow:
    """A mail that only brings one calendar event: a part of the newest message, or a withdrawal."""

    message: Message
    title: str
    label: str
    icon: str
    severity: str
    can_send_again: bool

    @property
    def is_unknown(self) -> bool:
        return self.message.state == MessageState.UNKNOWN

    @property
    def icon_css(self) -> str:
        return "icon-spin" if self.icon == "loader-2" else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient. `message` is the draft to them, else their newest message; None: they never had one.

    `due` is the kind of message that they need and that no draft prepares; `tells` says in a line what they don't know
    yet; `pick` is the form value that sends this draft as it was shown.
    """

    name: str
    audience: str
    message: Message | None
    earlier: tuple[Message, ...]
    composed: Composed | None
    due: MessageKind | None
    tells: str
    label: str
    icon: str
    severity: str
    detail: str
    problem: str
    can_send_again: bool
    events: tuple[EventRow, ...] = ()
    is_in_calendar: bool = False
    answers: Sequence[AnswerLine] = ()

    @property
    def key(self) -> str:
        return f"{self.message.pk}" if self.message else ""

    @property
    def is_draft(self) -> bool:
        return self.composed is not None

    @property
    def is_told(self) -> bool:
        """Whether the recipient needs no message, prepared or not."""
        return self.due is None and not self.is_draft

    @property
    def busy(self) -> bool:
        return self.message is not None and any(
            one.is_busy for one in (self.message, *(row.message for row in self.events))
        )

    @property
    def cc(self) -> list[str]:
        """The addresses in the Cc of the draft, or of the newest message."""
        if self.composed is not None:
            return [readable(one) for one in self.composed.cc]
        return [readable(one) for one in copies.split(self.message.cc)] if self.message is not None else []

    @property
    def kept(self) -> int:
        """The number of this recipient's mails that were not sent for want of a mail server."""
        own = self.message is not None and self.message.state == MessageState.NOT_SENT
        return own + sum(
            row.message.is_withdrawal and row.message.state == MessageState.NOT_SENT for row in self.events
        )

    @property
    def checks(self) -> Sequence[Check]:
        return self.composed.checks if self.composed else ()

    @property
    def sendable(self) -> bool:
        return self.composed is not None and not self.composed.is_blocked

    @property
    def pick(self) -> str:
        return f"{self.key}:{self.composed.digest}" if self.composed else ""

    @property
    def is_unknown(self) -> bool:
        return self.message is not None and self.message.state == MessageState.UNKNOWN

    @property
    def icon_css(self) -> str:
        return "icon-spin" if self.icon == "loader-2" else ""


def rows(context: MessageContext, actor: User) -> list[Row]:
    """Return the rows of everybody who takes part or was ever written to: those who haven't been told first."""
    found = [row_of(context, key, actor) for key in context.recipient_keys()]
    return sorted(found, key=lambda row: row.is_told)


def row_of(context: MessageContext, key: RecipientKey, actor: User) -> Row:
    messages = context.messages.get(key, [])
    draft = next((message for message in messages if message.state == MessageState.DRAFT), None)
    message = draft or (messages[-1] if messages else None)
    recipient = context.recipient(key)
    due = needed(context, key)
    content = None
    if draft is not None:
        content = compose(context=context, message=draft, actor=actor, now=timezone.now())
        due = due if due != content.kind else None
    in_calendar = _in_calendar(context, key)
    label, icon, severity = _badge(message) if message is not None or not in_calendar else in_calendar[0].badge
    return Row(
        name=recipient.name if recipient else (message.to_name if message else ""),
        audience=str(Audience(key[0]).label),
        message=message,
        earlier=tuple(other for other in reversed(messages) if other is not message),
        composed=content,
        due=due,
        tells=_tells(context, key) if due or content is not None else "",
        label=label,
        icon=icon,
        severity=severity,
        detail=_detail(message) if message is not None or not in_calendar else _answered(in_calendar),
        problem=message.problem if message is not None else "",
        can_send_again=message is not None and _can_send_again(context, message),
        is_in_calendar=bool(in_calendar),
        answers=context.answers(key),
        events=tuple(_event_row(context, one) for one in context.mails.get(key, []) if _is_shown(one, message)),
    )


def _in_calendar(context: MessageContext, key: RecipientKey) -> list[EventSeen]:
    """The events of an interviewer who needs no mail for them: the one to speak of first."""
    if not context.in_calendar(key) or key[1] is None:
        return []
    told = [event for event in context.events[key[1]] if event.is_told]
    return sorted(told, key=lambda event: _URGENT.index(event.badge[2]))


def _answered(events: Sequence[EventSeen]) -> str:
    """Return how many interviews the badge before it is about, where they differ, and when they were answered."""
    label = events[0].badge[0]
    alike = [event for event in events if event.badge[0] == label]
    if len(alike) < len(events):
        return ngettext("%(number)d of %(all)d interviews", "%(number)d of %(all)d interviews", len(events)) % {
            "number": len(alike),
            "all": len(events),
        }
    latest = max((at for event in events if (at := event.said_at) is not None), default=None)
    return _moment(latest)


def _tells(context: MessageContext, key: RecipientKey) -> str:
    recipient, notified, now = context.recipient(key), context.last_notified(key) or [], context.interviews(key)
    return summary(occasion(notified, now), notified, now, zone_of(recipient.zone)) if recipient else ""


def _is_shown(mail: Message, newest: Message | None) -> bool:
    """Whether a mail has its own line: parts of the newest message once that was sent, withdrawals until sent."""
    if mail.state == MessageState.SENT or mail.replaced_at is not None:
        return False
    out = newest is not None and newest.state not in {*STAYED, MessageState.DRAFT}
    return mail.is_withdrawal or (newest is not None and out and mail.part_of_id == newest.pk)


def _event_row(context: MessageContext, mail: Message) -> EventRow:
    title = mail.subject
    if mail.is_withdrawal or mail.is_copy:
        title = _("Withdrawn from %(address)s") if mail.is_withdrawal else _("Copy to %(address)s")
        title %= {"address": readable(mail.to_email)}
    again = mail.state in TROUBLED and can_leave() and (mail.is_withdrawal or is_current(context, mail))
    return EventRow(mail, title, *state_badge(mail), can_send_again=again)


def state_badge(message: Message) -> tuple[str, str, str]:
    """Return label, icon and severity (a colour's name in the style sheet) of a message's state."""
    return (str(MessageState(message.state).label), *_BADGES[MessageState(message.state)])


def _badge(message: Message | None) -> tuple[str, str, str]:
    if message is None:
        return _("No message yet"), "circle-dashed", "secondary"
    return state_badge(message)


def _can_send_again(context: MessageContext, message: Message) -> bool:
    if message.state in {MessageState.UNKNOWN, MessageState.SENT}:
        return is_current(context, message)
    return message.state == MessageState.FAILED or (message.state == MessageState.NOT_SENT and can_leave())


def _detail(message: Message | None) -> str:
    """Return when it was sent, or when it is tried again."""
    if message is None:
        return ""
    if message.state == MessageState.SENT:
        return _("%(when)s, to %(address)s") % {"when": _moment(message.sent_at), "address": message.to_email}
    if message.state == MessageState.QUEUED and message.attempts:
        return _("Tried %(count)d times. Next attempt: %(when)s") % {
            "count": message.attempts,
            "when": _moment(message.next_attempt_at),
        }
    if message.state == MessageState.UNKNOWN:
        return _moment(message.claimed_at)
    return ""


def _moment(moment: datetime | None) -> str:
    return str(formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")) if moment else ""
