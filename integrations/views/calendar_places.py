"""The two places in which calendars are connected: for a whole organization, by its admins, and each member's own.

Their pages are the same but for the rows that they reach and the addresses that they lead to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from integrations.calendar_registry import CALENDARS, CalendarEntry, CredentialsForm
from integrations.models import CalendarCheck, CalendarConnection
from organizations.access import Access
from organizations.models import Membership


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two, for the reader of a page. `membership`: the owner; None for the organization's."""

    access: Access
    membership: Membership | None = None

    @property
    def is_own(self) -> bool:
        return self.membership is not None

    def url(self, what: str, **ids: str | int) -> str:
        """The address of one of the pages that both have, such as "connect"."""
        return self.access.url(f"{'own' if self.is_own else 'settings'}-calendar-{what}", **ids)

    def page(self, kind: str) -> str:
        """The page that shows the connections of this kind."""
        return self.access.url("own-calendars") if self.is_own else self.access.url("settings-calendar", kind=kind)

    def entry(self, kind: str) -> CalendarEntry:
        """The vendor, where it can be connected here; 404 otherwise."""
        entry = CALENDARS.get(kind)
        if entry is None or not self.offers(entry):
            raise Http404
        return entry

    def offers(self, entry: CalendarEntry) -> bool:
        """Whether there is a way to connect the vendor here."""
        info = entry.info
        if not self.is_own:
            return info.for_everyone and entry.everyone_form is not None
        return info.for_person and (entry.person_form is not None or entry.consent is not None)

    def form(self, entry: CalendarEntry, *arguments: Any, **options: Any) -> CredentialsForm | None:
        """The form that takes credentials; None where people agree at the vendor instead."""
        kind = entry.person_form if self.is_own else entry.everyone_form
        return kind(*arguments, **options) if kind is not None else None

    def connection(self, pk: int | str) -> CalendarConnection:
        """A connection of this place, connected; 404 otherwise."""
        rows = self.connections().exclude(state=CalendarConnection.State.DISCONNECTED)
        found: CalendarConnection | None = rows.filter(pk=pk).first()
        if found is None or found.kind not in CALENDARS:
            raise Http404
        return found

    def connections(self) -> Any:
        rows = self.access.whole(CalendarConnection).filter(membership=self.membership, left_at=None)
        return rows.select_related("connected_by").order_by("kind", "pk")

    def check(self, pk: int) -> CalendarCheck:
        """A check that was begun in this place; 404 otherwise."""
        found = self.access.whole(CalendarCheck).filter(membership=self.membership, pk=pk).first()
        if found is None or found.kind not in CALENDARS:
            raise Http404
        return found


def everyones(access: Access) -> Place:
    return Place(access)


def own(access: Access) -> Place:
    return Place(access, access.membership)
