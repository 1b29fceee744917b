"""The calendar vendors there are. Adding one is a folder in this package and an entry here."""

from __future__ import annotations

from integrations.caldav.calendar import caldav_calendar, caldav_info
from integrations.caldav.forms import CalDavForm
from integrations.calendar_entries import (
    CalendarEntry,
    CalendarFactory,
    Consent,
    ConsentRequest,
    Credentials,
    CredentialsForm,
)
from integrations.calendars import CalendarInfo
from integrations.google.vendor import PERSON as GOOGLE
from integrations.google.vendor import WORKSPACE as GOOGLE_WORKSPACE
from integrations.ics_feed.feed import ics_feed_calendar, ics_feed_info
from integrations.ics_feed.forms import FeedForm
from integrations.microsoft import notices, tokens
from integrations.microsoft.calendar import (
    microsoft_trial_credentials,
    organization_calendar,
    organization_info,
    person_calendar,
    person_info,
)
from integrations.microsoft.forms import MicrosoftForm

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

CALENDARS: dict[str, CalendarEntry] = {
    "google_workspace": GOOGLE_WORKSPACE,
    "google": GOOGLE,
    "microsoft_365": CalendarEntry(
        organization_info,
        organization_calendar,
        everyone_form=MicrosoftForm,
        trial=microsoft_trial_credentials,
        notices=notices.read,
    ),
    "microsoft": CalendarEntry(
        person_info,
        person_calendar,
        consent=Consent(tokens.consent_is_offered, tokens.consent_address, tokens.exchange),
        notices=notices.read,
    ),
    "caldav": CalendarEntry(caldav_info, caldav_calendar, person_form=CalDavForm),
    "ics_feed": CalendarEntry(ics_feed_info, ics_feed_calendar, person_form=FeedForm),
}


def calendar_info(kind: str) -> CalendarInfo:
    """The vendor of this kind. Raises KeyError for a kind that is not in the registry."""
    return CALENDARS[kind].info
