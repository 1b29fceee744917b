"""Inbound events of CodeSignal: is it theirs, and which interview is it about.

The signature covers the endpoint's URL, the event's name and its time, but not the payload. So of the payload nothing
is believed except which interview to fetch again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from integrations.base import WebhookEvent
from integrations.codesignal import shapes

SIGNATURE_HEADER = "X-CodeSignal-Signature"

#: The vendor's names for events, in our words.
EVENTS = {
    "liveInterviewFinished": "finished",
    "liveInterviewFeedbackUpdated": "feedback_updated",
}
_MAX_DIGITS = 16


def verify(*, url: str, secret: str, headers: Mapping[str, str], body: Mapping[str, object]) -> bool:
    """True when the signature fits: hex HMAC-SHA256, keyed with the secret, of URL + event + triggeredOn.

    `url` is the endpoint as it was entered at CodeSignal. Anything malformed is False.
    """
    given = next((text for name, text in headers.items() if name.lower() == SIGNATURE_HEADER.lower()), None)
    event, triggered_on = body.get("event"), _digits(body.get("triggeredOn"))
    if not secret or not isinstance(given, str) or not isinstance(event, str) or not event or not triggered_on:
        return False
    signed = f"{url}{event}{triggered_on}".encode("utf-8", "replace")
    expected = hmac.new(secret.encode("utf-8", "replace"), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def parse(body: Mapping[str, object]) -> WebhookEvent | None:
    """The event of a verified body, named as in `EVENTS`; None for other events and for anything malformed."""
    word, payload = body.get("event"), body.get("payload")
    event = EVENTS.get(word) if isinstance(word, str) else None
    external_id = shapes.identifier(payload.get("interviewId")) if isinstance(payload, Mapping) else ""
    triggered_at = _moment(_digits(body.get("triggeredOn")))
    if event is None or not external_id or triggered_at is None:
        return None
    return WebhookEvent(event=event, external_id=external_id, triggered_at=triggered_at)


def _digits(value: object) -> str:
    """`triggeredOn` as the sender wrote it: milliseconds, as a number or a string of digits. Empty when it is neither.

    A whole float is what other JSON writers make of the same number; the sender's text for it has no fraction.
    """
    if isinstance(value, float) and value.is_integer() and 0 <= value < 10**_MAX_DIGITS:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MAX_DIGITS:
        return str(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS:
        return value
    return ""


def _moment(digits: str) -> datetime | None:
    return shapes.moment(int(digits)) if digits else None
