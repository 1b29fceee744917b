"""Lists of a calendar's entries: whole, or changed since a token. Every page, or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from integrations.base import Gone, Refused, Retryable, ToolError
from integrations.calendars import Changes, Occurrence, TokenExpired, Window
from integrations.google.addresses import Addresses
from integrations.google.client import Ask, Client, Query, events_url
from integrations.google.errors import Json
from integrations.google.shapes import moment, occurrence, text, zone_of

#: Entries on one page: with these fields about 500 bytes each.
PAGE_SIZE = "1000"
MOST_PAGES = 40
#: A change list with more series than this is not worth asking about one by one: everything is read anew.
MOST_SERIES = 8

#: Without these an answer has everything: texts, guests, attachments.
FIELDS = (
    "timeZone,nextPageToken,nextSyncToken,items(id,status,summary,start,end,recurringEventId,transparency,visibility,"
    "eventType,extendedProperties/private,iCalUID,attendees(self,responseStatus))"
)
#: The same in a first list and in those of changes, as the API asks for.
ALIKE = {"singleEvents": "true", "maxResults": PAGE_SIZE, "maxAttendees": "1", "fields": FIELDS}


def stamp(value: datetime) -> str:
    """A moment as the API takes it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class _Listed:
    """Every item of a list, the calendar's zone, and the token for its changes."""

    items: list[Json]
    zone: ZoneInfo
    token: str


class Reader:
    """Reads one calendar for a window. `zone` is that of whole days where the calendar does not tell its own."""

    def __init__(self, client: Client, addresses: Addresses, calendar: str, window: Window, zone: ZoneInfo) -> None:
        self._client, self._addresses, self._calendar = client, addresses, calendar
        self._window, self._zone = window, zone

    def everything(self) -> Changes:
        """All occurrences of the window, with a token for what changes later."""
        try:
            listed = self._list("events_list", events_url(self._addresses, self._calendar), self._bounds())
        except TokenExpired:  # without any token: to read anew would only ask the same again
            raise Retryable("server_error") from None
        found = [
            each
            for item in listed.items
            if item.get("status") != "cancelled" and (each := occurrence(item, listed.zone)) and self._holds(each)
        ]
        return Changes(tuple(found), token=listed.token, is_whole=True)

    def since(self, token: str) -> Changes:
        """Changes since the token. Raises `TokenExpired`, also where so much changed that all is read anew."""
        try:
            listed = self._list("events_changes", events_url(self._addresses, self._calendar), {"syncToken": token})
        except Refused as problem:
            if problem.code != "refused":
                raise
            # 400, for a token that it does not know, where it should be 410.
            raise TokenExpired("token_expired") from None
        series = {text(item.get("recurringEventId")) for item in listed.items} - {""}
        if len(series) > MOST_SERIES:
            raise TokenExpired("token_expired")
        alone = [item for item in listed.items if not text(item.get("recurringEventId"))]
        found, removed = self._sorted(alone, listed.zone)
        alive = {text(item.get("recurringEventId")) for item in listed.items if item.get("status") != "cancelled"}
        for one in sorted(series):
            occurrences = self._occurrences_of(one, listed.zone, is_alive=one in alive)
            found += occurrences
            removed += [] if occurrences else [one]
        return Changes(tuple(found), tuple(removed), listed.token)

    def _sorted(self, items: Iterable[Json], zone: ZoneInfo) -> tuple[list[Occurrence], list[str]]:
        """Occurrences that are in the window, and ids of those that are not, or not any more."""
        found: list[Occurrence] = []
        removed: list[str] = []
        for item in items:
            each = None if item.get("status") == "cancelled" else occurrence(item, zone)
            if each is not None and self._holds(each):
                found.append(each)
            else:
                removed.append(text(item.get("id")))
        return found, removed

    def _occurrences_of(self, series: str, zone: ZoneInfo, *, is_alive: bool) -> list[Occurrence]:
        """A series' occurrences in the window, read anew: an incremental list need not have all of them.

        `is_alive`: one was just listed. Where Google then knows no such series, everything is read anew.
        """
        url = events_url(self._addresses, self._calendar, series, "instances")
        query = {name: value for name, value in self._bounds().items() if name != "singleEvents"}
        try:
            listed = self._list("events_instances", url, query)
        except (Refused, TokenExpired) as problem:
            is_gone = isinstance(problem, Gone | TokenExpired)  # 404, or 410 for a deleted one
            if is_gone and not is_alive:
                return []
            if is_gone or problem.code == "refused":  # 400 for one that does not recur any more
                raise TokenExpired("token_expired") from None
            raise
        return self._sorted((item for item in listed.items if item.get("status") != "cancelled"), zone)[0]

    def _bounds(self) -> dict[str, str]:
        # The end is taken as exclusive in whole seconds; one more loses nothing, as each occurrence is compared below.
        end = self._window.ends_at + timedelta(seconds=1)
        return {"timeMin": stamp(self._window.starts_at), "timeMax": stamp(end)}

    def _holds(self, each: Occurrence) -> bool:
        return each.starts_at < self._window.ends_at and each.ends_at > self._window.starts_at

    def _list(self, name: str, url: str, query: Query) -> _Listed:
        """Every page of a list. Raises `Retryable` for one that makes no sense: half a list is none."""
        alike = {key: value for key, value in ALIKE.items() if name != "events_instances" or key != "singleEvents"}
        items: dict[str, Json] = {}
        page: Json = {}
        asked: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            page = self._client.run(Ask(name, "GET", url, {**alike, **query, **asked}))
            for item in _items(page):
                items[text(item.get("id"))] = item
            if not (following := text(page.get("nextPageToken"))):
                break
            asked = {"pageToken": following}
        else:
            raise Refused("too_many")
        token = text(page.get("nextSyncToken"))
        if not token and name != "events_instances":
            raise Retryable("unreadable")
        return _Listed(list(items.values()), zone_of(page.get("timeZone"), self._zone), token)


def _items(page: Json) -> list[Json]:
    found = page.get("items")
    if not isinstance(found, list) or not all(isinstance(each, dict) and text(each.get("id")) for each in found):
        raise Retryable("unreadable")
    return found


#: The most calendars that one question about busy times may have.
CALENDARS_PER_QUESTION = 50


def busy_question(addresses: Addresses, calendars: Iterable[str], window: Window) -> Ask:
    """The request for busy times of up to `CALENDARS_PER_QUESTION` calendars."""
    body = {
        "timeMin": stamp(window.starts_at),
        "timeMax": stamp(window.ends_at),
        "timeZone": "UTC",
        "calendarExpansionMax": CALENDARS_PER_QUESTION,
        "items": [{"id": calendar} for calendar in calendars],
    }
    return Ask("free_busy", "POST", f"{addresses.calendar}/freeBusy", body=body)


def busy_times(answer: Json, calendar: str, window: Window) -> list[Occurrence] | ToolError:
    """One calendar's busy stretches in an answer, or why they can't be told. Nothing told is unknown, never free."""
    told = answer.get("calendars")
    # Google names calendars as they were asked for, but for the case of addresses.
    names = {name.lower(): value for name, value in told.items()} if isinstance(told, dict) else {}
    found = names.get(calendar.lower())
    if not isinstance(found, dict):
        return Retryable("unreadable")
    if found.get("errors"):
        return _busy_problem(found["errors"])
    stretches = found.get("busy")
    if not isinstance(stretches, list):
        return Retryable("unreadable")
    occurrences = []
    for each in stretches:
        moments = (
            [moment({"dateTime": each.get(end)}, ZoneInfo("UTC")) for end in ("start", "end")] if _is(each) else []
        )
        if len(moments) != 2 or moments[0] is None or moments[1] is None:
            return Retryable("unreadable")
        if moments[1] > moments[0]:
            occurrences.append(Occurrence(f"busy {stamp(moments[0])}", moments[0], moments[1]))
    return [each for each in occurrences if each.starts_at < window.ends_at and each.ends_at > window.starts_at]


def _is(value: object) -> bool:
    return isinstance(value, dict)


def _busy_problem(errors: object) -> ToolError:
    reasons = {text(each.get("reason")) for each in errors if _is(each)} if isinstance(errors, list) else set()
    if "notFound" in reasons:
        return Gone("calendar_gone")
    if reasons & {"groupTooBig", "tooManyCalendarsRequested"}:
        return Refused("refused")
    return Retryable("server_error")
