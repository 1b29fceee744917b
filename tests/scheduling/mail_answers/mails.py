"""Answers as mail programs send them, in the shapes of Gmail, Outlook and Apple; all texts are our own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from django.utils import timezone

from scheduling.calendar_events.ics import Event
from scheduling.calendar_events.stored import from_json
from scheduling.mail_answers import reading
from scheduling.mail_answers.mailbox import Received
from scheduling.models import AnswerMailbox, MailAnswer, Message, Schedule

ADDRESS = "answers@panelist.example"
_numbers = iter(range(1, 10_000_000))


@dataclass(frozen=True)
class Invited:
    """An invitation as it arrived: the event, and the address to which it is answered."""

    event: Event
    address: str

    def reply(self, partstat: str, **changes: object) -> Answered:
        return replace(
            Answered(
                to=self.address,
                uid=self.event.uid,
                sequence=self.event.sequence,
                attendee=self.event.attendees[0].email,
                starts_at=self.event.starts_at,
                ends_at=self.event.ends_at,
                partstat=partstat,
                stamped_at=timezone.now(),
            ),
            **changes,  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Answered:
    """An answer, to be written as one of the programs writes it."""

    to: str
    uid: str
    sequence: int
    attendee: str
    starts_at: datetime
    ends_at: datetime
    partstat: str
    stamped_at: datetime
    method: str = "REPLY"
    comment: str = ""
    sender: str = ""
    #: Of the attendee, besides the answer.
    parameters: str = ""

    def ics(self, *, upper: bool = False, zone: str = "") -> str:
        attendee = self.attendee.upper() if upper else self.attendee
        start, end = (
            f";TZID={zone}:{one:%Y%m%dT%H%M%S}" if zone else f":{one.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            for one in (self.starts_at, self.ends_at)
        )
        lines = [
            "BEGIN:VCALENDAR",
            "PRODID:-//Somebody//Calendar//EN",
            "VERSION:2.0",
            f"METHOD:{self.method}",
            "BEGIN:VEVENT",
            f"ORGANIZER;CN=Acme:mailto:{self.to}",
            f'ATTENDEE;CN="Osei, Ada";PARTSTAT={self.partstat}{self.parameters}:mailto:{attendee}',
            f"UID:{self.uid}",
            f"SEQUENCE:{self.sequence}",
            f"DTSTAMP:{self.stamped_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART{start}",
            f"DTEND{end}",
            "SUMMARY:Interview",
            *([f"COMMENT:{self.comment}"] if self.comment else []),
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
        return "\r\n".join(lines)

    def mail(self, subject: str = "Answer", text: str = "My answer is attached.") -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.sender or self.attendee
        mail["To"] = self.to
        mail["Subject"] = subject
        mail["Message-ID"] = f"<answer-{next(_numbers)}@mail.example>"
        mail.set_content(text)
        return mail


def gmail(one: Answered) -> bytes:
    """Mixed: text, HTML and calendar as alternatives; the calendar once more as a file. Called auto-generated."""
    mail = one.mail(f"Declined: Interview @ {one.starts_at:%a %d %b}", "This invitation was answered.")
    mail["Auto-Submitted"] = "auto-generated"
    mail.add_alternative("<p>This invitation was <b>answered</b>.</p>", subtype="html")
    mail.add_alternative(one.ics(), subtype="calendar", params={"method": one.method})
    mail.make_mixed()
    mail.add_attachment(one.ics().encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


def outlook(one: Answered) -> bytes:
    """Base64 throughout, addresses in capital letters, Exchange's headers, a zone by its Windows name."""
    mail = one.mail("Abgelehnt: Interview", "")
    mail["X-MS-Exchange-Calendar-Originator-Id"] = "x"
    mail["X-Auto-Response-Suppress"] = "DR, OOF, AutoReply"
    mail.add_alternative("<html><body></body></html>", subtype="html", cte="base64")
    mail.add_alternative(one.ics(upper=True), subtype="calendar", cte="base64", params={"method": one.method})
    return mail.as_bytes()


def apple(one: Answered) -> bytes:
    """The calendar alone beside a word of text, the address angle-bracketed with a name."""
    mail = one.mail("Accepted: Interview", "")
    mail.replace_header("To", f'"Acme" <{one.to}>')
    mail.add_alternative(one.ics(), subtype="calendar", params={"method": one.method, "name": "iCal.ics"})
    return mail.as_bytes()


PROGRAMS = {"gmail": gmail, "outlook": outlook, "apple": apple}


def invited(schedule: Schedule, email: str) -> Invited:
    """The newest invitation that was sent to an address."""
    rows = Message.objects.filter(schedule=schedule, to_email=email).exclude(calendar=[]).order_by("id")
    event = from_json(rows.last().calendar[0])  # type: ignore[union-attr]
    token = MailAnswer.objects.get(entry__uid=event.uid).token
    return Invited(event, ADDRESS.replace("@", f"+{token}@"))


def arrives(raw: bytes, *, at: datetime | None = None, size: int = 0) -> str:
    """Let a mail be read as the next one of a mailbox; returns the outcome."""
    row, _made = AnswerMailbox.objects.get_or_create(key="0" * 64, defaults={"uid_validity": 1})
    row.refresh_from_db()
    mail = Received(row.last_uid + 1, raw, size or len(raw), at or timezone.now() + timedelta(seconds=1))
    return reading.carry_out(row, 1, mail)


def note(to: str, text: str, **headers: str) -> bytes:
    """A mail that a person wrote by hand."""
    mail = EmailMessage()
    values = {"From": "Ada Osei <ada@example.com>", "To": to, "Subject": "Re: Interview"} | headers
    values.setdefault("Message-ID", f"<note-{next(_numbers)}@mail.example>")
    for name, value in values.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def bounce(message_id: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A notice of a mail server (RFC 3464)."""
    return "\r\n".join(
        [
            "From: MAILER-DAEMON@mail.example",
            "To: panelist@panelist.example",
            "Subject: Undelivered Mail Returned to Sender",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Message-ID: <bounce@mail.example>",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b0"',
            "",
            "--b0",
            "Content-Type: text/plain",
            "",
            "The mail could not be delivered.",
            "--b0",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mail.example",
            "",
            "Final-Recipient: rfc822; ada@example.com",
            f"Action: {action}",
            f"Status: {status}",
            "",
            "--b0",
            "Content-Type: text/rfc822-headers",
            "",
            "Subject: Interview",
            f"Message-ID: {message_id}",
            "",
            "--b0--",
            "",
        ]
    ).encode()
