"""List and end people's sessions, and ask for a sign-in when there is none, or when it has ended.

A page redirects to the sign-in page and back. A script (htmx, the day view) would draw the sign-in page into its own
page: it gets status 401, and `static/js/session.js` asks for the password in a dialog above the page, which keeps
everything typed, then repeats the request. The same script asks before a form leaves the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from organizations import devices, htmx
from organizations.client_address import client_ip
from organizations.models import Session, User
from organizations.session_store import Over, SessionStore, digest

#: Tells the sign-in that follows why there is no session any more. It holds one of `Over`, and nothing about anybody.
OVER_COOKIE = "session_over"
OVER_FOR = timedelta(minutes=10)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Answer a visitor of a member page: 401 for a script, else a redirect to the sign-in page."""
    if htmx.is_asked(request):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())


def local_path(request: HttpRequest, address: str) -> str:
    """Path and query of an address of this site, "" for any other address."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(address)
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    # "//elsewhere/" is an address of another site.
    return path if url_has_allowed_host_and_scheme(path, None) else ""


@dataclass(frozen=True)
class SignedIn:
    """One line of a person's list of sessions."""

    pk: int
    device: str
    place: str
    started_at: datetime
    seen_at: datetime
    is_this: bool


def note_sign_in(request: HttpRequest, **_signal: object) -> None:
    """Receive Django's `user_logged_in`: the session keeps when, with what and from where it began."""
    store = _store(request)
    if store is not None:
        store.note_sign_in(request.headers.get("User-Agent", ""), devices.network(client_ip(request)))
    SessionStore.clear_expired()


def saved(request: HttpRequest) -> int:
    """The id of the row of this request's session, which is written at once."""
    request.session.save()
    return Session.objects.values_list("pk", flat=True).get(key=_key(request))


def note_use(request: HttpRequest) -> None:
    """Note that a person uses their session: with each whole page, and with all that is sent.

    What an open page asks for on its own is no use: nobody may be in front of it.
    """
    store = _store(request)
    if store is not None and not (request.method == "GET" and htmx.is_asked(request)):
        store.note_use(devices.network(client_ip(request)))


def of(user: User, request: HttpRequest) -> list[SignedIn]:
    """The sessions with which a person is signed in, this one first, then the last used."""
    here, now = _key(request), timezone.now()
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    rows = user.sessions.filter(ends_at__gt=now, seen_at__gt=now - settings.SESSION_IDLE)
    # One of before a new password has the old one's hash: it lets nobody in.
    live = [row for row in rows if SessionStore().decode(row.data).get(HASH_SESSION_KEY) in hashes]
    lines = [
        SignedIn(row.pk, devices.in_words(row.browser), row.place, row.started_at, row.seen_at, row.key == here)
        for row in live
    ]
    return sorted(lines, key=lambda line: not line.is_this)


def end(user: User, pk: int) -> bool:
    """End one of a person's sessions. False where it is over already, or somebody else's."""
    return bool(user.sessions.filter(pk=pk).delete()[0])


def end_others(user: User, request: HttpRequest) -> int:
    """End all of a person's sessions but the one of this request. Returns how many."""
    return user.sessions.exclude(key=_key(request)).delete()[0]


def end_all(user: User) -> int:
    """End all of a person's sessions: they are signed out everywhere. Returns how many."""
    return user.sessions.all().delete()[0]


def _store(request: HttpRequest) -> SessionStore | None:
    store = getattr(request, "session", None)
    return store if isinstance(store, SessionStore) else None


def _key(request: HttpRequest) -> str:
    return digest(request.session.session_key or "")


def say_why(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the sign-in that follows say why this request's session is over; forget it where somebody is signed in."""
    store = _store(request)
    if request.user.is_authenticated:
        if OVER_COOKIE in request.COOKIES:
            response.delete_cookie(OVER_COOKIE)
    elif store is not None and store.over:
        response.set_cookie(
            OVER_COOKIE,
            store.over,
            max_age=OVER_FOR,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def why_over(request: HttpRequest) -> str:
    """The sentence for a sign-in page: why the visitor's last session is over. "" where nothing is known of one."""
    store = _store(request)
    why = (store.over if store is not None else "") or request.COOKIES.get(OVER_COOKIE, "")
    if why == Over.IDLE:
        return _("You were signed out because you weren't active for a while.")
    if why == Over.ENDED:
        return _("You were signed out elsewhere: on another device, by an admin, or with a new password.")
    return ""
