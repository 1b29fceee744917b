"""Ask for a sign-in when there is no session, or when it has ended.

A page redirects to the sign-in page and back. A script (htmx, the day view) would draw the sign-in page into its own
page: it gets status 401, and `static/js/session.js` asks for the password in a dialog above the page, which keeps
everything typed, then repeats the request. The same script asks before a form leaves the page.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from organizations import htmx


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
