"""A request as a log line names it: its method and the address as it is written down in `urls.py`, with ids alone.

An address that was typed may have anything in it: search words, names, tokens.
"""

from __future__ import annotations

import re

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def request_line(request: HttpRequest) -> str:
    """`POST /o/<organization>/candidates/17/edit/`: numbers are shown, and of any other part its name."""
    match = request.resolver_match
    if match is None:
        return f"{request.method} (no such address)"
    numbers = {name: str(value) for name, value in match.kwargs.items() if isinstance(value, int)}
    return f"{request.method} /" + _PART.sub(lambda part: numbers.get(part[1], f"<{part[1]}>"), match.route)


class RequestLogMiddleware(RequestMiddleware):
    """Logs what was refused or failed, with the request as `request_line` names it."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return request_line(request)
