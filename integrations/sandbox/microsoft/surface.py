"""The addresses of Microsoft Graph in the sandbox, and what each answers."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from integrations.sandbox.calendars.entries import Access, CalendarRow, Entry
from integrations.sandbox.calendars.entries import Answer as Reply
from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.calendars.surface import BROKEN_PAGE, Surface
from integrations.sandbox.calendars.world import NotThere, World
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.microsoft import events, refusals
from integrations.sandbox.microsoft.accounts import CLIENT, Accounts, Grant
from integrations.sandbox.microsoft.events import Json
from integrations.sandbox.microsoft.lists import Lists
from integrations.sandbox.microsoft.refusals import Refusal, bad_request
from integrations.sandbox.microsoft.subscriptions import Subscriptions
from integrations.sandbox.model import Settings
from integrations.sandbox.rendering import Form, form_of
from integrations.sandbox.server import Request

_ONE = r"([^/]+)"
_CALENDAR = rf"/v1\.0(?:/users/{_ONE}/calendar|/me/calendars/{_ONE})"
_LOGIN = rf"/login/{_ONE}"
#: Method, address and name of each call. The address of a calendar has the user or the calendar's id.
CALLS: tuple[tuple[str, str, str], ...] = (
    ("POST", rf"{_LOGIN}/oauth2/v2\.0/token", "token"),
    ("GET", rf"{_LOGIN}/oauth2/v2\.0/authorize", "authorize"),
    ("POST", rf"{_LOGIN}/consent", "consent"),
    ("GET", r"/v1\.0/me", "me"),
    ("GET", r"/v1\.0/me/calendars", "calendars"),
    ("GET", r"/v1\.0/organization", "organization"),
    ("GET", r"/v1\.0/users", "people"),
    ("GET", r"/v1\.0/places/microsoft\.graph\.room", "rooms"),
    ("POST", r"/v1\.0/subscriptions", "subscribe"),
    ("PATCH", rf"/v1\.0/subscriptions/{_ONE}", "renew"),
    ("DELETE", rf"/v1\.0/subscriptions/{_ONE}", "unsubscribe"),
    ("GET", _CALENDAR, "calendar"),
    ("POST", rf"{_CALENDAR}/getSchedule", "getSchedule"),
    ("GET", rf"{_CALENDAR}/calendarView/delta", "delta"),
    ("GET", rf"{_CALENDAR}/calendarView", "view"),
    ("GET", rf"{_CALENDAR}/events", "findEvent"),
    ("POST", rf"{_CALENDAR}/events", "createEvent"),
    ("GET", rf"{_CALENDAR}/events/{_ONE}/instances", "instances"),
    ("GET", rf"{_CALENDAR}/events/{_ONE}", "getEvent"),
    ("PATCH", rf"{_CALENDAR}/events/{_ONE}", "changeEvent"),
    ("DELETE", rf"{_CALENDAR}/events/{_ONE}", "deleteEvent"),
)
_OPEN = ("token", "authorize", "consent")
_RESOURCE = re.compile(rf"/(?:users/{_ONE}|me/calendars/{_ONE})/events")


class MicrosoftSurface(Surface):
    """Microsoft Graph. `accounts` has the app's secrets and people's consents, `subscriptions` the watches.

    `closed`: mailboxes that the app is not let into. `repeats`: the answer to a transaction id that was used before:
    "error", with the event's id; "bare", without; or "same", the event. `sign_in_names`: by the addresses of those who
    sign in with another name. `meetings_pending`: readings of an event until a meeting that it orders is there;
    `makes_meetings`: whether mailboxes have Teams.
    """

    prefix = "/microsoft/"
    operations = tuple(name for _method, _path, name in CALLS)
    items = "value"

    def __init__(self, world: World, settings: Settings, stopping: threading.Event, base_url: str = "") -> None:
        super().__init__(world, settings, stopping, base_url)
        self.accounts = Accounts(world)
        self.subscriptions = Subscriptions(world)
        self.closed: set[str] = set()
        self.repeats = "error"
        self.makes_meetings = True
        self.meetings_pending = 0
        self.sign_in_names: dict[str, str] = {}
        self.make_secret = self.accounts.make_secret
        self.consent_of = self.accounts.consent_of
        self.revoke = self.accounts.revoke
        self._lists = Lists(world)
        self._handlers: dict[str, Callable[[_Asked], Answer]] = {
            "me": self._me,
            "calendars": self._calendars,
            "organization": self._organization,
            "people": self._people,
            "rooms": self._rooms,
            "subscribe": self._subscribe,
            "renew": self._renew,
            "unsubscribe": self._unsubscribe,
            "calendar": lambda asked: json_answer(200, events.calendar(asked.row)),
            "getSchedule": self._schedules,
            "delta": lambda asked: self._lists.delta(asked.request, asked.row, asked.query, asked.url),
            "view": lambda asked: self._lists.view(asked.request, asked.row, asked.query, asked.url),
            "instances": lambda asked: self._lists.instances(
                asked.request, asked.row, asked.id, asked.query, asked.url
            ),
            "findEvent": self._find,
            "getEvent": self._get,
            "createEvent": self._create,
            "changeEvent": self._change,
            "deleteEvent": self._delete,
        }

    @property
    def graph_url(self) -> str:
        """The value for MICROSOFT_GRAPH_URL."""
        return f"{self.base_url}/microsoft/v1.0"

    @property
    def login_url(self) -> str:
        """The value for MICROSOFT_LOGIN_URL."""
        return f"{self.base_url}/microsoft/login"

    @property
    def permissions(self) -> frozenset[str]:
        """The permissions that an admin has consented to for the app; tokens made before keep theirs."""
        return self.accounts.permissions

    @permissions.setter
    def permissions(self, names: frozenset[str] | set[str]) -> None:
        self.accounts.permissions = frozenset(names)

    def operation(self, request: Request) -> str:
        return self._match(request)[0]

    def _match(self, request: Request) -> tuple[str, list[str]]:
        """Name, and the ids in the address."""
        path = request.path.removeprefix(self.prefix.rstrip("/"))
        for method, pattern, name in CALLS:
            if method == request.method and (found := re.fullmatch(pattern, path)):
                return name, [unquote(each) for each in found.groups() if each is not None]
        return "invalid", []

    def refuse(self, fault: CalendarFault, retry_after: int) -> Answer:
        """The answer for a fault that is a status of its own."""
        with_header = fault is CalendarFault.RATE_LIMITED_RETRY_AFTER
        return refusals.FAULTS[fault].answer({"Retry-After": str(retry_after)} if with_header else None)

    def halved(self, body: Json) -> Json:
        """A list's first half, and a page after it that fails."""
        kept = {name: value for name, value in body.items() if name != "@odata.deltaLink"}
        value = body["value"][: len(body["value"]) // 2]
        return kept | {"value": value, "@odata.nextLink": f"{self.graph_url}/me/calendars?$skiptoken={BROKEN_PAGE}"}

    def handle(self, request: Request) -> Answer:
        """The answer without faults."""
        name, ids = self._match(request)
        if name in _OPEN:
            return self._signing_in(name, ids[0], request)
        try:
            grant = self.accounts.grant_of(request.headers.get("Authorization"))
            if grant is None:
                raise refusals.UNAUTHORIZED
            if name == "invalid":
                raise Refusal(400, "BadRequest", "Resource not found for the segment.")
            asked = self._asked(name, ids, grant, request)
            if token := asked.query["$skiptoken"]:
                return self._lists.follow(request, token)
            return self._handlers[name](asked)
        except Refusal as refusal:
            return refusal.answer()
        except (ValueError, KeyError, TypeError, AttributeError):
            return bad_request("The request is malformed.").answer()

    def _signing_in(self, name: str, tenant: str, request: Request) -> Answer:
        from integrations.sandbox.rendering import message
        from integrations.sandbox.routes import from_own_pages

        form = form_of(request.query if name == "authorize" else request.body.decode(errors="replace"))
        if name == "token":
            return self.accounts.token(tenant, form)
        if name == "authorize":
            return self.accounts.consent_page(tenant, form)
        if not from_own_pages(request, self.base_url):
            return message("Refused", "This form was sent by another site.", 403)
        return self.accounts.consented(tenant, form)

    def _asked(self, name: str, ids: list[str], grant: Grant, request: Request) -> _Asked:
        """The request with what it is about. Raises Refusal for a mailbox that the grant does not reach."""
        body = json.loads(request.body) if request.body else {}
        base = self.base_url if request.headers.get("Host") is None else f"http://{request.headers['Host']}"
        asked = _Asked(request, grant, form_of(request.query), body, f"{base}{request.path}", base)
        if "/calendar" not in request.path or name in ("calendars",):
            asked.id = ids[0] if ids else ""
            return asked
        asked.row = self._reached(ids[0], grant, by_user="/users/" in request.path)
        asked.id = ids[1] if len(ids) > 1 else ""
        writes = name in ("createEvent", "changeEvent", "deleteEvent")
        if writes and asked.row.access is not Access.WRITE:
            raise refusals.DENIED
        if asked.row.access is Access.BUSY_ONLY and name not in ("getSchedule", "calendar"):
            raise refusals.DENIED
        return asked

    def _reached(self, id: str, grant: Grant, *, by_user: bool) -> CalendarRow:
        if by_user and grant.is_app and "Calendars.ReadWrite" not in grant.permissions:
            raise refusals.DENIED
        if by_user:
            id = self._address(id)
        if by_user and grant.is_app and id.lower() in self.closed:
            raise refusals.DENIED
        try:
            row = self.world.calendar(id)
        except NotThere:
            raise refusals.NOT_FOUND from None
        if row.access is Access.NONE or (not by_user and grant.person != row.owner):
            raise refusals.NOT_FOUND
        if by_user and not grant.is_app and row.owner != grant.person:
            raise refusals.DENIED
        return row

    def _address(self, name: str) -> str:
        """The address of whom this name signs in. Raises Refusal."""
        address = next((mail for mail, own in self.sign_in_names.items() if own == name.lower()), name.lower())
        if address not in self.world.people or self.sign_in_names.get(name.lower(), name.lower()) != name.lower():
            raise refusals.FAULTS[CalendarFault.CALENDAR_MISSING]
        return address

    # The directory

    def _me(self, asked: _Asked) -> Answer:
        person = self.world.person(_person(asked))
        names = {"displayName": person.name, "mail": person.address, "userPrincipalName": person.address}
        return json_answer(200, {"id": f"user-{person.address}", **names})

    def _calendars(self, asked: _Asked) -> Answer:
        rows = self.world.calendars_of(_person(asked))
        found = [events.calendar(row) for row in rows if row.access is not Access.NONE]
        return self._lists.begin(asked.request, found, asked.url)

    def _organization(self, asked: _Asked) -> Answer:
        _needs(asked, "Organization.Read.All")
        return json_answer(200, {"value": [{"id": "tenant", "displayName": "Acme Corp"}]})

    def _people(self, asked: _Asked) -> Answer:
        _needs(asked, "User.ReadBasic.All")
        wanted = re.fullmatch(r"mail eq '(.+)'", asked.query["$filter"])
        known = self.world.people.get(wanted[1].replace("''", "'").lower()) if wanted else None
        name = self.sign_in_names.get(known.address, known.address) if known else ""
        found = [{"id": f"user-{name}", "userPrincipalName": name}] if name else []
        return json_answer(200, {"value": found})

    def _rooms(self, asked: _Asked) -> Answer:
        _needs(asked, "Place.Read.All")
        rooms = [
            {"id": each.address, "emailAddress": each.address, "displayName": each.name}
            | ({"capacity": each.seats} if each.seats else {})
            | ({"building": each.place} if each.place else {})
            for each in self.world.rooms()
        ]
        return self._lists.begin(asked.request, rooms, asked.url)

    def _subscribe(self, asked: _Asked) -> Answer:
        resource = str(asked.body.get("resource", ""))
        found = _RESOURCE.fullmatch(resource)
        if found is None:
            raise bad_request("The resource is not supported.")
        row = self._reached(unquote(found[1] or found[2]), asked.grant, by_user=found[1] is not None)
        return json_answer(201, self.subscriptions.make(row.id, asked.body).shape(resource))

    def _renew(self, asked: _Asked) -> Answer:
        return json_answer(200, self.subscriptions.renew(asked.id, asked.body).shape(""))

    def _unsubscribe(self, asked: _Asked) -> Answer:
        self.subscriptions.end(asked.id)
        return Answer(204)

    # Times

    def _schedules(self, asked: _Asked) -> Answer:
        names, interval = asked.body["schedules"], asked.body.get("availabilityViewInterval", 30)
        after, before = (events.read_moment(asked.body[name]) for name in ("startTime", "endTime"))
        if not isinstance(names, list) or not 1 <= len(names) <= 20:
            raise Refusal(400, "ErrorInvalidParameter", "At most 20 schedules can be asked for.")
        if not timedelta(0) < before - after < timedelta(days=62):
            raise Refusal(400, "ErrorTimeIntervalTooBig", "The time interval must be less than 62 days.")
        if not isinstance(interval, int) or not 5 <= interval <= 1440:
            raise Refusal(400, "ErrorInvalidParameter", "The interval must be from 5 to 1440 minutes.")
        step = timedelta(minutes=interval)
        return json_answer(200, {"value": [self._schedule(str(name), after, before, step) for name in names]})

    def _schedule(self, name: str, after: datetime, before: datetime, step: timedelta) -> Json:
        try:
            row = self.world.calendar(self._address(name))
        except Refusal:
            error = {"message": "The recipient was not found.", "responseCode": "ErrorMailRecipientNotFound"}
            return {"scheduleId": name, "error": error}
        if row.access is Access.NONE or row.id in self.closed:
            return {"scheduleId": name, "error": {"message": "No access.", "responseCode": "ErrorNoFreeBusyAccess"}}
        found = self.world.occurrences(row.id, after, before)
        details = row.access is not Access.BUSY_ONLY
        view = {"scheduleId": name, "availabilityView": events.digits(found, after, before, step)}
        hours = {"daysOfWeek": ["monday"], "startTime": "09:00:00.0000000", "timeZone": {"name": row.zone}}
        items = {"scheduleItems": [events.schedule_item(one, details=True) for one in found]} if details else {}
        return view | items | {"workingHours": hours}

    # Events

    def _entry(self, asked: _Asked) -> Entry:
        entry = self.world.find(asked.row.id, asked.id)
        if entry is None or entry.cancelled:
            raise refusals.NOT_FOUND
        return entry

    def _get(self, asked: _Asked) -> Answer:
        self._finish_meetings(asked)
        return json_answer(200, events.event(self._entry(asked), asked.row.owner))

    def _find(self, asked: _Asked) -> Answer:
        self._finish_meetings(asked)
        return self._lists.events(asked.request, asked.row, asked.query, asked.url)

    def _finish_meetings(self, asked: _Asked) -> None:
        """Bring the calendar's meetings that are pending one reading further."""
        for entry in self.world.live(asked.row.id):
            later = events.with_meeting(entry, asked.base)
            if later != entry:
                self.world.put(later)

    def _create(self, asked: _Asked) -> Answer:
        written = events.fields(asked.body, None)
        transaction = asked.body.get("transactionId")
        if transaction is not None and (known := self._made_with(asked.row, transaction)) is not None:
            return self._repeated(known, asked.row)
        extra: dict[str, Any] = {
            "transactionId": transaction,
            "properties": {one["id"]: str(one["value"]) for one in asked.body.get("singleValueExtendedProperties", ())},
            "people": written.pop("people", []),
            "online": self._makes_meeting(asked),
            "pending": self.meetings_pending,
        }
        starts_at, ends_at = written.pop("starts_at"), written.pop("ends_at")
        title, id = written.pop("title", ""), f"AAMk{secrets.token_urlsafe(40)}"
        entry = Entry(id, asked.row.id, title, starts_at, ends_at, made_by=CLIENT, extra=extra, **written)
        made = self.world.put(events.with_meeting(entry, asked.base))
        return json_answer(201, events.event(made, asked.row.owner))

    def _makes_meeting(self, asked: _Asked) -> bool:
        """Whether the event gets a meeting: a mailbox without Teams takes the wish and makes none."""
        return self.makes_meetings and asked.body.get("isOnlineMeeting") is True

    def _made_with(self, row: CalendarRow, transaction: object) -> Entry | None:
        """The event that a transaction id made, whether it is there or not."""
        entries = (self.world.find(row.id, entry.id) for entry in self.world.changed(row.id, row.oldest_token))
        return next((one for one in entries if one and one.extra.get("transactionId") == transaction), None)

    def _repeated(self, known: Entry, row: CalendarRow) -> Answer:
        if self.repeats == "same":
            return json_answer(201, events.event(known, row.owner))
        details = {"@event.existingEventId": known.id} if self.repeats == "error" else {}
        text = "The TransactionId specified in the request has already been used to create a different event."
        return Refusal(409, "ErrorDuplicateTransactionId", text, **details).answer()

    def _change(self, asked: _Asked) -> Answer:
        entry = self._entry(asked)
        self._unchanged(asked, entry)
        written = events.fields(asked.body, entry)
        if entry.proposed_starts_at is not None and "starts_at" in written:
            # The organizer decides with the next update: attendees are asked anew.
            written |= {"proposed_starts_at": None, "proposed_ends_at": None, "answer": Reply.NONE, "comment": ""}
        extra = dict(entry.extra)
        if "people" in written:
            extra["people"] = written.pop("people")
        if self._makes_meeting(asked) and not extra.get("online"):
            extra |= {"online": True, "pending": self.meetings_pending}
        changed = dataclasses.replace(entry, **written, extra=extra)
        if entry.meeting_url and entry.meeting_url not in changed.description:  # the way in was written over
            changed = dataclasses.replace(changed, meeting_url="", extra=extra | {"online": False})
        made = self.world.put(events.with_meeting(changed, asked.base))
        return json_answer(200, events.event(made, asked.row.owner))

    def _delete(self, asked: _Asked) -> Answer:
        self._unchanged(asked, self._entry(asked))
        self.world.delete(asked.row.id, asked.id)
        return Answer(204)

    def _unchanged(self, asked: _Asked, entry: Entry) -> None:
        wanted = asked.request.headers.get("If-Match")
        if wanted not in (None, "*", events.etag(entry)):
            raise refusals.CHANGED


@dataclasses.dataclass(slots=True)
class _Asked:
    """A request and what it is about: a calendar (`row`), and the id of an event or subscription."""

    request: Request
    grant: Grant
    query: Form
    body: Any
    url: str
    base: str
    row: CalendarRow = dataclasses.field(default_factory=lambda: CalendarRow("", "", "", "UTC"))
    id: str = ""


def _person(asked: _Asked) -> str:
    if asked.grant.is_app:
        raise bad_request("/me request is only valid with delegated authentication flow.")
    return asked.grant.person


def _needs(asked: _Asked, permission: str) -> None:
    if permission not in asked.grant.permissions:
        raise Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
