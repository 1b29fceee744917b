"""Where things are in Microsoft Graph, for an app of an organization and for one person's own consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from integrations.calendars import Window

#: The named property that marks Panelist's events, with the id that Panelist gave. The GUID is Panelist's own.
MARK = "String {8f0cf3c6-4b0e-4f6a-9c3e-5d1f2f7a4b90} Name PanelistEvent"


@dataclass(frozen=True, slots=True)
class Place:
    """One calendar. `calendar`: an address of the organization, or the id of one of the person's own calendars."""

    calendar: str
    is_app: bool

    @property
    def owner(self) -> str:
        """The owner's address; empty for a person's own calendars, whose ids do not tell it."""
        return self.calendar if self.is_app else ""

    @property
    def path(self) -> str:
        name = quote(self.calendar, safe="")
        return f"/users/{name}/calendar" if self.is_app else f"/me/calendars/{name}"

    @property
    def events(self) -> str:
        return f"{self.path}/events"

    @property
    def resource(self) -> str:
        """The resource of a subscription: all events of the person's main calendar, or of one of their own."""
        name = quote(self.calendar, safe="")
        return f"/users/{name}/events" if self.is_app else f"/me/calendars/{name}/events"

    def event(self, event_id: str) -> str:
        return f"{self.events}/{quote(event_id, safe='')}"

    def marked(self, our_id: str) -> str:
        """The list of events with this mark. `our_id` has hexadecimal digits only."""
        marked = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq '{our_id}')"
        return f"{self.events}?{query({'$filter': marked, '$top': '20'})}"

    def delta(self, window: Window) -> str:
        return f"{self.path}/calendarView/delta?{query(_stretch(window))}"

    def view(self, window: Window) -> str:
        return f"{self.path}/calendarView?{query(_stretch(window))}"

    def instances(self, series: str, window: Window) -> str:
        return f"{self.event(series)}/instances?{query(_stretch(window))}"


def query(parameters: Mapping[str, str]) -> str:
    """The query of an address, as OData reads it: a space is never a plus, and names begin with a plain dollar sign."""
    return urlencode(parameters, quote_via=quote, safe="$")


def moment(value: datetime) -> str:
    """A moment for an address or a body, in UTC and without the zone's sign."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _stretch(window: Window) -> dict[str, str]:
    return {"startDateTime": moment(window.starts_at) + "Z", "endDateTime": moment(window.ends_at) + "Z"}
