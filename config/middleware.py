"""Middleware about HTTPS, cookies and headers. Nothing here knows the product."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: The session cookie before it was named by SESSION_COOKIE_NAME.
OLD_SESSION_COOKIE = "sessionid"


class KnownSchemeMiddleware:
    """Answers 400 where a request must come by HTTPS and the proxy does not say how it came.

    Django would redirect it to HTTPS, the proxy would pass it on in the same way again, and so on without end.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_exempt = any(re.match(pattern, request.path.lstrip("/")) for pattern in settings.SECURE_REDIRECT_EXEMPT)
        if settings.SECURE_SSL_REDIRECT and not is_exempt and "HTTP_X_FORWARDED_PROTO" not in request.META:
            return render(None, "scheme_unknown.html", status=400)
        return self.get_response(request)


class HeadersMiddleware:
    """Keeps answers, static files too, out of other sites' pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SignOutMiddleware:
    """Asks the browser to empty its cache for this site when somebody signs out.

    Not its storage: the theme stays, and so do what other members typed at a shared computer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_somebody = request.user.is_authenticated
        response = self.get_response(request)
        if was_somebody and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


class RenamedSessionMiddleware:
    """Takes the session of the cookie's old name, once, and hands it out under the new one: nobody is signed out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        old = request.COOKIES.get(OLD_SESSION_COOKIE)
        if not old or settings.SESSION_COOKIE_NAME == OLD_SESSION_COOKIE:
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.session = import_module(settings.SESSION_ENGINE).SessionStore(old)
            request.session.modified = not request.session.is_empty()
        response = self.get_response(request)
        response.delete_cookie(OLD_SESSION_COOKIE)
        return response
