"""Lists of events: in pages, in delta rounds, of a window or of a series, by a named property."""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from integrations.sandbox.calendars.entries import CalendarRow, Entry
from integrations.sandbox.calendars.world import NotThere, TokenTooOld, World
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.microsoft import events, refusals
from integrations.sandbox.microsoft.events import Json
from integrations.sandbox.rendering import Form
from integrations.sandbox.server import Request

MOST_LISTS = 200
DEFAULT_PAGE, MOST_ON_A_PAGE = 10, 1000
_FILTER = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([^']*)'\)", re.IGNORECASE
)


class Lists:
    """The pages of lists that were begun, and what is in each list."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._begun: dict[str, tuple[list[Json], str, str]] = {}

    def begin(self, request: Request, items: list[Json], path: str, token: str = "") -> Answer:
        """The first page. `path`: the list's own address. `token`: of a delta round, for its last page."""
        while len(self._begun) >= MOST_LISTS:
            del self._begun[next(iter(self._begun))]
        name = secrets.token_urlsafe(12)
        self._begun[name] = (items, path, token)
        return self.page(request, name, 0)

    def follow(self, request: Request, token: str) -> Answer:
        """The page of a skip token. Raises Refusal for one that is unknown."""
        name, _, offset = token.partition(".")
        if name not in self._begun or not offset.isdecimal():
            raise refusals.TOO_OLD
        return self.page(request, name, int(offset))

    def page(self, request: Request, name: str, offset: int) -> Answer:
        items, path, token = self._begun[name]
        size = _page_size(request)
        body: dict[str, Any] = {"value": items[offset : offset + size]}
        if offset + size < len(items):
            body["@odata.nextLink"] = f"{path}?$skiptoken={name}.{offset + size}"
        elif token:
            body["@odata.deltaLink"] = f"{path}?$deltatoken={quote(token)}"
        return json_answer(200, body)

    def delta(self, request: Request, row: CalendarRow, query: Form, path: str) -> Answer:
        """The first page of a delta round: a whole one, or one since a token."""
        if forbidden := sorted({"$select", "$filter", "$expand", "$orderby", "$search"} & query.keys()):
            raise refusals.bad_request(f"The query parameter {forbidden[0]} is not supported for delta.")
        if query["$deltatoken"]:
            since, after, before = _read(query["$deltatoken"], row.id)
            items = self._since(row, since, after, before)
        else:
            after, before = window_of(query)
            items = self._whole(row, after, before)
        return self.begin(request, items, path, _token(row, after, before))

    def _whole(self, row: CalendarRow, after: datetime, before: datetime) -> list[Json]:
        found: list[Json] = []
        masters: set[str] = set()
        for one in self._world.occurrences(row.id, after, before):
            if one.entry.rule and one.series not in masters:
                masters.add(one.series)
                found.append(events.event(one.entry, row.owner))
            found.append(events.occurrence(one, row.owner, whole=False))
        return found

    def _since(self, row: CalendarRow, since: int, after: datetime, before: datetime) -> list[Json]:
        """Changes since then. Removals are told wherever the event was, in the window or not."""
        try:
            changed = self._world.changed(row.id, since)
        except TokenTooOld:
            raise refusals.TOO_OLD from None
        found: list[Json] = []
        for entry in changed:
            found += self._changed(entry, row, after, before)
        return found

    def _changed(self, entry: Entry, row: CalendarRow, after: datetime, before: datetime) -> list[Json]:
        ones = self._world.occurrences_of(entry, after, before)
        live = [events.occurrence(one, row.owner, whole=False) for one in ones if not one.cancelled]
        gone = [events.removed(one.id) for one in ones if one.cancelled]
        if entry.cancelled or (not entry.rule and not live):
            return [*gone, events.removed(entry.id)]
        return [events.event(entry, row.owner), *live, *gone] if entry.rule else live

    def view(self, request: Request, row: CalendarRow, query: Form, path: str) -> Answer:
        """Occurrences of a window, whole."""
        found = self._world.occurrences(row.id, *window_of(query))
        return self.begin(request, [events.occurrence(one, row.owner, whole=True) for one in found], path)

    def instances(self, request: Request, row: CalendarRow, id: str, query: Form, path: str) -> Answer:
        """Occurrences of a series in a window, with those that were changed."""
        try:
            series = self._world.entry(row.id, id)
        except NotThere:
            raise refusals.NOT_FOUND from None
        if series.cancelled or not series.rule:
            raise refusals.NOT_FOUND
        found = [one for one in self._world.occurrences(row.id, *window_of(query)) if one.series == id]
        return self.begin(request, [events.occurrence(one, row.owner, whole=True) for one in found], path)

    def events(self, request: Request, row: CalendarRow, query: Form, path: str) -> Answer:
        """Events with a named property of a value; without a filter all of them."""
        found = self._world.live(row.id)
        if query["$filter"]:
            wanted = _FILTER.fullmatch(query["$filter"])
            if wanted is None:
                raise refusals.bad_request("The $filter is not supported.")
            found = [one for one in found if one.extra.get("properties", {}).get(wanted[1]) == wanted[2]]
        return self.begin(request, [events.event(one, row.owner) for one in found], path)


def window_of(query: Form) -> tuple[datetime, datetime]:
    """The window that an address names. Raises Refusal."""
    try:
        moments = [datetime.fromisoformat(query[name]) for name in ("startDateTime", "endDateTime")]
    except ValueError:
        raise refusals.bad_request("This request requires a time window.") from None
    after, before = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in moments)
    if before <= after:
        raise refusals.bad_request("The end of the window is before its start.")
    return after, before


def _page_size(request: Request) -> int:
    prefer = ", ".join(request.headers.get_all("Prefer") or [])
    found = re.search(r"odata\.maxpagesize=(\d+)", prefer)
    return min(max(int(found[1]), 1), MOST_ON_A_PAGE) if found else DEFAULT_PAGE


def _token(row: CalendarRow, after: datetime, before: datetime) -> str:
    """A delta token: the position in the calendar's changes, and the window, which never changes."""
    known = [row.id, row.last_change, after.isoformat(), before.isoformat()]
    return base64.urlsafe_b64encode(json.dumps(known).encode()).decode()


def _read(token: str, calendar: str) -> tuple[int, datetime, datetime]:
    try:
        id, since, after, before = json.loads(base64.urlsafe_b64decode(token))
        read = (int(since), datetime.fromisoformat(after), datetime.fromisoformat(before))
    except (ValueError, TypeError):
        raise refusals.bad_request("Badly formed token.") from None
    if id != calendar:
        raise refusals.bad_request("Badly formed token.")
    return read
