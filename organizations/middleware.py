"""Middleware for every request: unreadable input, caches, sessions, limits, and times in the reader's zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation

from organizations import languages, limits, sessions
from organizations.parameters import is_storable


class ReadableRequestMiddleware:
    """Takes what is sent as UTF-8, whatever else it says it is: all pages are, and so is what browsers send from them.

    Other charsets can hold what no database takes, or are none that text comes in. Cookies and addresses can too: a
    cookie that no database could look up is not there, and nobody searches for a NUL.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.encoding = "utf-8"
        while "%00" in request.META.get("QUERY_STRING", ""):  # taking one out may leave another
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        for name in [name for name, value in request.COOKIES.items() if not is_storable(value)]:
            del request.COOKIES[name]
        return self.get_response(request)


class ReaderTimeZoneMiddleware:
    """Activates the signed-in user's zone for the request; visitors get UTC unless a view activates another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "") if request.user.is_authenticated else ""
        try:
            zone = zoneinfo.ZoneInfo(name or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)


class ReaderLanguageMiddleware:
    """Activates the signed-in user's own language for the request; Django's middleware has chosen the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = languages.known(getattr(request.user, "language", ""))
        if not code:
            return self.get_response(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


class LimitMiddleware:
    """Answers 429 where a view leaves it at `limits.Reached`: a page for people, JSON for programs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, limits.Reached):
            return None
        response: HttpResponse = JsonResponse({"code": exception.limit.kind, "detail": exception.message}, status=429)
        if request.accepts("text/html"):
            response = render(request, "429.html", {"reached": exception}, status=429)
        response["Retry-After"] = str(exception.retry_after)
        return response


class SessionMiddleware:
    """Notes that a session is used, tells why one is over, and keeps a person's pages out of every cache.

    After signing out, "Back" and a shared computer's disk show nothing. An answer that says how long it may be kept
    stays as it is: static files, the pages of visitors, files to download.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_somebody = request.user.is_authenticated
        response = self.get_response(request)
        if is_somebody or request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
            sessions.note_use(request)
        sessions.say_why(request, response)
        return response
