"""HTTP to Microsoft Graph: one request at a time, each paced and with timeouts.

Every request asks for immutable ids, because others change when an item moves, and for times in UTC.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import structlog

from integrations.base import CredentialsRejected, Pacer, Retryable, ToolError
from integrations.microsoft.answers import judge
from integrations.microsoft.shapes import Json, objects, text, unreadable
from integrations.microsoft.tokens import AccessToken, Bearer, Tokens
from integrations.transport import Reply, Sending, send

log = structlog.get_logger(__name__)

#: Pages of one list: more than any calendar has, so that a vendor that never ends does not keep a worker.
MOST_PAGES = 200
#: Entries of a page. A page of 200 events with long texts is about 1 MB.
PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` begins behind the API's address, or is a whole address that Graph gave.

    `name` is for the log. `changes`: it may change something; posting alone does not (getSchedule).
    """

    name: str
    method: str
    path: str = field(repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    version: str = ""
    changes: bool = False
    has_token: bool = False
    page_size: int = 0


class Client:
    """Calls of Graph with one connection's tokens.

    `pacer` is called before each request to Graph and returns when it may be sent; what it raises passes through.
    Tokens come from another service, whose limits are not Graph's, so requests for them are not paced.
    """

    def __init__(self, tokens: Tokens, graph_url: str, *, timeout: float, pacer: Pacer | None = None) -> None:
        self._tokens = tokens
        self._graph_url = graph_url
        self._timeout = (min(5.0, timeout), timeout)
        self._pacer = pacer

    def run(self, call: Call) -> Json:
        """The answer's object, with its shape unchecked. Raises `ToolError`s only (and what the pacer raises).

        A 401 may mean that the token ended early: Graph did nothing, and the request is sent once more with another.
        """
        token = self._tokens.token()
        outcome = self._attempt(call, token)
        if isinstance(outcome, CredentialsRejected):
            outcome = self._attempt(call, self._tokens.renew(token))
        if isinstance(outcome, ToolError):
            raise outcome
        return outcome

    def pages(self, call: Call, *, most: int = MOST_PAGES) -> Iterator[Json]:
        """All pages of a list. Raises `Retryable` where there are more than `most`, or one is no page."""
        for _ in range(most):
            page = self.run(call)
            items = page.get("value")
            if not isinstance(items, list) or len(objects(items)) != len(items):
                raise unreadable()
            yield page
            following = page.get("@odata.nextLink")
            if following is None:
                return
            call = replace(call, path=text(following) or "-")
        raise Retryable("too_large")

    def _attempt(self, call: Call, token: AccessToken) -> Json | ToolError:
        if self._pacer is not None:
            self._pacer("write" if call.changes else "read")
        began = time.monotonic()
        reply = self._send(call, token)
        outcome = judge(reply, changes=call.changes, has_token=call.has_token) if isinstance(reply, Reply) else reply
        log.info(
            "microsoft_called",
            operation=call.name,
            outcome=outcome.code if isinstance(outcome, ToolError) else "ok",
            status=reply.status if isinstance(reply, Reply) else None,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        return outcome

    def _send(self, call: Call, token: AccessToken) -> Reply | ToolError:
        url = self._address(call.path)
        if url is None:
            return Retryable("unreadable")
        prefer = ['IdType="ImmutableId"', 'outlook.timezone="UTC"', 'outlook.body-content-type="text"']
        if call.page_size:
            prefer.append(f"odata.maxpagesize={call.page_size}")
        headers = {"Accept": "application/json", "Prefer": ", ".join(prefer)}
        body = None
        if call.body is not None:
            body = json.dumps(call.body).encode()
            headers["Content-Type"] = "application/json"
        if call.version:
            headers["If-Match"] = call.version
        return send(Sending(call.method, url, Bearer(token), body, headers, changes=call.changes), self._timeout)

    def _address(self, path: str) -> str | None:
        """The whole address. None for one that leads elsewhere: the token goes to Graph alone."""
        if path.startswith("/"):
            return self._graph_url + path
        try:
            given, own = urlsplit(path), urlsplit(self._graph_url)
        except ValueError:
            return None
        return path if (given.scheme, given.netloc) == (own.scheme, own.netloc) else None
