"""Watches of calendars, and the calls that they make."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from integrations.sandbox.calendars.world import World
from integrations.sandbox.directory import VendorError

LONGEST = 604_800
ANSWERS_WITHIN = 5.0


class BadWatch(VendorError):
    """The watch can't be made; the text is the reason in Google's word."""


@dataclass(slots=True)
class Channel:
    """One watch. `expires_at`: milliseconds since 1970; `subject`: the person that made it, the only one to stop it."""

    id: str
    resource: str
    calendar: str
    subject: str
    address: str
    token: str
    expires_at: int
    told: int = 0


class Channels:
    """All watches. `sent` has the headers of each call, delivered or not. Without `allows_http` an address is https.

    Calls are made in the background and never repeated.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._channels: dict[str, Channel] = {}
        self.allows_http = False
        self.sent: list[dict[str, str]] = []
        world.listeners.append(self._changed)

    def make(self, calendar: str, subject: str, body: dict[str, Any]) -> Channel:
        """A new watch, whose address is told that it has begun. Raises BadWatch."""
        address, id = str(body.get("address", "")), str(body.get("id", ""))
        scheme = urlsplit(address).scheme
        if body.get("type") != "web_hook" or not id or len(id) > 64:
            raise BadWatch("invalid")
        if scheme != "https" and not (scheme == "http" and self.allows_http):
            raise BadWatch("push.webhookUrlNotHttps")
        if id in self._channels:
            raise BadWatch("channelIdNotUnique")
        ttl = str((body.get("params") or {}).get("ttl", LONGEST))
        seconds = min(int(ttl) if ttl.isdecimal() else LONGEST, LONGEST)
        expires_at = int(self._world.now().timestamp() * 1000) + seconds * 1000
        resource = f"res{abs(hash(calendar)):x}"
        channel = Channel(id, resource, calendar, subject, address, str(body.get("token", "")), expires_at)
        self._channels[id] = channel
        self._tell(channel, "sync")
        return channel

    def stop(self, subject: str, id: str, resource: str) -> bool:
        """End a watch. False where there is none with this id, resource and maker."""
        found = self._channels.get(id)
        if found is None or found.resource != resource or found.subject != subject:
            return False
        del self._channels[id]
        return True

    def _changed(self, calendar: str) -> None:
        now = self._world.now().timestamp() * 1000
        for channel in list(self._channels.values()):
            if channel.calendar == calendar and channel.expires_at > now:
                self._tell(channel, "exists")

    def _tell(self, channel: Channel, state: str) -> None:
        channel.told += 1
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Token": channel.token,
            "X-Goog-Channel-Expiration": time.strftime(
                "%a, %d %b %Y %H:%M:%S GMT", time.gmtime(channel.expires_at / 1000)
            ),
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-URI": f"https://www.googleapis.com/calendar/v3/calendars/{channel.calendar}/events",
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(channel.told),
        }
        self.sent.append(headers)
        if urlsplit(channel.address).scheme == "http":
            threading.Thread(target=_post, args=(channel.address, headers), daemon=True).start()


def _post(address: str, headers: dict[str, str]) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=ANSWERS_WITHIN)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", parts.path or "/", b"", headers)
        connection.getresponse().read()
    connection.close()
