"""Build the e-mail of a message whose content is fixed. The same message always gives the same mail.

The parts are those that mail programs look for: text, HTML and one invitation as alternatives, so that the program
offers to accept it, and the invitation once more as a file. Further invitations go in mails of their own.
"""

from __future__ import annotations

from dataclasses import replace
from email import encoders
from email.mime.base import MIMEBase

from organizations.mail import Mail, Mailbox, write
from organizations.mail_logos import named_in
from scheduling.calendar_events import reply_addresses
from scheduling.calendar_events.ics import Event, Method, invitation
from scheduling.calendar_events.stored import from_json
from scheduling.join_links.references import JoinAddresses, addresses_for
from scheduling.messages import copies
from scheduling.models.messages import Message


class UnreadableJoinLink(Exception):
    """A join link in the message can't be read with any of FERNET_KEYS."""


def build(message: Message) -> Mail:
    """Return the mail as it leaves. Raises ValueError for an invalid address, or UnreadableJoinLink."""
    sender, links = message.sender, addresses_for(message)
    # A copy has the headers of its message, and goes to its own reader.
    main = message.part_of if message.is_copy and message.part_of is not None else message
    if any(map(links.lacks, [message.text, message.html, *(str(event) for event in message.calendar)])):
        raise UnreadableJoinLink
    answers = Mailbox(sender.get("reply_name", ""), sender["reply_to"]) if sender["reply_to"] else None
    mail = write(
        to=[Mailbox(main.to_name, main.to_email)],
        subject=message.subject,
        text=links.put_in(message.text),
        html=links.put_in(message.html),
        sender=Mailbox(sender["from_name"], sender["from_email"]),
        reply_to=answers,
        automatic=message.is_withdrawal,
        message_id=message.message_id,
    )
    mail.cc = [str(Mailbox("", address)) for address in copies.split(main.cc)]
    mail.reader = message.to_email
    if message.is_copy:
        mail.extra_headers["References"] = main.message_id
    mail.pictures = named_in(message.html, message.organization)
    for number, (method, data) in enumerate(_calendars(message, links), start=1):
        if number == 1:
            mail.attach_alternative(data.decode(), f"text/calendar; method={method}")
        mail.attach(_file(data, method, number))
    return mail


def _calendars(message: Message, links: JoinAddresses) -> list[tuple[str, bytes]]:
    """Return the message's iTIP objects with their methods. Each is answered to an address of its own."""
    events = [(row["method"], reply_addresses.put_in(event_to_read(from_json(row), links))) for row in message.calendar]
    return [(method, invitation(event, Method(method))) for method, event in events]


def event_to_read(event: Event, links: JoinAddresses) -> Event:
    """Return the event with the addresses of its join links."""
    return replace(event, description=links.put_in(event.description), location=links.put_in(event.location))


def file_name(method: str, number: int) -> str:
    """Return `invite.ics`, `invite-2.ics` or `cancel.ics`."""
    stem = "cancel" if method == Method.CANCEL.value else "invite"
    return f"{stem}.ics" if number == 1 else f"{stem}-{number}.ics"


def _file(data: bytes, method: str, number: int) -> MIMEBase:
    """Return the attachment: a plain file where it repeats the alternative, else an own invitation (RFC 6047)."""
    name = file_name(method, number)
    if number == 1:
        part = MIMEBase("application", "ics", name=name)
    else:
        part = MIMEBase("text", "calendar", charset="utf-8", method=method, name=name)
    part.set_payload(data)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part
