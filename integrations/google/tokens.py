"""Access tokens for Google, by google-auth: for a service account that acts as a person, or for a person's consent.

google-auth signs and reads; its requests go through `integrations.transport`, so that they have timeouts, a bounded
answer and the contract's errors, and are never repeated inside. Tokens live in this process only, for their hour.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn, Protocol

import requests
from google.auth import exceptions as google_errors
from google.auth import transport as google_transport
from google.oauth2 import credentials as person_credentials
from google.oauth2 import service_account
from requests.auth import AuthBase

from integrations.base import CredentialsRejected, Gone, Refused, Retryable, ToolError
from integrations.transport import Reply, Sending, retry_after, send

#: Seconds before its end at which a token is not used any more.
SPARE = 120.0
#: Tokens that one process keeps: a service account has one for each person it acts as.
MOST_TOKENS = 2000


class Token(AuthBase):
    """An access token that shows itself only to the request it is put into: in no repr, log, pickle or traceback."""

    __slots__ = ("_value", "ends_at", "scopes")

    def __init__(self, value: str, ends_at: float, scopes: frozenset[str] | None = None) -> None:
        self._value, self.ends_at, self.scopes = value, ends_at, scopes

    def __repr__(self) -> str:
        return "<access token>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("An access token is not to be pickled.")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._value}"
        return request


class Nothing(AuthBase):
    """No authorization: the request's body has it. Keeps requests from looking into ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class TokenSource(Protocol):
    """Gets tokens. `fetch` calls Google and raises `ToolError`s; `name` is equal for equal tokens, and no secret."""

    @property
    def name(self) -> str: ...

    def fetch(self) -> Token: ...


class _Store:
    """Tokens of this process by their source's name, the latest used last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, Token] = OrderedDict()

    def get(self, name: str) -> Token | None:
        with self._lock:
            token = self._tokens.get(name)
            if token is None or token.ends_at - SPARE < time.monotonic():
                return None
            self._tokens.move_to_end(name)
            return token

    def put(self, name: str, token: Token) -> None:
        with self._lock:
            self._tokens[name] = token
            while len(self._tokens) > MOST_TOKENS:
                self._tokens.popitem(last=False)

    def drop(self, name: str) -> None:
        with self._lock:
            self._tokens.pop(name, None)

    def clear(self) -> None:
        with self._lock:
            self._tokens.clear()


#: The tokens of this process.
store = _Store()


def token_of(source: TokenSource) -> Token:
    """A token that is good for two more minutes at least. Raises `ToolError`s."""
    known = store.get(source.name)
    if known is None:
        known = source.fetch()
        store.put(source.name, known)
    return known


def _name(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class ServiceAccountSource:
    """Tokens of a service account that acts as `subject`, a person of the Workspace.

    The address for tokens is never the one in the key, which anybody could have written there.
    """

    def __init__(self, key: str, subject: str, scopes: tuple[str, ...], url: str, timeout: tuple[float, float]) -> None:
        self._key, self._subject, self._scopes, self._url, self._timeout = key, subject, scopes, url, timeout

    @property
    def name(self) -> str:
        return _name("service account", self._key, self._subject, self._url, *self._scopes)

    def fetch(self) -> Token:
        account = _account(self._key, self._url).with_scopes(list(self._scopes)).with_subject(self._subject)
        return _refreshed(account, self._timeout, acts_for_many=True)


@lru_cache(maxsize=16)
def _account(key: str, url: str) -> Any:
    """The service account of a key, acting as nobody yet. To check a private key takes 25 ms, so it is kept."""
    info = parse_key(key)
    made: Any = None
    try:
        made = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            {**info, "token_uri": url}
        )
    except (ValueError, TypeError, google_errors.GoogleAuthError):
        made = None
    if made is None:
        raise CredentialsRejected("key_malformed")
    return made


class ConsentSource:
    """Tokens of a person who agreed, by their refresh token."""

    def __init__(self, refresh_token: str, client: tuple[str, str], url: str, timeout: tuple[float, float]) -> None:
        self._refresh_token, self._client, self._url, self._timeout = refresh_token, client, url, timeout
        #: The refresh token that took its place, where Google gave a new one.
        self.replaced_by = ""

    @property
    def name(self) -> str:
        return _name("consent", self._refresh_token, self._client[0], self._url)

    def fetch(self) -> Token:
        made = person_credentials.Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=self._refresh_token,
            token_uri=self._url,
            client_id=self._client[0],
            client_secret=self._client[1],
        )
        token = _refreshed(made, self._timeout, acts_for_many=False)
        if made.refresh_token and made.refresh_token != self._refresh_token:
            self.replaced_by = str(made.refresh_token)
        return token


def parse_key(text: str) -> dict[str, Any]:
    """The members of a service account's JSON key. Raises `CredentialsRejected` where it is none."""
    found: object = None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    names = ("client_email", "private_key")
    if not isinstance(found, dict) or found.get("type") != "service_account":
        raise CredentialsRejected("key_malformed")
    if not all(isinstance(found.get(name), str) and found[name] for name in names):
        raise CredentialsRejected("key_malformed")
    return found


class _Carrier(google_transport.Request):
    """Google-auth's way to send a request: ours. It returns good answers, and raises the contract's error for others.

    `scope`: the scopes that the answer names, which google-auth keeps for consents only.
    """

    def __init__(self, timeout: tuple[float, float], *, acts_for_many: bool) -> None:
        self._timeout, self._acts_for_many = timeout, acts_for_many
        self.scope: str | None = None

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> Any:
        del timeout, kwargs
        reply = post_form(url, body or b"", self._timeout, method=method, headers=headers)
        if isinstance(reply, ToolError):
            raise reply
        if (problem := token_problem(reply, acts_for_many=self._acts_for_many)) is not None:
            raise problem
        self.scope = _text(_body(reply).get("scope"))
        return _Response(reply)


class _Response(google_transport.Response):
    """An answer in google-auth's shape."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._reply.headers

    @property
    def data(self) -> bytes:
        return self._reply.body


def post_form(
    url: str,
    body: bytes,
    timeout: tuple[float, float],
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> Reply | ToolError:
    """The answer to a form, or the error to raise. Asking for a token twice harms nobody, so it counts as a read."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **(headers or {})}
    return send(Sending(method, url, Nothing(), body, sent), timeout)


def _refreshed(made: Any, timeout: tuple[float, float], *, acts_for_many: bool) -> Token:
    carrier = _Carrier(timeout, acts_for_many=acts_for_many)
    failed: ToolError | None = None
    began = time.monotonic()
    try:
        made.refresh(carrier)
    except ToolError as problem:
        failed = problem
    except (google_errors.GoogleAuthError, ValueError, KeyError, TypeError):
        failed = Retryable("unreadable")
    if failed is not None:
        # Without its traceback, whose frames hold the assertion or the refresh token.
        raise failed.with_traceback(None) from None
    # google-auth keeps a naive time in UTC.
    left = (made.expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds() if made.expiry else 0.0
    return Token(str(made.token), began + max(0.0, left), _scopes(carrier.scope))


def token_problem(reply: Reply, *, acts_for_many: bool) -> ToolError | None:
    """The error that the token address answered with; None where there is a token.

    `acts_for_many`: it was for one of many people, and an unknown one must not count as rejected credentials.
    """
    body = _body(reply)
    if reply.status == 200:
        return None if isinstance(body.get("access_token"), str) else Retryable("unreadable")
    if reply.status == 429 or reply.status >= 500:
        limited = reply.status == 429
        return Retryable(
            "rate_limited" if limited else "server_error", retry_after=retry_after(reply), rate_limited=limited
        )
    if 300 <= reply.status < 400:
        return Refused("wrong_address")
    return _rejection(_text(body.get("error")), _text(body.get("error_description")).lower(), acts_for_many)


def _rejection(error: str, description: str, acts_for_many: bool) -> ToolError:
    if error == "invalid_grant" and acts_for_many:
        if "email or user id" in description:
            return Gone("person_unknown")
        if "timeframe" in description or "short-lived" in description or "iat" in description:
            return CredentialsRejected("clock")
        return CredentialsRejected("key_rejected")
    if error == "invalid_grant":
        return CredentialsRejected("reconnect")
    if error in ("unauthorized_client", "access_denied", "invalid_scope", "admin_policy_enforced"):
        return CredentialsRejected("not_delegated" if acts_for_many else "reconnect")
    if error in ("invalid_client", "deleted_client", "disabled_client", "org_internal"):
        return CredentialsRejected("key_rejected" if acts_for_many else "client_rejected")
    return Retryable("unreadable") if not error else Refused("refused")


def _body(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _scopes(text: str | None) -> frozenset[str] | None:
    return frozenset(text.split()) if text else None
