"""Google's side of signing in: service accounts, consents, and the tokens they get."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from integrations.sandbox.calendars.world import World
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.rendering import Form

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: The audience that google-auth writes into assertions, wherever it sends them.
GOOGLES_OWN = "https://oauth2.googleapis.com/token"
#: Seconds that an access token lives, and that a code may wait to be exchanged.
TOKEN_SECONDS, CODE_SECONDS = 3599, 600
#: The account of trials: any key is taken for it.
TRIAL_ACCOUNT = "panelist@trial.iam.gserviceaccount.com"

_SCOPE = "https://www.googleapis.com/auth/"
EVENTS, FREE_BUSY = f"{_SCOPE}calendar.events", f"{_SCOPE}calendar.freebusy"
CALENDAR_LIST, ROOMS = f"{_SCOPE}calendar.calendarlist.readonly", f"{_SCOPE}admin.directory.resource.calendar.readonly"
SCOPES = frozenset({EVENTS, FREE_BUSY, CALENDAR_LIST, ROOMS})


@dataclass(frozen=True, slots=True)
class Grant:
    """The meaning of a token: a person's address, the account that it was made for, and scopes."""

    subject: str
    account: str
    scopes: frozenset[str]
    ends_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Code:
    """A person's consent on its way back to the client that asked."""

    subject: str
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    ends_at: float


class Denied(Exception):
    """The token address says no: an OAuth error and its description."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status

    def answer(self) -> Answer:
        """The answer."""
        return json_answer(self.status, {"error": self.error, "error_description": self.description})


class Accounts:
    """Keys, consents and tokens. `delegated`: the scopes that service accounts may ask for, for every person.
    `renews_refresh_tokens`: each use of a refresh token gives a new one.

    Refresh tokens are kept with the world, as a connection outlives a restart; access tokens are not.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.delegated: frozenset[str] = SCOPES
        self.renews_refresh_tokens = False
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        self._tokens: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}
        self._consents = {row["token"]: row for row in world.journal.load("google_consent")}

    def make_service_account(self, email: str = "") -> str:
        """A new service account's key, as Google Cloud gives it. Its address for tokens is not to be used."""
        email = email or f"panelist-{secrets.token_hex(4)}@project.iam.gserviceaccount.com"
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._keys[email] = key.public_key()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "project",
                "private_key_id": secrets.token_hex(20),
                "private_key": pem.decode(),
                "client_email": email,
                "client_id": "100000000000000000000",
                "token_uri": "http://127.0.0.1:9/elsewhere",
            }
        )

    def delete_service_account(self, email: str) -> None:
        """Its key and its tokens end."""
        self._keys.pop(email, None)
        self._tokens = {token: grant for token, grant in self._tokens.items() if grant.account != email}

    def consent_of(self, subject: str, client_id: str = "client", scopes: frozenset[str] = SCOPES - {ROOMS}) -> str:
        """A refresh token, as if the person had agreed."""
        token = f"1//{secrets.token_urlsafe(40)}"
        row = {"token": token, "subject": subject.lower(), "client_id": client_id, "scopes": sorted(scopes)}
        self._consents[token] = row
        self._world.journal.put("google_consent", token, row)
        return token

    def revoke(self, subject: str) -> None:
        """End the person's consents and tokens, as the person could by hand."""
        for token in [token for token, row in self._consents.items() if row["subject"] == subject.lower()]:
            self.forget(token)

    def forget(self, token: str) -> bool:
        """End one consent by its refresh token, with the access tokens of its person. False where there is none."""
        row = self._consents.pop(token, None)
        if row is None:
            return False
        self._world.journal.remove("google_consent", token)
        kept = {name: grant for name, grant in self._tokens.items() if grant.subject != row["subject"]}
        self._tokens = kept
        return True

    def end_access_tokens(self) -> None:
        """Access tokens end before their time."""
        self._tokens.clear()

    def grant_of(self, authorization: str | None) -> Grant | None:
        """The grant of an Authorization header; None for a token that is unknown or has ended."""
        scheme, _, token = (authorization or "").partition(" ")
        grant = self._tokens.get(token.strip()) if scheme.casefold() == "bearer" else None
        return grant if grant is not None and grant.ends_at > time.monotonic() else None

    def agree(self, subject: str, asked: Form, scopes: frozenset[str]) -> str:
        """The code for a consent that a person gave on the page."""
        code = f"4/{secrets.token_urlsafe(30)}"
        self._codes[code] = Code(
            subject.lower(),
            asked["client_id"],
            asked["redirect_uri"],
            asked["code_challenge"],
            scopes,
            time.monotonic() + CODE_SECONDS,
        )
        return code

    def token(self, form: Form, url: str) -> Answer:
        """The answer of the token address, which is at `url`."""
        try:
            match form["grant_type"]:
                case "refresh_token":
                    return self._refreshed(form)
                case "authorization_code":
                    return self._exchanged(form)
                case kind if kind == JWT_BEARER:
                    return self._asserted(form["assertion"], url)
            raise Denied("unsupported_grant_type", f"Invalid grant_type: {form['grant_type']}")
        except Denied as problem:
            return problem.answer()

    def _asserted(self, assertion: str, url: str) -> Answer:
        """A token for a service account's signed assertion (RFC 7523), which names the person it acts as."""
        claims = self._claims(assertion)
        now = time.time()
        if claims.get("aud") not in (url, GOOGLES_OWN):
            raise Denied("invalid_grant", "Invalid JWT: wrong audience.")
        if not (isinstance(claims.get("iat"), int | float) and isinstance(claims.get("exp"), int | float)):
            raise Denied("invalid_grant", "Invalid JWT: iat and exp are required.")
        if claims["exp"] - claims["iat"] > 3600 or claims["exp"] < now or claims["iat"] > now + 300:
            raise Denied(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
            )
        scopes = frozenset(str(claims.get("scope", "")).split())
        subject = str(claims.get("sub") or claims["iss"]).lower()
        if not scopes or not scopes <= self.delegated or not self._is_inside(subject, str(claims["iss"])):
            raise Denied(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                "of the scopes requested.",
                401,
            )
        if claims.get("sub") and (subject not in self._world.people or self._world.people[subject].is_room):
            raise Denied("invalid_grant", "Invalid email or User ID")
        return self._issue(Grant(subject, str(claims["iss"]), scopes))

    def _is_inside(self, subject: str, account: str) -> bool:
        """Whether the address is of the Workspace. Of others Google says that nothing is delegated."""
        return subject == account or subject.rpartition("@")[2] in {
            address.rpartition("@")[2] for address in self._world.people
        }

    def _claims(self, assertion: str) -> dict[str, Any]:
        """The claims of an assertion whose signature fits its issuer's key."""
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
            issuer = claims["iss"]
            if header.get("alg") != "RS256" or header.get("typ", "JWT") != "JWT":
                raise Denied("invalid_grant", "Invalid JWT: only RS256 is supported.")
            if issuer != TRIAL_ACCOUNT:
                if issuer not in self._keys:
                    raise Denied("invalid_grant", "Invalid grant: account not found")
                signed = f"{head}.{body}".encode()
                self._keys[issuer].verify(_decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Denied("invalid_grant", "Invalid JWT Signature.") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Denied("invalid_request", "Bad Request") from None
        return dict(claims)

    def _refreshed(self, form: Form) -> Answer:
        row = self._consents.get(form["refresh_token"])
        if not form["client_id"] or not form["client_secret"]:
            raise Denied("invalid_client", "The OAuth client was not found.", 401)
        if row is None or row["client_id"] not in ("client", form["client_id"]):
            raise Denied("invalid_grant", "Token has been expired or revoked.")
        grant = Grant(row["subject"], row["client_id"], frozenset(row["scopes"]))
        if not self.renews_refresh_tokens:
            return self._issue(grant)
        return self._issue(grant, refresh_token=self.consent_of(grant.subject, grant.account, grant.scopes))

    def _exchanged(self, form: Form) -> Answer:
        code = self._codes.pop(form["code"], None)
        if not form["client_secret"]:
            raise Denied("invalid_client", "Unauthorized", 401)
        if code is None or code.ends_at < time.monotonic():
            raise Denied("invalid_grant", "Malformed auth code.")
        if (code.client_id, code.redirect_uri) != (form["client_id"], form["redirect_uri"]):
            raise Denied("invalid_grant" if code.client_id == form["client_id"] else "invalid_client", "Bad Request")
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, code.challenge):
            raise Denied("invalid_grant", "Invalid code verifier.")
        refresh = self.consent_of(code.subject, code.client_id, code.scopes)
        return self._issue(Grant(code.subject, code.client_id, code.scopes), refresh_token=refresh)

    def _issue(self, grant: Grant, **more: str) -> Answer:
        token = f"ya29.{secrets.token_urlsafe(40)}"
        ends_at = time.monotonic() + TOKEN_SECONDS
        self._tokens[token] = Grant(grant.subject, grant.account, grant.scopes, ends_at)
        body = {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        return json_answer(200, {**body, "scope": " ".join(sorted(grant.scopes)), **more})


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
