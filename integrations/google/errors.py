"""Google's answers as the contract's errors. A sentence never holds Google's own words, which may quote an event."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from django.utils.translation import gettext_noop as _

from integrations.base import CredentialsRejected, Gone, Refused, Retryable, ToolError
from integrations.calendars import CalendarLimited, EventChanged, TokenExpired
from integrations.transport import Reply, lost, retry_after

Json: TypeAlias = dict[str, Any]

#: For `CalendarInfo.problems`; `integrations.calendar_texts` has the others.
PROBLEMS = {
    "reconnect": _("%(tool)s ended the access to this account. Connect it again."),
    "key_rejected": _("%(tool)s does not accept these credentials any more. Connect it again."),
    "key_malformed": _("This is not the JSON key of a service account. Copy the whole file."),
    "not_delegated": _("%(tool)s has not allowed the service account to read calendars. Add its scopes there."),
    "scopes_missing": _(
        "%(tool)s has not granted everything that is needed. Grant each permission listed, then connect again."
    ),
    "api_off": _("The Calendar API is off in the project of these credentials. Turn it on in Google Cloud."),
    "client_rejected": _("%(tool)s does not accept the client ID or client secret of this server."),
    "clock": _("%(tool)s refused a signature because of its time. Check this server's clock."),
    "person_unknown": _("%(tool)s has no account with this address, or it has no calendar."),
    "calendar_gone": _("The calendar no longer exists in %(tool)s, or is not shared any more."),
    "gone": _("The event no longer exists in %(tool)s."),
    "admin_unknown": _("%(tool)s has no administrator account with this address."),
    "rooms_denied": _("%(tool)s does not show its rooms. Allow the service account to read them."),
    "forbidden": _("%(tool)s does not allow this in the calendar."),
    "not_ours": _("The calendar has another event in this event's place. It was left as it is."),
    "changed": _("The event was changed in %(tool)s in the meantime."),
    "too_many": _("The calendar has more entries than can be read."),
    "token_expired": _("The calendar has to be read again from its beginning."),
    "conflict": _("The event is being changed in %(tool)s right now."),
    "quota_exceeded": _("The calendar has used up what %(tool)s allows for now."),
    "watch_refused": _("%(tool)s cannot reach this server. Calendars are read at intervals instead."),
    "consent_incomplete": _("%(tool)s did not grant lasting access. Connect again, and keep every box ticked."),
    "consent_failed": _("%(tool)s did not accept the sign-in. Connect again."),
}

#: Seconds to leave a calendar alone whose quota is used up, where the vendor does not say.
QUOTA_WAIT = 600.0

#: And one whose owner had too many requests: this is counted by the minute.
MINUTE = 60.0

#: Limits of the project, and those of the person whose calendar it is.
_TOO_FAST = frozenset({"rateLimitExceeded"})
_QUOTA = frozenset({"dailyLimitExceeded", "variableTermLimitExceeded"})
_TOO_FAST_FOR_ONE = frozenset({"userRateLimitExceeded"})
_QUOTA_OF_ONE = frozenset({"quotaExceeded", "calendarLimitExceeded"})
_SCOPES = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_API_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})


class Unauthorized(ToolError):
    """The access token was not accepted (HTTP 401), and nothing was done."""


class Conflict(ToolError):
    """An event with this id is there already (HTTP 409), and nothing was written."""


def judge(reply: Reply, *, changes: bool) -> Json | ToolError:
    """The answer's JSON object, or the error to raise. `changes`: the request may have changed something."""
    if reply.status in (200, 201):
        body = _json(reply.body)
        return lost("unreadable", changes=changes) if body is None else body
    if reply.status == 204:
        return {}
    if 300 <= reply.status < 400:
        return Refused("wrong_address")
    if reply.status == 429:
        return _limited(_reasons(reply.body), reply) or _too_fast(reply)
    if reply.status >= 500:
        return lost("server_error", changes=changes, retry_after=retry_after(reply))
    return _refusal(reply, changes)


def _refusal(reply: Reply, changes: bool) -> ToolError:
    match reply.status:
        case 401:
            return Unauthorized("key_rejected")
        case 403:
            return _forbidden(_reasons(reply.body), reply)
        case 404:
            return Gone("calendar_gone")
        case 410:
            return Gone("gone") if changes else TokenExpired("token_expired")
        case 409 | 412 if not changes:
            return Retryable("server_error")
        case 409:
            return Conflict("conflict")
        case 412:
            return EventChanged("changed")
    if reply.status in (408, 425):
        return Retryable("timeout", retry_after=retry_after(reply))
    return Refused("watch_refused" if _is_about_watching(reply.body) else "refused")


def _forbidden(reasons: frozenset[str], reply: Reply) -> ToolError:
    if (limited := _limited(reasons, reply)) is not None:
        return limited
    if reasons & _SCOPES:
        return CredentialsRejected("scopes_missing")
    if reasons & _API_OFF:
        return CredentialsRejected("api_off")
    if "notACalendarUser" in reasons:
        return Gone("person_unknown")
    if "fullSyncRequired" in reasons:
        return TokenExpired("token_expired")
    return Refused("forbidden")


def _limited(reasons: frozenset[str], reply: Reply) -> Retryable | None:
    """The limit that was reached; None where no reason names one."""
    if reasons & _TOO_FAST:
        return _too_fast(reply)
    if reasons & _QUOTA:
        return Retryable("quota_exceeded", retry_after=retry_after(reply) or QUOTA_WAIT, rate_limited=True)
    if reasons & _TOO_FAST_FOR_ONE:
        return CalendarLimited("rate_limited", retry_after=retry_after(reply) or MINUTE)
    if reasons & _QUOTA_OF_ONE:
        return CalendarLimited("quota_exceeded", retry_after=retry_after(reply) or QUOTA_WAIT)
    return None


def _too_fast(reply: Reply) -> Retryable:
    return Retryable("rate_limited", retry_after=retry_after(reply), rate_limited=True)


def _json(body: bytes) -> Json | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _reasons(body: bytes) -> frozenset[str]:
    """The reasons that an error names: `error.errors[].reason` and `error.details[].reason`."""
    error = (_json(body) or {}).get("error")
    if not isinstance(error, dict):
        return frozenset()
    listed = [each for name in ("errors", "details") for each in _list(error.get(name))]
    return frozenset(str(each.get("reason", "")) for each in listed if isinstance(each, dict))


def _is_about_watching(body: bytes) -> bool:
    return any(reason.startswith(("push.", "webhook")) for reason in _reasons(body))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
