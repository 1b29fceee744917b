"""HTTP to an address that a member has entered, without becoming their way into the server's network.

* The name is resolved once, all of its addresses must be public (`organizations.public_addresses`), and the connection
  goes to the very one that was checked, under the name's certificate. `CALENDAR_HOSTS` names the hosts inside
  the network that are meant; only these may be asked by plain http.
* A redirect is checked anew, and credentials stay with the host that they were entered for.
* An exchange has a time limit in all, however slowly it drips, and a limit of bytes after decompression.

The standard library's client is used: that of urllib3 writes addresses into its warnings, and an address can be the
secret. Errors are raised after the handler that caught the cause has ended, so that no traceback holds a request.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import certifi
import idna
from django.conf import settings

from integrations import transport
from integrations.base import CredentialsRejected, OutcomeUnknown, Refused, Retryable, ToolError
from integrations.transport import lost, retry_after
from organizations import public_addresses

#: Seconds that one exchange may take in all, redirects included.
TOTAL_SECONDS = 10.0
#: Bytes of an answer, decompressed.
MAX_BYTES = 5_000_000
MAX_REDIRECTS = 3
LONGEST_ADDRESS = 1000
#: What the address of a calendar server may start with, and what is asked for it.
_SCHEMES = {"https": "https", "http": "http", "webcal": "https", "webcals": "https", "caldavs": "https"}
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 65_536
#: Signs of an address that stay as they are; everything else is percent-encoded.
_SAFE = "/?:@!$&'()*+,;=%~-._[]"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `authorization` is sent only to the host of `url`. `changes`: it may change something there.

    Nothing of it is shown: the address of a calendar can be all that it takes to read it.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    authorization: str = field(default="", repr=False)
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end. `url`: where it came from, after redirects. Names of headers are in lower case.

    `is_elsewhere`: another host gave it, which got no credentials.
    """

    status: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_elsewhere: bool = False


def clean_address(written: str) -> str:
    """The https address that a person means: `webcal://` and a missing `https://` are put right.

    Raises `Refused` ("bad_address", "not_allowed") unless it may be asked by its form alone; nothing is looked up.
    """
    address = written.strip()
    scheme, found, rest = address.partition("://")
    if not found:
        scheme, rest = "https", address
    if scheme.lower() not in _SCHEMES or len(address) > LONGEST_ADDRESS:
        raise Refused("bad_address")
    parts = _split(f"{_SCHEMES[scheme.lower()]}://{rest}")
    if parts is None:
        raise Refused("bad_address")
    host = parts.hostname or ""
    netloc = (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else "")
    if parts.scheme == "http" and not is_meant(host):
        raise Refused("not_encrypted")
    return parts._replace(netloc=netloc, path=quote(parts.path or "/", safe=_SAFE), fragment="").geturl()


def is_meant(host: str) -> bool:
    """Whether `CALENDAR_HOSTS` names the host: it may be inside the network."""
    names = [str(name).strip("[]").lower() for name in settings.CALENDAR_HOSTS]
    return any(name in ("*", host) or (name.startswith(".") and f".{host}".endswith(name)) for name in names)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address: credentials belong to all three."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def send(request: Request, *, seconds: float | None = None, most: int = MAX_BYTES) -> Reply:
    """Send a request and follow redirects of one that only reads. Raises `ToolError`s, without a context."""
    deadline = time.monotonic() + (TOTAL_SECONDS if seconds is None else seconds)
    asked = replace(request, url=clean_address(request.url))
    first = origin(asked.url)
    for _hop in range(MAX_REDIRECTS + 1):
        outcome = _attempt(asked, deadline, most)
        if isinstance(outcome, ToolError):
            raise outcome
        elsewhere = origin(asked.url) != first
        target = outcome.headers.get("location", "") if outcome.status in _REDIRECTS else ""
        if request.changes or not target:
            return replace(outcome, is_elsewhere=elsewhere)
        asked = _redirected(request, asked.url, target, first)
    raise Refused("too_many_redirects")


def _redirected(request: Request, url: str, target: str, first: tuple[str, str, int]) -> Request:
    """The request at the place where a redirect leads, without credentials on another host."""
    joined = ""
    with contextlib.suppress(ValueError):
        joined = urljoin(url, target)
    there = clean_address(joined)
    if urlsplit(url).scheme == "https" and urlsplit(there).scheme != "https":
        raise Refused("not_encrypted")
    return replace(request, url=there, authorization=request.authorization if origin(there) == first else "")


def _split(address: str) -> SplitResult | None:
    """The parts of an address, its host in ASCII; None when it is none that can be asked."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        if host and not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except (ValueError, UnicodeError):
        return None
    shown = address.isprintable() and " " not in parts.netloc
    if not shown or not host or "%" in host or parts.username or parts.password or port == 0:
        return None
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return parts._replace(netloc=netloc, query=quote(parts.query, safe=_SAFE))


def _attempt(request: Request, deadline: float, most: int) -> Reply | ToolError:
    """One exchange without redirects, or the contract's error for it."""
    scheme, host, port = origin(request.url)
    try:
        address = public_addresses.resolve(host, port, internal=is_meant(host))
    except public_addresses.NotPublic:
        return Refused("not_allowed")
    except public_addresses.NotFound:
        return Retryable("unreachable")
    connection = _Connection(host, port, address, encrypted=scheme == "https", deadline=deadline)
    try:
        with connection.watched():
            outcome = _exchange(connection, request, most)
        # What a cut leaves can look like an answer without an announced length.
        return lost("timeout", changes=request.changes) if connection.was_cut else outcome
    except ssl.SSLCertVerificationError:
        return Retryable("certificate")
    except (OSError, http.client.HTTPException, ValueError, zlib.error):
        if not connection.has_sent:
            return Retryable("unreachable")
        return lost("timeout" if time.monotonic() >= deadline else "connection_lost", changes=request.changes)


def _exchange(connection: _Connection, request: Request, most: int) -> Reply | ToolError:
    parts = urlsplit(request.url)
    headers = {"User-Agent": "Panelist", "Accept-Encoding": "identity", **request.headers}
    if request.authorization:
        headers["Authorization"] = request.authorization
    connection.connect()
    connection.has_sent = True
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(request.method, target, body=request.body or None, headers=headers)
    response = connection.getresponse()
    body = _read(response, most)
    if body is None:
        return OutcomeUnknown("too_large") if request.changes else Refused("too_large")
    return Reply(response.status, request.url, {name.lower(): value for name, value in response.getheaders()}, body)


def _read(response: http.client.HTTPResponse, most: int) -> bytes | None:
    """The body, decompressed; None when it is too large. Raises when it is cut."""
    packed = response.getheader("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise ValueError
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed not in ("", "identity") else None
    announced, received, size = response.length, 0, 0
    parts: list[bytes] = []
    while chunk := response.read1(_CHUNK if announced is None else min(_CHUNK, announced - received)):
        piece = chunk if unpack is None else unpack.decompress(chunk, most + 1 - size)
        parts.append(piece)
        received += len(chunk)
        size += len(piece)
        if size > most:
            return None
    if (announced or 0) > received or (unpack is not None and received and (not unpack.eof or unpack.unused_data)):
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def problem_of(reply: Reply, *, changes: bool = False) -> ToolError | None:
    """The contract's error that a status means; None for a success, and for 404, 410 and 412: they are about one thing.

    A redirect that was not followed belongs to a request that changes something: it certainly did nothing.
    """
    status = reply.status
    if 200 <= status < 300 or status in (304, 404, 410, 412):
        return None
    if status in (401, 403) and reply.is_elsewhere:
        return Refused("elsewhere", host=urlsplit(reply.url).hostname or "")
    if status == 401:
        return CredentialsRejected("key_rejected")
    if status == 429:
        return Retryable("rate_limited", retry_after=retry_after(_plain(reply)), rate_limited=True)
    if status in (423, 425):
        return Retryable("server_error", retry_after=retry_after(_plain(reply)))
    if status >= 500 or status in (408, 409):
        return lost("server_error", changes=changes, retry_after=retry_after(_plain(reply)))
    return Refused("wrong_address" if status in _REDIRECTS or status in (405, 501) else "refused")


def _plain(reply: Reply) -> transport.Reply:
    return transport.Reply(reply.status, reply.headers, reply.body)


class _Connection(http.client.HTTPConnection):
    """A connection to one checked address of a host. It is cut when the time is over, whatever it is doing then."""

    def __init__(self, host: str, port: int, address: str, *, encrypted: bool, deadline: float) -> None:
        super().__init__(host, port)
        self._checked = address
        self._encrypted = encrypted
        self._deadline = deadline
        self._handle: socket.socket | None = None
        self.has_sent = False
        self.was_cut = False
        self.default_port = 443 if encrypted else 80  # for the Host header

    def connect(self) -> None:
        plain = socket.create_connection((self._checked, self.port), timeout=self._left())
        self._handle = plain.dup()  # TLS takes the socket itself away
        self.sock = plain
        if self._encrypted:
            self.sock = _tls().wrap_socket(plain, server_hostname=self.host)
        self.sock.settimeout(self._left())

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Cut the connection at its deadline: a timeout of a socket begins anew with every byte."""
        timer = threading.Timer(self._left(), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.close()
            if self._handle is not None:
                self._handle.close()

    def _cut(self) -> None:
        self.was_cut = True
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def _left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
