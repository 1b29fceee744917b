"""Google's calls about changed calendars: requests with headers and without a body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: A channel's id is one of ours, a resource's is Google's.
_ID = re.compile(r"[A-Za-z0-9_+/=.-]{1,200}")
_STATES = frozenset({"sync", "exists", "not_exists"})


@dataclass(frozen=True, slots=True)
class Notice:
    """A call about one watch: `integrations.calendars.Watch.id`, its resource, and the token to compare.

    `is_first`: it only says that the watch has begun. Nothing else may be believed: what changed is read from Google.
    """

    watch_id: str
    resource: str
    token: str
    is_first: bool


def notice_of(headers: Mapping[str, str]) -> Notice | None:
    """The notice of a request's headers; None where they are no notice. Nothing is proven before the token is compared,
    in constant time, with the one that the watch was made with."""
    found = {name.lower(): str(value).strip() for name, value in headers.items()}
    watch_id = found.get("x-goog-channel-id", "")
    resource = found.get("x-goog-resource-id", "")
    token = found.get("x-goog-channel-token", "")
    state = found.get("x-goog-resource-state", "")
    fits = _ID.fullmatch(watch_id) and len(watch_id) <= 64 and _ID.fullmatch(resource)
    if not fits or not 1 <= len(token) <= 256 or not token.isascii() or state not in _STATES:
        return None
    return Notice(watch_id, resource, token, is_first=state == "sync")
