"""A vendor on a loopback socket that answers with exactly the bytes a test wants, or not at all."""

from __future__ import annotations

import enum
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


class Act(enum.Enum):
    """An act of the server instead of an answer."""

    DROP = "close the connection"
    RESET = "reset the connection"
    SILENCE = "keep it open and say nothing"


@dataclass
class ScriptedVendor:
    """Takes the next step of `script` for each request; `requests` are (connection number, raw request)."""

    listener: socket.socket
    script: list[bytes | Act] = field(default_factory=list)
    #: After these answers the connection is closed, as a server does with an idle one; `closed` tells when.
    close_after: int = 0
    requests: list[tuple[int, bytes]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/graphql"

    def serve(self) -> None:
        number = 0
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=self._converse, args=(connection, number), daemon=True).start()

    def _converse(self, connection: socket.socket, number: int) -> None:
        with connection:
            while request := self._read(connection):
                self.requests.append((number, request))
                step = self.script.pop(0)
                if step is Act.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                if step is Act.SILENCE:
                    self.stopping.wait(20)
                if isinstance(step, Act):
                    return
                connection.sendall(step)
                if _is_cut(step) or len(self.requests) == self.close_after:
                    break
        self.closed.set()

    def _read(self, connection: socket.socket) -> bytes:
        received = b""
        try:
            while b"\r\n\r\n" not in received:
                chunk = connection.recv(65536)
                if not chunk:
                    return b""
                received += chunk
            head, _, rest = received.partition(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            while len(rest) < length:
                rest += connection.recv(65536)
        except OSError:
            return b""
        return head + b"\r\n\r\n" + rest


def _is_cut(answer: bytes) -> bool:
    """Whether the answer announces no length, or another one than it has; then only closing ends it."""
    head, _, content = answer.partition(b"\r\n\r\n")
    return f"content-length: {len(content)}".encode() not in head.lower()


def http_answer(body: str, *, status: str = "200 OK", length: int | None = None, chunked: bool = False) -> bytes:
    """An HTTP/1.1 answer; `length` may be a lie."""
    content = body.encode()
    if chunked:
        head = f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n{len(content):x}\r\n"
        return head.encode() + content + b"\r\n0\r\n\r\n"
    announced = len(content) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {announced}\r\n\r\n".encode() + content


@pytest.fixture
def scripted(socket_enabled: None) -> Iterator[ScriptedVendor]:
    """A vendor to be given a `script`."""
    listener = socket.create_server(("127.0.0.1", 0))
    vendor = ScriptedVendor(listener)
    thread = threading.Thread(target=vendor.serve, daemon=True)
    thread.start()
    yield vendor
    vendor.stopping.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
