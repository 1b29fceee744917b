"""The servers for video calls that there are. Adding one is a folder in this package and an entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.jitsi import server as jitsi
from integrations.meeting_servers import MeetingServerInfo, Visitor


class Signing(Protocol):
    """Return the address of a room with a token for it."""

    def __call__(self, host: str, room: str, *, app_id: str, secret: str, visitor: Visitor, until: datetime) -> str: ...


@dataclass(frozen=True, slots=True)
class MeetingServerEntry:
    """A vendor: its name, and how the address of a room is made, without and with a token."""

    info: MeetingServerInfo
    address: Callable[[str, str], str]
    signed_address: Signing


MEETING_SERVERS: dict[str, MeetingServerEntry] = {
    "jitsi": MeetingServerEntry(jitsi.INFO, jitsi.address, jitsi.signed_address),
}
