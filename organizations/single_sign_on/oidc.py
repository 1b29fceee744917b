"""OpenID Connect's authorization code flow with PKCE, as the side that relies on the provider.

What a provider says counts when its token is signed with a published key and made by this issuer, for this client, for
this very attempt (nonce), and has not expired: OpenID Connect Core 1.0, 3.1.3.7. A provider that has the e-mail address
in its user info alone is asked there, about the same subject.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.views.decorators.debug import sensitive_variables

from organizations.models import IdentityProvider
from organizations.single_sign_on import configuration, fetch
from organizations.single_sign_on.claims import LEEWAY, MOST_GROUPS, Claims, Invalid

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: what only this browser and the provider's answer to it know."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


def authorization_address(
    provider: IdentityProvider, attempt: Attempt, back: str, *, hint: str = "", is_fresh: bool = False
) -> str:
    """The provider's page that the browser is led to; it leads to `back`. `hint` is the address to offer there.

    `is_fresh`: ask who it is in any case.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    wants_groups = provider.groups_claim and provider.document.get("has_groups_scope")
    values = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid profile email groups" if wants_groups else "openid profile email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if hint:
        values["login_hint"] = hint
    if is_fresh:
        values |= {"prompt": "login", "max_age": "0"}
    address = str(provider.document["authorization_endpoint"])
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(values)}"


@sensitive_variables()
def claims_for(provider: IdentityProvider, attempt: Attempt, back: str, code: str) -> Claims:
    """Exchange a code for the person. Raises Invalid, fetch.NoAnswer, fetch.NotAllowed, fetch.Refused."""
    answer = _exchange(provider, attempt, back, code)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Invalid
    found = _verified(provider, token)
    nonce = found.get("nonce")
    if not isinstance(nonce, str) or not secrets.compare_digest(nonce.encode(), attempt.nonce.encode()):
        raise Invalid
    if "email" not in found and provider.document.get("userinfo_endpoint"):
        found = _with_user_info(provider, found, str(answer.get("access_token", "")))
    return _claims(provider, found)


@sensitive_variables()
def _exchange(provider: IdentityProvider, attempt: Attempt, back: str, code: str) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": attempt.verifier,
    }
    methods = provider.document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_post" in methods:
        fields |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        return fetch.post(provider.document["token_endpoint"], fields)
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return fetch.post(provider.document["token_endpoint"], fields, authorization=basic)


@sensitive_variables()
def _verified(provider: IdentityProvider, token: str) -> dict[str, Any]:
    try:
        key = _key(provider, jwt.get_unverified_header(token).get("kid"))
        found: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise Invalid from None
    audience = found["aud"]
    has_others = isinstance(audience, list) and len(audience) > 1
    if (has_others or "azp" in found) and found.get("azp") != provider.client_id:
        raise Invalid
    return found


def _key(provider: IdentityProvider, kid: object) -> Any:
    """The key that a token names, or the only one for a token that names none. Raises Invalid."""
    for _attempt in range(2):
        keys = [key for key in provider.keys if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
        found = [key for key in keys if key.get("kid") == kid] if kid is not None else keys
        if len(found) == 1:
            return jwt.PyJWK(found[0]).key
        if not configuration.read_keys_again(provider):
            break
    raise Invalid


@sensitive_variables()
def _with_user_info(provider: IdentityProvider, found: dict[str, Any], token: str) -> dict[str, Any]:
    info = fetch.get(provider.document["userinfo_endpoint"], token=token)
    if info.get("sub") != found["sub"]:
        raise Invalid
    return info | found


def _claims(provider: IdentityProvider, found: dict[str, Any]) -> Claims:
    groups = found.get(provider.groups_claim) if provider.groups_claim else None
    if isinstance(groups, str):
        groups = [groups]
    return Claims(
        subject=found["sub"],
        email=found["email"] if isinstance(found.get("email"), str) else "",
        is_email_denied=str(found.get("email_verified", True)).lower() != "true",
        name=found["name"] if isinstance(found.get("name"), str) else "",
        signed_in_at=found["auth_time"] if isinstance(found.get("auth_time"), int | float) else None,
        groups=tuple(group for group in groups if isinstance(group, str))[:MOST_GROUPS]
        if isinstance(groups, list)
        else None,
    )
