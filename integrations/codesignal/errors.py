"""The errors of CodeSignal. Their codes are the contract's; the sentences here are only those it alone needs.

A sentence never holds the vendor's own words, which may quote a candidate's data.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from integrations import transport
from integrations.base import CredentialsRejected, Gone, OutcomeUnknown, Refused, Retryable

PERMISSION_BASE = "liveInterview"
PERMISSION_COMPANY = "liveInterview.company"
PERMISSION_READ = "liveInterview.company.read"
PERMISSION_WRITE = "liveInterview.company.write"
PERMISSIONS = (PERMISSION_BASE, PERMISSION_COMPANY, PERMISSION_READ, PERMISSION_WRITE)

#: For `ToolInfo.problems`; `integrations.error_texts` has the others.
PROBLEMS = {
    "bad_address": _("CODESIGNAL_API_URL is not the address of a web service."),
    "wrong_address": _("The address in CODESIGNAL_API_URL does not lead to %(tool)s's API."),
    "everything_denied": _(
        "%(tool)s denied the API key everything. It may be incomplete, or none of its four permissions is ticked."
    ),
    "lifetime": _("A %(tool)s link can live from 1 hour to 336 hours (14 days)."),
}


def retryable(code: str, *, retry_after: float | None = None) -> Retryable:
    return Retryable(code, retry_after=retry_after, rate_limited=code == "rate_limited")


def refused(code: str) -> Refused:
    return Refused(code)


def gone() -> Gone:
    return Gone("gone")


def rejected(code: str, *, missing: Sequence[str] = ()) -> CredentialsRejected:
    return CredentialsRejected(code, missing=missing)


def lost(code: str, *, mutates: bool, retry_after: float | None = None) -> Retryable | OutcomeUnknown:
    """The error for a call without a usable answer. A read may be made again; a mutation may have happened."""
    return transport.lost(code, changes=mutates, retry_after=retry_after)
