"""Google's calls about watched calendars, turned into the contract's notices: headers, and no body.

Nothing in a call is proven but by the token that the watch was made with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations.calendars import Notice, Notices

#: The id of a watch, which is Panelist's own, and the most characters of a token.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_TOKEN = 256
#: `sync` is said once, when a watch begins: nothing has changed.
_CHANGED = frozenset({"exists", "not_exists"})


def read(headers: Mapping[str, str], _parameters: Mapping[str, str], _body: bytes) -> Notices:
    """The notice of one call; none for the first call of a watch, and for anything malformed."""
    found = {name.lower(): str(value).strip() for name, value in headers.items()}
    watch_id, token = found.get("x-goog-channel-id", ""), found.get("x-goog-channel-token", "")
    if found.get("x-goog-resource-state") not in _CHANGED:
        return Notices()
    if not _ID.fullmatch(watch_id) or not 1 <= len(token) <= MOST_TOKEN:
        return Notices()
    return Notices((Notice(watch_id, token),))
