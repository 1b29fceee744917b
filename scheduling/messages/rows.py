"""The messages of a schedule as the Communications tab shows them: one row per person, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from organizations.mail_server import can_leave
from organizations.models import User
from scheduling.messages.compose import Board, Composed, Key, compose, is_current, needed
from scheduling.messages.preflight import Check
from scheduling.models import Audience, Message, MessageKind, MessageState
from scheduling.models.messages import STAYED, TROUBLED

_LOOKS = {
    MessageState.DRAFT: ("pencil", "secondary"),
    MessageState.QUEUED: ("clock", "azure"),
    MessageState.SENDING: ("loader-2", "azure"),
    MessageState.SENT: ("circle-check", "success"),
    MessageState.FAILED: ("alert-triangle", "danger"),
    MessageState.UNKNOWN: ("help", "warning"),
    MessageState.NOT_SENT: ("ban", "danger"),
}


@dataclass(frozen=True, slots=True)
class EventRow:
    """A mail that only brings one calendar event: a further one of the newest message, or a withdrawal."""

    message: Message
    title: str
    word: str
    icon: str
    tone: str
    can_send_again: bool

    @property
    def is_unknown(self) -> bool:
        return self.message.state == MessageState.UNKNOWN

    @property
    def icon_css(self) -> str:
        return "icon-spin" if self.icon == "loader-2" else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One person. `message` is the newest to them, or their draft; None: nothing was ever written.

    `due` says what they do not know yet and no draft tells; `pick` is what the page sends back to send this draft as
    it was shown.
    """

    name: str
    audience: str
    message: Message | None
    earlier: tuple[Message, ...]
    composed: Composed | None
    due: MessageKind | None
    word: str
    icon: str
    tone: str
    detail: str
    problem: str
    can_send_again: bool
    events: tuple[EventRow, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.message.pk}" if self.message else ""

    @property
    def is_draft(self) -> bool:
        return self.composed is not None

    @property
    def busy(self) -> bool:
        return self.message is not None and any(
            one.is_busy for one in (self.message, *(row.message for row in self.events))
        )

    @property
    def kept(self) -> int:
        """Of how many mails a person waits for a mail server."""
        own = self.message is not None and self.message.state == MessageState.NOT_SENT
        return own + sum(
            row.message.is_withdrawal and row.message.state == MessageState.NOT_SENT for row in self.events
        )

    @property
    def checks(self) -> Sequence[Check]:
        return self.composed.checks if self.composed else ()

    @property
    def sendable(self) -> bool:
        return self.composed is not None and not self.composed.blocked

    @property
    def pick(self) -> str:
        return f"{self.key}:{self.composed.digest}" if self.composed else ""

    @property
    def is_unknown(self) -> bool:
        return self.message is not None and self.message.state == MessageState.UNKNOWN

    @property
    def icon_css(self) -> str:
        return "icon-spin" if self.icon == "loader-2" else ""


def rows(board: Board, actor: User) -> list[Row]:
    """Everybody who takes part or was ever written to."""
    return [row_of(board, key, actor) for key in board.people()]


def row_of(board: Board, key: Key, actor: User) -> Row:
    messages = board.messages.get(key, [])
    draft = next((message for message in messages if message.state == MessageState.DRAFT), None)
    message = draft or (messages[-1] if messages else None)
    recipient = board.recipient(key)
    due = needed(board, key)
    content = None
    if draft is not None:
        content = compose(board=board, message=draft, actor=actor, now=timezone.now())
        due = due if due != content.kind else None
    word, icon, tone = _look(message)
    return Row(
        name=recipient.name if recipient else (message.to_name if message else ""),
        audience=str(Audience(key[0]).label),
        message=message,
        earlier=tuple(other for other in reversed(messages) if other is not message),
        composed=content,
        due=due,
        word=word,
        icon=icon,
        tone=tone,
        detail=_detail(message),
        problem=message.problem if message is not None else "",
        can_send_again=message is not None and _can_send_again(board, message),
        events=tuple(_event_row(board, one) for one in board.mails.get(key, []) if _is_shown(one, message)),
    )


def _is_shown(mail: Message, newest: Message | None) -> bool:
    """Further mails of the newest message, once that is out, and withdrawals: as long as they are not through."""
    if mail.state == MessageState.SENT or mail.replaced_at is not None:
        return False
    out = newest is not None and newest.state not in {*STAYED, MessageState.DRAFT}
    return mail.is_withdrawal or (newest is not None and out and mail.part_of_id == newest.pk)


def _event_row(board: Board, mail: Message) -> EventRow:
    title = _("Withdrawn from %(address)s") % {"address": mail.to_email} if mail.is_withdrawal else mail.subject
    again = mail.state in TROUBLED and can_leave() and (mail.is_withdrawal or is_current(board, mail))
    return EventRow(mail, title, *state_words(mail), can_send_again=again)


def state_words(message: Message) -> tuple[str, str, str]:
    """A message's state as a word, an icon and a colour."""
    return (str(MessageState(message.state).label), *_LOOKS[MessageState(message.state)])


def _look(message: Message | None) -> tuple[str, str, str]:
    if message is None:
        return _("No message yet"), "circle-dashed", "secondary"
    return state_words(message)


def _can_send_again(board: Board, message: Message) -> bool:
    if message.state in {MessageState.UNKNOWN, MessageState.SENT}:
        return is_current(board, message)
    return message.state == MessageState.FAILED or (message.state == MessageState.NOT_SENT and can_leave())


def _detail(message: Message | None) -> str:
    """When it happened, or when it is tried again."""
    if message is None:
        return ""
    if message.state == MessageState.SENT:
        return _("%(when)s, to %(address)s") % {"when": _moment(message.sent_at), "address": message.to_email}
    if message.state == MessageState.QUEUED and message.attempts:
        return _("Tried %(count)d times; again at %(when)s.") % {
            "count": message.attempts,
            "when": _moment(message.next_attempt_at),
        }
    if message.state == MessageState.UNKNOWN:
        return _moment(message.claimed_at)
    return ""


def _moment(moment: datetime | None) -> str:
    return str(formats.date_format(timezone.localtime(moment), "j M Y, H:i")) if moment else ""
