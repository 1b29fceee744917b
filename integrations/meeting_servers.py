"""The contract between Panelist and a server for video calls that an organization runs itself.

Its rooms need no call of the server: an address is enough, and a token where the server asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeetingServerInfo:
    """A vendor's name, for pages and messages."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor of a call. `is_host`: an interviewer, who may mute others and end the call."""

    is_host: bool
