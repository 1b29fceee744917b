"""Lists of events: pages, sync tokens, and answers cut down to the fields that were asked for."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.sandbox.calendars.entries import CalendarRow, Occurrence
from integrations.sandbox.calendars.world import TokenTooOld, World
from integrations.sandbox.directory import VendorError
from integrations.sandbox.google.events import Json, master, shown
from integrations.sandbox.rendering import Form

#: What may not be asked together with a sync token.
NOT_WITH_TOKEN = (
    *("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax"),
    "updatedMin",
)
MOST_PER_PAGE = 2500
#: How far the occurrences of a series without bounds are told.
HORIZON = timedelta(days=800)


class BadQuery(VendorError):
    """The query is wrong (HTTP 400)."""


def events(world: World, row: CalendarRow, query: Form) -> Json:
    """A page of a calendar's events. Raises BadQuery, and TokenTooOld for a sync token of before."""
    if query["syncToken"]:
        if wrong := [name for name in NOT_WITH_TOKEN if query[name]]:
            raise BadQuery(f"Sync token cannot be used with {', '.join(wrong)}.")
        asked = _opened(query["syncToken"])
        if asked is None or asked.get("calendar") != row.id:
            raise TokenTooOld("Sync token is no longer valid, a full sync is required.")
        items = _changed(world, row, asked)
    else:
        asked = {"calendar": row.id, "min": query["timeMin"], "max": query["timeMax"]}
        asked["single"] = query["singleEvents"] == "true"
        items = _all(world, row, asked, query)
    token = _sealed({**asked, "position": row.last_change})
    return _page(world, row, items, query, token)


def instances(world: World, row: CalendarRow, id: str, query: Form) -> Json:
    """A page of the occurrences of one series, changed ones among them. Raises NotThere."""
    entry = world.entry(row.id, id)
    after, before = _bounds({"min": query["timeMin"], "max": query["timeMax"]}, world)
    found = [] if entry.cancelled else [each for each in world.occurrences(row.id, after, before) if each.series == id]
    return _page(world, row, [shown(each, max_attendees=_most_guests(query)) for each in found], query, "")


def _all(world: World, row: CalendarRow, asked: dict[str, Any], query: Form) -> list[Json]:
    after, before = _bounds(asked, world)
    if asked["single"]:
        found = world.occurrences(row.id, after, before)
        return [shown(each, max_attendees=_most_guests(query)) for each in found]
    return [master(entry) for entry in world.live(row.id) if any(True for _ in entry.starts(after, before))]


def _changed(world: World, row: CalendarRow, asked: dict[str, Any]) -> list[Json]:
    """Changes since the token, as occurrences of the token's window, with those that ended as cancelled ones."""
    after, before = _bounds(asked, world)
    items: list[Json] = []
    for entry in world.changed(row.id, int(asked["position"])):
        if not asked["single"]:
            items.append(master(entry))
        elif entry.rule:
            items += [shown(each) for each in world.occurrences_of(entry, after, before)]
        else:
            # Not in the token's window any more: Google tells it all the same.
            one = Occurrence(
                entry, entry.id, entry.starts_at, entry.ends_at, entry.series, entry.original_start, entry.cancelled
            )
            items.append(shown(one))
    return items


def _bounds(asked: dict[str, Any], world: World) -> tuple[datetime, datetime]:
    now = world.now()
    try:
        after = datetime.fromisoformat(asked["min"]) if asked["min"] else now - HORIZON
        before = datetime.fromisoformat(asked["max"]) if asked["max"] else now + HORIZON
    except ValueError:
        raise BadQuery("Invalid value for: timeMin or timeMax.") from None
    if after.tzinfo is None or before.tzinfo is None:
        raise BadQuery("timeMin and timeMax need a time zone offset.")
    if before <= after:
        raise BadQuery("The specified time range is empty.")
    return after.astimezone(UTC), before.astimezone(UTC)


def _most_guests(query: Form) -> int | None:
    return int(query["maxAttendees"]) if query["maxAttendees"].isdecimal() else None


def _page(world: World, row: CalendarRow, items: list[Json], query: Form, token: str) -> Json:
    size = int(query["maxResults"]) if query["maxResults"].isdecimal() else 250
    size = max(1, min(size, MOST_PER_PAGE))
    start = 0
    if query["pageToken"]:
        opened = _opened(query["pageToken"])
        if opened is None:
            raise BadQuery("Invalid page token value.")
        start, token = int(opened["start"]), str(opened["token"])
    page: Json = {
        "kind": "calendar#events",
        "etag": f'"{row.last_change:016d}"',
        "summary": row.name,
        "updated": world.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "timeZone": row.zone,
        "accessRole": "owner" if row.access == "write" else "reader",
        "items": items[start : start + size],
    }
    if start + size < len(items):
        page["nextPageToken"] = _sealed({"start": start + size, "token": token})
    elif token:
        page["nextSyncToken"] = token
    return page


def _sealed(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _opened(token: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def cut(body: Any, fields: str) -> Any:
    """The members that a `fields` parameter names, such as `a,items(id,b/c)`. Raises BadQuery."""
    return _cut(body, _parsed(fields)) if fields else body


def _parsed(fields: str) -> dict[str, Any]:
    """The names of a `fields` parameter, each with those below it."""
    tree: dict[str, Any] = {}
    depth, part, parts = 0, "", []
    for letter in f"{fields},":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    if depth or not all(parts):
        raise BadQuery("Invalid field selection.")
    for each in parts:
        name, _, below = each.partition("(") if "(" in each and "/" not in each.partition("(")[0] else (each, "", "")
        if below:
            tree[name] = _parsed(below[:-1])
        elif "/" in name:
            first, _, rest = name.partition("/")
            tree.setdefault(first, {}).update(_parsed(rest))
        else:
            tree[name] = {}
    return tree


def _cut(body: Any, tree: dict[str, Any]) -> Any:
    if isinstance(body, list):
        return [_cut(each, tree) for each in body]
    if not isinstance(body, dict) or not tree:
        return body
    return {name: _cut(value, tree[name]) for name, value in body.items() if name in tree}
