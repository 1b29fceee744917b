"""A server of a few lines that says exactly the bytes that a test wants, and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class RawServer:
    """`pieces` are sent one after the other, `pause` seconds apart, after each request's head has been read."""

    port: int
    pieces: list[bytes] = field(default_factory=list)
    pause: float = 0.0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65536)
            if not received:
                return
            head += received
        self.heads.append(head)
        for piece in list(self.pieces):
            connection.sendall(piece)
            time.sleep(self.pause)

    def says(self, status: str, body: bytes = b"", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.pieces = ["\r\n".join(lines).encode() + b"\r\n\r\n" + body]


@contextmanager
def raw_server() -> Iterator[RawServer]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listening.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            server.answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
