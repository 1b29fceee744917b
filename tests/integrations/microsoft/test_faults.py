"""Every fault of the stand-in at every request of every call: one right event or an error, and busy is never free."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from pytest_django import Settings

from integrations.base import CredentialsRejected, Gone, OutcomeUnknown, Refused, Retryable, ToolError
from integrations.calendars import EventChanged, EventRequest, TokenExpired
from integrations.microsoft.calendar import MicrosoftCalendar, organization_calendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars.faults import CalendarFault
from tests.integrations.microsoft.conftest import BERLIN, IVY, OUR_ID, TOM, WINDOW, at, wanted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

READS = {
    "busy": ("getSchedule",),
    "changes": ("delta", "instances"),
    "fetch": ("findEvent",),
}
OWN_READS = {"busy": ("view",), "changes": ("delta", "instances"), "fetch": ("findEvent",)}
WRITES = {
    "put": ("findEvent", "createEvent"),
    "change": ("findEvent", "changeEvent"),
    "delete": ("findEvent", "deleteEvent"),
}
CHANGES = {"createEvent", "changeEvent", "deleteEvent"}
STEPS = [(call, step) for calls in (READS, WRITES) for call, steps in calls.items() for step in steps]
OWN_STEPS = [(call, step) for calls in (OWN_READS, WRITES) for call, steps in calls.items() for step in steps]
TOKEN_STEPS = [(call, "token") for call in (*READS, *WRITES)]

LOST = {
    CalendarFault.DROP_BEFORE,
    CalendarFault.DROP_AFTER,
    CalendarFault.ERROR_500_BEFORE,
    CalendarFault.ERROR_500_AFTER,
    CalendarFault.UNAVAILABLE,
    CalendarFault.CUT_JSON_AFTER,
    CalendarFault.GARBAGE_AFTER,
    CalendarFault.EMPTY_BODY_AFTER,
    CalendarFault.SILENCE_BEFORE,
    CalendarFault.SILENCE_AFTER,
}
THROTTLED = {CalendarFault.QUOTA, CalendarFault.RATE_LIMITED_BARE, CalendarFault.RATE_LIMITED_RETRY_AFTER}


def expected(fault: CalendarFault, call: str, step: str, *, is_app: bool) -> type[ToolError] | None:
    """The error that one fault at a request leads to; None: the call succeeds in spite of it."""
    if step == "token":
        harmless = fault in (CalendarFault.HALF_PAGE, CalendarFault.DUPLICATES)
        return None if harmless else Retryable
    if fault in LOST:
        return OutcomeUnknown if step in CHANGES else Retryable
    if fault in THROTTLED:
        return Retryable
    if fault is CalendarFault.FORBIDDEN:
        return Refused if is_app else CredentialsRejected
    if fault is CalendarFault.HALF_PAGE:
        return None if step in CHANGES else Retryable
    if fault in (CalendarFault.UNAUTHORIZED, CalendarFault.DUPLICATES):
        return None
    if fault is CalendarFault.CHANGED:
        return EventChanged if step in CHANGES else Retryable
    if fault is CalendarFault.GONE and step == "delta":
        return TokenExpired
    # Not there: of an event that was just listed that is a fault, of a calendar it is believed, but not for a deletion.
    return Retryable if call == "delete" or step in ("changeEvent", "instances") else Gone


class Scene:
    """Ivy's calendar with a foreign series and a foreign entry, and an event of Panelist where the call wants one."""

    def __init__(self, graph: Sandbox, calendar: MicrosoftCalendar, call: str) -> None:
        self.graph, self.calendar, self.call = graph, calendar, call
        self.foreign = [
            graph.calendars.add(IVY, "Dentist", at(9), at(10)),
            graph.calendars.add(IVY, "Standup", at(8), at(8.5), rule="FREQ=DAILY;COUNT=3"),
        ]
        if call in ("change", "delete", "fetch"):
            calendar.put_event(IVY, wanted())
        self.token = calendar.changes(IVY, WINDOW, BERLIN).token if call == "changes" else ""
        if self.token:
            graph.calendars.change(IVY, self.foreign[1].id, description="touched")
            self.foreign[1] = graph.calendars.entry(IVY, self.foreign[1].id)

    @property
    def request(self) -> EventRequest:
        return wanted(hour=14, revision=2) if self.call == "change" else wanted()

    def run(self) -> object:
        calls: dict[str, Callable[[], object]] = {
            "busy": lambda: self.calendar.busy([IVY], WINDOW, BERLIN),
            "changes": lambda: self.calendar.changes(IVY, WINDOW, BERLIN, self.token),
            "fetch": lambda: self.calendar.fetch_event(IVY, OUR_ID),
            "put": lambda: self.calendar.put_event(IVY, self.request),
            "change": lambda: self.calendar.put_event(IVY, self.request),
            "delete": lambda: self.calendar.delete_event(IVY, OUR_ID),
        }
        return calls[self.call]()

    def check(self, result: object) -> None:
        """The call has succeeded with this result: nothing is missing, doubled or touched."""
        live = self.graph.calendars.live(IVY)
        assert [one for one in live if not one.made_by] == sorted(self.foreign, key=lambda one: one.starts_at)
        ours = [one for one in live if one.made_by]
        if self.call == "busy":
            assert isinstance(result, dict)
            assert {one.starts_at for one in result[IVY]} == {at(9), at(8), at(8, 1), at(8, 2)}
        elif self.call == "changes":
            assert {one.starts_at for one in result.occurrences} == {at(8), at(8, 1), at(8, 2)}  # type: ignore[attr-defined]
            assert result.removed == ()  # type: ignore[attr-defined]
        elif self.call == "delete":
            assert ours == []
        else:
            assert [one.starts_at for one in ours] == [self.request.starts_at]
            assert result is not None
            assert result.starts_at == self.request.starts_at  # type: ignore[attr-defined]


def outcome(scene: Scene) -> object:
    """The result, or the error; an error in the place of Ivy's busy times is one too."""
    try:
        result = scene.run()
    except ToolError as error:
        return error
    return result[IVY] if isinstance(result, dict) and isinstance(result[IVY], ToolError) else result


@pytest.mark.parametrize("fault", CalendarFault)
@pytest.mark.parametrize(("call", "step"), STEPS)
def test_a_fault_for_an_app(
    graph: Sandbox, office: MicrosoftCalendar, settings: Settings, fault: CalendarFault, call: str, step: str
) -> None:
    try_fault(Scene(graph, office, call), settings, fault, step, is_app=True)


@pytest.mark.parametrize("fault", CalendarFault)
@pytest.mark.parametrize(("call", "step"), OWN_STEPS)
def test_a_fault_for_a_person(
    graph: Sandbox, ivys: MicrosoftCalendar, settings: Settings, fault: CalendarFault, call: str, step: str
) -> None:
    try_fault(Scene(graph, ivys, call), settings, fault, step, is_app=False)


@pytest.mark.parametrize("fault", CalendarFault)
@pytest.mark.parametrize(("call", "step"), TOKEN_STEPS)
def test_a_fault_of_a_new_token(
    graph: Sandbox, office: MicrosoftCalendar, settings: Settings, fault: CalendarFault, call: str, step: str
) -> None:
    scene = Scene(graph, office, call)
    graph.microsoft.accounts.end_access_tokens()
    try_fault(scene, settings, fault, step, is_app=True)


def try_fault(scene: Scene, settings: Settings, fault: CalendarFault, step: str, *, is_app: bool) -> None:
    if "silence" in fault:
        scene.calendar._client._timeout = (0.2, 0.2)
        settings.CALENDAR_TIMEOUT = 0.2
    scene.graph.microsoft.fault(fault, operation=step, hold=0.5, retry_after=7)
    found = outcome(scene)
    assert scene.graph.microsoft.faults.fired == {fault.value: 1}
    wanted_error = expected(fault, scene.call, step, is_app=is_app)
    if wanted_error is None:
        scene.check(found)
        return
    assert type(found) is wanted_error, found
    if isinstance(found, Retryable):
        assert found.rate_limited is (fault in THROTTLED)
        assert found.retry_after == (7 if fault is CalendarFault.RATE_LIMITED_RETRY_AFTER else None)
    settings.CALENDAR_TIMEOUT = 5.0
    scene.calendar._client._timeout = (5.0, 5.0)
    if isinstance(found, TokenExpired):
        assert scene.calendar.changes(IVY, WINDOW, BERLIN).is_whole
        return
    # What a person or the queue does next: look, and do the same again.
    if isinstance(found, OutcomeUnknown) and scene.call in ("put", "change"):
        scene.calendar.fetch_event(IVY, OUR_ID)
    scene.check(scene.run())


def test_credentials_that_stay_rejected(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.calendar_of(IVY)
    graph.microsoft.fault("unauthorized", operation="delta", times=2)
    with pytest.raises(CredentialsRejected) as caught:
        office.changes(IVY, WINDOW, BERLIN)
    assert caught.value.code == "key_rejected"
    assert office.changes(IVY, WINDOW, BERLIN).is_whole


def test_a_service_that_is_not_there(graph: Sandbox, settings: Settings, office: MicrosoftCalendar) -> None:
    settings.MICROSOFT_GRAPH_URL = "http://127.0.0.1:9/v1.0"
    settings.MICROSOFT_LOGIN_URL = "http://127.0.0.1:9"
    unreachable = organization_calendar({"tenant_id": "t", "client_id": "c", "client_secret": "s"})
    for call in (
        lambda: unreachable.put_event(IVY, wanted()),
        lambda: unreachable.delete_event(IVY, OUR_ID),
        lambda: unreachable.changes(IVY, WINDOW, BERLIN),
        unreachable.check,
    ):
        with pytest.raises(Retryable) as caught:
            call()
        assert caught.value.code == "unreachable"


def test_one_person_of_several_who_cannot_be_read(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(TOM, "Taken", at(9), at(10))
    graph.microsoft.fault("calendar_missing", operation="getSchedule")
    found = office.busy([IVY, TOM], WINDOW, BERLIN)
    assert isinstance(found[IVY], Gone)
    assert [dataclasses.astuple(one)[1] for one in found[TOM]] == [at(9)]  # type: ignore[union-attr]
