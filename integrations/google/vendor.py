"""Google Calendar for the registry: a Workspace's for everybody, and a person's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.utils.translation import gettext_noop as _

from integrations.base import Pacer
from integrations.calendar_entries import CalendarEntry, Credentials
from integrations.calendars import CalendarInfo, CalendarLimits, Meeting
from integrations.google import notices
from integrations.google.addresses import PERSON_SCOPES, SCOPE_ROOMS, WORKSPACE_SCOPES
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.google.consent import CONSENT, revoke
from integrations.google.errors import PROBLEMS
from integrations.google.forms import WorkspaceForm

#: The account that the stand-in takes with any key.
TRIAL_ACCOUNT = "panelist@trial.iam.gserviceaccount.com"
TRIAL_ADMIN = "admin@example.com"


def workspace_info() -> CalendarInfo:
    """A Workspace. A project may send 10,000 requests a minute, and 600 for each person; new ones have lower limits."""
    return CalendarInfo(
        kind="google_workspace",
        name="Google Workspace",
        description=_("Reads and writes everyone's Google Calendar, through a service account."),
        limits=_limits(writes=5.0, reads=10.0),
        scopes=WORKSPACE_SCOPES,
        problems=PROBLEMS,
        for_everyone=True,
        can_watch=True,
        meeting=Meeting.GOOGLE_MEET,
        meeting_name="Google Meet",
        room_scope=SCOPE_ROOMS,
    )


def person_info() -> CalendarInfo:
    """A person's own account. 600 requests a minute are allowed for one; writing is limited beside that."""
    return CalendarInfo(
        kind="google",
        name="Google Calendar",
        description=_("Reads and writes your own Google Calendar, with your consent."),
        limits=_limits(writes=2.0, reads=5.0),
        scopes=PERSON_SCOPES,
        problems=PROBLEMS,
        for_person=True,
        can_watch=True,
        meeting=Meeting.GOOGLE_MEET,
        meeting_name="Google Meet",
    )


def _limits(*, writes: float, reads: float) -> CalendarLimits:
    return CalendarLimits(
        writes_per_second=writes,
        reads_per_second=reads,
        timeout=float(settings.CALENDAR_TIMEOUT),
        settle=float(settings.LINK_SETTLE_SECONDS),
        poll_minutes=5,
        watched_poll_minutes=60,
    )


def workspace_calendar(
    credentials: Credentials, *, pacer: Pacer | None = None, keep: Callable[[Credentials], None] | None = None
) -> WorkspaceCalendar:
    """The calendars of a Workspace with these credentials: `service_account` (JSON) and `admin` (an address)."""
    del keep  # a service account's key never changes while it is used
    return WorkspaceCalendar(workspace_info(), credentials, pacer)


def person_calendar(
    credentials: Credentials, *, pacer: Pacer | None = None, keep: Callable[[Credentials], None] | None = None
) -> PersonCalendar:
    """The calendars of one person with these credentials: `refresh_token`."""
    return PersonCalendar(person_info(), credentials, pacer, keep)


def google_trial_credentials() -> Credentials:
    """Credentials of the stand-in for a Workspace, where this installation has one; empty elsewhere."""
    return {"service_account": _trial_key(), "admin": TRIAL_ADMIN} if settings.GOOGLE_STAND_IN_URL else {}


@cache
def _trial_key() -> str:
    """A throw-away key: the stand-in takes any for the trial's account."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return json.dumps({"type": "service_account", "client_email": TRIAL_ACCOUNT, "private_key": pem})


WORKSPACE = CalendarEntry(
    workspace_info,
    workspace_calendar,
    everyone_form=WorkspaceForm,
    trial=google_trial_credentials,
    notices=notices.read,
)
PERSON = CalendarEntry(person_info, person_calendar, consent=CONSENT, revoke=revoke, notices=notices.read)
