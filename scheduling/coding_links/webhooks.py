"""Events from coding tools: verify, store, answer 200, enqueue.

Anything but 200 makes a vendor hold back all later events and, in the end, disable the webhook. So whatever goes wrong
on our side, the answer is 200: the event is only a reason to look earlier, and looking happens anyway. The body of the
answer says what became of the event, for a person who reads the vendor's log.
"""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.base import WebhookEvent
from integrations.models import Integration, hash_of_webhook_token
from integrations.registry import TOOLS
from organizations import limits
from organizations.parameters import is_storable, whole_number
from scheduling import coding_links
from scheduling.models import VendorEvent, VendorSnapshot

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
KEEP = timedelta(days=30)
#: They are fresh for a minute; a row is there to be overwritten by the next one.
KEEP_LOOK_UPS = timedelta(hours=1)
#: Signed events from further away are no news. Below `KEEP`, so that no event comes twice: a later copy is stale.
FRESH = timedelta(days=7)


class Taken(StrEnum):
    """The word in the answer for what became of an event."""

    TAKEN = "taken"
    NOTHING = "no_event"
    UNSIGNED = "wrong_signature"
    UNKNOWN = "unknown_event"
    STALE = "older_than_7_days"
    AHEAD = "more_than_7_days_ahead"
    REPEATED = "repeated"
    UNREADABLE = "signature_not_checked"
    LOST = "not_stored"


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Take one inbound event in. 404 only for an address that never was one of an integration's."""
    try:
        known = kind in TOOLS and is_storable(token)
        hashed = hash_of_webhook_token(token) if known else ""
        integration = Integration.objects.filter(kind=kind, webhook_token_hash=hashed).first()
        if integration is not None:
            taken = _take_in(integration, request)
    except Exception as problem:  # a database that is away, a full disk, unreadable keys: none is theirs to know
        log.warning("vendor_event_lost", kind=kind, problem=type(problem).__name__)
        return JsonResponse({"event": Taken.LOST})
    if integration is None:
        raise Http404
    return JsonResponse({"event": taken})


def _take_in(integration: Integration, request: HttpRequest) -> Taken:
    now = timezone.now()
    body = _body(request)
    if not body:  # the empty payload that a vendor sends when a webhook is made or changed
        Integration.objects.filter(pk=integration.pk).update(webhook_seen_at=now)
        return Taken.NOTHING
    if not integration.webhook_secret:
        log.warning("webhook_secret_unreadable", integration=integration.pk)
        return Taken.UNREADABLE
    tool = TOOLS[integration.kind].factory("")
    # The address as it was entered at the vendor: behind a proxy the request itself knows it wrongly.
    url = f"{settings.BASE_URL}{request.path}"
    trusted = tool.verify_webhook(url=url, secret=integration.webhook_secret, headers=dict(request.headers), body=body)
    if not trusted:
        _note_unsigned(integration)
        return Taken.UNSIGNED
    Integration.objects.filter(pk=integration.pk).update(webhook_seen_at=now, webhook_refused_at=None)
    event = tool.parse_webhook(body)
    if event is None:
        return Taken.UNKNOWN
    if abs(event.triggered_at - now) > FRESH:
        log.warning("vendor_event_not_fresh", integration=integration.pk)
        return Taken.STALE if event.triggered_at < now else Taken.AHEAD
    if not _store(integration, event, trusted=True):
        return Taken.REPEATED
    coding_links.vendor_says(integration=integration, external_id=event.external_id)
    return Taken.TAKEN


def _note_unsigned(integration: Integration) -> None:
    """Note that something unsigned came, for the settings page. Of a flood only a part is noted, the rest just read."""
    try:
        limits.check(limits.UNSIGNED_EVENTS, integration.pk)
    except limits.Reached:
        return
    limits.note(limits.UNSIGNED_EVENTS, integration.pk)
    now = timezone.now()
    Integration.objects.filter(pk=integration.pk).update(webhook_seen_at=now, webhook_refused_at=now)
    _store(integration, WebhookEvent("unsigned", "", now), trusted=False)
    log.warning("vendor_event_unsigned", integration=integration.pk)


def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that came; empty for anything else. The payload in it is never stored."""
    if whole_number(request.META.get("CONTENT_LENGTH") or "0", most=MOST_BYTES) is None:
        return {}
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _store(integration: Integration, event: WebhookEvent, *, trusted: bool) -> bool:
    """Store an event; False when it had come before: vendors repeat what was not answered in time."""
    try:
        with transaction.atomic():
            VendorEvent.objects.create(
                integration=integration,
                event=event.event,
                external_id=event.external_id,
                triggered_at=event.triggered_at,
                trusted=trusted,
            )
    except IntegrityError:
        return False
    return True


def forget_old_events() -> None:
    """Delete events older than a month, and look-ups that are of no use any more: those name candidates' addresses.

    Events are kept for the settings page and against replays.
    """
    VendorEvent.objects.filter(received_at__lt=timezone.now() - KEEP).delete()
    VendorSnapshot.objects.filter(taken_at__lt=timezone.now() - KEEP_LOOK_UPS).delete()
