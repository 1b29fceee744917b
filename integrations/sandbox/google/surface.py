"""The addresses of Google Calendar in the sandbox, and what each answers."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from integrations.sandbox.calendars.entries import Access, CalendarRow, Entry
from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.calendars.surface import BROKEN_PAGE, Surface
from integrations.sandbox.calendars.world import NotThere, TokenTooOld, World
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.google.accounts import CALENDAR_LIST, EVENTS, FREE_BUSY, ROOMS, Accounts, Grant
from integrations.sandbox.google.consent import consent_given, consent_page
from integrations.sandbox.google.events import (
    BadEvent,
    Json,
    busy,
    changed,
    check_id,
    entry_of,
    etag,
    finish_meeting,
    master,
    order_meeting,
)
from integrations.sandbox.google.lists import BadQuery, cut, events, instances
from integrations.sandbox.google.watching import BadWatch, Channels
from integrations.sandbox.model import Settings
from integrations.sandbox.rendering import Form, form_of
from integrations.sandbox.server import Request

MOST_BUSY_CALENDARS = 50
_ID = r"([^/]+)"
_EVENTS = rf"/calendar/v3/calendars/{_ID}/events"
#: Method, address, name and scope of each call; "" needs no token.
CALLS: tuple[tuple[str, str, str, str], ...] = (
    ("POST", "/token", "token", ""),
    ("POST", "/revoke", "revoke", ""),
    ("GET", "/o/oauth2/v2/auth", "consent", ""),
    ("POST", "/consent", "consent_given", ""),
    ("GET", "/calendar/v3/users/me/calendarList", "calendarList.list", CALENDAR_LIST),
    ("POST", "/calendar/v3/freeBusy", "freebusy.query", FREE_BUSY),
    ("POST", "/calendar/v3/channels/stop", "channels.stop", EVENTS),
    ("POST", f"{_EVENTS}/watch", "events.watch", EVENTS),
    ("GET", f"{_EVENTS}/{_ID}/instances", "events.instances", EVENTS),
    ("GET", _EVENTS, "events.list", EVENTS),
    ("POST", _EVENTS, "events.insert", EVENTS),
    ("GET", f"{_EVENTS}/{_ID}", "events.get", EVENTS),
    ("PATCH", f"{_EVENTS}/{_ID}", "events.patch", EVENTS),
    ("PUT", f"{_EVENTS}/{_ID}", "events.update", EVENTS),
    ("DELETE", f"{_EVENTS}/{_ID}", "events.delete", EVENTS),
    ("GET", "/admin/directory/v1/customer/my_customer/resources/calendars", "rooms.list", ROOMS),
)


class Refusal(Exception):
    """An answer with a status and Google's word for the reason."""

    def __init__(self, status: int, reason: str, message: str = "", domain: str = "global") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message, self.domain = status, reason, message or reason, domain

    def answer(self, headers: dict[str, str] | None = None) -> Answer:
        """The answer, as Google words errors."""
        each = {"domain": self.domain, "reason": self.reason, "message": self.message}
        return json_answer(
            self.status, {"error": {"code": self.status, "message": self.message, "errors": [each]}}, headers
        )


REFUSALS = {
    CalendarFault.ERROR_500_BEFORE: Refusal(500, "backendError", "Backend Error"),
    CalendarFault.ERROR_500_AFTER: Refusal(500, "backendError", "Backend Error"),
    CalendarFault.UNAVAILABLE: Refusal(503, "backendError", "Service unavailable"),
    CalendarFault.UNAUTHORIZED: Refusal(401, "authError", "Invalid Credentials"),
    CalendarFault.FORBIDDEN: Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes."),
    CalendarFault.QUOTA: Refusal(403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits"),
    CalendarFault.RATE_LIMITED_RETRY_AFTER: Refusal(429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    CalendarFault.RATE_LIMITED_BARE: Refusal(429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    CalendarFault.GONE: Refusal(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required."),
    CalendarFault.CHANGED: Refusal(412, "conditionNotMet", "Precondition Failed"),
    CalendarFault.CALENDAR_MISSING: Refusal(404, "notFound", "Not Found"),
}


class GoogleSurface(Surface):
    """Google Calendar. `accounts` has service accounts and consents, `channels` the watches.

    `meetings_pending`: readings of an event until a meeting that it orders is there. `meetings`: what becomes of such
    an order: "made", "refused" (as for a bare service account), "failed" or "ignored". `rooms_refused_for`: the reason
    for which rooms are refused, where they are.
    """

    prefix = "/google/"
    operations = tuple(name for _method, _path, name, _scope in CALLS)
    items = "items"

    def __init__(self, world: World, settings: Settings, stopping: threading.Event, base_url: str = "") -> None:
        super().__init__(world, settings, stopping, base_url)
        self.accounts = Accounts(world)
        self.channels = Channels(world)
        self.meetings_pending = 0
        self.meetings = "made"
        self.rooms_refused_for = ""
        self.make_service_account = self.accounts.make_service_account
        self.consent_of = self.accounts.consent_of
        self.revoke = self.accounts.revoke
        self._handlers: dict[str, Callable[..., Answer]] = {
            "calendarList.list": self._calendar_list,
            "freebusy.query": self._free_busy,
            "channels.stop": self._stop,
            "events.watch": self._watch,
            "events.instances": self._instances,
            "events.list": self._list,
            "events.insert": self._insert,
            "events.get": self._get,
            "events.patch": self._change,
            "events.update": self._change,
            "events.delete": self._delete,
            "rooms.list": self._rooms,
        }

    @property
    def url(self) -> str:
        """The value for GOOGLE_STAND_IN_URL."""
        return f"{self.base_url}/google"

    def operation(self, request: Request) -> str:
        return self._match(request)[0]

    def _match(self, request: Request) -> tuple[str, str, list[str]]:
        """Name, scope, and the ids in the address."""
        path = request.path.removeprefix(self.prefix.rstrip("/"))
        for method, pattern, name, scope in CALLS:
            if method == request.method and (found := re.fullmatch(pattern, path)):
                return name, scope, [unquote(each) for each in found.groups()]
        return "invalid", "", []

    def refuse(self, fault: CalendarFault, retry_after: int) -> Answer:
        """The answer for a fault that is a status of its own."""
        with_header = fault is CalendarFault.RATE_LIMITED_RETRY_AFTER
        return REFUSALS[fault].answer({"Retry-After": str(retry_after)} if with_header else None)

    def halved(self, body: Json) -> Json:
        """A list's first half, and a page after it that fails."""
        kept = {name: value for name, value in body.items() if name != "nextSyncToken"}
        half = body[self.items][: len(body[self.items]) // 2]
        return {**kept, self.items: half, "nextPageToken": BROKEN_PAGE}

    def handle(self, request: Request) -> Answer:
        name, scope, ids = self._match(request)
        signing_in = self._sign_in(name, request)
        return signing_in if signing_in is not None else self._call(name, scope, ids, request)

    def _sign_in(self, name: str, request: Request) -> Answer | None:
        """The answer of an address that needs no token; None for the others."""
        form = form_of(request.body.decode(errors="replace"))
        match name:
            case "invalid":
                return Refusal(404, "notFound", "Not Found").answer()
            case "token":
                return self.accounts.token(form, f"{self.url}/token")
            case "revoke":
                known = self.accounts.forget(form["token"])
                return json_answer(200 if known else 400, {} if known else {"error": "invalid_token"})
            case "consent":
                return consent_page(self.world, form_of(request.query))
            case "consent_given":
                return consent_given(self.accounts, self.world, request, form, self.base_url)
        return None

    def _call(self, name: str, scope: str, ids: list[str], request: Request) -> Answer:
        try:
            grant = self._granted(request, scope)
            query = form_of(request.query)
            answer = self._handlers[name](grant, request, query, *ids)
            body = json.loads(answer.body) if answer.body else None
            return answer if body is None else dataclasses.replace(answer, body=_dumped(cut(body, query["fields"])))
        except Refusal as problem:
            return problem.answer()
        except NotThere:
            return Refusal(404, "notFound", "Not Found").answer()
        except TokenTooOld as problem:
            return Refusal(410, "fullSyncRequired", str(problem)).answer()
        except (BadEvent, BadQuery) as problem:
            return Refusal(400, "invalid", str(problem)).answer()
        except BadWatch as problem:
            return Refusal(400, str(problem)).answer()
        except VendorError as problem:
            return Refusal(400, "badRequest", str(problem)).answer()

    def _granted(self, request: Request, scope: str) -> Grant:
        grant = self.accounts.grant_of(request.headers.get("Authorization"))
        if grant is None:
            raise Refusal(401, "authError", "Invalid Credentials")
        if scope not in grant.scopes:
            raise Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        return grant

    def _calendar(self, grant: Grant, id: str, *, writes: bool = False) -> CalendarRow:
        """The calendar that the person may see. Others are not found, as Google says it."""
        row = self.world.calendar(grant.subject if id == "primary" else id)
        room = self.world.people.get(row.owner)
        shared = row.owner == grant.subject or (room is not None and room.is_room)
        if not shared or row.access in (Access.NONE, Access.BUSY_ONLY):
            raise NotThere("There is no such calendar.")
        if writes and (row.access is not Access.WRITE or row.owner != grant.subject):
            raise Refusal(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
        return row

    # Calendars and busy times

    def _calendar_list(self, grant: Grant, _request: Request, _query: Form) -> Answer:
        roles = {Access.WRITE: "writer", Access.READ: "reader", Access.BUSY_ONLY: "freeBusyReader"}
        items = [
            {
                "kind": "calendar#calendarListEntry",
                "etag": f'"{row.last_change:016d}"',
                "id": row.id,
                "summary": row.name,
                "timeZone": row.zone,
                "accessRole": "owner" if row.is_main and row.access is Access.WRITE else roles[row.access],
                **({"primary": True} if row.is_main else {}),
            }
            for row in self.world.calendars_of(grant.subject)
            if row.access is not Access.NONE
        ]
        return json_answer(200, {"kind": "calendar#calendarList", "items": items})

    def _free_busy(self, _grant: Grant, request: Request, _query: Form) -> Answer:
        asked = _json(request)
        after, before = self._stretch(asked)
        calendars: Json = {}
        for number, item in enumerate(asked.get("items") or []):
            id = str(item.get("id", ""))
            row = self.world.calendars.get(id.lower())
            if number >= MOST_BUSY_CALENDARS:
                calendars[id] = {"errors": [{"domain": "global", "reason": "tooManyCalendarsRequested"}], "busy": []}
            elif row is None or row.access is Access.NONE:
                calendars[id] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
            else:
                found = self.world.occurrences(row.id, after, before)
                calendars[id] = {"busy": busy(found, after, before)}
        ends = {"timeMin": asked["timeMin"], "timeMax": asked["timeMax"]}
        return json_answer(200, {"kind": "calendar#freeBusy", **ends, "calendars": calendars})

    def _stretch(self, asked: Json) -> tuple[datetime, datetime]:
        try:
            after, before = (datetime.fromisoformat(asked[name]).astimezone(UTC) for name in ("timeMin", "timeMax"))
        except (KeyError, TypeError, ValueError):
            raise BadQuery("timeMin and timeMax are required.") from None
        if before <= after:
            raise BadQuery("The specified time range is empty.")
        return after, before

    def _rooms(self, _grant: Grant, _request: Request, _query: Form) -> Answer:
        if self.rooms_refused_for:
            raise Refusal(403, self.rooms_refused_for)
        items = [
            {
                "kind": "admin#directory#resources#calendars#CalendarResource",
                "resourceId": room.address.partition("@")[0],
                "resourceName": room.name,
                "resourceEmail": room.address,
                "resourceCategory": "CONFERENCE_ROOM",
                "generatedResourceName": room.name,
            }
            | ({"capacity": room.seats} if room.seats else {})
            | ({"floorName": room.place} if room.place else {})
            for room in self.world.rooms()
        ]
        kind = "admin#directory#resources#calendars#calendarResourcesList"
        return json_answer(200, {"kind": kind, **({"items": items} if items else {})})

    # Events

    def _list(self, grant: Grant, _request: Request, query: Form, calendar: str) -> Answer:
        return json_answer(200, events(self.world, self._calendar(grant, calendar), query))

    def _instances(self, grant: Grant, _request: Request, query: Form, calendar: str, id: str) -> Answer:
        return json_answer(200, instances(self.world, self._calendar(grant, calendar), id, query))

    def _get(self, grant: Grant, _request: Request, _query: Form, calendar: str, id: str) -> Answer:
        row = self._calendar(grant, calendar)
        entry = self.world.entry(row.id, id)
        finished = finish_meeting(entry, self.base_url)
        if finished != entry:
            entry = self.world.put(finished)
        return json_answer(200, master(entry))

    def _insert(self, grant: Grant, request: Request, query: Form, calendar: str) -> Answer:
        row, body = self._calendar(grant, calendar, writes=True), _json(request)
        id = str(body.get("id") or secrets.token_hex(13))
        check_id(id)
        if body.get("iCalUID") and body.get("id"):
            raise BadEvent("Give an id or an iCalUID, not both.")
        if self.world.find(row.id, id) is not None:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
        entry = entry_of(body, row.id, row.zone, id, grant.account)
        return json_answer(200, master(self.world.put(self._with_meeting(entry, body, query))))

    def _change(self, grant: Grant, request: Request, query: Form, calendar: str, id: str) -> Answer:
        row, body = self._calendar(grant, calendar, writes=True), _json(request)
        entry = self.world.entry(row.id, id)
        self._compare(request, etag(entry))
        if request.method == "PUT":
            made = entry_of({"status": "confirmed", **body}, row.id, row.zone, id, grant.account)
            new = dataclasses.replace(made, made_by=entry.made_by)
        else:
            new = changed(entry, body)
        return json_answer(200, master(self.world.put(self._with_meeting(new, body, query))))

    def _delete(self, grant: Grant, request: Request, _query: Form, calendar: str, id: str) -> Answer:
        row = self._calendar(grant, calendar, writes=True)
        entry = self.world.entry(row.id, id)
        if entry.cancelled:
            raise Refusal(410, "deleted", "Resource has been deleted")
        self._compare(request, etag(entry))
        self.world.delete(row.id, id)
        return Answer(204)

    def _with_meeting(self, entry: Entry, body: Json, query: Form) -> Entry:
        """The entry with what the body says of a meeting, which Google reads in version 1 only."""
        if query["conferenceDataVersion"] != "1" or self.meetings == "ignored":
            return entry
        if self.meetings == "refused" and body.get("conferenceData"):
            raise BadEvent("Invalid conference type value.")
        fails, pending = self.meetings == "failed", self.meetings_pending
        return order_meeting(entry, body, self.base_url, pending=pending, fails=fails)

    def _compare(self, request: Request, current: str) -> None:
        wanted = request.headers.get("If-Match")
        if wanted is not None and wanted not in ("*", current):
            raise Refusal(412, "conditionNotMet", "Precondition Failed")

    # Watches

    def _watch(self, grant: Grant, request: Request, _query: Form, calendar: str) -> Answer:
        row, body = self._calendar(grant, calendar), _json(request)
        made = self.channels.make(row.id, grant.subject, body)
        answer = {"kind": "api#channel", "id": made.id, "resourceId": made.resource, "token": made.token}
        address = f"https://www.googleapis.com/calendar/v3/calendars/{row.id}/events?alt=json"
        return json_answer(200, {**answer, "resourceUri": address, "expiration": str(made.expires_at)})

    def _stop(self, grant: Grant, request: Request, _query: Form) -> Answer:
        body = _json(request)
        if not self.channels.stop(grant.subject, str(body.get("id")), str(body.get("resourceId"))):
            raise Refusal(404, "channelIdNotFound", "Channel not found")
        return Answer(204)


def _json(request: Request) -> Json:
    try:
        found = json.loads(request.body)
    except ValueError:
        raise Refusal(400, "parseError", "Parse Error") from None
    if not isinstance(found, dict):
        raise Refusal(400, "parseError", "Parse Error")
    return found


def _dumped(body: Any) -> bytes:
    return json.dumps(body).encode()
