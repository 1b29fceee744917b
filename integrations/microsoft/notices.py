"""Calls of Microsoft Graph about watched calendars, turned into the contract's notices.

Graph calls in three ways: with `validationToken` in the address when a subscription is made, whose text has to come
back within 10 seconds; with changes; and with lifecycle events of a subscription. Nothing in a call is proven but by
its `clientState`, which is the token of the watch. An answer with a 2xx status has to come within 3 seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from integrations.calendars import Notice, Notices
from integrations.microsoft import shapes

#: Characters of a validation token that are sent back, and notices of one call that are read.
MOST_ECHOED = 2000
MOST_NOTICES = 1000

#: Lifecycle events after which the subscription tells nothing more, or soon will not. `missed` is only one more change.
_ENDS = {"subscriptionRemoved", "reauthorizationRequired"}


def read(_headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes) -> Notices:
    """The notices of one call; none for anything malformed."""
    if token := parameters.get("validationToken"):
        return Notices(answer=token[:MOST_ECHOED])
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return Notices()
    found = shapes.objects(document.get("value")) if isinstance(document, dict) else []
    return Notices(tuple(notice for item in found[:MOST_NOTICES] if (notice := _notice(item)) is not None))


def _notice(item: Mapping[str, object]) -> Notice | None:
    watch_id, token = shapes.identifier(item.get("subscriptionId")), shapes.text(item.get("clientState"))
    if not watch_id or not token:
        return None
    return Notice(watch_id, token, is_over=item.get("lifecycleEvent") in _ENDS)
