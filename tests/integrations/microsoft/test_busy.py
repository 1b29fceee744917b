"""Busy times of many at once: who can't be read is unknown, and never free."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.base import Gone, Refused, Retryable
from integrations.calendars import TimeKind, Window
from integrations.microsoft import schedules
from integrations.microsoft.calendar import MicrosoftCalendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Kind
from tests.integrations.microsoft.conftest import BERLIN, IVY, MONDAY, TOM, WINDOW, at

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def spans(times: object) -> list[tuple[object, object]]:
    assert isinstance(times, list), times
    return [(one.starts_at, one.ends_at) for one in times]


def test_several_people(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    graph.calendars.add(IVY, "Free", at(11), at(12), is_free=True)
    graph.calendars.add(IVY, "Elsewhere", at(13), at(14), kind=Kind.WORKING_LOCATION)
    graph.calendars.add(TOM, "Leave", at(0), at(24), kind=Kind.OUT_OF_OFFICE)
    graph.calendars.add(TOM, "Maybe", at(30), at(31), is_tentative=True)
    found = office.busy([IVY, TOM], WINDOW, BERLIN)
    assert spans(found[IVY]) == [(at(9), at(10))]
    leave, maybe = found[TOM]  # type: ignore[misc]
    assert (leave.kind, leave.is_tentative) == (TimeKind.OUT_OF_OFFICE, False)
    assert (maybe.kind, maybe.is_tentative) == (TimeKind.DEFAULT, True)
    assert [one.title for one in (leave, maybe)] == ["", ""]


def test_who_is_unknown_is_not_free(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.microsoft.closed.add(TOM)
    found = office.busy(["nobody@example.com", TOM, IVY], WINDOW, BERLIN)
    assert isinstance(found["nobody@example.com"], Gone)
    assert isinstance(found[TOM], (Refused, Retryable))
    assert found[IVY] == []


def test_when_nobody_can_be_read(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.microsoft.closed |= {IVY, TOM}
    found = office.busy([IVY, TOM], WINDOW, BERLIN)
    assert [type(times) for times in found.values()] == [Refused, Refused]


def test_more_people_and_days_than_one_request_takes(graph: Sandbox, office: MicrosoftCalendar) -> None:
    names = [f"person{number}@example.com" for number in range(45)]
    for number, name in enumerate(names):
        graph.calendars.add_person(name)
        graph.calendars.add(name, "Taken", at(1, day=number * 3), at(2, day=number * 3))
    window = Window(MONDAY, MONDAY + timedelta(days=140))
    before = len(graph.microsoft.log.records())
    found = office.busy(names, window, BERLIN)
    assert {name: spans(found[name]) for name in names} == {
        name: [(at(1, day=number * 3), at(2, day=number * 3))] for number, name in enumerate(names)
    }
    asked = [record.operation for record in graph.microsoft.log.records()[before:]]
    assert asked.count("getSchedule") == 9


def test_mailboxes_that_show_no_details(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(IVY, "Dentist", at(9), at(9.5))
    graph.calendars.set_access(IVY, "busy_only")
    assert spans(office.busy([IVY], WINDOW, BERLIN)[IVY]) == [(at(9), at(9.25)), (at(9.25), at(9.5))]


def test_a_persons_own_calendars(graph: Sandbox, ivys: MicrosoftCalendar) -> None:
    own = graph.calendars.add_calendar(IVY, "Choir")
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    graph.calendars.add(own.id, "Rehearsal", at(19), at(21), rule="FREQ=DAILY;COUNT=2")
    graph.calendars.add(own.id, "Free", at(19), at(21), is_free=True)
    found = ivys.busy([IVY, own.id, "unknown"], WINDOW, BERLIN)
    assert spans(found[IVY]) == [(at(9), at(10))]
    assert spans(found[own.id]) == [(at(19), at(21)), (at(43), at(45))]
    assert isinstance(found["unknown"], Gone)


VIEW = "0" * 4 + "2" + "0" * 91
GOOD = {"scheduleId": IVY, "availabilityView": VIEW, "scheduleItems": []}
ENTRY = {
    "status": "busy",
    "start": {"dateTime": "2026-11-30T09:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-11-30T10:00:00.0000000", "timeZone": "UTC"},
}


@pytest.mark.parametrize(
    "item",
    [
        None,
        {"scheduleId": IVY},
        {"scheduleId": IVY, "error": {"responseCode": "ErrorProxyRequestProcessingFailed"}},
        {"scheduleId": IVY, "error": {}},
        GOOD | {"scheduleItems": "none"},
        GOOD | {"scheduleItems": [1]},
        GOOD | {"scheduleItems": [ENTRY | {"start": None}]},
        GOOD | {"scheduleItems": [ENTRY | {"start": {"dateTime": "2026-11-30T09:00:00", "timeZone": "Nowhere"}}]},
        GOOD | {"availabilityView": "0x2"},
        GOOD | {"availabilityView": 2},
    ],
)
def test_a_schedule_that_cannot_be_read_is_unknown(item: dict[str, object] | None) -> None:
    answer = {"value": [item] if item is not None else []}
    found = schedules._read(answer, [IVY], WINDOW)[IVY]
    assert isinstance(found, Retryable)


def test_digits_and_entries_are_both_believed() -> None:
    """Where one of them says busy, it is."""
    answer = {"value": [GOOD | {"scheduleItems": [ENTRY, ENTRY | {"status": "free"}]}]}
    found = schedules._read(answer, [IVY], WINDOW)[IVY]
    assert spans(found) == [(at(9), at(10)), (at(1), at(1.25))]
    unknown = {"value": [GOOD | {"scheduleItems": [ENTRY | {"status": "new word"}]}]}
    assert spans(schedules._read(unknown, [IVY], WINDOW)[IVY])[0] == (at(9), at(10))
