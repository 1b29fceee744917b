"""The calendar vendors there are. Adding one is a folder in this package and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from integrations.base import Pacer
from integrations.calendars import Calendar, CalendarInfo

#: What a connection's credentials are made of, as its vendor's folder names them.
Credentials = Mapping[str, str]


class CalendarFactory(Protocol):
    """Makes the vendor with credentials; makes no call. `keep` is called with those that took their place, where the
    vendor gives new ones while it is used (a new refresh token)."""

    def __call__(
        self,
        credentials: Credentials,
        *,
        pacer: Pacer | None = None,
        keep: Callable[[Credentials], None] | None = None,
    ) -> Calendar: ...


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One vendor. `describe` is asked anew each time, because waiting times are settings."""

    describe: Callable[[], CalendarInfo]
    factory: CalendarFactory

    @property
    def info(self) -> CalendarInfo:
        return self.describe()


CALENDARS: dict[str, CalendarEntry] = {}


def calendar_info(kind: str) -> CalendarInfo:
    """The vendor of this kind. Raises KeyError for a kind that is not in the registry."""
    return CALENDARS[kind].info
