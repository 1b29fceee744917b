"""HTTP to CodeSignal: one POST per call, never repeated, with timeouts and a bounded answer.

Whatever goes wrong on the way becomes one of the contract's errors; no exception of requests, urllib3 or the socket
layer leaves this module. Errors are raised after the handler that caught the cause has ended, so that they carry no
context: the cause's traceback holds the request, with the key and the candidate's data.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import NoReturn

import requests
import structlog
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from integrations.base import Pacer, ToolError
from integrations.codesignal import errors
from integrations.codesignal.answers import Json, Reply, judge
from integrations.codesignal.queries import Operation

log = structlog.get_logger(__name__)

#: Seconds to connect, and seconds of silence while waiting for or reading an answer.
DEFAULT_TIMEOUT = (5.0, 20.0)

#: Seconds that reading one answer's body may take in all, however steadily it drips.
MAX_READ_SECONDS = 30.0

#: Bytes of an answer, decompressed. 100 interviews take about 50,000.
MAX_ANSWER_BYTES = 4_000_000

#: A kept-alive connection idle for longer than this many seconds is not used for a mutation: if the vendor has dropped
#: it just now, the request would be lost without telling whether it had arrived.
MAX_IDLE_SECONDS = 4.0

_CHUNK = 65_536
_KEY = re.compile(r"[\x21-\x7e]+")
_TRANSPORT_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class ApiKey:
    """An API key that shows itself only to the request it is put into: in no repr, log, pickle or traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()

    def __repr__(self) -> str:
        return "<API key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("An API key is not to be pickled.")

    def is_sendable(self) -> bool:
        """Whether it can be part of a header at all."""
        return bool(_KEY.fullmatch(self._value))

    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self._value}"


class _KeyAuth(AuthBase):
    """Add the key. As an `auth`, and not a header, it also keeps requests from looking into ~/.netrc."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._key.header()
        return request


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its variables, which may be a candidate's data and so are not shown."""

    operation: Operation
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)


class _Connections(threading.local):
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


def _new_session() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


_connections = _Connections()


class Client:
    """Calls to one GraphQL endpoint with one key.

    `timeout` is (seconds to connect, seconds of silence). Cheap to make: connections belong to the thread.
    `pacer` is called before every single request and returns when it may be sent; what it raises passes through.
    """

    def __init__(
        self, key: ApiKey, api_url: str, *, timeout: tuple[float, float] = DEFAULT_TIMEOUT, pacer: Pacer | None = None
    ) -> None:
        self._key = key
        self._api_url = api_url
        self._timeout = timeout
        self._pacer = pacer

    def run(self, call: Call) -> Json:
        """The `data` of the answer, with its shape unchecked. Raises `ToolError`s only (and what the pacer raises)."""
        if self._pacer is not None:
            self._pacer("write" if call.operation.mutates else "read")
        outcome = self._attempt(call)
        if isinstance(outcome, ToolError):
            raise outcome
        return outcome

    def _attempt(self, call: Call) -> Json | ToolError:
        if not self._key.is_sendable():
            return errors.rejected("key_malformed")
        began = time.monotonic()
        reply: Reply | ToolError
        try:
            reply = self._post(call)
        except _TRANSPORT_ERRORS as error:
            reply = _lost(error, mutates=call.operation.mutates)
        outcome = judge(reply, call.operation) if isinstance(reply, Reply) else reply
        log.info(
            "codesignal_called",
            operation=call.operation.name,
            outcome=outcome.code if isinstance(outcome, ToolError) else "ok",
            status=reply.status if isinstance(reply, Reply) else None,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        return outcome

    def _post(self, call: Call) -> Reply | ToolError:
        session = _connections.session(fresh=call.operation.mutates)
        try:
            with session.post(
                self._api_url,
                data=json.dumps({"query": call.operation.document, "variables": call.variables}).encode(),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                auth=_KeyAuth(self._key),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response)
        finally:
            _connections.used()
        if body is None:
            return errors.lost("too_large", mutates=call.operation.mutates)
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


def _lost(error: Exception, *, mutates: bool) -> ToolError:
    """The contract's error for a failure on the way. A request that never left this machine can be repeated."""
    causes = _causes(error)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.URLRequired)):
        return errors.refused("bad_address")
    if isinstance(error, (requests.exceptions.MissingSchema, urllib3.exceptions.LocationValueError)):
        return errors.refused("bad_address")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return errors.retryable("certificate")
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes):
        return errors.retryable("unreachable")
    if isinstance(error, requests.ConnectTimeout):
        return errors.retryable("unreachable")
    timed_out = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return errors.lost("timeout" if isinstance(error, timed_out) else "connection_lost", mutates=mutates)


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
