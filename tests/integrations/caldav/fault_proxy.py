"""A proxy before a CalDAV server that makes one fault at one request, and passes all others on."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STATUSES = (401, 403, 404, 410, 412, 429, 500, 503)
FAULTS = (
    "lost before",
    "lost after",
    "silence before",
    "silence after",
    *(str(status) for status in STATUSES),
    "half a body",
    "garbage",
    "duplicates",
    "stale token",
    "slow",
)
_RESPONSE = re.compile(rb"<((?:\w+:)?response)\b.*?</\1>", re.DOTALL)
_TOKEN = re.compile(rb"(<(?:\w+:)?sync-token>)[^<]+(</)")


class Proxy(ThreadingHTTPServer):
    """`fault` happens at request number `at` after `arm`; `seen` counts the requests since then."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.silence = 1.5
        self.arm("", 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def arm(self, fault: str, at: int) -> None:
        self.fault, self.at, self.seen = fault, at, 0

    def disarm(self) -> None:
        self.arm("", 0)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number, self.server.seen = self.server.seen, self.server.seen + 1
        fault = self.server.fault if number == self.server.at else ""
        if fault.endswith(" before"):
            time.sleep(self.server.silence if fault.startswith("silence") else 0)
            return
        if fault.isdigit():
            self._answer(int(fault), [("Retry-After", "7")], b"no")
            return
        if fault == "stale token":
            body = _TOKEN.sub(rb"\1http://radicale.org/ns/sync/00\2", body)
        status, headers, answer = self._ask(body)
        if fault.endswith(" after"):
            time.sleep(self.server.silence if fault.startswith("silence") else 0)
            return
        if fault == "garbage":
            answer = b"<?xml version='1.0'?><a><b>\xff\xfe" if status != 404 else answer
        if fault == "duplicates":
            answer = _RESPONSE.sub(lambda found: found[0] * 2, answer)
        self._answer(status, headers, answer, cut=fault == "half a body", slow=fault == "slow")

    do_GET = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = do_OPTIONS = _pass_on

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=20)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        found = answer.status, kept, answer.read()
        connection.close()
        return found

    def _answer(
        self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False, slow: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) + (10 if cut else 0)))
        self.end_headers()
        pieces = [body[at : at + len(body) // 4 + 1] for at in range(0, len(body), len(body) // 4 + 1)]
        for piece in pieces[: 2 if cut else 4]:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.03 if slow else 0)

    def log_message(self, *_args: Any) -> None:
        pass


_HOP = {"content-length", "transfer-encoding", "connection", "date", "server"}


@contextmanager
def fault_proxy(target: int) -> Iterator[Proxy]:
    proxy = Proxy(target)
    threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.socket.shutdown(socket.SHUT_RDWR)
        proxy.server_close()
