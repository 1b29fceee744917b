"""Lists of entries: whole, changed since a token, recurring, of whole days, and busy times of many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.base import Gone
from integrations.calendars import Answer, Changes, TimeKind, TokenExpired, Window
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.google.reading import FIELDS
from integrations.google.shapes import occurrence
from integrations.ical.ours import invitation_uid
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Access, Kind
from integrations.sandbox.calendars import Answer as Theirs
from tests.integrations.google.conftest import ADMIN, BERLIN, BOB, HOUR, IVY, OUR_ID, ROOM, WINDOW, at, event

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def titles(changes: Changes) -> list[str]:
    return [each.title for each in changes.occurrences]


def test_everything_in_the_window_is_read(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    world = sandbox.calendars
    world.add(IVY, "Before", at(1, -2), at(1, 0))
    world.add(IVY, "Reaches in", at(1, -1), at(1, 1))
    world.add(IVY, "Call", at(5), at(5, 10), answer=Theirs.DECLINED, is_private=True, is_tentative=True)
    world.add(IVY, "Focus", at(6), at(6, 10), kind=Kind.FOCUS, is_free=True)
    world.add(IVY, "No time at all", at(6), at(6))
    world.add(IVY, "After", at(29, 0), at(29, 1))
    workspace.put_event(IVY, event())
    found = workspace.changes(IVY, WINDOW, BERLIN)
    assert found.is_whole
    assert found.token
    assert titles(found) == ["Reaches in", "Call", "Interview: Backend", "Focus"]
    call, ours, focus = found.occurrences[1:]
    assert (call.answer, call.is_private, call.is_tentative) == (Answer.DECLINED, True, True)
    assert (ours.our_id, call.our_id) == (OUR_ID, "")
    assert (focus.kind, focus.is_free) == (TimeKind.FOCUS, True)
    assert (call.starts_at, call.ends_at) == (at(5), at(5, 10))


def test_whole_days_are_midnights_of_the_calendar(sandbox: Sandbox, own: PersonCalendar) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    sandbox.calendars.add_person(IVY, zone="Asia/Tokyo")
    start = datetime(2027, 1, 5, tzinfo=tokyo).astimezone(UTC)
    sandbox.calendars.add(IVY, "Away", start, start + timedelta(days=2), is_all_day=True, kind=Kind.OUT_OF_OFFICE)
    (away,) = own.changes(IVY, WINDOW, BERLIN).occurrences
    assert (away.starts_at, away.ends_at, away.is_all_day) == (start, start + timedelta(days=2), True)
    assert away.kind is TimeKind.OUT_OF_OFFICE


def test_a_token_tells_what_changed(sandbox: Sandbox, own: PersonCalendar) -> None:
    world = sandbox.calendars
    stays, goes, leaves = (world.add(IVY, title, at(5), at(5, 10)) for title in ("Stays", "Goes", "Leaves"))
    first = own.changes(IVY, WINDOW, BERLIN)
    nothing = own.changes(IVY, WINDOW, BERLIN, first.token)
    assert (nothing.occurrences, nothing.removed, nothing.is_whole) == ((), (), False)
    world.delete(IVY, goes.id)
    world.move(IVY, leaves.id, at(31), at(31, 10))
    world.move(IVY, stays.id, at(6), at(6, 10))
    world.add(IVY, "New", at(7), at(7, 10))
    world.add(IVY, "Far away", at(31), at(31, 10))
    found = own.changes(IVY, WINDOW, BERLIN, nothing.token)
    assert [(each.title, each.starts_at) for each in found.occurrences] == [("Stays", at(6)), ("New", at(7))]
    assert {goes.id, leaves.id} <= set(found.removed)


def test_a_changed_series_comes_back_whole(sandbox: Sandbox, own: PersonCalendar) -> None:
    world = sandbox.calendars
    series = world.add(IVY, "Standup", at(4), at(4, 9.25), rule="FREQ=DAILY;COUNT=5", zone="UTC")
    first = own.changes(IVY, WINDOW, BERLIN)
    assert len(first.occurrences) == 5
    assert {each.series for each in first.occurrences} == {series.id}
    world.move(IVY, first.occurrences[1].id, at(5, 15), at(5, 16))
    second = own.changes(IVY, WINDOW, BERLIN, first.token)
    assert [each.starts_at for each in second.occurrences] == [at(4), at(5, 15), at(6), at(7), at(8)]
    world.delete(IVY, first.occurrences[4].id)
    third = own.changes(IVY, WINDOW, BERLIN, second.token)
    assert [each.starts_at for each in third.occurrences] == [at(4), at(5, 15), at(6), at(7)]
    assert {each.series for each in third.occurrences} == {series.id}
    world.delete(IVY, series.id)
    last = own.changes(IVY, WINDOW, BERLIN, third.token)
    assert last.occurrences == ()
    assert series.id in last.removed


def test_an_entry_begins_and_ends_to_recur(sandbox: Sandbox, own: PersonCalendar) -> None:
    entry = sandbox.calendars.add(IVY, "Standup", at(4), at(4, 10), zone="UTC")
    first = own.changes(IVY, WINDOW, BERLIN)
    sandbox.calendars.change(IVY, entry.id, rule="FREQ=DAILY;COUNT=2")
    second = own.changes(IVY, WINDOW, BERLIN, first.token)
    assert [(each.series, each.starts_at) for each in second.occurrences] == [(entry.id, at(4)), (entry.id, at(5))]
    sandbox.calendars.change(IVY, entry.id, rule="")
    third = own.changes(IVY, WINDOW, BERLIN, second.token)
    assert [(each.id, each.series, each.starts_at) for each in third.occurrences] == [(entry.id, "", at(4))]


def test_many_changed_series_are_read_anew(sandbox: Sandbox, own: PersonCalendar) -> None:
    first = own.changes(IVY, WINDOW, BERLIN)
    for number in range(9):
        sandbox.calendars.add(IVY, f"Series {number}", at(4), at(4, 10), rule="FREQ=DAILY;COUNT=2")
    with pytest.raises(TokenExpired):
        own.changes(IVY, WINDOW, BERLIN, first.token)
    assert len(own.changes(IVY, WINDOW, BERLIN).occurrences) == 18


@pytest.mark.parametrize("token", ["nonsense", "e30="])
def test_a_token_that_is_not_known_has_expired(sandbox: Sandbox, own: PersonCalendar, token: str) -> None:
    assert sandbox.calendars.live(IVY) == []
    with pytest.raises(TokenExpired):
        own.changes(IVY, WINDOW, BERLIN, token)


def test_an_old_token_has_expired(sandbox: Sandbox, own: PersonCalendar) -> None:
    first = own.changes(IVY, WINDOW, BERLIN)
    sandbox.calendars.expire_tokens(IVY)
    with pytest.raises(TokenExpired):
        own.changes(IVY, WINDOW, BERLIN, first.token)


def test_all_pages_are_read(sandbox: Sandbox, own: PersonCalendar) -> None:
    for number in range(1100):
        sandbox.calendars.add(IVY, f"Entry {number}", at(5), at(5, 10))
    found = own.changes(IVY, WINDOW, BERLIN)
    assert len({each.id for each in found.occurrences}) == 1100
    assert sum(each.operation == "events.list" for each in sandbox.google.log.records()) == 2
    assert own.changes(IVY, WINDOW, BERLIN, found.token).occurrences == ()


def test_busy_times_of_many_take_one_question(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    world = sandbox.calendars
    world.add(IVY, "Call", at(5), at(5, 10))
    world.add(IVY, "Overlaps", at(5, 9.5), at(5, 11))
    world.add(IVY, "Free", at(6), at(6, 10), is_free=True)
    world.add(ROOM, "Booked", at(7), at(7, 10))
    many = [f"person{number}@example.com" for number in range(58)]
    for address in many:
        world.add_person(address)
    found = workspace.busy([IVY, ROOM, *many], WINDOW, BERLIN)
    ivy, room = found[IVY], found[ROOM]
    assert isinstance(ivy, list)
    assert isinstance(room, list)
    assert [(each.starts_at, each.ends_at) for each in ivy] == [(at(5), at(5, 11))]
    assert [each.starts_at for each in room] == [at(7)]
    assert all(found[address] == [] for address in many)
    assert [each.operation for each in sandbox.google.log.records()] == ["token", "freebusy.query", "freebusy.query"]


def test_a_calendar_whose_times_cannot_be_told_is_unknown(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    sandbox.calendars.set_access(BOB, Access.NONE)
    found = workspace.busy([IVY, BOB, "nobody@example.com"], WINDOW, BERLIN)
    assert found[IVY] == []
    assert isinstance(found[BOB], Gone)
    assert isinstance(found["nobody@example.com"], Gone)


def test_busy_times_are_told_without_the_administrator(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    sandbox.calendars.add(IVY, "Call", at(5), at(5, 10))
    del sandbox.calendars.people[ADMIN]
    found = workspace.busy([IVY, ADMIN], WINDOW, BERLIN)
    ivy = found[IVY]
    assert isinstance(ivy, list)
    assert [each.starts_at for each in ivy] == [at(5)]
    assert isinstance(found[ADMIN], Gone)


def test_an_entry_that_ends_with_the_window_is_in_it(sandbox: Sandbox, own: PersonCalendar) -> None:
    sandbox.calendars.add(IVY, "Last", at(5, 8), at(5, 9))
    sandbox.calendars.add(IVY, "Next", at(5, 9), at(5, 10))
    found = own.changes(IVY, Window(at(5, 8), at(5, 9)), BERLIN)
    assert titles(found) == ["Last"]
    assert found.occurrences[0].ends_at - found.occurrences[0].starts_at == HOUR


def test_an_invitation_that_was_mailed_is_known_by_its_uid() -> None:
    """Gmail puts it into its reader's calendar. What people write has other UIDs."""
    starts, ends = ({"dateTime": one.isoformat()} for one in (at(5), at(5, 10)))
    item = {"id": "_6sr3", "summary": "Coding with Ada", "start": starts, "end": ends}
    mailed = occurrence(item | {"iCalUID": invitation_uid(OUR_ID)}, BERLIN)
    written = occurrence(item | {"iCalUID": "_6sr3@google.com"}, BERLIN)
    assert mailed is not None
    assert written is not None
    assert (mailed.our_id, written.our_id) == (OUR_ID, "")
    assert "iCalUID" in FIELDS
