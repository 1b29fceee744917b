"""Hands one e-mail to the mail server that EMAIL_URL names, and says surely what became of it.

An SMTP server owns a message from the moment it answers 250 to its last line (RFC 5321, 4.1.1.4). Before the content
is sent nothing has happened; between its first byte and the answer nobody can tell; after an answer it is certain.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class MailError(Exception):
    """It did not surely go out. `sentence` is for a person and may quote the server; it belongs in no log."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence[:500]


class NotAccepted(MailError):
    """The server surely does not have it; the same may be tried again."""


class RefusedForGood(MailError):
    """The server said no and will say no again."""


class MaybeAccepted(MailError):
    """The content was on its way when the answer was lost: it may have been sent."""


@dataclass
class Trace:
    """How far one message got. `code` is the server's answer to its content; 0: none yet."""

    content_began: bool = False
    code: int = 0
    answer: str = ""


class _Traced(smtplib.SMTP):
    """Notes when the content of a message starts to leave, and what the server answers to it."""

    trace: Trace
    in_data = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.in_data = True
        try:
            code, answer = super().data(msg)
        finally:
            self.in_data = False
        self.trace.code, self.trace.answer = code, _read(answer)
        return code, answer

    def send(self, s: Any) -> None:
        # smtplib sends commands as text and the content of a message as bytes.
        if self.in_data and isinstance(s, bytes):
            self.trace.content_began = True
        super().send(s)


class _TracedSSL(_Traced, smtplib.SMTP_SSL):
    pass


class TracingBackend(EmailBackend):
    """Django's SMTP backend over connections that note how far they got."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trace = Trace()

    @property
    def connection_class(self) -> Any:
        return self._connect

    def _connect(self, *args: Any, **kwargs: Any) -> _Traced:
        connection = (_TracedSSL if self.use_ssl else _Traced)(*args, **kwargs)
        connection.trace = self.trace
        return connection


def hand_over(mail: EmailMessage) -> None:
    """Returns when the mail server has taken `mail`. Raises a MailError otherwise. Never inside a transaction."""
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        _store(mail)
        return
    backend = TracingBackend(fail_silently=False)
    try:
        backend.send_messages([mail])
    except (smtplib.SMTPException, OSError) as error:
        _judge(error, backend.trace)


def _store(mail: EmailMessage) -> None:
    """Backends without a server (a folder, the console) either have it or don't."""
    try:
        get_connection(fail_silently=False).send_messages([mail])
    except OSError as error:
        raise NotAccepted("store", _("The message could not be stored.")) from error


def _judge(error: Exception, trace: Trace) -> None:
    """Turns what went wrong into one of the three errors; returns when the server had taken the message before."""
    if trace.code == 250:
        return  # Only saying goodbye failed.
    if trace.code:
        raise _answered(trace.code, trace.answer) from error
    if trace.content_began:
        sentence = _("The connection to the mail server broke while it took the message. It may have been sent.")
        raise MaybeAccepted("connection_lost", sentence) from error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        raise _answered(code, _read(answer)) from error
    if isinstance(error, smtplib.SMTPAuthenticationError):
        sentence = _("The mail server does not accept our sign-in. Whoever runs Panelist has to correct EMAIL_URL.")
        raise NotAccepted("sign_in", sentence) from error
    if isinstance(error, smtplib.SMTPResponseException):
        raise _answered(error.smtp_code, _read(error.smtp_error)) from error
    raise NotAccepted("unreachable", _("The mail server could not be reached.")) from error


def _answered(code: int, answer: str) -> MailError:
    values = {"answer": f"{code} {answer}".strip()}
    if 500 <= code < 600:
        return RefusedForGood("refused", _("The mail server refused it: %(answer)s") % values)
    return NotAccepted("put_off", _("The mail server put it off: %(answer)s") % values)


def _read(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
