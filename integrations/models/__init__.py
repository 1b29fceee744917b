"""Connections to vendors: integrations with coding tools, calendar connections, and servers for video calls."""

from integrations.models.calendars import CalendarCheck, CalendarConnection
from integrations.models.meeting_servers import MeetingServer
from integrations.models.rate_limits import RateLimited
from integrations.models.tools import (
    Integration,
    IntegrationDay,
    KeyCheck,
    hash_of_webhook_token,
    new_webhook_secret,
    new_webhook_token,
)

__all__ = [
    "CalendarCheck",
    "CalendarConnection",
    "Integration",
    "IntegrationDay",
    "KeyCheck",
    "MeetingServer",
    "RateLimited",
    "hash_of_webhook_token",
    "new_webhook_secret",
    "new_webhook_token",
]
