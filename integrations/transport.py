"""One HTTP request to a vendor: never repeated, with timeouts and a bounded answer.

Whatever goes wrong on the way becomes one of the contract's errors; no exception of requests, urllib3 or the socket
layer leaves this module. Errors are returned, not raised, so that they carry no context: the cause's traceback holds
the request, with the key and people's data.
"""

from __future__ import annotations

import http.client
import math
import os
import re
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from integrations.base import OutcomeUnknown, Refused, Retryable, ToolError

#: Seconds to connect, and seconds of silence while waiting for or reading an answer.
DEFAULT_TIMEOUT = (5.0, 20.0)

#: Seconds that reading one answer's body may take in all, however steadily it drips.
MAX_READ_SECONDS = 30.0

#: Bytes of an answer, decompressed.
MAX_ANSWER_BYTES = 4_000_000

#: A kept-alive connection idle for longer than this many seconds is not used for a change: if the vendor has dropped
#: it just now, the request would be lost without telling whether it had arrived.
MAX_IDLE_SECONDS = 4.0

#: No wait that a vendor asks for is longer than this, in seconds: a nonsensical one must not stop an organization.
MAX_RETRY_AFTER = 3600.0

_CHUNK = 65_536
_TRANSPORT_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, read to its end. Header names are looked up without regard to case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The header's value; empty without any."""
        return next((text for known, text in self.headers.items() if known.lower() == name.lower()), "").strip()


@dataclass(frozen=True, slots=True)
class Sending:
    """One request. `changes`: it may change something at the vendor, so that a lost answer leaves its outcome unknown.

    `auth` adds what proves who asks; an `auth`, and not a header, keeps requests from looking into ~/.netrc.
    """

    method: str
    url: str = field(repr=False)
    auth: AuthBase = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    changes: bool = False


class Connections(threading.local):
    """The connections of one thread, shared by all keys: neither a key nor a cookie stays in them."""

    def __init__(self) -> None:
        self._owner = 0
        self._session: requests.Session | None = None
        self._used_at = 0.0

    def session(self, *, fresh: bool) -> requests.Session:
        """The thread's session; with `fresh`, none of its connections has been idle for long."""
        now = time.monotonic()
        if self._session is None or self._owner != os.getpid():  # a fork must not share its parent's sockets
            self._session, self._owner = _new_session(), os.getpid()
        elif fresh and now - self._used_at > MAX_IDLE_SECONDS:
            self._session.close()
        return self._session

    def used(self) -> None:
        self._used_at = time.monotonic()


class _Session(requests.Session):
    """A session that reads once for each server what the environment says of proxies and certificates.

    requests reads the whole environment twice for each request, which costs as much as sending it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._of_servers: dict[str, Any] = {}

    def merge_environment_settings(self, url: Any, *given: Any) -> Any:
        server = "/".join(str(url).split("/", 3)[:3])
        if server not in self._of_servers:
            self._of_servers[server] = super().merge_environment_settings(url, *given)
        return self._of_servers[server]


def _new_session() -> requests.Session:
    session = _Session()
    adapter = HTTPAdapter(max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


connections = Connections()


def send(sending: Sending, timeout: tuple[float, float] = DEFAULT_TIMEOUT) -> Reply | ToolError:
    """The answer, or the error to raise. `timeout` is (seconds to connect, seconds of silence)."""
    try:
        return _send(sending, timeout)
    except _TRANSPORT_ERRORS as error:
        return _failure(error, changes=sending.changes)


def _send(sending: Sending, timeout: tuple[float, float]) -> Reply | ToolError:
    session = connections.session(fresh=sending.changes)
    try:
        with session.request(
            sending.method,
            sending.url,
            data=sending.body,
            headers=dict(sending.headers),
            auth=sending.auth,
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = _read(response)
    finally:
        connections.used()
    if body is None:
        return lost("too_large", changes=sending.changes)
    return Reply(response.status_code, response.headers, body)


def _read(response: requests.Response) -> bytes | None:
    """The body; None when it is too large. Raises a transport error when it is cut or takes too long."""
    parts: list[bytes] = []
    size = 0
    deadline = time.monotonic() + MAX_READ_SECONDS
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            response.raw.close()
            return None
        if time.monotonic() > deadline:
            response.raw.close()
            raise requests.ReadTimeout
    return b"".join(parts)


def _failure(error: Exception, *, changes: bool) -> ToolError:
    """The contract's error for a failure on the way. A request that never left this machine can be repeated."""
    causes = _causes(error)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.URLRequired)):
        return Refused("bad_address")
    if isinstance(error, (requests.exceptions.MissingSchema, urllib3.exceptions.LocationValueError)):
        return Refused("bad_address")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Retryable("certificate")
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes):
        return Retryable("unreachable")
    if isinstance(error, requests.ConnectTimeout):
        return Retryable("unreachable")
    timed_out = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return lost("timeout" if isinstance(error, timed_out) else "connection_lost", changes=changes)


def _causes(error: Exception) -> list[object]:
    """The exceptions that requests and urllib3 have wrapped into this one, which keep the cause as an argument."""
    found: list[object] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        current = waiting.pop()
        found.append(current)
        if isinstance(current, BaseException):
            waiting += [arg for arg in current.args if isinstance(arg, BaseException)]
            waiting += [inner for inner in (getattr(current, "reason", None),) if isinstance(inner, BaseException)]
    return found


def lost(code: str, *, changes: bool, retry_after: float | None = None) -> Retryable | OutcomeUnknown:
    """The error for a call without a usable answer. A read may be made again; a change may have happened."""
    if changes:
        return OutcomeUnknown(code)
    return Retryable(code, retry_after=retry_after, rate_limited=code == "rate_limited")


def retry_after(reply: Reply) -> float | None:
    """Seconds that the answer asks to wait (a number or an HTTP date), 0 to `MAX_RETRY_AFTER`; None without any."""
    value = reply.header("Retry-After")
    try:
        seconds = float(value) if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", value) else _until(value)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if math.isfinite(seconds) else None


def _until(value: str) -> float:
    moment = parsedate_to_datetime(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
