"""A calendar vendor in memory, for tests of what lies above the contract: it obeys `integrations.calendars`.

`password` works; any other is rejected. Tests change `world` to make it do something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms

from integrations.base import CredentialsRejected, Pacer, ToolError, Verdict
from integrations.calendar_registry import (
    CALENDARS,
    CalendarEntry,
    Consent,
    ConsentRequest,
    Credentials,
    CredentialsForm,
)
from integrations.calendars import (
    CalendarAccount,
    CalendarInfo,
    CalendarLimits,
    CalendarRef,
    Changes,
    EventRequest,
    Occurrence,
    VendorEvent,
    Watch,
    Window,
)
from organizations.fields import LineField
from organizations.forms import StyledFormMixin

KIND = "fake"
PASSWORD = "correct-horse"
CODE = "a-code-of-the-vendor"


@dataclass
class World:
    """The vendor's data and behaviour. `problem` is raised by every call in place of an answer."""

    problem: ToolError | None = None
    account_id: str = "acme"
    account_name: str = "Acme Workspace"
    missing: list[str] = field(default_factory=list)
    calendars: list[CalendarRef] = field(default_factory=list)
    people: dict[str, CalendarRef] = field(default_factory=dict)
    occurrences: dict[str, list[Occurrence]] = field(default_factory=dict)
    events: dict[tuple[str, str], VendorEvent] = field(default_factory=dict)
    revoked: list[Mapping[str, str]] = field(default_factory=list)
    revoke_problem: ToolError | None = None
    is_client_set: bool = True
    trial: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)


class FakeCalendar:
    """The vendor with one connection's credentials."""

    def __init__(self, world: World, credentials: Credentials, keep: Callable[[Credentials], None] | None) -> None:
        self.info = describe()
        self._world, self._credentials, self._keep = world, credentials, keep

    def _ask(self, what: str) -> None:
        self._world.calls.append(what)
        if self._world.problem is not None:
            raise self._world.problem
        if self._credentials.get("password") != PASSWORD:
            raise CredentialsRejected("key_rejected")

    def check(self) -> CalendarAccount:
        self._ask("check")
        missing = self._world.missing
        return CalendarAccount(
            id=self._world.account_id,
            name=self._world.account_name,
            permissions={"calendar.read": Verdict.YES} | dict.fromkeys(missing, Verdict.NO),
            calendars=tuple(self._world.calendars),
        )

    def calendar_of(self, address: str) -> CalendarRef | None:
        self._ask("calendar_of")
        return self._world.people.get(address.lower())

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        self._ask("changes")
        found = [
            one
            for one in self._world.occurrences.get(calendar, [])
            if one.starts_at < window.ends_at and one.ends_at > window.starts_at
        ]
        return Changes(occurrences=tuple(found), token="next", is_whole=True)

    def busy(
        self,
        calendars: Sequence[str],
        window: Window,
        zone: ZoneInfo,
    ) -> dict[str, list[Occurrence] | ToolError]:
        self._ask("busy")
        return {
            calendar: [
                one
                for one in self._world.occurrences.get(calendar, [])
                if one.starts_at < window.ends_at and one.ends_at > window.starts_at and not one.is_free
            ]
            for calendar in calendars
        }

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        self._ask("put_event")
        event = VendorEvent(request.id, f"id-{request.id}", str(request.revision), request.starts_at, request.ends_at)
        self._world.events[calendar, request.id] = event
        return event

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        self._ask("delete_event")
        self._world.events.pop((calendar, our_id), None)

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        self._ask("fetch_event")
        return self._world.events.get((calendar, our_id))

    def list_rooms(self) -> list[CalendarRef]:
        self._ask("list_rooms")
        return []

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        self._ask("watch")
        return Watch(id, calendar, datetime.now(UTC))

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        self._ask("stop_watch")


class FakeForm(StyledFormMixin, CredentialsForm):
    user = LineField(label="User name")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)

    secret_fields = ("password",)


def describe() -> CalendarInfo:
    return CalendarInfo(
        kind=KIND,
        name="Acme Calendar",
        description="Reads and writes calendars.",
        limits=CalendarLimits(50, 50, 5, 60, 5, 60),
        scopes=("calendar.read",),
        for_everyone=True,
        for_person=True,
    )


@contextmanager
def fake_calendar() -> Iterator[World]:
    """The vendor is in the registry, under `KIND`, as long as this runs."""
    world = World()

    def factory(
        credentials: Credentials,
        *,
        pacer: Pacer | None = None,
        keep: Callable[[Credentials], None] | None = None,
    ) -> FakeCalendar:
        return FakeCalendar(world, credentials, keep)

    def exchange(code: str, verifier: str, back: str) -> Credentials:
        if code != CODE or not verifier or not back:
            raise CredentialsRejected("consent_expired")
        return {"password": PASSWORD}

    def address(request: ConsentRequest) -> str:
        asked = {"state": request.state, "code_challenge": request.challenge, "redirect_uri": request.back}
        return f"https://calendar.example/consent?{urlencode(asked)}"

    def revoke(credentials: Credentials) -> None:
        if world.revoke_problem is not None:
            raise world.revoke_problem
        world.revoked.append(credentials)

    CALENDARS[KIND] = CalendarEntry(
        describe,
        factory,
        everyone_form=FakeForm,
        person_form=FakeForm,
        consent=Consent(lambda: world.is_client_set, address, exchange),
        revoke=revoke,
        trial=lambda: world.trial,
    )
    try:
        yield world
    finally:
        del CALENDARS[KIND]
