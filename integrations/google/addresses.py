"""Google's addresses, and the scopes that Panelist asks for.

With the setting GOOGLE_STAND_IN_URL everything goes to one address: nothing that credentials name is ever called.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

_SCOPE = "https://www.googleapis.com/auth/"
SCOPE_EVENTS = f"{_SCOPE}calendar.events"
SCOPE_FREE_BUSY = f"{_SCOPE}calendar.freebusy"
SCOPE_LIST = f"{_SCOPE}calendar.calendarlist.readonly"
SCOPE_ROOMS = f"{_SCOPE}admin.directory.resource.calendar.readonly"

#: What an administrator of a Workspace allows the service account, and what a person agrees to.
WORKSPACE_SCOPES = (SCOPE_EVENTS, SCOPE_FREE_BUSY, SCOPE_ROOMS)
PERSON_SCOPES = (SCOPE_EVENTS, SCOPE_FREE_BUSY, SCOPE_LIST)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to call Google. None ends with a slash."""

    calendar: str = "https://www.googleapis.com/calendar/v3"
    directory: str = "https://admin.googleapis.com/admin/directory/v1"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    revoke: str = "https://oauth2.googleapis.com/revoke"
    consent: str = "https://accounts.google.com/o/oauth2/v2/auth"


def addresses() -> Addresses:
    """The addresses as the settings have them now."""
    base = str(settings.GOOGLE_STAND_IN_URL)
    if not base:
        return Addresses()
    return Addresses(
        calendar=f"{base}/calendar/v3",
        directory=f"{base}/admin/directory/v1",
        token=f"{base}/token",
        revoke=f"{base}/revoke",
        consent=f"{base}/o/oauth2/v2/auth",
    )
