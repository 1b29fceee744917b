"""A real SMTP server for tests: it accepts, refuses, defers, stalls and drops as it is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class MailServer:
    """The server's answers to messages, and the messages that it took. Each message uses up one of the `answers`."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt_answers: list[str] = []
        self.data_answers: list[str] = []
        self.mail_answers: list[str] = []
        self.drop_at_data = False
        self.drop_after_content = False
        self.stall_at_data = False
        self.stall_after_content = False

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.mail_answers:
            return self.mail_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.stall_after_content:
            self.taken.append(envelope)
            await asyncio.Event().wait()
        if self.drop_after_content:
            self.taken.append(envelope)
            hang_up(server)
            return "250 never heard"
        if self.data_answers:
            return self.data_answers.pop(0)
        self.taken.append(envelope)
        return "250 taken"


class Server(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        box: MailServer = self.event_handler
        if box.drop_at_data:
            hang_up(self)
            return
        if box.stall_at_data:
            await asyncio.Event().wait()
        await super().smtp_DATA(arg)


class Post(Controller):
    def factory(self) -> SMTP:
        return Server(self.handler)


def listen(settings: Any, tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Run a server that the settings name, with TLS from the first byte where a context is given."""
    mailbox = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Post(mailbox, hostname="127.0.0.1", port=port, ssl_context=tls)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", port, tls is not None
    settings.EMAIL_TIMEOUT = 0.5 if tls is None else 10  # a busy machine is slow to shake hands
    yield mailbox
    server.stop()


@pytest.fixture
def box(settings: Any) -> Iterator[MailServer]:
    yield from listen(settings)


@pytest.fixture
def tls_box(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server that speaks TLS from the first byte, with a certificate that this process trusts."""
    pem = tmp_path / "server.pem"
    pem.write_bytes(own_certificate())
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    yield from listen(settings, context)


def own_certificate() -> bytes:
    """A key and a certificate for 127.0.0.1 signed with it, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
