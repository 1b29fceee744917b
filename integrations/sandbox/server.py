"""The sandbox's sockets: HTTP/1.1 with kept connections, one thread each, and control over how one ends."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from integrations.sandbox.gateway import Answer, error_answer
from integrations.sandbox.limits import now

logger = logging.getLogger(__name__)

MOST_BODY = 1_000_000
IDLE = 300.0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `arrived`: monotonic, taken when its first line had been read."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes
    arrived: float


# None: close the connection without an answer.
App = Callable[[Request], Answer | None]


class Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping ends them."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without a DNS query for the host's name, which the base class makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Note the connection before its thread starts."""
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget the connection."""
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)
        super().close_request(request)

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Log the place of the error only: its message and local values could hold a candidate's data."""
        error = sys.exception()
        frames = traceback.extract_tb(error.__traceback__) if error else []
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        logger.error("a request could not be handled: %s at %s", type(error).__name__, place)

    def end_connections(self) -> None:
        """Shut every open connection."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the app, writes the answer in one go."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE

    def handle(self) -> None:
        """Serve the connection until one side ends it."""
        with contextlib.suppress(ConnectionError, TimeoutError, BrokenPipeError):
            super().handle()

    def finish(self) -> None:
        """Close the files; a caller that is gone is no error."""
        with contextlib.suppress(ConnectionError, TimeoutError, BrokenPipeError):
            super().finish()

    def parse_request(self) -> bool:
        """Note when the request came."""
        self._arrived = now()
        return super().parse_request()

    def do_GET(self) -> None:
        """A page."""
        self._serve()

    def do_POST(self) -> None:
        """A form, a control call, or a vendor's API."""
        self._serve()

    def do_PUT(self) -> None:
        """A vendor's API."""
        self._serve()

    def do_PATCH(self) -> None:
        """A vendor's API."""
        self._serve()

    def do_DELETE(self) -> None:
        """A vendor's API."""
        self._serve()

    def _serve(self) -> None:
        began = time.monotonic()
        answer: Answer | None
        try:
            body = self._read_body()
        except ValueError as error:
            # The rest of the body is still on the wire: this connection cannot be used again.
            self.close_connection = True
            answer = error_answer(413 if "long" in str(error) else 400, str(error))
        else:
            parts = urlsplit(self.path)
            request = Request(self.command, parts.path, parts.query, self.headers, body, self._arrived)
            answer = self.server.app(request)
        self._write(answer)
        logger.info(
            "%s %s %s %.0f ms",
            self.command,
            masked(urlsplit(self.path).path),
            answer.status if answer else "closed",
            (time.monotonic() - began) * 1000,
        )

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            raise ValueError("Send a Content-Length; chunked bodies are not read.")
        text = self.headers.get("Content-Length") or "0"
        if not text.isascii() or not text.isdigit():
            raise ValueError("Content-Length must be a number.")
        length = int(text)
        if length > MOST_BODY:
            raise ValueError("The body is too long.")
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError
        return body

    def _write(self, answer: Answer | None) -> None:
        if answer is None:
            self.close_connection = True
            return
        if answer.promised is not None:
            self.close_connection = True
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.body:
            self.send_header("Content-Type", answer.content_type)
        length = len(answer.body) if answer.promised is None else answer.promised
        self.send_header("Content-Length", str(length))
        if self.close_connection and answer.promised is None:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the base class would log whole paths; `_serve` logs masked ones."""


def masked(path: str) -> str:
    """The path without the ids of interviews and calendars, for the log."""
    parts = path.split("/")
    if len(parts) > 3 and parts[1] in ("google", "microsoft", "calendars"):
        return "/".join((*parts[:3], "*"))
    if len(parts) > 2 and parts[1] in ("live", "l"):
        parts[2] = "*"
    return "/".join(parts[:5])[:80] if path.isascii() and path.isprintable() else "?"
