"""The cards of calendar vendors among the integrations: those that serve a whole organization."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.calendar_registry import CALENDARS, CalendarEntry
from integrations.calendar_risks import risks_of
from integrations.calendar_texts import calendar_problem
from integrations.calendars import CalendarInfo
from integrations.models import CalendarConnection
from integrations.views.calendar_places import everyones
from organizations.access import Access


@dataclass(frozen=True, slots=True)
class CalendarCard:
    """One vendor, with the organization's connection to it."""

    entry: CalendarEntry
    connection: CalendarConnection | None

    @property
    def info(self) -> CalendarInfo:
        return self.entry.info

    @property
    def is_connected(self) -> bool:
        return self.connection is not None and self.connection.is_connected

    @property
    def problem(self) -> str:
        return calendar_problem(self.connection) if self.connection is not None else ""

    @property
    def risks(self) -> list[str]:
        return risks_of(self.connection) if self.connection is not None else []

    @property
    def has_trial(self) -> bool:
        return bool(self.entry.trial())

    @property
    def mark(self) -> list[str]:
        """The templates that may draw the vendor's mark, the first that there is."""
        return [f"integrations/{self.info.kind}/mark.html", "integrations/calendars/mark.html"]


def calendar_cards(access: Access) -> list[CalendarCard]:
    """One card for each vendor that admins can connect for everybody; one query."""
    place = everyones(access)
    offered = {kind: entry for kind, entry in CALENDARS.items() if place.offers(entry)}
    if not offered:
        return []
    rows = {row.kind: row for row in place.connections().defer("credentials").filter(kind__in=offered)}
    return [CalendarCard(entry, rows.get(kind)) for kind, entry in offered.items()]
