"""Subscriptions to calendars, and the calls that they make."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from integrations.sandbox.calendars.world import World
from integrations.sandbox.microsoft.accounts import TENANT
from integrations.sandbox.microsoft.refusals import NOT_FOUND, Refusal, bad_request

LONGEST = timedelta(minutes=4230)
ANSWERS_WITHIN = 10.0


@dataclass(slots=True)
class Subscription:
    """One watch of a calendar."""

    id: str
    calendar: str
    address: str
    lifecycle_address: str
    client_state: str
    expires_at: datetime

    def shape(self, resource: str) -> dict[str, Any]:
        """The subscription as Graph tells it."""
        told = self.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"id": self.id, "resource": resource, "expirationDateTime": told, "notificationUrl": self.address}


class Subscriptions:
    """All subscriptions. `sent` has the body of each call. Without `allows_http` an address has to be https.

    Calls are made in the background and never repeated.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._all: dict[str, Subscription] = {}
        self.allows_http = False
        self.sent: list[dict[str, Any]] = []
        world.listeners.append(self._changed)

    def make(self, calendar: str, body: dict[str, Any]) -> Subscription:
        """A new subscription, whose address has to send a validation token back. Raises Refusal."""
        address, state = str(body.get("notificationUrl", "")), str(body.get("clientState", ""))
        scheme = urlsplit(address).scheme
        if scheme != "https" and not (scheme == "http" and self.allows_http):
            raise bad_request("The notificationUrl must be an https address.")
        if len(state) > 128:
            raise bad_request("The clientState is longer than 128 characters.")
        if not set(str(body.get("changeType", "")).split(",")) <= {"created", "updated", "deleted"}:
            raise bad_request("The changeType is not supported.")
        lifecycle = str(body.get("lifecycleNotificationUrl", ""))
        made = Subscription(
            secrets.token_hex(16), calendar, address, lifecycle, state, self._end(body.get("expirationDateTime"))
        )
        token = f"Validation: Testing client application reachability. Request-Id: {secrets.token_hex(8)}"
        status, answer = _post(f"{address}?validationToken={quote(token)}", b"", "text/plain; charset=utf-8")
        if status != 200 or answer.decode(errors="replace") != token:
            raise Refusal(400, "ValidationError", "Subscription validation request failed.")
        self._all[made.id] = made
        return made

    def renew(self, id: str, body: dict[str, Any]) -> Subscription:
        """Lengthen a subscription. Raises Refusal."""
        self.find(id).expires_at = self._end(body.get("expirationDateTime"))
        return self.find(id)

    def end(self, id: str) -> None:
        """End a subscription. Raises Refusal."""
        del self._all[self.find(id).id]

    def find(self, id: str) -> Subscription:
        found = self._all.get(id)
        if found is None or found.expires_at < self._world.now():
            raise NOT_FOUND
        return found

    def lose(self, calendar: str, event: str = "subscriptionRemoved") -> None:
        """Tell the calendar's subscribers of a lifecycle event; a removed subscription tells nothing more."""
        for one in [one for one in self._all.values() if one.calendar == calendar.lower()]:
            if event == "subscriptionRemoved":
                del self._all[one.id]
            self._tell(one, one.lifecycle_address, {"lifecycleEvent": event})

    def _end(self, value: object) -> datetime:
        try:
            ends_at = datetime.fromisoformat(str(value))
        except ValueError:
            raise bad_request("The expirationDateTime is not valid.") from None
        ends_at = ends_at if ends_at.tzinfo else ends_at.replace(tzinfo=UTC)
        if not self._world.now() < ends_at <= self._world.now() + LONGEST:
            raise bad_request("Subscription expiration can only be 4230 minutes in the future.")
        return ends_at

    def _changed(self, calendar: str) -> None:
        for one in list(self._all.values()):
            if one.calendar == calendar and one.expires_at > self._world.now():
                self._tell(one, one.address, {"changeType": "updated", "resource": f"Users/{calendar}/Events/1"})

    def _tell(self, one: Subscription, address: str, told: dict[str, str]) -> None:
        ends_at = one.expires_at.isoformat()
        notice = {"subscriptionId": one.id, "clientState": one.client_state, "tenantId": TENANT, **told}
        body = {"value": [notice | {"subscriptionExpirationDateTime": ends_at}]}
        self.sent.append(body)
        arguments = (address, json.dumps(body).encode(), "application/json")
        threading.Thread(target=_post, args=arguments, name="notice", daemon=True).start()


def _post(address: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """Status and body of the answer to a POST; 0 where there is none."""
    parts = urlsplit(address)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.hostname or "", parts.port, timeout=ANSWERS_WITHIN)
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read(10_000)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
