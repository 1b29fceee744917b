"""Reading of one calendar: all of a window, or what changed in it since a delta link. All pages, or an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from integrations.base import Gone, Refused, Retryable
from integrations.calendars import Changes, Occurrence, TokenExpired, Window
from integrations.microsoft import shapes
from integrations.microsoft.client import PAGE_SIZE, Call, Client
from integrations.microsoft.places import Place
from integrations.microsoft.shapes import Json


@dataclass(slots=True)
class _Round:
    """The entries of one round of delta calls, by their ids; a later one takes an earlier one's place."""

    single: dict[str, Json] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def add(self, item: Json) -> None:
        id = shapes.identifier(item.get("id"))
        if not id:
            raise shapes.unreadable()
        if "@removed" in item:
            self.single.pop(id, None)
            self.series.discard(id)
            self.removed.add(id)
            return
        self.removed.discard(id)
        if item.get("type") == "seriesMaster":
            self.series.add(id)
        elif master := shapes.identifier(item.get("seriesMasterId")):
            self.series.add(master)
        else:
            self.single[id] = item


def changes(client: Client, place: Place, window: Window, zone: ZoneInfo, token: str) -> Changes:
    """The calendar's occurrences in the window, or those that changed since `token`, a whole delta link.

    A delta round gives occurrences of a series without what stands in the series itself, and of a changed series only
    what changed; so the occurrences of each series that is named are read from it. Raises `TokenExpired`.
    """
    found, link = _round(client, place, window, token)
    occurrences: dict[str, Occurrence] = {}
    for item in found.single.values():
        _add(item, window, zone, occurrences, found.removed)
    for series in sorted(found.series - found.removed):
        before = len(occurrences)
        for item in _instances(client, place, series, window):
            _add(item, window, zone, occurrences, found.removed)
        if len(occurrences) == before:
            found.removed.add(series)
    removed = tuple(sorted(found.removed - occurrences.keys())) if token else ()
    return Changes(tuple(occurrences.values()), removed, link, is_whole=not token)


def _round(client: Client, place: Place, window: Window, token: str) -> tuple[_Round, str]:
    """The round's entries, and the delta link that the next round begins with."""
    found, link = _Round(), ""
    call = Call("delta", "GET", token or place.delta(window), has_token=bool(token), page_size=PAGE_SIZE)
    try:
        for page in client.pages(call):
            for item in shapes.objects(page["value"]):
                found.add(item)
            link = shapes.text(page.get("@odata.deltaLink"))
    except Gone:
        raise
    except Refused as refusal:
        if token and refusal.code == "refused":  # a link that Graph can't read any more is no different from an old one
            raise TokenExpired("token_expired") from None
        raise
    if not link:
        raise shapes.unreadable()
    return found, link


def _instances(client: Client, place: Place, series: str, window: Window) -> list[Json]:
    """The occurrences of a series in the window. None where it was deleted since the round, as two answers say."""
    try:
        return _whole_list(client, Call("instances", "GET", place.instances(series, window), page_size=PAGE_SIZE))
    except Gone:
        pass
    try:
        client.run(Call("getEvent", "GET", place.event(series)))
    except Gone:
        return []
    raise Retryable("server_error")


def view(client: Client, place: Place, window: Window, zone: ZoneInfo) -> list[Occurrence]:
    """The busy occurrences of the window, read without a token."""
    found: dict[str, Occurrence] = {}
    for item in _whole_list(client, Call("view", "GET", place.view(window), page_size=PAGE_SIZE)):
        _add(item, window, zone, found, set())
    return [one for one in found.values() if not one.is_free]


def _whole_list(client: Client, call: Call) -> list[Json]:
    pages: Iterable[Json] = client.pages(call)
    return [item for page in pages for item in shapes.objects(page["value"])]


def _add(item: Json, window: Window, zone: ZoneInfo, found: dict[str, Occurrence], removed: set[str]) -> None:
    """Add the item's occurrence. One that is outside the window now, or takes no time, is gone from it."""
    one = shapes.occurrence(item, zone)
    if one is not None and one.starts_at < window.ends_at and one.ends_at > window.starts_at:
        found[one.id] = one
    else:
        removed.add(shapes.identifier(item.get("id")))
