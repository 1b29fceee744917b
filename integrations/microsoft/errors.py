"""The errors of Microsoft 365. Their codes are the contract's; the sentences here are only those it alone needs.

A sentence never holds the vendor's own words, which may quote people's data.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from integrations.base import CredentialsRejected, Refused

#: Microsoft's own names of the permissions: the first are needed, the others make more possible.
CALENDARS = "Calendars.ReadWrite"
PLACES = "Place.Read.All"
PEOPLE = "User.ReadBasic.All"

#: For `CalendarInfo.problems`; `integrations.calendar_texts` has the others.
PROBLEMS = {
    "bad_address": _("MICROSOFT_GRAPH_URL or MICROSOFT_LOGIN_URL is not the address of a web service."),
    "wrong_address": _("The addresses in MICROSOFT_GRAPH_URL and MICROSOFT_LOGIN_URL do not lead to %(tool)s."),
    "tenant_unknown": _("%(tool)s knows no directory with this tenant ID. Copy it again from the app's overview."),
    "client_unknown": _("%(tool)s knows no app with this client ID in the directory. Copy it again."),
    "secret_rejected": _("%(tool)s did not accept the client secret. Copy its value, not its ID."),
    "secret_expired": _("The client secret has expired. Create a new one in %(tool)s and enter it."),
    "admin_consent_missing": _("An admin has not yet consented to the app's permissions in %(tool)s."),
    "mailbox_denied": _(
        "%(tool)s does not let the app into this mailbox. Grant Calendars.ReadWrite, or add the mailbox to those "
        "that the app may use."
    ),
    "no_mailbox": _("The account has no mailbox in %(tool)s that can be read."),
    "rooms_denied": _("%(tool)s does not show its rooms. Grant Place.Read.All."),
    "not_ours": _("Another event has the place of Panelist's in the calendar, so nothing was changed."),
}


class DuplicateTransaction(Refused):
    """An event was made with this transaction id before. `event_id`: which; empty where Graph does not tell."""

    def __init__(self, event_id: str = "") -> None:
        super().__init__("refused")
        self.event_id = event_id


def rejected(code: str, *missing: str) -> CredentialsRejected:
    return CredentialsRejected(code, missing=missing)
