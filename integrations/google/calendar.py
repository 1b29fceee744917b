"""Google Calendar as a calendar of the contract: a whole Workspace's, or one person's by their consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from integrations.base import CredentialsRejected, Gone, Pacer, Refused, Retryable, ToolError, Verdict
from integrations.calendar_entries import Credentials
from integrations.calendars import (
    CalendarAccount,
    CalendarInfo,
    CalendarLimited,
    CalendarRef,
    Changes,
    EventChanged,
    EventRequest,
    Occurrence,
    TokenExpired,
    VendorEvent,
    Watch,
    Window,
)
from integrations.google.addresses import (
    PERSON_SCOPES,
    SCOPE_EVENTS,
    SCOPE_FREE_BUSY,
    SCOPE_LIST,
    SCOPE_ROOMS,
    addresses,
)
from integrations.google.client import Ask, Client, events_url
from integrations.google.errors import Json
from integrations.google.reading import CALENDARS_PER_QUESTION, Reader, busy_question, busy_times
from integrations.google.shapes import calendar_ref, text
from integrations.google.tokens import ConsentSource, ServiceAccountSource, parse_key
from integrations.google.writing import Writer

#: More seats than any room has: such a number is none.
MOST_SEATS = 100_000
#: Rooms that are listed, and calendars of one person.
MOST_ROOMS, MOST_CALENDARS = 500, 250
#: The longest that Google watches a calendar, in seconds; there is no renewal, a new watch takes the place of an old.
WATCH_SECONDS = 604_800
CALENDAR_SCOPES = (SCOPE_EVENTS, SCOPE_FREE_BUSY)


def timeout_of_settings() -> tuple[float, float]:
    """Seconds to connect, and seconds of silence, until an answer counts as lost."""
    silence = float(settings.CALENDAR_TIMEOUT)
    return min(5.0, silence), silence


class GoogleCalendar:
    """The calls that are the same for a Workspace and for a person. `integrations.calendars.Calendar` has each promise.

    A subclass says with which client a calendar is asked.
    """

    def __init__(self, info: CalendarInfo, pacer: Pacer | None) -> None:
        self.info = info
        self._pacer = pacer
        self._addresses = addresses()
        self._timeout = timeout_of_settings()

    def _client(self, calendar: str) -> Client:
        raise NotImplementedError

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        reader = Reader(self._client(calendar), self._addresses, calendar, window, zone)
        return reader.since(token) if token else reader.everything()

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        return self._writer(calendar).put(request)

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        self._writer(calendar).delete(our_id, version)

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        with _reading():
            return self._writer(calendar).fetch(our_id)

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        body = {
            "id": id,
            "type": "web_hook",
            "address": address,
            "token": token,
            "params": {"ttl": str(WATCH_SECONDS)},
        }
        url = events_url(self._addresses, calendar, "watch")
        answer = self._client(calendar).run(Ask("watch", "POST", url, body=body, changes=True))
        expires_at = _expiry(answer.get("expiration"))
        if not text(answer.get("resourceId")) or expires_at is None:
            raise Retryable("unreadable")
        return Watch(id, text(answer["resourceId"]), expires_at)

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        url = f"{self._addresses.calendar}/channels/stop"
        body = {"id": watch.id, "resourceId": watch.resource}
        try:
            self._client(calendar).run(Ask("watch_stop", "POST", url, body=body, changes=True))
        except Gone:
            return

    def _writer(self, calendar: str) -> Writer:
        return Writer(self._client(calendar), self._addresses, calendar)

    def _busy(
        self, client: Client, calendars: Sequence[str], window: Window
    ) -> dict[str, list[Occurrence] | ToolError]:
        """Busy times of calendars, asked in as few questions as may be."""
        found: dict[str, list[Occurrence] | ToolError] = {}
        for first in range(0, len(calendars), CALENDARS_PER_QUESTION):
            part = calendars[first : first + CALENDARS_PER_QUESTION]
            with _reading():
                answer = client.run(busy_question(self._addresses, part, window))
            found |= {calendar: busy_times(answer, calendar, window) for calendar in part}
        return found

    def _probe(self, client: Client, ask: Ask) -> Verdict:
        """Whether a request that needs one permission is let through. Raises what says nothing about permissions."""
        try:
            with _reading():
                client.run(ask)
        except CredentialsRejected as problem:
            if problem.code in ("scopes_missing", "not_delegated"):
                return Verdict.NO
            raise
        return Verdict.YES

    def _ask_events(self, calendar: str) -> Ask:
        query = {"maxResults": "1", "fields": "timeZone,summary"}
        return Ask("calendar_get", "GET", events_url(self._addresses, calendar), query)

    def _ask_busy(self, calendar: str) -> Ask:
        now = datetime.now(UTC)
        return busy_question(self._addresses, [calendar], Window(now, now + timedelta(hours=1)))


class WorkspaceCalendar(GoogleCalendar):
    """Everybody's calendar in a Google Workspace: a service account acts as each person (domain-wide delegation).

    A calendar's id is its owner's address; rooms, which nobody can act as, are asked about as the administrator.
    """

    def __init__(self, info: CalendarInfo, credentials: Credentials, pacer: Pacer | None) -> None:
        super().__init__(info, pacer)
        self._key = credentials.get("service_account", "")
        self._admin = credentials.get("admin", "").strip().lower()

    def check(self) -> CalendarAccount:
        parse_key(self._key)
        verdicts = {}
        for scope, ask in (
            (SCOPE_EVENTS, self._ask_events("primary")),
            (SCOPE_FREE_BUSY, self._ask_busy(self._admin)),
            (SCOPE_ROOMS, self._ask_rooms("1")),
        ):
            try:
                verdicts[scope] = self._probe(self._as(self._admin, (scope,)), ask)
            except (Refused, CredentialsRejected) as problem:
                if not _is_about_rooms(problem, scope):
                    raise CredentialsRejected("admin_unknown" if isinstance(problem, Gone) else problem.code) from None
                verdicts[scope] = Verdict.UNKNOWN
        if Verdict.YES not in verdicts.values():
            raise CredentialsRejected("not_delegated")
        domain = self._admin.partition("@")[2]
        return CalendarAccount(domain, domain, verdicts)

    def calendar_of(self, address: str) -> CalendarRef | None:
        address = address.strip().lower()
        try:
            with _reading():
                self._client(address).run(self._ask_events("primary"))
        except Gone:
            return None
        return CalendarRef(id=address, name=address, owner=address, is_main=True, can_write=True)

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        del zone
        found: dict[str, list[Occurrence] | ToolError] = {}
        try:
            found = self._busy(self._as(self._admin, CALENDAR_SCOPES), calendars, window)
        except Gone as problem:  # the administrator's account is gone: each person is asked as themselves
            found = dict.fromkeys(calendars, problem)
        for calendar, told in found.items():
            if isinstance(told, Gone) and calendar != self._admin and not _is_room(calendar):
                found[calendar] = self._busy_alone(calendar, window)
        return found

    def list_rooms(self) -> list[CalendarRef]:
        client = self._as(self._admin, (SCOPE_ROOMS,))
        rooms: dict[str, CalendarRef] = {}
        asked: dict[str, str] = {}
        for _page in range(MOST_ROOMS // 100 + 1):
            ask = self._ask_rooms("100", asked)
            try:
                with _reading():
                    page = client.run(ask)
            except (Refused, CredentialsRejected) as problem:
                if _is_about_rooms(problem, SCOPE_ROOMS) or problem.code in ("scopes_missing", "not_delegated"):
                    # Rooms are extra: without this scope everything else works.
                    raise Refused("rooms_denied") from None
                raise
            rooms |= {room.id: room for room in _rooms(page)}
            if not (following := text(page.get("nextPageToken"))):
                break
            asked = {"pageToken": following}
        return sorted(rooms.values(), key=lambda room: (room.name, room.id))[:MOST_ROOMS]

    def _busy_alone(self, calendar: str, window: Window) -> list[Occurrence] | ToolError:
        """One person's busy times, asked as that person: the administrator can't see them."""
        try:
            return self._busy(self._client(calendar), [calendar], window)[calendar]
        except (Refused, Retryable) as problem:
            is_of_all = isinstance(problem, Retryable) and problem.rate_limited
            if is_of_all and not isinstance(problem, CalendarLimited):
                raise
            return problem

    def _client(self, calendar: str) -> Client:
        return self._as(self._admin if _is_room(calendar) else calendar.lower(), CALENDAR_SCOPES)

    def _as(self, person: str, scopes: tuple[str, ...]) -> Client:
        source = ServiceAccountSource(self._key, person, scopes, self._addresses.token, self._timeout)
        if person == self._admin:
            return Client(source, timeout=self._timeout, pacer=self._pacer)
        return _OneOfMany(source, self._as(self._admin, scopes), timeout=self._timeout, pacer=self._pacer)

    def _ask_rooms(self, most: str, more: dict[str, str] | None = None) -> Ask:
        url = f"{self._addresses.directory}/customer/my_customer/resources/calendars"
        return Ask("rooms", "GET", url, {"maxResults": most, **(more or {})})


class _OneOfMany(Client):
    """A client for one person of many. Google says "not allowed" also of a person of another company: only where it
    says so of the administrator too is it about the credentials."""

    def __init__(self, source: ServiceAccountSource, admin: Client, **options: object) -> None:
        super().__init__(source, **options)  # type: ignore[arg-type]
        self._admin = admin

    def run(self, ask: Ask) -> Json:
        try:
            return super().run(ask)
        except CredentialsRejected as problem:
            if problem.code not in ("not_delegated", "key_rejected"):
                raise
        self._admin.renew()  # raises what is wrong for everybody
        raise Gone("person_unknown")


class PersonCalendar(GoogleCalendar):
    """The calendars of one person who agreed."""

    def __init__(
        self,
        info: CalendarInfo,
        credentials: Credentials,
        pacer: Pacer | None,
        keep: Callable[[Credentials], None] | None,
    ) -> None:
        super().__init__(info, pacer)
        self._credentials, self._keep = dict(credentials), keep
        client = (str(settings.GOOGLE_CLIENT_ID), str(settings.GOOGLE_CLIENT_SECRET))
        token = credentials.get("refresh_token", "")
        self._source = ConsentSource(token, client, self._addresses.token, self._timeout)
        self._own = Client(self._source, timeout=self._timeout, pacer=pacer, fetched=self._keep_new)

    def check(self) -> CalendarAccount:
        granted = self._own.token().scopes
        if granted is not None and SCOPE_LIST not in granted:
            raise CredentialsRejected("consent_incomplete", missing=[SCOPE_LIST])
        calendars = self._calendars()
        main = next((each for each in calendars if each.is_main), None)
        if main is None:
            raise Retryable("unreadable")
        if granted is None:
            verdicts = {
                SCOPE_EVENTS: self._probe(self._own, self._ask_events("primary")),
                SCOPE_FREE_BUSY: self._probe(self._own, self._ask_busy(main.id)),
                SCOPE_LIST: Verdict.YES,
            }
        else:
            verdicts = {scope: Verdict.YES if scope in granted else Verdict.NO for scope in PERSON_SCOPES}
        return CalendarAccount(main.id, main.id, verdicts, tuple(calendars))

    def calendar_of(self, address: str) -> CalendarRef | None:
        wanted = address.strip().lower()
        return next((each for each in self._calendars() if each.is_main and each.owner.lower() == wanted), None)

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        del zone
        return self._busy(self._own, calendars, window)

    def list_rooms(self) -> list[CalendarRef]:
        return []

    def _calendars(self) -> list[CalendarRef]:
        """The person's calendars, the main one first. Raises `Retryable` for a list that makes no sense."""
        url = f"{self._addresses.calendar}/users/me/calendarList"
        found: dict[str, CalendarRef] = {}
        asked: dict[str, str] = {}
        for _page in range(MOST_CALENDARS // 100 + 1):
            with _reading():
                page = self._own.run(Ask("calendar_list", "GET", url, {"maxResults": "100", **asked}))
            items = page.get("items")
            if not isinstance(items, list):
                raise Retryable("unreadable")
            found |= {each.id: each for item in items if (each := calendar_ref(item)) is not None}
            if not (following := text(page.get("nextPageToken"))):
                break
            asked = {"pageToken": following}
        return sorted(found.values(), key=lambda each: (not each.is_main, each.name))[:MOST_CALENDARS]

    def _client(self, calendar: str) -> Client:
        del calendar
        return self._own

    def _keep_new(self) -> None:
        """Keep a refresh token that Google gave in place of the old one."""
        if self._source.replaced_by and self._keep is not None:
            self._keep({**self._credentials, "refresh_token": self._source.replaced_by})
            self._source.replaced_by = ""


@contextmanager
def _reading() -> Iterator[None]:
    """Errors of a read: there is no token that could have expired, and nothing that could have changed."""
    try:
        yield
    except (TokenExpired, EventChanged):
        raise Retryable("server_error") from None


def _is_about_rooms(problem: ToolError, scope: str) -> bool:
    """Whether only rooms can't be told: the Admin SDK is off, or the account administers no rooms."""
    return scope == SCOPE_ROOMS and problem.code in ("api_off", "forbidden", "calendar_gone")


def _is_room(calendar: str) -> bool:
    return calendar.lower().endswith("@resource.calendar.google.com")


def _rooms(page: Json) -> Iterator[CalendarRef]:
    """The rooms of a page. A page without any has no list."""
    items = page.get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and text(item.get("resourceEmail")) and item.get("resourceCategory") != "OTHER":
            name = text(item.get("generatedResourceName")) or text(item.get("resourceName")) or item["resourceEmail"]
            seats = item.get("capacity")
            floor = " ".join(filter(None, (text(item.get("buildingId")), text(item.get("floorName")))))
            yield CalendarRef(
                id=item["resourceEmail"].lower(),
                name=name,
                capacity=seats if isinstance(seats, int) and 0 < seats < MOST_SEATS else 0,
                place=floor,
            )


def _expiry(value: object) -> datetime | None:
    """The end of a watch, which comes as milliseconds since 1970, in a text."""
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
