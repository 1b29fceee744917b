"""What can go wrong with CodeSignal: a stable code for each, and its sentence for a person.

The sentences say what happened, whoever reads them; a page adds the reader's next step ("Replace the key" or "Ask an
admin"). They never hold the vendor's own words, which may quote a candidate's data.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from integrations.base import CredentialsRejected, Gone, OutcomeUnknown, Refused, Retryable

PERMISSION_BASE = "liveInterview"
PERMISSION_COMPANY = "liveInterview.company"
PERMISSION_READ = "liveInterview.company.read"
PERMISSION_WRITE = "liveInterview.company.write"
PERMISSIONS = (PERMISSION_BASE, PERMISSION_COMPANY, PERMISSION_READ, PERMISSION_WRITE)

SENTENCES = {
    "unreachable": _("CodeSignal could not be reached."),
    "certificate": _("The connection to CodeSignal is not safe: its certificate was not accepted."),
    "timeout": _("CodeSignal did not answer in time."),
    "connection_lost": _("The connection to CodeSignal broke before its answer was complete."),
    "server_error": _("CodeSignal reported trouble on its side."),
    "rate_limited": _("CodeSignal asked for fewer requests per second."),
    "unreadable": _("CodeSignal's answer could not be understood."),
    "too_large": _("CodeSignal's answer was far larger than it should be."),
    "bad_address": _("CODESIGNAL_API_URL is not the address of a web service."),
    "wrong_address": _("The address in CODESIGNAL_API_URL does not lead to CodeSignal's API."),
    "key_rejected": _("CodeSignal did not accept the API key."),
    "key_malformed": _("The API key holds characters that no key has. It was probably not copied whole."),
    "permission_missing": _("The API key lacks a permission at CodeSignal."),
    "everything_denied": _(
        "CodeSignal denied everything to the API key. Either it was not copied whole, or none of its four "
        "permissions is ticked."
    ),
    "refused": _("CodeSignal refused the request and would refuse it again."),
    "lifetime": _("A CodeSignal link can live from 1 hour to 336 hours (14 days), no other time."),
    "email_refused": _("CodeSignal did not accept the candidate's e-mail address."),
    "template_refused": _("CodeSignal does not know the interview template any more. Choose another one."),
    "gone": _("The interview does not exist at CodeSignal any more."),
    "unknown": _("CodeSignal reported an error that does not say whether anything happened."),
}
_PERMISSIONS_NAMED = _("The API key lacks permissions at CodeSignal: %(names)s.")


def sentence(code: str, *, missing: Sequence[str] = ()) -> str:
    """The sentence of `code` in the active language; with the names of missing permissions where given."""
    if missing and code == "permission_missing":
        return gettext(_PERMISSIONS_NAMED) % {"names": ", ".join(missing)}
    return gettext(SENTENCES[code])


def retryable(code: str, *, retry_after: float | None = None) -> Retryable:
    return Retryable(sentence(code), code=code, retry_after=retry_after, rate_limited=code == "rate_limited")


def refused(code: str) -> Refused:
    return Refused(sentence(code), code=code)


def gone() -> Gone:
    return Gone(sentence("gone"), code="gone")


def rejected(code: str, *, missing: Sequence[str] = ()) -> CredentialsRejected:
    return CredentialsRejected(sentence(code, missing=missing), code=code, missing=missing)


def lost(code: str, *, mutates: bool, retry_after: float | None = None) -> Retryable | OutcomeUnknown:
    """No usable answer. A read may be made again; a mutation may have happened."""
    if mutates:
        return OutcomeUnknown(sentence(code), code=code)
    return retryable(code, retry_after=retry_after)
