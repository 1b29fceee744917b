"""Read what one mail to the mailbox says: an answer to an invitation, a bounce, or words. Asks no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message as Content
from email.utils import parseaddr

from scheduling.calendar_events.reply_addresses import tokens_in
from scheduling.mail_answers import itip, parts
from scheduling.mail_answers.itip import Reply

LONGEST_NOTE = 4000
#: Where servers write to whom a mail came.
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To")
_REPORTED = re.compile(r"^message-id:\s*(<[^<>\s]{3,200}>)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail server's notice that it could not deliver a mail, for good. `status` is like 5.1.1."""

    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: the tokens in its addresses, and what it says. `is_automatic`: no person wrote it."""

    tokens: tuple[str, ...]
    sender: str
    message_id: str
    is_automatic: bool
    reply: Reply | None
    bounce: Bounce | None
    words: str


def read(raw: bytes) -> Letter:
    """Read a mail. Raises `parts.Hostile`."""
    mail = parts.parsed(raw)
    is_report = mail.get_content_type() == "multipart/report"
    bounce, reply = (_bounce(mail), None) if is_report else (None, _reply(mail))
    organizer = [reply.organizer] if reply is not None else []
    name, address = parseaddr(parts.header(mail, "From"))
    return Letter(
        tokens=tuple(tokens_in([*parts.headers(mail, *_RECIPIENTS), *organizer])),
        sender=f"{name} <{address}>" if name else address,
        message_id=parts.header(mail, "Message-ID"),
        is_automatic=is_report or _is_automatic(mail, is_answer=reply is not None),
        reply=reply,
        bounce=bounce,
        words="" if reply is not None or is_report else parts.written(mail, LONGEST_NOTE),
    )


def _is_automatic(mail: Content, *, is_answer: bool) -> bool:
    """Whether a program wrote it: an absence note, or a mailing list.

    Calendars mark a person's answer as `auto-generated`, too: it counts all the same.
    """
    submitted = parts.header(mail, "Auto-Submitted").lower()
    listed = parts.header(mail, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}
    automatic = "auto-replied" if is_answer else "auto-"
    return submitted.startswith(automatic) or listed or bool(mail.get("X-Autoreply") or mail.get("X-Autorespond"))


def _reply(mail: Content) -> Reply | None:
    """Return the answer in the first calendar part that has one."""
    for part in parts.leaves(mail):
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            reply = itip.read(parts.body_of(part))
            if reply is not None:
                return reply
    return None


def _bounce(mail: Content) -> Bounce | None:
    """Return which mail could not be delivered (RFC 3464); None for one that is late, or was delivered."""
    message_id = status = ""
    for part in parts.leaves(mail):
        kind, inside = part.get_content_type(), part.get_payload()
        if kind == "message/delivery-status" and isinstance(inside, list):
            failed = [one for one in inside[:20] if isinstance(one, Content) and _has_failed(one)]
            status = next((found[0] for one in failed if (found := _STATUS.search(parts.header(one, "Status")))), "")
            if not failed:
                return None
        elif kind == "message/rfc822" and isinstance(inside, list) and inside and isinstance(inside[0], Content):
            message_id = parts.header(inside[0], "Message-ID")
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            found = _REPORTED.search(parts.text_of(part)[:20_000])
            message_id = found[1] if found else message_id
    return Bounce(message_id, status) if message_id and status.startswith("5") else None


def _has_failed(recipient: Content) -> bool:
    return parts.header(recipient, "Action").lower() == "failed"
