"""Calls of calendar vendors about changes: believed only with a watch's token, and answered at once.

They carry nothing that is stored. A calendar that they name is read a moment later, by a worker; several calls at once
are one read, so that a flood costs no more than a query each.
"""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.calendar_registry import CALENDARS
from organizations.parameters import whole_number
from scheduling.availability import watches

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str) -> HttpResponse:
    """Take notices in. 404 for a vendor without any; otherwise 2xx, or the vendor would repeat it for hours."""
    entry = CALENDARS.get(kind)
    if entry is None or entry.notices is None:
        raise Http404
    try:
        told = entry.notices(dict(request.headers), request.GET.dict(), _body(request))
        watches.take_in(kind, told.notices)
    except Exception as problem:  # a database that is away, a full disk: none is theirs to know, and polling goes on
        log.warning("calendar_notice_lost", kind=kind, problem=type(problem).__name__)
        return HttpResponse(status=202)
    if told.answer:
        return HttpResponse(told.answer, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=202)


def _body(request: HttpRequest) -> bytes:
    if whole_number(request.META.get("CONTENT_LENGTH") or "0", most=MOST_BYTES) is None:
        return b""
    return request.body
