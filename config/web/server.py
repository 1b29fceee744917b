"""A waitress server with `Bounds`. It reads each request whole before a thread takes it: slow ones occupy no thread.

Waitress knows one largest body and a time without any byte, and accepts nobody while there are too many connections.
Here the largest body depends on the path, a request has to arrive in time as a whole, and the connections that have
waited longest give way to new ones.
"""

from __future__ import annotations

import copy
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error, RequestEntityTooLarge

from config.web.bounds import Bounds, largest_body
from config.web.queue import Queue

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TOO_SLOW, TOO_LARGE = 408, 413
REASONS = {TOO_SLOW: "Request Timeout", TOO_LARGE: "Content Too Large"}
REFUSAL_HEADERS = [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'self'")]
#: Pages never wait for a vendor, only for the database: few threads do. Benchmarks' RESULTS.md has what more bring.
THREADS = 4
#: Seconds for the work in progress at the end; the supervisor waits for 10.
GRACE = 8.0
#: Connections that may wait to be accepted.
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; `::` takes visitors with IPv4 addresses, too. Raises OSError."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")


class Refusal(Error):
    """The answer to a request that does not reach Django."""

    def __init__(self, code: int, page: bytes) -> None:
        super().__init__("")
        self.code, self.reason, self.page = code, REASONS[code], page

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *REFUSAL_HEADERS]
        return f"{self.code} {self.reason}", headers, self.page


class Request(HTTPRequestParser):
    """A request that arrives. `arrived` counts its bytes, `unread` those of a refused body that are still to come."""

    path: str
    adj: Any
    expect_continue: bool

    def __init__(self, adj: Any, server: BoundedServer) -> None:
        super().__init__(adj)
        self.server = server
        self.began = time.monotonic()
        self.arrived = self.unread = 0

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = largest_body(self.path) + 1  # refused from that on

    def received(self, data: bytes) -> int:
        """Take what belongs to this request, and return how many bytes that is."""
        if self.unread:
            taken = min(len(data), self.unread)
            self.unread -= taken
            self.completed = not self.unread
        else:
            taken = super().received(data)
            if isinstance(self.error, RequestEntityTooLarge):
                self.refuse(TOO_LARGE, unread=self.content_length - self.body_bytes_received)
        self.arrived += taken
        return taken

    def refuse(self, code: int, unread: int = 0) -> None:
        """Let the answer be a refusal, after `unread` more bytes unless these are too many to wait for."""
        self.error = self.server.refusals[code]
        # Who asks before sending the body, or sends it in pieces without an end, is answered at once.
        waits = 0 < unread <= self.server.bounds.unread and not self.expect_continue
        self.unread = unread if waits else 0
        self.completed, self.expect_continue = not waits, False

    @property
    def held(self) -> int:
        """Bytes of the body that are kept."""
        return 0 if self.body_rcv is None else len(self.body_rcv)


class Channel(HTTPChannel):
    """The connection of one visitor."""

    server: BoundedServer
    request: Request | None
    requests: list[Request]
    answered = 0.0  # when the last answer was complete, by the monotonic clock

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.opened = time.monotonic()
        super().__init__(*arguments, **named)

    def parser_class(self, adj: Any) -> Request:
        return Request(adj, self.server)

    def received(self, data: bytes) -> bool:
        self.server.note(len(data))
        return bool(super().received(data))

    def service(self) -> None:
        """Answer one request, in a thread. Of several in one piece only the first is: answers would pile up unread."""
        with self.requests_lock:
            if len(self.requests) > 1:
                del self.requests[1:]
                self.requests[0].headers["CONNECTION"] = "close"  # so that the visitor asks again for the others
            elif self.server.is_busier:
                self.requests[0].headers["CONNECTION"] = "close"  # the next request goes to whichever has time
        super().service()
        self.answered = time.monotonic()

    @property
    def waits(self) -> bool:
        """Whether it is the visitor's turn, to send or to read."""
        return not self.requests or self.total_outbufs_len > 0

    @property
    def since(self) -> float:
        """When the visitor's turn began."""
        return (self.answered or self.opened) if self.request is None else self.request.began

    @property
    def held(self) -> int:
        """Bytes kept for this connection. Static files are not: they are read as they are sent."""
        requests = [*self.requests, *([self.request] if self.request else [])]
        answers = [buffer for buffer in list(self.outbufs) if isinstance(buffer, OverflowableBuffer)]
        return sum(request.held for request in requests) + sum(len(answer) for answer in answers)

    def is_overdue(self, now: float) -> bool:
        """Whether the visitor's turn has taken too long."""
        bounds = self.server.bounds
        if self.request is not None:
            most = bounds.start + self.request.arrived / bounds.slowest
        else:
            most = bounds.answer if self.total_outbufs_len else bounds.idle
        return not self.requests and now - self.since > most

    def give_up(self) -> None:
        """Close the connection. A body that is under way is answered first."""
        if self.request is None or not self.request.headers_finished or self.requests or self.total_outbufs_len:
            self.handle_close()
            return
        with self.requests_lock:
            self.request.refuse(TOO_SLOW)
            self.requests.append(self.request)
            self.request = None
            self.server.add_task(self)


class BoundedServer(TcpWSGIServer):
    """Serves a WSGI application with `threads`. `pages` are what people read with the status codes of REASONS.

    The loop runs in one thread. `listener` is a socket that listens already; without one it listens at `host` and
    `port`.
    """

    channel_class = Channel
    active_channels: dict[int, Channel]
    #: Whether other processes take connections from the listener, too. A connection stays with its process, so one of
    #: two may get most of the work by chance: it closes connections while it has several requests at once.
    shares = False

    def __init__(
        self,
        application: WSGIApplication,
        *,
        host: str,
        port: int,
        pages: Mapping[int, bytes],
        bounds: Bounds,
        threads: int = THREADS,
        listener: socket.socket | None = None,
    ) -> None:
        self.bounds = bounds
        self.refusals = {code: Refusal(code, page) for code, page in pages.items()}
        self.stopping = False
        self.held = 0
        self.closes_at = 0.0
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.queue = Queue()
        dispatcher.set_thread_count(threads)
        super().__init__(
            application,
            dispatcher=dispatcher,
            _sock=listener or listen(host, port),
            bind_socket=False,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=False,  # Django decides whom it believes
            max_request_header_size=65_536,
            recv_bytes=65_536,
            outbuf_high_watermark=bounds.held,  # a thread never waits for a reader
            connection_limit=2 * bounds.connections,  # those over the bound are closed each second
            asyncore_use_poll=True,
            log_socket_errors=False,
        )

    @property
    def is_busier(self) -> bool:
        """Whether another process may have more time for the next request of whom this one answers."""
        dispatcher = self.task_dispatcher
        return self.shares and (dispatcher.active_count > 1 or len(dispatcher.queue) > 0)

    def note(self, arrived: int) -> None:
        """Count what has arrived; too much at once is looked at now, not at the end of the second."""
        self.held += arrived
        if self.held > self.bounds.held:
            self.closes_at = 0.0

    def close_excess(self, moment: float) -> None:
        """Close what takes too long, and when there is too much, what has waited or occupied most.

        Between two rounds of the loop, not in `maintenance`: what a round has seen of a connection that is closed then
        would be taken for the next one with the same number.
        """
        for channel in [channel for channel in self._waiting() if channel.is_overdue(moment)]:
            channel.give_up()
        excess = max(0, len(self.active_channels) - self.bounds.connections)
        for channel in sorted(self._waiting(), key=lambda channel: channel.since)[:excess]:
            channel.handle_close()
        self.held = sum(channel.held for channel in self.active_channels.values())
        for channel in sorted(self._waiting(), key=lambda channel: channel.held * (channel.since - moment)):
            if self.held <= self.bounds.held:
                break
            self.held -= channel.held
            channel.handle_close()

    def _waiting(self) -> list[Channel]:
        return [channel for channel in self.active_channels.values() if channel.waits]

    def run(self) -> None:
        """Serve until `stop`, then finish what has arrived."""
        while not self.stopping:
            self._step(1.0)
        self.accepting = False
        until = time.monotonic() + GRACE
        while any(channel.requests or channel.total_outbufs_len for channel in self.active_channels.values()):
            if time.monotonic() > until:
                break
            self._step(0.1)
        self.task_dispatcher.shutdown(timeout=1)
        self.asyncore.close_all(self._map)

    def _step(self, seconds: float) -> None:
        self.asyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)
        moment = time.monotonic()
        if moment >= self.closes_at:
            self.closes_at = moment + 1
            self.close_excess(moment)

    def stop(self) -> None:
        """End `run` soon. May be called from a signal handler and from another thread."""
        if not self.stopping:
            self.stopping = True
            self.pull_trigger()
