"""The messages of a schedule as the Communications tab shows them: one row per person, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from organizations.mail_server import can_leave
from organizations.models import User
from scheduling.checks import Check
from scheduling.composing import Board, Composed, Key, compose, is_current, needed
from scheduling.models import Audience, Message, MessageKind, MessageState

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

    @property
    def key(self) -> str:
        return f"{self.message.pk}" if self.message else ""

    @property
    def is_draft(self) -> bool:
        return self.composed is not None

    @property
    def busy(self) -> bool:
        return self.message is not None and self.message.is_busy

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
    )


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
