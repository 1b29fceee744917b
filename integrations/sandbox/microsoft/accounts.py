"""Microsoft's identity platform in the sandbox: the app's secrets, people's consents, and their tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from integrations.sandbox.calendars.world import World
from integrations.sandbox.directory import digest_of
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.rendering import HEADERS, Form, message, page

#: The one directory and the one app in it; also the client of consents.
TENANT = "5a4d0000-0000-4000-8000-000000000001"
CLIENT = "5a4d0000-0000-4000-8000-000000000002"
#: Tenants that stand for any directory.
ANY_TENANT = ("organizations", "common")
#: Seconds that an access token lives, and that a code may wait to be exchanged.
TOKEN_SECONDS, CODE_SECONDS = 3599, 600
PERMISSIONS = frozenset({"Calendars.ReadWrite", "Place.Read.All", "User.ReadBasic.All", "Organization.Read.All"})
CONSENT = frozenset({"Calendars.ReadWrite", "User.Read"})


@dataclass(frozen=True, slots=True)
class Grant:
    """The meaning of an access token. `person` is empty for an app's own."""

    person: str
    permissions: frozenset[str]
    ends_at: float

    @property
    def is_app(self) -> bool:
        return not self.person


@dataclass(frozen=True, slots=True)
class Code:
    """A person's consent on its way back to the client that asked."""

    person: str
    redirect: str
    challenge: str
    ends_at: float


class Accounts:
    """Secrets, consents and tokens. `permissions`: those that an admin has consented to for the app.

    Refresh tokens and secrets outlive a restart, as connections do; access tokens do not.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._journal = world.journal
        self.permissions: frozenset[str] = PERMISSIONS
        self.expired_secrets: set[str] = set()
        self._tokens: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}
        self._secrets = {row["digest"] for row in self._journal.load("microsoft_secret")}
        self._consents = {row["token"]: row["person"] for row in self._journal.load("microsoft_consent")}

    def make_secret(self, secret: str = "") -> str:
        """A client secret of the app."""
        secret = secret or secrets.token_urlsafe(30)
        self._secrets.add(digest_of(secret))
        self._journal.put("microsoft_secret", digest_of(secret), {"digest": digest_of(secret)})
        return secret

    def consent_of(self, person: str) -> str:
        """A refresh token, as if the person had agreed."""
        token = f"0.A{secrets.token_urlsafe(40)}"
        self._consents[token] = person.lower()
        self._journal.put("microsoft_consent", token, {"token": token, "person": person.lower()})
        return token

    def revoke(self, person: str) -> None:
        """End the person's consents and tokens, as they or an admin could by hand."""
        for token in [token for token, owner in self._consents.items() if owner == person.lower()]:
            del self._consents[token]
            self._journal.remove("microsoft_consent", token)
        self._tokens = {token: grant for token, grant in self._tokens.items() if grant.person != person.lower()}

    def end_access_tokens(self) -> None:
        """Access tokens end before their time."""
        self._tokens.clear()

    def grant_of(self, authorization: str | None) -> Grant | None:
        """The grant of an Authorization header; None for a token that is unknown or has ended."""
        scheme, _, token = (authorization or "").partition(" ")
        grant = self._tokens.get(token.strip()) if scheme.casefold() == "bearer" else None
        return grant if grant is not None and grant.ends_at > time.monotonic() else None

    # The token endpoint

    def token(self, tenant: str, form: Form) -> Answer:
        """The answer of the token endpoint of a tenant."""
        if tenant.lower() not in (TENANT, *ANY_TENANT):
            return _error("invalid_request", 90002, f"Tenant '{tenant}' not found.")
        if form["client_id"].lower() != CLIENT:
            return _error("unauthorized_client", 700016, "Application was not found in the directory.")
        if form["client_secret"] in self.expired_secrets:
            return _error("invalid_client", 7000222, "The provided client secret keys are expired.", 401)
        if digest_of(form["client_secret"]) not in self._secrets:
            return _error("invalid_client", 7000215, "Invalid client secret provided.", 401)
        match form["grant_type"]:
            case "client_credentials":
                return self._own(form)
            case "refresh_token":
                return self._refreshed(form)
            case "authorization_code":
                return self._exchanged(form)
        return _error("unsupported_grant_type", 70003, "The grant type is not supported.")

    def _own(self, form: Form) -> Answer:
        if not form["scope"].endswith("/.default"):
            return _error("invalid_scope", 1002012, "The provided value for scope is not valid.")
        claims = json.dumps({"roles": sorted(self.permissions), "tid": TENANT, "jti": secrets.token_hex(8)}).encode()
        value = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{secrets.token_urlsafe(16)}"
        return self._answer(value, Grant("", self.permissions, time.monotonic() + TOKEN_SECONDS))

    def _refreshed(self, form: Form) -> Answer:
        """New tokens. The old refresh token stays good, as Microsoft's do."""
        person = self._consents.get(form["refresh_token"])
        if person is None:
            return _error("invalid_grant", 50173, "The provided grant has expired due to it being revoked.")
        return self._consented(person)

    def _exchanged(self, form: Form) -> Answer:
        code = self._codes.pop(form["code"], None)
        verifier = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if code is None or code.ends_at < time.monotonic() or code.redirect != form["redirect_uri"]:
            return _error("invalid_grant", 70008, "The provided authorization code has expired or was used before.")
        if verifier.rstrip("=") != code.challenge:
            return _error("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        return self._consented(code.person)

    def _consented(self, person: str) -> Answer:
        more = {"refresh_token": self.consent_of(person), "scope": " ".join(sorted(CONSENT))}
        value = secrets.token_urlsafe(40)
        return self._answer(value, Grant(person, CONSENT, time.monotonic() + TOKEN_SECONDS), **more)

    def _answer(self, value: str, grant: Grant, **more: str) -> Answer:
        self._tokens[value] = grant
        whole = {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "ext_expires_in": TOKEN_SECONDS}
        return json_answer(200, {**whole, "access_token": value, **more})

    # The page of consent

    def consent_page(self, tenant: str, asked: Form) -> Answer:
        """The page on which a person picks their account and agrees, or what is wrong with the request."""
        if problem := _problem(tenant, asked):
            return message("Sorry, but we're having trouble signing you in.", problem, 400)
        people = sorted((each for each in self._world.people.values() if not each.is_room), key=lambda each: each.name)
        names = ("client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method")
        answer = page(
            "microsoft_consent.html",
            "Permissions requested",
            action=f"/microsoft/login/{tenant}/consent",
            asked={name: asked[name] for name in (*names, "response_type")},
            people=people,
            hint=asked["login_hint"].lower(),
            scopes=[name for name in asked["scope"].split() if name != "offline_access"],
        )
        # Browsers hold redirects of forms to the page's policy.
        parts = urlsplit(asked["redirect_uri"])
        policy = answer.headers["Content-Security-Policy"]
        allowed = policy.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
        answer.headers["Content-Security-Policy"] = allowed
        return answer

    def consented(self, tenant: str, form: Form) -> Answer:
        """The way back to the client, with a code or with the person's no."""
        if problem := _problem(tenant, form):
            return message("Sorry, but we're having trouble signing you in.", problem, 400)
        if form["answer"] != "accept" or form["account"].lower() not in self._world.people:
            return _back(form["redirect_uri"], error="access_denied", state=form["state"])
        code = f"0.B{secrets.token_urlsafe(30)}"
        ends_at = time.monotonic() + CODE_SECONDS
        self._codes[code] = Code(form["account"].lower(), form["redirect_uri"], form["code_challenge"], ends_at)
        return _back(form["redirect_uri"], code=code, state=form["state"])


def _problem(tenant: str, asked: Form) -> str:
    if tenant.lower() not in (TENANT, *ANY_TENANT):
        return f"AADSTS90002: Tenant '{tenant}' not found."
    if asked["client_id"].lower() != CLIENT:
        return "AADSTS700016: Application was not found in the directory."
    if urlsplit(asked["redirect_uri"]).scheme not in ("http", "https"):
        return "AADSTS50011: The redirect URI specified in the request does not match."
    if asked["response_type"] != "code" or not asked["scope"]:
        return "AADSTS900144: The request must contain a scope and a response type."
    if asked["code_challenge_method"] != "S256" or len(asked["code_challenge"]) != 43:
        return "AADSTS501491: Invalid size of code_challenge."
    return ""


def _back(redirect_uri: str, **query: str) -> Answer:
    location = f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(query)}"
    return Answer(303, headers={**HEADERS, "Location": location})


def _error(word: str, number: int, text: str, status: int = 400) -> Answer:
    more = {"error_codes": [number], "timestamp": "2026-01-01 00:00:00Z", "trace_id": "0", "correlation_id": "0"}
    return json_answer(status, {"error": word, "error_description": f"AADSTS{number}: {text}", **more})
