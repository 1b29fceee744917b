"""A request as a log line names it: its method and the address as it is written down in `urls.py`, with ids alone.

An address that was typed may have anything in it: search words, names, tokens. So may headers: a proxy's id for the
request is taken where it looks like one.
"""

from __future__ import annotations

import re

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from config.task_context import REQUEST_ID

#: Where a request keeps its id, for the lines about it that Django logs when its context is over.
KEY = "panelist.request_id"
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def request_line(request: HttpRequest) -> str:
    """`POST /o/<organization>/candidates/17/edit/`: numbers are shown, and of any other part its name."""
    match = request.resolver_match
    if match is None:
        return f"{request.method} (no such address)"
    numbers = {name: str(value) for name, value in match.kwargs.items() if isinstance(value, int)}
    return f"{request.method} /" + _PART.sub(lambda part: numbers.get(part[1], f"<{part[1]}>"), match.route)


class RequestLogMiddleware(RequestMiddleware):
    """Logs what was refused or failed, with the request as `request_line` names it, and gives each request an id.

    The id is that of the header X-Request-ID where it has 8 to 64 letters, digits and `_.-`; the answer has it, too.
    """

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        given = request.headers.get("X-Request-ID", "")
        if REQUEST_ID.fullmatch(given):
            structlog.contextvars.bind_contextvars(request_id=given)
        request.META[KEY] = structlog.contextvars.get_contextvars()["request_id"]

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Request-ID"] = request.META[KEY]
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return request_line(request)
