"""The health addresses: `/healthz` for load balancers and the supervisor's start, `/readyz` for alarms.

Both are public and say no more than that something works, or doesn't.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from organizations.diagnosis import signs


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 "ok": this process serves. It asks neither database nor broker, whose trouble no restart here ends."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, broker and background work are as they should be, else 503; a line for each.

    The last line has the seconds that the row waits which has waited longest for a worker.
    """
    has_database = signs.database_answers()
    now = timezone.now()
    works = {
        "database": has_database,
        "broker": signs.broker_answers(),
        "background work": has_database and signs.background_works(now),
    }
    lines = [f"{what}: {'ok' if is_well else 'does not answer'}" for what, is_well in works.items()]
    if has_database:
        longest = max((long.total_seconds() for long in signs.waiting(now).values()), default=0)
        lines.append(f"oldest waiting row: {longest:.0f} s")
    status = 200 if all(works.values()) else 503
    return HttpResponse("\n".join([*lines, ""]), status=status, content_type="text/plain")
