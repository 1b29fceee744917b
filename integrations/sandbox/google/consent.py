"""Google's page of consent: a person picks their account and agrees, or does not."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from integrations.sandbox.calendars.world import World
from integrations.sandbox.gateway import Answer
from integrations.sandbox.google.accounts import SCOPES, Accounts
from integrations.sandbox.rendering import HEADERS, Form, message, page
from integrations.sandbox.server import Request

WORDS = {
    "calendar.events": "View and edit events on all your calendars",
    "calendar.freebusy": "View your availability in your calendars",
    "calendar.calendarlist.readonly": "See the list of your calendars",
}
#: What goes from the page's address through its form.
ASKED = ("client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method", "response_type")


def problem_of(asked: Form) -> str:
    """The fault of a request for consent; empty where there is none."""
    if not asked["client_id"]:
        return "Error 401: invalid_client"
    if urlsplit(asked["redirect_uri"]).scheme not in ("http", "https"):
        return "Error 400: redirect_uri_mismatch"
    scopes = set(asked["scope"].split())
    if asked["response_type"] != "code" or not scopes or not scopes <= SCOPES:
        return "Error 400: invalid_scope"
    if asked["code_challenge_method"] != "S256" or len(asked["code_challenge"]) != 43:
        return "Error 400: invalid_request"
    return ""


def consent_page(world: World, asked: Form) -> Answer:
    """The page, or what is wrong with the request."""
    if problem := problem_of(asked):
        return message("Access blocked", problem, 400)
    people = [each for each in world.people.values() if not each.is_room]
    answer = page(
        "consent.html",
        "Choose an account",
        asked={name: asked[name] for name in ASKED},
        people=sorted(people, key=lambda each: each.name),
        hint=asked["login_hint"].lower(),
        scopes={scope: WORDS.get(scope.rpartition("/auth/")[2], scope) for scope in asked["scope"].split()},
    )
    return _that_leads_to(answer, asked["redirect_uri"])


def consent_given(accounts: Accounts, world: World, request: Request, form: Form, base_url: str) -> Answer:
    """The way back to the client, with a code, or with the person's no."""
    from integrations.sandbox.routes import from_own_pages

    if not from_own_pages(request, base_url):
        return message("Refused", "This form was sent by another site.", 403)
    if problem := problem_of(form):
        return message("Access blocked", problem, 400)
    granted = frozenset(form["granted"].split()) & frozenset(form["scope"].split())
    if form["answer"] != "agree" or form["account"].lower() not in world.people:
        return _back(form["redirect_uri"], error="access_denied", state=form["state"])
    code = accounts.agree(form["account"], form, granted)
    return _back(form["redirect_uri"], code=code, state=form["state"], scope=" ".join(sorted(granted)))


def _back(redirect_uri: str, **query: str) -> Answer:
    location = f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(query)}"
    return Answer(303, headers={**HEADERS, "Location": location})


def _that_leads_to(answer: Answer, redirect_uri: str) -> Answer:
    """The page with its form allowed to end at the client: browsers hold redirects of forms to the page's policy."""
    parts = urlsplit(redirect_uri)
    policy = answer.headers["Content-Security-Policy"]
    allowed = policy.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    answer.headers["Content-Security-Policy"] = allowed
    return answer
