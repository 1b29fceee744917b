"""Microsoft 365 as a calendar vendor: the contract's calls as requests to Graph, its answers in the contract's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_noop as _

from integrations.base import Gone, Pacer, Refused, ToolError, Verdict
from integrations.calendar_entries import Credentials
from integrations.calendars import (
    CalendarAccount,
    CalendarInfo,
    CalendarLimits,
    CalendarRef,
    Changes,
    EventRequest,
    Meeting,
    Occurrence,
    VendorEvent,
    Watch,
    Window,
)
from integrations.microsoft import errors, events, places, reading, schedules, shapes
from integrations.microsoft.client import Call, Client
from integrations.microsoft.places import Place
from integrations.microsoft.tokens import CONSENT_SCOPES, Tokens

T = TypeVar("T")

FOR_EVERYONE, FOR_PERSON = "microsoft_365", "microsoft"

#: A subscription to events ends at the latest after 4,230 minutes.
LONGEST_WATCH = timedelta(minutes=4200)
MOST_ROOMS = 500
MOST_CALENDARS = 200

#: The app and the directory of the stand-in.
TRIAL_TENANT = "5a4d0000-0000-4000-8000-000000000001"
TRIAL_CLIENT = "5a4d0000-0000-4000-8000-000000000002"


def _limits() -> CalendarLimits:
    """Outlook works on 4 requests of an app at once, and on 10,000 in 10 minutes for each mailbox.

    At 0.3 to 0.5 seconds for an answer, 8 requests a second are at most 4 at once; changes take longer.
    """
    return CalendarLimits(
        writes_per_second=4.0,
        reads_per_second=8.0,
        timeout=float(settings.CALENDAR_TIMEOUT),
        settle=60.0,
        poll_minutes=10,
        watched_poll_minutes=120,
    )


def organization_info() -> CalendarInfo:
    """An app for everybody in an organization, as pages and the queue know it."""
    return CalendarInfo(
        kind=FOR_EVERYONE,
        name="Microsoft 365",
        description=_("Reads and writes everyone's Outlook calendar, through an app of yours."),
        limits=_limits(),
        scopes=(errors.CALENDARS, errors.PLACES, errors.PEOPLE),
        problems=errors.PROBLEMS,
        for_everyone=True,
        can_watch=True,
        meeting=Meeting.MICROSOFT_TEAMS,
        meeting_name="Microsoft Teams",
        room_scope=errors.PLACES,
    )


def person_info() -> CalendarInfo:
    """One person's own calendars, as pages and the queue know them."""
    return CalendarInfo(
        kind=FOR_PERSON,
        name="Microsoft 365",
        description=_("Reads and writes your own calendars in Outlook, with your consent."),
        limits=_limits(),
        scopes=CONSENT_SCOPES,
        problems=errors.PROBLEMS,
        for_person=True,
        can_watch=True,
        meeting=Meeting.MICROSOFT_TEAMS,
        meeting_name="Microsoft Teams",
    )


def organization_calendar(
    credentials: Credentials, *, pacer: Pacer | None = None, keep: Callable[[Credentials], None] | None = None
) -> MicrosoftCalendar:
    """The vendor with an app's tenant_id, client_id and client_secret."""
    return MicrosoftCalendar(organization_info(), credentials, pacer=pacer, keep=keep)


def person_calendar(
    credentials: Credentials, *, pacer: Pacer | None = None, keep: Callable[[Credentials], None] | None = None
) -> MicrosoftCalendar:
    """The vendor with the refresh_token of a person's consent."""
    return MicrosoftCalendar(person_info(), credentials, pacer=pacer, keep=keep)


def microsoft_trial_credentials() -> Credentials:
    """Credentials of the stand-in's organization, where this installation has one; empty elsewhere."""
    secret = str(settings.MICROSOFT_TRIAL_SECRET)
    return {"tenant_id": TRIAL_TENANT, "client_id": TRIAL_CLIENT, "client_secret": secret} if secret else {}


class MicrosoftCalendar:
    """Microsoft 365 with one connection's credentials. `integrations.calendars.Calendar` has the promises.

    A person's id of a calendar is Graph's; an organization's is the person's address, for their main calendar.
    """

    def __init__(
        self,
        info: CalendarInfo,
        credentials: Credentials,
        *,
        pacer: Pacer | None = None,
        keep: Callable[[Credentials], None] | None = None,
    ) -> None:
        self.info = info
        self._tenant = credentials.get("tenant_id", "")
        self._tokens = Tokens(credentials, keep)
        self._client = Client(
            self._tokens, str(settings.MICROSOFT_GRAPH_URL), timeout=float(settings.CALENDAR_TIMEOUT), pacer=pacer
        )

    def _place(self, calendar: str) -> Place:
        return Place(calendar, is_app=self.info.for_everyone)

    # -- the account -------------------------------------------------------------------------------------------------

    def check(self) -> CalendarAccount:
        """Ask for the organization, or for the person and their calendars."""
        return self._organization() if self.info.for_everyone else self._person()

    def _organization(self) -> CalendarAccount:
        """An app needs no permission to see the organization's name, and has it shown by its id without one.

        Calendars may be granted in Exchange instead (RBAC for Applications), which no token tells.
        """
        try:
            found = shapes.objects(self._client.run(Call("organization", "GET", "/organization")).get("value"))
        except Refused:
            found = []
        granted = self._tokens.token().permissions
        return CalendarAccount(
            id=self._tenant.lower(),
            name=(shapes.text(found[0].get("displayName")) if found else "") or self._tenant,
            permissions={
                errors.CALENDARS: Verdict.YES if granted and errors.CALENDARS in granted else Verdict.UNKNOWN,
                errors.PLACES: _verdict(errors.PLACES, granted),
            },
        )

    def _person(self) -> CalendarAccount:
        me = self._run(Call("me", "GET", "/me?$select=id,displayName,mail,userPrincipalName"))
        id = shapes.identifier(me.get("id"))
        if not id:
            raise shapes.unreadable()
        mail = (shapes.text(me.get("mail")) or shapes.text(me.get("userPrincipalName"))).lower()
        verdict = Verdict.YES
        try:
            calendars = self._calendars()
        except Refused as refusal:
            if refusal.code != "denied":
                raise
            verdict, calendars = Verdict.NO, ()
        granted = self._tokens.token().permissions
        if verdict is Verdict.YES and granted is not None and errors.CALENDARS not in granted:
            verdict = Verdict.NO
        return CalendarAccount(id, mail or shapes.text(me.get("displayName")), {errors.CALENDARS: verdict}, calendars)

    def _calendars(self) -> tuple[CalendarRef, ...]:
        pages = self._client.pages(Call("calendars", "GET", "/me/calendars?$top=100"))
        found = [shapes.calendar(item) for page in pages for item in shapes.objects(page["value"])]
        return tuple(one for one in found if one is not None)[:MOST_CALENDARS]

    def calendar_of(self, address: str) -> CalendarRef | None:
        """The person's main calendar. Their address may not be the name they sign in with: then it is looked up."""
        try:
            return self._main_calendar(address)
        except Gone:
            pass
        for name in self._sign_in_names(address):
            try:
                return self._main_calendar(name)
            except Gone:
                continue
        return None

    def _main_calendar(self, name: str) -> CalendarRef | None:
        item = self._run(Call("calendar", "GET", Place(name, is_app=True).path))
        return shapes.calendar(item, id=name.lower(), is_main=True)

    def _sign_in_names(self, address: str) -> list[str]:
        """Names of whom the directory knows by this address; none without permission to look."""
        wanted = address.replace("'", "''")
        query = places.query({"$filter": f"mail eq '{wanted}'", "$select": "id,userPrincipalName"})
        try:
            found = self._client.run(Call("people", "GET", f"/users?{query}"))
        except Refused:
            return []
        names = [shapes.identifier(one.get("userPrincipalName")) for one in shapes.objects(found.get("value"))]
        return [name for name in names if name and name.lower() != address.lower()]

    def list_rooms(self) -> list[CalendarRef]:
        if not self.info.for_everyone:
            return []
        found: dict[str, CalendarRef] = {}
        try:
            for page in self._client.pages(Call("rooms", "GET", "/places/microsoft.graph.room?$top=100")):
                rooms = (shapes.room(item) for item in shapes.objects(page["value"]))
                found |= {one.id: one for one in rooms if one is not None}
                if len(found) >= MOST_ROOMS:
                    break
        except Refused as refusal:
            if refusal.code != "denied":
                raise
            raise Refused("rooms_denied") from None
        return sorted(found.values(), key=lambda one: one.name.casefold())[:MOST_ROOMS]

    # -- times -------------------------------------------------------------------------------------------------------

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        return self._explained(lambda: reading.changes(self._client, self._place(calendar), window, zone, token))

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        """People of an organization are asked for together; a person's own calendars one by one."""
        if self.info.for_everyone:
            return schedules.busy(self._client, calendars, window)
        found: dict[str, list[Occurrence] | ToolError] = {}
        for calendar in calendars:
            read = partial(reading.view, self._client, self._place(calendar), window, zone)
            try:
                found[calendar] = self._explained(read)
            except Refused as refusal:
                found[calendar] = refusal
        return found

    # -- events ------------------------------------------------------------------------------------------------------

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        return self._explained(lambda: events.put(self._client, self._place(calendar), request))

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        self._explained(lambda: events.delete(self._client, self._place(calendar), our_id, version))

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        return self._explained(lambda: events.fetch(self._client, self._place(calendar), our_id))

    # -- watches -----------------------------------------------------------------------------------------------------

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:  # noqa: ARG002
        """Subscribe. Graph names the subscription, and calls `address` at once to see that it answers."""
        ends_at = datetime.now(UTC) + LONGEST_WATCH
        body = {
            "changeType": "created,updated,deleted",
            "notificationUrl": address,
            "lifecycleNotificationUrl": address,
            "resource": self._place(calendar).resource,
            "expirationDateTime": ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "clientState": token,
        }
        made = self._run(Call("subscribe", "POST", "/subscriptions", body, changes=True))
        subscription = shapes.identifier(made.get("id"))
        if not subscription:
            raise shapes.unreadable()
        told = {"dateTime": made.get("expirationDateTime"), "timeZone": "UTC"}
        return Watch(id=subscription, resource="", expires_at=min(ends_at, shapes.moment(told)))

    def stop_watch(self, calendar: str, watch: Watch) -> None:  # noqa: ARG002
        try:
            self._run(Call("unsubscribe", "DELETE", f"/subscriptions/{quote(watch.id, safe='')}", changes=True))
        except Gone:
            return

    def _run(self, call: Call) -> shapes.Json:
        return self._explained(lambda: self._client.run(call))

    def _explained(self, request: Callable[[], T]) -> T:
        """Say what a denial means: one mailbox is closed to an app, or a person's consent lacks the permission."""
        try:
            return request()
        except Refused as refusal:
            if refusal.code != "denied":
                raise
        if self.info.for_everyone:
            raise Refused("mailbox_denied")
        raise errors.rejected("permission_missing", errors.CALENDARS)


def _verdict(name: str, granted: frozenset[str] | None) -> Verdict:
    if granted is None:
        return Verdict.UNKNOWN
    return Verdict.YES if name in granted else Verdict.NO
