"""Build every e-mail that is sent: to candidates, interviewers, members and admins.

One place, so that each has what mail servers and mail programs look at: a sender with a name, a Reply-To that is read,
a Message-ID of the sender's own domain, text on the first line of its subject (some servers refuse a subject that
begins on the second line), and `Auto-Submitted` where no person sent it (RFC 3834).

None has List-Unsubscribe: each is about somebody's own appointment or account. A button "Unsubscribe" beside an
invitation would promise to stop the very cancellations that people have to get.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.headerregistry import Address
from email.message import Message as Content
from email.utils import formataddr, parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from organizations import addresses, branding, mail_logos, mail_page
from organizations.mail_page import Look
from organizations.models import Organization, User
from organizations.text import for_header

log = structlog.get_logger(__name__)

PRODUCT = "Panelist"
# RFC 2047 allows lines with encoded words no more than this.
LONGEST_LINE = 76


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name, which may hold anything that a person typed, and an address."""

    name: str
    email: str

    def __str__(self) -> str:
        """Return `"Name" <address>`. Raises ValueError for an invalid address."""
        email = addresses.tidy(self.email)
        user, _at, domain = email.rpartition("@")
        if not user.isascii() or not user or not domain or any(sign.isspace() for sign in email):
            raise ValueError("The address of a message is invalid.")
        return str(Address(display_name=for_header(self.name), username=user, domain=domain))


class Mail(EmailMultiAlternatives):
    """Django's mail with headers folded as RFC 5322 asks.

    `pictures` are those that its HTML names, by Content-ID. `reader` is the one address that it goes to, where its
    headers name others, too: those get mails of their own.
    """

    reader = ""
    pictures: dict[str, bytes] = {}

    def recipients(self) -> list[str]:
        return [self.reader] if self.reader else super().recipients()

    def message(self, **options: Any) -> Any:
        content: Any = super().message(**options)
        if self.pictures:
            _add_pictures(content, self.pictures)
        _replace(content, "Subject", _folded_text("Subject", str(self.subject)))
        named = {"From": [self.from_email], "To": self.to, "Cc": self.cc, "Reply-To": self.reply_to}
        for header, people in named.items():
            if people:
                _replace(content, header, ",\n ".join(_folded_mailbox(header, person) for person in people))
        return content


def write(  # noqa: PLR0913 - keyword-only: what a mail is made of
    *,
    to: Sequence[Mailbox],
    subject: str,
    text: str,
    html: str = "",
    sender: Mailbox | None = None,
    reply_to: Mailbox | None = None,
    automatic: bool = True,
    message_id: str = "",
) -> Mail:
    """Build one mail. `automatic`: no person pressed a button to send this text to these people."""
    headers = {"Message-ID": message_id or new_message_id()}
    if automatic:
        headers["Auto-Submitted"] = "auto-generated"
    mail = Mail(
        subject=for_header(subject),
        body=text,
        from_email=str(sender or own_sender()),
        to=[str(person) for person in to],
        reply_to=[str(reply_to)] if reply_to else [],
        headers=headers,
    )
    # Text that every server passes on unchanged, also one that takes only seven bits.
    charset = Charset("utf-8")
    charset.body_encoding = QP
    mail.encoding = charset
    if html:
        mail.attach_alternative(html, "text/html")
    return mail


def write_from(
    template: str,
    context: dict[str, Any],
    *,
    to: Sequence[Mailbox],
    organization: Organization | None = None,
    sender: Mailbox | None = None,
    reply_to: Mailbox | None = None,
) -> Mail:
    """Build a mail of the product's own words: the texts `emails/<template>.subject` and `.text`.

    The HTML part is made of the text; `{% mail_button %}` there names an address that becomes a button. The mail looks
    like the organization's, without one like the product's.
    """
    buttons: dict[str, str] = {}
    subject = for_header(render_to_string(f"emails/{template}.subject", context))
    text = render_to_string(f"emails/{template}.text", {**context, "buttons": buttons})
    html = mail_page.page_of_text(subject, text, look_of(organization), buttons)
    mail = write(to=to, subject=subject, text=text, html=html, sender=sender, reply_to=reply_to)
    mail.pictures = mail_logos.named_in(html, organization) if organization is not None else {}
    return mail


def look_of(organization: Organization | None) -> Look:
    """Return how an organization's mails look; None: those of the product."""
    if organization is None:
        return Look(PRODUCT)
    accent = branding.accent_of(organization)
    return Look(organization.name, accent.on_light, accent.on_dark, mail_logos.picture_of(organization))


def mail_account(
    template: str, context: dict[str, Any], *, to: Mailbox, user_id: int, organization: Organization | None = None
) -> None:
    """Write to a person about their account, with the texts in `emails/`. A mail that can't leave is logged.

    It is not tried again: people can ask for another, and the trail has what it tells.
    """
    message = write_from(template, context, to=[to], organization=organization)
    try:
        message.send()
    except OSError as error:
        log.warning("account_mail_not_sent", user=user_id, mail=template, error=type(error).__name__)


def own_sender(name: str = "") -> Mailbox:
    """Return the address that all mail comes from, with this name, that of EMAIL_FROM, or the product's."""
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Mailbox(name or own_name or PRODUCT, address)


def sender_of(organization: Organization, person: User | None = None) -> Mailbox:
    """Return the sender of an organization's mails: its sender name, else `Robin Becker (Acme)`, else its name."""
    named = f"{person.name} ({organization.name})" if person is not None and person.name else organization.name
    return own_sender(organization.sender_name or named)


def answers_to(organization: Organization, person: User | None) -> Mailbox | None:
    """Return the Reply-To: the organization's, else the sending person's; None without either."""
    if organization.reply_to:
        return Mailbox("", organization.reply_to)
    return Mailbox(person.name, person.email) if person is not None and person.is_active else None


def mail_domain() -> str:
    """Return the domain of the sender's address; Message-IDs and UIDs of calendar events end in it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def new_message_id() -> str:
    """Return a Message-ID header. A mail that is sent again keeps its own, so that programs recognize it."""
    return f"<{uuid.uuid4().hex}@{mail_domain()}>"


def _add_pictures(content: Content, pictures: dict[str, bytes]) -> None:
    """Put the HTML part, wherever in the mail it is, into one part with its pictures."""
    for part in list(content.walk()):
        inside: Any = part.get_payload()
        if part.get_content_type() == "multipart/alternative":
            part.set_payload(
                [mail_logos.related(one, pictures) if one.get_content_type() == "text/html" else one for one in inside]
            )


def _replace(content: Content, header: str, value: str) -> None:
    """Set a folded value, which Django's own check for line ends would refuse."""
    del content[header]
    Content.__setitem__(content, header, value)


def _folded_text(header: str, text: str) -> str:
    if text.isascii() and "=?" not in text:
        plain = Header(text, header_name=header, maxlinelen=LONGEST_LINE).encode()
        if _fits(header, plain):
            return plain
    return Header(text, "utf-8", header_name=header, maxlinelen=LONGEST_LINE).encode()


def _folded_mailbox(header: str, person: str) -> str:
    name, address = parseaddr(person)
    if name.isascii() and "=?" not in name:
        plain = Header(formataddr((name, address)), header_name=header, maxlinelen=LONGEST_LINE).encode()
        if _fits(header, plain):
            return plain
    encoded = Header(name, "utf-8", header_name=header, maxlinelen=LONGEST_LINE).encode()
    joint = " " if _fits(header, f"{encoded} <{address}>") else "\n "
    return f"{encoded}{joint}<{address}>"


def _fits(header: str, value: str) -> bool:
    lines = f"{header}: {value}".split("\n")
    return bool(value.split("\n", maxsplit=1)[0].strip()) and max(map(len, lines)) <= LONGEST_LINE
