"""Webhooks as the vendor sends them: saved only after a handshake, then one event at a time, in order."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import http.client
import json
import logging
import random
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from integrations.sandbox.directory import Unknown, VendorError
from integrations.sandbox.model import DEFAULT_COMPANY, EVENTS, Handshake, LiveInterview, Settings, new_id
from integrations.sandbox.vendor import Vendor

logger = logging.getLogger(__name__)

ANSWER_WITHIN = 10.0
MOST_FAILURES = 25
SECONDS_BETWEEN_DELIVERIES = 1.0
TICK = 0.5
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


class HandshakeFailed(VendorError):
    """The endpoint did not answer the empty payload with 200 in time; nothing was saved."""


@dataclass(slots=True)
class Webhook:
    """One endpoint. `failures`: how many attempts in a row failed; 25 disable it."""

    id: str
    company_id: str
    url: str
    events: list[str]
    secret: str
    owner_emails: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    disabled: bool = False
    last_problem: str = ""
    delivered: int = 0

    @property
    def state(self) -> str:
        """One word: healthy, unhealthy or disabled."""
        if self.disabled:
            return "disabled"
        return "unhealthy" if self.failures else "healthy"


@dataclass(slots=True)
class Event:
    """One event that waits. `number` rises for ever, so the order survives a restart."""

    number: int
    webhook_id: str
    event: str
    triggered_on: int
    payload: dict[str, Any]


def sign(secret: str, url: str, event: str, triggered_on: int) -> str:
    """The hex HMAC-SHA256 over URL, event and time; the payload is not covered."""
    return hmac.new(secret.encode(), f"{url}{event}{triggered_on}".encode(), hashlib.sha256).hexdigest()


def back_off(failures: int) -> float:
    """Seconds to wait after the n-th failure in a row: (n-1)^4 + 15 + random(30) * n."""
    # Jitter, not a secret.
    return float((failures - 1) ** 4 + 15 + random.randrange(30) * failures)  # noqa: S311


def post(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Send one request and return what is wrong with the answer, or "" for a 200. Follows no redirect."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        status = connection.getresponse().status
    except TimeoutError:
        return "no answer within 10 seconds"
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return f"no connection ({type(error).__name__})"
    finally:
        connection.close()
    return "" if status == 200 else f"answered {status}"


class Webhooks:
    """The webhooks of all companies, their queues, and the thread that delivers."""

    def __init__(self, vendor: Vendor, settings: Settings) -> None:
        self.vendor = vendor
        self.settings = settings
        self.lock = vendor.lock
        self.hooks = {row["id"]: Webhook(**row) for row in vendor.journal.load("webhook")}
        self.queues: dict[str, deque[Event]] = {hook_id: deque() for hook_id in self.hooks}
        self._last_number = 0
        self._due: dict[str, float] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition(self.lock)
        for row in vendor.journal.load("event"):
            event = Event(**row)
            self.queues[event.webhook_id].append(event)
            self._last_number = max(self._last_number, event.number)
        vendor.listener = self.announce

    # Managing

    def save(
        self,
        url: str,
        *,
        company: str = DEFAULT_COMPANY,
        events: Sequence[str] = EVENTS,
        secret: str = "",
        owner_emails: str = "",
        headers: Mapping[str, str] | None = None,
        webhook_id: str | None = None,
    ) -> Webhook:
        """Create a webhook, or change the one with `webhook_id`, after its URL has answered an empty payload.

        An empty secret keeps the old one, or has one generated. Saving makes a disabled one start afresh.
        Raises VendorError for bad input and HandshakeFailed when the endpoint does not answer with 200.
        """
        check_webhook(url, events, headers or {})
        problem = post(url, b"" if self.settings.handshake is Handshake.NOTHING else b"{}", headers or {})
        if problem:
            raise HandshakeFailed(f"The endpoint must answer an empty payload with 200 within 10 seconds: {problem}.")
        with self._changed:
            old = self.hooks.get(webhook_id or "")
            hook = Webhook(
                id=old.id if old else new_id(),
                company_id=self.vendor.company_named(company).id,
                url=url,
                events=list(events),
                secret=secret or (old.secret if old else secrets.token_hex(24)),
                owner_emails=owner_emails,
                headers=dict(headers or {}),
            )
            self.hooks[hook.id] = hook
            self.queues.setdefault(hook.id, deque())
            self._due.pop(hook.id, None)
            self._keep(hook)
        self._wake.set()
        return dataclasses.replace(hook)

    def remove(self, webhook_id: str) -> None:
        """Delete a webhook and what waits for it."""
        with self._changed:
            if self.hooks.pop(webhook_id, None) is None:
                raise Unknown("There is no such webhook.")
            self._clear_queue(webhook_id)
            self.queues.pop(webhook_id)
            self.vendor.journal.remove("webhook", webhook_id)

    def all(self) -> list[Webhook]:
        """Copies of the webhooks, in the order they were made."""
        with self.lock:
            return [dataclasses.replace(hook) for hook in self.hooks.values()]

    def waiting(self, webhook_id: str) -> int:
        """How many events wait for this webhook."""
        with self.lock:
            return len(self.queues.get(webhook_id, ()))

    def seconds_until_next(self, webhook_id: str) -> int:
        """Whole seconds until the next attempt."""
        return max(0, round(self._due.get(webhook_id, 0) - time.monotonic()))

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """Wait until nothing is left to deliver; False when that takes longer, in seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(self.queues.values()), timeout)

    def announce(self, event: str, interview: LiveInterview, payload: dict[str, Any]) -> None:
        """Queue an event for the company's webhooks that asked for it."""
        with self._changed:
            for hook in self.hooks.values():
                if hook.company_id == interview.company_id and event in hook.events and not hook.disabled:
                    self._last_number += 1
                    entry = Event(self._last_number, hook.id, event, self.vendor.now(), payload)
                    self.queues[hook.id].append(entry)
                    self.vendor.journal.put("event", str(entry.number), dataclasses.asdict(entry))
        self._wake.set()

    # Delivering

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, after two seconds at most. The event of an unfinished attempt is sent again."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._rest())
            self._wake.clear()
            self.vendor.expire_due()
            for hook_id in list(self.hooks):
                if not self._stopping.is_set() and self._due.get(hook_id, 0) <= time.monotonic():
                    self._deliver_next(hook_id)

    def _rest(self) -> float:
        with self.lock:
            moments = [self._due.get(hook_id, 0) for hook_id, queue in self.queues.items() if queue]
        return min([TICK, *(max(0.0, moment - time.monotonic()) for moment in moments)])

    def _deliver_next(self, hook_id: str) -> None:
        with self.lock:
            hook, queue = self.hooks.get(hook_id), self.queues.get(hook_id)
            if hook is None or not queue:
                return
            event = queue[0]
        problem = self._send(hook, event)
        with self._changed:
            if self.hooks.get(hook_id) is not hook:
                return  # Saved anew or removed since it was sent: this attempt no longer counts.
            if problem:
                self._failed(hook, problem)
            else:
                self._delivered(hook, queue)
            self._keep(hook)
            self._changed.notify_all()

    def _send(self, hook: Webhook, event: Event) -> str:
        body = {"event": event.event, "triggeredOn": event.triggered_on, "payload": event.payload}
        signature = sign(hook.secret, hook.url, event.event, event.triggered_on)
        problem = post(hook.url, json.dumps(body).encode(), {**hook.headers, "X-CodeSignal-Signature": signature})
        logger.info("webhook event=%s number=%d result=%s", event.event, event.number, problem or "delivered")
        return problem

    def _delivered(self, hook: Webhook, queue: deque[Event]) -> None:
        event = queue.popleft()
        self.vendor.journal.remove("event", str(event.number))
        hook.failures, hook.last_problem = 0, ""
        hook.delivered += 1
        self._due[hook.id] = time.monotonic() + SECONDS_BETWEEN_DELIVERIES / self.settings.webhook_speed

    def _failed(self, hook: Webhook, problem: str) -> None:
        hook.failures += 1
        hook.last_problem = problem
        if hook.failures >= MOST_FAILURES:
            hook.disabled = True
            self._clear_queue(hook.id)
        else:
            self._due[hook.id] = time.monotonic() + back_off(hook.failures) / self.settings.webhook_speed

    def _clear_queue(self, hook_id: str) -> None:
        queue = self.queues[hook_id]
        while queue:
            self.vendor.journal.remove("event", str(queue.popleft().number))
        self._changed.notify_all()

    def _keep(self, hook: Webhook) -> None:
        self.vendor.journal.put("webhook", hook.id, dataclasses.asdict(hook))


def check_webhook(url: str, events: Sequence[str], headers: Mapping[str, str]) -> None:
    """Raise VendorError with what to change."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in url):
        raise VendorError("The endpoint URL must start with http:// or https:// and name a host.")
    if not events or any(event not in EVENTS for event in events):
        raise VendorError(f"Choose at least one event type: {', '.join(EVENTS)}.")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not value.isprintable() or not value.isascii():
            raise VendorError('Write each custom header as "Name: value", one a line.')
