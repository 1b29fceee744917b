"""HTTP to Google: one request per call, with an access token of the person it is made for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import structlog

from integrations.base import CredentialsRejected, Operation, Pacer, ToolError
from integrations.google.addresses import Addresses
from integrations.google.errors import Json, Unauthorized, judge
from integrations.google.tokens import Token, TokenSource, store, token_of
from integrations.transport import Reply, Sending, send

log = structlog.get_logger(__name__)

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `name` is for the log; everything that could name a person or an event stays out of the repr.

    `changes`: it may change something at Google. `if_match`: the version that an event must still have.
    """

    name: str
    method: str
    url: str = field(repr=False)
    query: Query = field(default_factory=dict, repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    if_match: str = field(default="", repr=False)
    changes: bool = False

    @property
    def operation(self) -> Operation:
        return "write" if self.changes else "read"


class Client:
    """Requests with the tokens of one source. Raises `ToolError`s only, and what the pacer raises."""

    def __init__(
        self,
        source: TokenSource,
        *,
        timeout: tuple[float, float],
        pacer: Pacer | None = None,
        fetched: Callable[[], None] | None = None,
    ) -> None:
        self._source, self._timeout, self._pacer = source, timeout, pacer
        self._fetched = fetched

    def token(self) -> Token:
        """A token that is good for the next requests."""
        token = token_of(self._source)
        if self._fetched is not None:
            self._fetched()
        return token

    def renew(self) -> None:
        """Get a new token in place of the one that is known, to learn whether there still are any."""
        store.drop(self._source.name)
        self.token()

    def run(self, ask: Ask) -> Json:
        """The answer's JSON object; empty where there is none to tell."""
        outcome = self._attempt(ask, self.token())
        if isinstance(outcome, Unauthorized):
            # A token can end before its time: with a new one it is known whether the access itself has ended.
            store.drop(self._source.name)
            outcome = self._attempt(ask, self.token())
        if isinstance(outcome, Unauthorized):
            store.drop(self._source.name)
            outcome = CredentialsRejected(outcome.code)
        if isinstance(outcome, ToolError):
            raise outcome
        return outcome

    def _attempt(self, ask: Ask, token: Token) -> Json | ToolError:
        if self._pacer is not None:
            self._pacer(ask.operation)
        began = time.monotonic()
        reply = send(_sending(ask, token), self._timeout)
        outcome = judge(reply, changes=ask.changes) if isinstance(reply, Reply) else reply
        log.info(
            "google_called",
            operation=ask.name,
            outcome=outcome.code if isinstance(outcome, ToolError) else "ok",
            status=reply.status if isinstance(reply, Reply) else None,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        return outcome


def _sending(ask: Ask, token: Token) -> Sending:
    headers = {"Accept": "application/json"}
    if ask.if_match:
        headers["If-Match"] = ask.if_match
    body = None
    if ask.body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(ask.body).encode()
    url = f"{ask.url}?{urlencode(ask.query, doseq=True)}" if ask.query else ask.url
    return Sending(ask.method, url, token, body, headers, ask.changes)


def events_url(addresses: Addresses, calendar: str, *parts: str) -> str:
    """The address of a calendar's events, or of one of them. Ids are quoted: a calendar's may have a slash or `#`."""
    return "/".join((addresses.calendar, "calendars", _quoted(calendar), "events", *map(_quoted, parts)))


def _quoted(part: str) -> str:
    return quote(part, safe="")
