"""A real SMTP server for tests: it accepts, refuses, puts off, stalls and drops as it is told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class Postbox:
    """What the server does with a message, and what it has taken. `answers` are used up one per message."""

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
        box: Postbox = self.event_handler
        if box.drop_at_data:
            hang_up(self)
            return
        if box.stall_at_data:
            await asyncio.Event().wait()
        await super().smtp_DATA(arg)


class Post(Controller):
    def factory(self) -> SMTP:
        return Server(self.handler)


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    postbox = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Post(postbox, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.5
    yield postbox
    server.stop()
