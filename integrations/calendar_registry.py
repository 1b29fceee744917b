"""The calendar vendors there are. Adding one is a folder in this package and an entry here."""

from __future__ import annotations

from integrations.calendar_entries import (
    CalendarEntry,
    CalendarFactory,
    Consent,
    ConsentRequest,
    Credentials,
    CredentialsForm,
)
from integrations.calendars import CalendarInfo

__all__ = [
    "CALENDARS",
    "CalendarEntry",
    "CalendarFactory",
    "Consent",
    "ConsentRequest",
    "Credentials",
    "CredentialsForm",
    "calendar_info",
]

CALENDARS: dict[str, CalendarEntry] = {}


def calendar_info(kind: str) -> CalendarInfo:
    """The vendor of this kind. Raises KeyError for a kind that is not in the registry."""
    return CALENDARS[kind].info
