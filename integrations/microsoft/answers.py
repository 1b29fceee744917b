"""The meaning of an HTTP answer of Microsoft Graph: its JSON, or one of the contract's errors.

Graph's `error.code` is believed where it is more precise than the status. Codes are compared without regard to case,
because Graph writes some in several ways (SyncStateNotFound, syncStateNotFound).
"""

from __future__ import annotations

import json
from typing import NoReturn

from integrations.base import Gone, Refused, Retryable, ToolError
from integrations.calendars import EventChanged, TokenExpired
from integrations.microsoft import errors, shapes
from integrations.microsoft.shapes import Json
from integrations.transport import Reply, lost, retry_after

_TOKEN_EXPIRED = {"syncstatenotfound", "syncstateinvalid", "resyncrequired", "errorinvalidsyncstatedata"}
_CHANGED = {"errorirresolvableconflict", "errorchangekeyrequired", "preconditionfailed"}
_NO_MAILBOX = {"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "errornonexistentmailbox"}
_NOT_THERE = {
    "erroritemnotfound",
    "errorinvaliduser",
    "errorinvalidid",
    "errorinvalididmalformed",
    "errorfoldernotfound",
    "request_resourcenotfound",
    "resourcenotfound",
    "itemnotfound",
}
_THROTTLED = {"applicationthrottled", "toomanyrequests", "errorservertoobusy", "activitylimitreached"}


def judge(reply: Reply, *, changes: bool, has_token: bool = False) -> Json | ToolError:
    """The answer's object, empty where there is none to come (202, 204), or the error to raise.

    `changes`: the request may have changed something. `has_token`: it was for changes since a token. A 403 is `Refused`
    with the code `denied`: its meaning depends on the call.
    """
    outcome = _judge(reply, changes=changes)
    if isinstance(outcome, TokenExpired) and not has_token:
        return Gone("gone")
    if isinstance(outcome, EventChanged) and not changes:
        return Retryable("server_error")
    return outcome


def _judge(reply: Reply, *, changes: bool) -> Json | ToolError:
    document = _parse(reply.body)
    if reply.status in (202, 204):
        return {}
    if 200 <= reply.status < 300:
        return lost("unreadable", changes=changes) if document is None else document
    error = document.get("error") if document is not None else None
    details = error if isinstance(error, dict) else {}
    code = shapes.text(details.get("code")).lower()
    known = _by_code(code, details) if reply.status < 500 else None
    if known is not None:
        return known
    return _by_status(reply, code, understood=document is not None, changes=changes)


def _by_code(code: str, details: Json) -> ToolError | None:
    if code in _TOKEN_EXPIRED:
        return TokenExpired("token_expired")
    if code == "errorduplicatetransactionid":
        return errors.DuplicateTransaction(shapes.identifier(details.get("@event.existingEventId")))
    if code in _CHANGED:
        return EventChanged("changed")
    if code in _NO_MAILBOX:
        return Gone("no_mailbox")
    return Gone("gone") if code in _NOT_THERE else None


def _by_status(reply: Reply, code: str, *, understood: bool, changes: bool) -> ToolError:
    status = reply.status
    if status == 429 or code in _THROTTLED:
        return Retryable("rate_limited", retry_after=retry_after(reply), rate_limited=True)
    if status >= 500 or status in (408, 423, 499):
        return lost("server_error", changes=changes, retry_after=retry_after(reply))
    plain: dict[int, ToolError] = {
        401: errors.rejected("key_rejected"),
        403: Refused("denied"),
        404: Gone("gone") if understood else Retryable("wrong_address"),
        405: Retryable("wrong_address"),
        409: Retryable("server_error", retry_after=retry_after(reply)),
        410: TokenExpired("token_expired"),
        412: EventChanged("changed"),
    }
    if 300 <= status < 400:
        return lost("wrong_address", changes=changes and status in (302, 303))
    return plain.get(status, Refused("refused"))


def _parse(body: bytes) -> Json | None:
    """The body as a JSON object; None when it is anything else."""
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _no_constant(name: str) -> NoReturn:
    """JSON knows no NaN and no Infinity; Python's reader does."""
    raise ValueError(name)
