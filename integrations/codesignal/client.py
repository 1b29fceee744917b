"""HTTP to CodeSignal: one POST per call, never repeated.

Errors are raised after their cause's handler has ended: a traceback holds the request, with the key and the candidate's
data.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import requests
import structlog
from requests.auth import AuthBase

from integrations.base import Pacer, ToolError
from integrations.codesignal import errors
from integrations.codesignal.answers import Json, judge
from integrations.codesignal.queries import Operation
from integrations.transport import DEFAULT_TIMEOUT, Reply, Sending, send

log = structlog.get_logger(__name__)

_KEY = re.compile(r"[\x21-\x7e]+")


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
        reply = self._post(call)
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
        document = {"query": call.operation.document, "variables": call.variables}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        sending = Sending(
            "POST",
            self._api_url,
            _KeyAuth(self._key),
            json.dumps(document).encode(),
            headers,
            changes=call.operation.mutates,
        )
        return send(sending, self._timeout)
