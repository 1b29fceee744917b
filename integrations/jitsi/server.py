"""Rooms on a Jitsi Meet host, and the token that lets somebody in where the host asks for one.

A room needs no call: it exists as soon as somebody opens its address. The token is a JWT, signed with HS256, as Jitsi's
plugin `token_verification` reads it (github.com/jitsi/lib-jitsi-meet/blob/master/doc/tokens.md).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import jwt

from integrations.meeting_servers import MeetingServerInfo, Visitor

INFO = MeetingServerInfo(kind="jitsi", name="Jitsi")
#: The audience that Jitsi's documentation names, for whoever checks it.
AUDIENCE = "jitsi"


def address(host: str, room: str) -> str:
    """Return the address of a room. `host`: a web address without a slash at its end."""
    return f"{host}/{room}"


def signed_address(host: str, room: str, *, app_id: str, secret: str, visitor: Visitor, until: datetime) -> str:
    """Return the address of a room with a token for it, which is valid `until` then.

    Nobody is named in it: an address stays in logs.
    """
    claims = {
        "aud": AUDIENCE,
        "iss": app_id,
        "sub": urlsplit(host).hostname or "",
        "room": room,
        "exp": until,
        "context": {
            "user": {"moderator": visitor.is_host, "affiliation": "owner" if visitor.is_host else "member"},
        },
    }
    return f"{address(host, room)}?jwt={jwt.encode(claims, secret, algorithm='HS256')}"
