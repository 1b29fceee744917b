"""Access tokens of Microsoft's identity platform: an app's own, and those of a person's consent (OAuth 2.0).

An access token is kept in memory for most of the hour that it is good for, under a hash of what it was got with. A
refresh token changes with use: the new one takes the old one's place in the stored credentials.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import requests
from django.conf import settings
from requests.auth import AuthBase

from integrations.base import CredentialsRejected, Refused, Retryable, ToolError
from integrations.calendar_entries import ConsentRequest, Credentials
from integrations.microsoft import errors, shapes
from integrations.transport import Reply, Sending, lost, retry_after, send

#: What a person is asked for. `offline_access` brings the refresh token.
CONSENT_SCOPES = ("offline_access", "User.Read", errors.CALENDARS)
#: All that an app's admin has consented to.
_APP_SCOPE = ".default"
#: Seconds before its end from which on a token is not used any more.
MARGIN = 300.0
MOST_KEPT = 2000

#: Numbers of Microsoft's errors (`error_codes`), which say more than its words.
_BY_NUMBER = {
    7000215: "secret_rejected",
    7000222: "secret_expired",
    7000216: "secret_rejected",
    700016: "client_unknown",
    90002: "tenant_unknown",
    900023: "tenant_unknown",
    65001: "admin_consent_missing",
}
_BY_WORD = {
    "invalid_client": "secret_rejected",
    "unauthorized_client": "client_unknown",
    "invalid_grant": "consent_expired",
    "interaction_required": "consent_expired",
    "consent_required": "consent_expired",
    "access_denied": "consent_denied",
    "invalid_scope": "admin_consent_missing",
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token until `ends_at` (monotonic). `permissions`: Microsoft's names of what it allows; None: not told."""

    value: str = field(repr=False)
    ends_at: float
    permissions: frozenset[str] | None = None


class Bearer(AuthBase):
    """Add the token. As an `auth`, and not a header, it also keeps requests from looking into ~/.netrc."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.value}"
        return request


class _NoAuth(AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


_kept: dict[str, AccessToken] = {}
_lock = threading.Lock()


def forget_all() -> None:
    """Forget every access token in memory."""
    with _lock:
        _kept.clear()


class Tokens:
    """The access tokens of one connection. `keep` is called with credentials that took the place of those given."""

    def __init__(self, credentials: Credentials, keep: Callable[[Credentials], None] | None = None) -> None:
        self._credentials = dict(credentials)
        self._keep = keep

    @property
    def is_app(self) -> bool:
        """Whether they are an app's own, for a whole organization."""
        return "refresh_token" not in self._credentials

    def token(self) -> AccessToken:
        """One that is good for some minutes. Raises `ToolError`s."""
        with _lock:
            kept = _kept.get(self._key())
        return kept if kept is not None and kept.ends_at > time.monotonic() else self._new()

    def renew(self, used: AccessToken) -> AccessToken:
        """Another one, after Graph did not accept this one."""
        with _lock:
            if _kept.get(self._key()) == used:
                del _kept[self._key()]
        return self.token()

    def _new(self) -> AccessToken:
        answer = _ask(self._tenant(), self._form())
        if not self.is_app and (refreshed := shapes.text(answer.get("refresh_token"))):
            changed = refreshed != self._credentials["refresh_token"]
            self._credentials["refresh_token"] = refreshed
            if changed and self._keep is not None:
                self._keep(dict(self._credentials))
        token = _token(answer)
        with _lock:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[self._key()] = token
        return token

    def _tenant(self) -> str:
        return self._credentials.get("tenant_id", "") if self.is_app else str(settings.MICROSOFT_TENANT)

    def _form(self) -> dict[str, str]:
        if not self.is_app:
            scope = " ".join(_scopes(CONSENT_SCOPES))
            form = {"grant_type": "refresh_token", "refresh_token": self._credentials["refresh_token"], "scope": scope}
            return form | _own_client()
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.get("client_id", ""),
            "client_secret": self._credentials.get("client_secret", ""),
            "scope": " ".join(_scopes((_APP_SCOPE,))),
        }

    def _key(self) -> str:
        known = json.dumps([settings.MICROSOFT_LOGIN_URL, settings.MICROSOFT_GRAPH_URL, self._credentials])
        return hashlib.sha256(known.encode()).hexdigest()


def consent_is_offered() -> bool:
    """Whether this installation has an app that people can consent to."""
    return bool(settings.MICROSOFT_CLIENT_ID and settings.MICROSOFT_CLIENT_SECRET)


def consent_address(request: ConsentRequest) -> str:
    """Microsoft's page on which a person consents. They choose the account there, whichever is signed in."""
    asked = {
        "client_id": settings.MICROSOFT_CLIENT_ID,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": request.back,
        "scope": " ".join(_scopes(CONSENT_SCOPES)),
        "state": request.state,
        "code_challenge": request.challenge,
        "code_challenge_method": "S256",
        "prompt": "select_account",
    } | ({"login_hint": request.hint} if request.hint else {})
    return f"{_authority(str(settings.MICROSOFT_TENANT))}/authorize?{urlencode(asked)}"


def exchange(code: str, verifier: str, back: str) -> Credentials:
    """The credentials for a consent's code. Raises `ToolError`s; without a refresh token they would end in an hour."""
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": back}
    scope = {"scope": " ".join(_scopes(CONSENT_SCOPES))}
    answer = _ask(str(settings.MICROSOFT_TENANT), form | scope | _own_client())
    refreshed = shapes.text(answer.get("refresh_token"))
    if not refreshed:
        raise errors.rejected("consent_lost")
    return {"refresh_token": refreshed}


def _own_client() -> dict[str, str]:
    return {"client_id": str(settings.MICROSOFT_CLIENT_ID), "client_secret": str(settings.MICROSOFT_CLIENT_SECRET)}


def _scopes(names: tuple[str, ...]) -> list[str]:
    """Names as the token endpoint wants them: those of Graph begin with its address, OpenID's own do not."""
    parts = str(settings.MICROSOFT_GRAPH_URL).split("/")
    graph = "/".join(parts[:3])
    return [name if name == "offline_access" else f"{graph}/{name}" for name in names]


def _authority(tenant: str) -> str:
    return f"{settings.MICROSOFT_LOGIN_URL}/{quote(tenant, safe='')}/oauth2/v2.0"


def _ask(tenant: str, form: Mapping[str, str]) -> shapes.Json:
    """The answer of the token endpoint, with an access token in it. Asking twice harms nobody."""
    if not tenant:
        raise errors.rejected("tenant_unknown")
    silence = float(settings.CALENDAR_TIMEOUT)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    sending = Sending("POST", f"{_authority(tenant)}/token", _NoAuth(), urlencode(form).encode(), headers)
    reply = send(sending, (min(5.0, silence), silence))
    outcome = _judge(reply) if isinstance(reply, Reply) else reply
    if isinstance(outcome, ToolError):
        raise outcome
    return outcome


def _judge(reply: Reply) -> shapes.Json | ToolError:
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        document = None
    answer: dict[str, object] = document if isinstance(document, dict) else {}
    if reply.status == 200:
        value = shapes.text(answer.get("access_token"))
        return answer if value.isascii() and value.isprintable() and value else Retryable("unreadable")
    if reply.status == 429 or answer.get("error") == "temporarily_unavailable":
        return Retryable("rate_limited", retry_after=retry_after(reply), rate_limited=True)
    if reply.status >= 500 or reply.status == 408:
        return lost("server_error", changes=False, retry_after=retry_after(reply))
    if not isinstance(answer.get("error"), str):
        return Retryable("wrong_address")
    return _refusal(answer)


def _refusal(answer: Mapping[str, object]) -> ToolError:
    numbers = answer.get("error_codes")
    known = [_BY_NUMBER[one] for one in numbers if one in _BY_NUMBER] if isinstance(numbers, list) else []
    code = known[0] if known else _BY_WORD.get(shapes.text(answer.get("error")))
    return Refused("refused") if code is None else CredentialsRejected(code)


def _token(answer: Mapping[str, object]) -> AccessToken:
    value, seconds = shapes.text(answer.get("access_token")), answer.get("expires_in")
    known = float(seconds) if isinstance(seconds, (int, float)) and 0 < seconds < 1e6 else 600.0
    return AccessToken(value, time.monotonic() + max(known - MARGIN, 0.0), _permissions(value, answer))


def _permissions(token: str, answer: Mapping[str, object]) -> frozenset[str] | None:
    """Names of what the token allows: the answer's `scope`, or the `roles` of an app's token, where it can be read.

    Microsoft does not promise that its tokens can be read, so nothing is decided by it but what a page shows.
    """
    names = shapes.text(answer.get("scope")).split() or _roles(token)
    return frozenset(name.rpartition("/")[2] for name in names) if names else None


def _roles(token: str) -> list[str]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        roles = claims.get("roles")
    except (IndexError, ValueError, AttributeError, RecursionError, binascii.Error):
        return []
    return [shapes.text(role) for role in roles] if isinstance(roles, list) else []
