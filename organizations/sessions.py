"""A session that has ended: who is asked to sign in, in which way, and where that leads afterwards.

A page that is opened leads to the sign-in page and back. What a script asks for (htmx, the day view) would draw the
sign-in page into the page: it gets status 401, and `static/js/session.js` asks for the password in a dialog above the
page, where everything typed stays as it is, then repeats the request. The same script asks before a form leaves the
page.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from organizations import htmx


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The answer to a visitor where members only are let in."""
    if htmx.is_asked(request):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())


def local_path(request: HttpRequest, address: str) -> str:
    """Path and query of an address of this site, without its host; empty for anything else."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(address)
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    # "//elsewhere/" would be an address of another site.
    return path if url_has_allowed_host_and_scheme(path, None) else ""
