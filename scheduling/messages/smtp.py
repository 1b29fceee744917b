"""Send one e-mail through the mail server that EMAIL_URL names. The outcome is certain, or certainly unknown.

An SMTP server owns a message from the moment it answers 250 to its last line (RFC 5321, 4.1.1.4). Before the content
is sent nothing has happened; between its first byte and the answer the outcome is unknown; after an answer it is
certain.
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


class SendError(Exception):
    """The mail was not certainly sent. `message` is for a person and may quote the server: never log it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message[:500]


class TemporaryFailure(SendError):
    """The server does not have the mail; the same one may be tried again."""


class PermanentFailure(SendError):
    """The server refused the mail and will refuse it again."""


class UnknownOutcome(SendError):
    """The content was being sent when the answer was lost: the mail may have been sent."""


@dataclass
class Trace:
    """The progress of one mail. `code` is the server's answer to its content; 0: none yet."""

    content_began: bool = False
    code: int = 0
    answer: str = ""


class _Traced(smtplib.SMTP):
    """An SMTP connection that notes when the content starts to leave, and the server's answer to it."""

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
    """Django's SMTP backend over connections that trace one mail."""

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


def send(mail: EmailMessage) -> None:
    """Send a mail; return when the mail server has accepted it, else raise a SendError. Never inside a transaction."""
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        _store(mail)
        return
    backend = TracingBackend(fail_silently=False)
    try:
        backend.send_messages([mail])
    except (smtplib.SMTPException, OSError) as error:
        _raise_outcome(error, backend.trace)


def _store(mail: EmailMessage) -> None:
    """Pass a mail to a backend without a server (a folder, the console), which has it or raises."""
    try:
        get_connection(fail_silently=False).send_messages([mail])
    except OSError as error:
        raise TemporaryFailure("store", _("The message could not be stored.")) from error


def _raise_outcome(error: Exception, trace: Trace) -> None:
    """Raise what went wrong as one of the three errors; return when the server had accepted the mail before."""
    if trace.code == 250:
        return  # only QUIT failed
    if trace.code:
        raise _answered(trace.code, trace.answer) from error
    if trace.content_began:
        message = _("The connection to the mail server broke while sending. It may have been sent.")
        raise UnknownOutcome("connection_lost", message) from error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        raise _answered(code, _read(answer)) from error
    if isinstance(error, smtplib.SMTPAuthenticationError):
        message = _("The mail server refused the sign-in. Ask whoever runs this server to correct EMAIL_URL.")
        raise TemporaryFailure("sign_in", message) from error
    if isinstance(error, smtplib.SMTPResponseException):
        raise _answered(error.smtp_code, _read(error.smtp_error)) from error
    raise TemporaryFailure("unreachable", _("The mail server could not be reached.")) from error


def _answered(code: int, answer: str) -> SendError:
    values = {"answer": f"{code} {answer}".strip()}
    if 500 <= code < 600:
        return PermanentFailure("refused", _("The mail server refused the message: %(answer)s") % values)
    return TemporaryFailure("put_off", _("The mail server is not ready: %(answer)s") % values)


def _read(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
