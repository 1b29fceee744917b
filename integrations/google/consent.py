"""A person's consent at Google: OAuth 2.0, code flow with PKCE, for lasting access."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.conf import settings

from integrations.base import CredentialsRejected, Refused, Retryable, ToolError
from integrations.calendar_entries import Consent, ConsentRequest, Credentials
from integrations.google.addresses import PERSON_SCOPES, SCOPE_LIST, addresses
from integrations.google.calendar import timeout_of_settings
from integrations.google.tokens import post_form, token_problem


def is_offered() -> bool:
    """Whether this installation has a client at Google."""
    return bool(settings.GOOGLE_CLIENT_ID and settings.GOOGLE_CLIENT_SECRET)


def address(request: ConsentRequest) -> str:
    """The address of Google's page of consent. `prompt=consent` makes Google give a refresh token each time."""
    query = {
        "client_id": str(settings.GOOGLE_CLIENT_ID),
        "redirect_uri": request.back,
        "response_type": "code",
        "scope": " ".join(PERSON_SCOPES),
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "false",
        "state": request.state,
        "code_challenge": request.challenge,
        "code_challenge_method": "S256",
    }
    if request.hint:
        query["login_hint"] = request.hint
    return f"{addresses().consent}?{urlencode(query)}"


def exchange(code: str, verifier: str, back: str) -> Credentials:
    """The credentials for a code. Raises `Refused` where the person has to start again."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": back,
        "client_id": str(settings.GOOGLE_CLIENT_ID),
        "client_secret": str(settings.GOOGLE_CLIENT_SECRET),
    }
    outcome = _exchanged(form)
    if isinstance(outcome, ToolError):
        raise outcome
    return outcome


def _exchanged(form: dict[str, str]) -> Credentials | ToolError:
    reply = post_form(addresses().token, urlencode(form).encode(), timeout_of_settings())
    if isinstance(reply, ToolError):
        return reply
    problem = token_problem(reply, acts_for_many=False)
    if isinstance(problem, CredentialsRejected) and problem.code == "reconnect":
        return Refused("consent_failed")  # the code is too old, or was used: there is nothing to connect anew yet
    if problem is not None:
        return problem
    try:
        body = json.loads(reply.body)
    except ValueError:
        return Retryable("unreadable")
    if not isinstance(body.get("refresh_token"), str) or SCOPE_LIST not in str(body.get("scope", SCOPE_LIST)):
        return Refused("consent_incomplete")
    return {"refresh_token": body["refresh_token"]}


def revoke(credentials: Credentials) -> None:
    """Ask Google to forget the person's consent. One that has ended already is success."""
    token = credentials.get("refresh_token", "")
    if not token:
        return  # a service account's access is ended in the Workspace's admin console
    reply = post_form(addresses().revoke, urlencode({"token": token}).encode(), timeout_of_settings())
    if isinstance(reply, ToolError):
        raise reply
    if reply.status == 429 or reply.status >= 500:
        raise Retryable("server_error")


CONSENT = Consent(is_offered, address, exchange)
