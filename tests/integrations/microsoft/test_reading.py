"""Change lists: all of a window, what changed since, series, whole days, and windows that slide."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.base import Gone, Refused
from integrations.calendars import Answer, Changes, Occurrence, TimeKind, TokenExpired, Window
from integrations.microsoft import reading
from integrations.microsoft.calendar import MicrosoftCalendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Answer as SandboxAnswer
from integrations.sandbox.calendars import Kind
from tests.integrations.microsoft.conftest import BERLIN, IVY, MONDAY, OUR_ID, TOM, WINDOW, at, wanted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Rows = dict[str, Occurrence]


def applied(rows: Rows, changes: Changes) -> Rows:
    """Occurrences by id after a change list, as the contract says it is to be read."""
    if changes.is_whole:
        return {one.id: one for one in changes.occurrences}
    series = {one.series for one in changes.occurrences if one.series}
    gone = {*changes.removed, *series}
    kept = {id: one for id, one in rows.items() if id not in gone and (not one.series or one.series not in gone)}
    return kept | {one.id: one for one in changes.occurrences}


def times(changes: Changes) -> list[tuple[str, datetime, datetime]]:
    return sorted((one.title, one.starts_at, one.ends_at) for one in changes.occurrences)


def test_a_whole_window(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    graph.calendars.add(IVY, "Before", at(-3), at(-2))
    graph.calendars.add(IVY, "After", at(1, day=28), at(2, day=28))
    graph.calendars.add(IVY, "Reaches in", at(-1), at(1))
    found = office.changes(IVY, WINDOW, BERLIN)
    assert times(found) == [("Dentist", at(9), at(10)), ("Reaches in", at(-1), at(1))]
    assert (found.is_whole, found.removed) == (True, ())
    assert found.token.startswith(graph.microsoft.graph_url)


def test_pages_are_read_to_the_last(graph: Sandbox, office: MicrosoftCalendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    for number in range(10):
        graph.calendars.add(IVY, str(number), at(number), at(number + 1))
    found = office.changes(IVY, WINDOW, BERLIN)
    assert [title for title, *_ in times(found)] == list("0123456789")
    for number in range(10):
        graph.calendars.add(IVY, f"new {number}", at(number), at(number + 1))
    assert len(office.changes(IVY, WINDOW, BERLIN, found.token).occurrences) == 10


def test_signs_of_an_entry(graph: Sandbox, office: MicrosoftCalendar) -> None:
    entries: dict[str, dict[str, Any]] = {
        "free": {"is_free": True},
        "tentative": {"is_tentative": True},
        "private": {"is_private": True},
        "oof": {"kind": Kind.OUT_OF_OFFICE},
        "elsewhere": {"kind": Kind.WORKING_LOCATION},
        "declined": {"answer": SandboxAnswer.DECLINED},
        "maybe": {"answer": SandboxAnswer.TENTATIVE},
        "plain": {},
    }
    for title, fields in entries.items():
        graph.calendars.add(IVY, title, at(9), at(10), **fields)
    found = {one.title: one for one in office.changes(IVY, WINDOW, BERLIN).occurrences}
    assert {title for title, one in found.items() if one.is_free} == {"free", "elsewhere", "declined"}
    assert {title for title, one in found.items() if one.is_private} == {"private"}
    assert {title for title, one in found.items() if one.is_tentative} == {"tentative"}
    assert (found["oof"].kind, found["elsewhere"].kind) == (TimeKind.OUT_OF_OFFICE, TimeKind.WORKING_LOCATION)
    assert (found["declined"].answer, found["maybe"].answer) == (Answer.DECLINED, Answer.TENTATIVE)
    assert found["plain"].answer is Answer.NONE


def test_whole_days_are_midnights_of_the_owner(graph: Sandbox, office: MicrosoftCalendar) -> None:
    starts_at = datetime(2026, 12, 2, tzinfo=BERLIN)
    graph.calendars.add(IVY, "Leave", starts_at, starts_at + timedelta(days=1), is_all_day=True)
    for zone in (BERLIN, ZoneInfo("America/Los_Angeles"), ZoneInfo("UTC")):
        (one,) = office.changes(IVY, WINDOW, zone).occurrences
        assert (one.is_all_day, one.starts_at) == (True, datetime(2026, 12, 2, tzinfo=zone).astimezone(UTC))
        assert one.ends_at == datetime(2026, 12, 3, tzinfo=zone).astimezone(UTC)


def test_ours_are_known_by_their_id(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.put_event(IVY, wanted())
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    found = {one.title: one.our_id for one in office.changes(IVY, WINDOW, BERLIN).occurrences}
    assert found == {"System design with Ada": OUR_ID, "Dentist": ""}


def test_changes_since_a_token(graph: Sandbox, office: MicrosoftCalendar) -> None:
    dentist = graph.calendars.add(IVY, "Dentist", at(9), at(10))
    lunch = graph.calendars.add(IVY, "Lunch", at(12), at(13))
    away = graph.calendars.add(IVY, "Away", at(14), at(15))
    before = office.changes(IVY, WINDOW, BERLIN)
    graph.calendars.move(IVY, dentist.id, at(16), at(17))
    graph.calendars.delete(IVY, lunch.id)
    graph.calendars.move(IVY, away.id, at(9, day=60), at(10, day=60))
    graph.calendars.add(IVY, "Far away", at(9, day=90), at(10, day=90))
    found = office.changes(IVY, WINDOW, BERLIN, before.token)
    assert times(found) == [("Dentist", at(16), at(17))]
    assert not found.is_whole
    assert {lunch.id, away.id} <= set(found.removed)
    assert office.changes(IVY, WINDOW, BERLIN, found.token).occurrences == ()


def test_a_series_comes_whole_with_its_changes(graph: Sandbox, office: MicrosoftCalendar) -> None:
    series = graph.calendars.add(IVY, "Standup", at(8), at(8.5), rule="FREQ=DAILY;COUNT=5")
    first = office.changes(IVY, WINDOW, BERLIN)
    assert [(one.title, one.series) for one in first.occurrences] == [("Standup", series.id)] * 5
    rows = applied({}, first)
    third = sorted(rows.values(), key=lambda one: one.starts_at)[2]
    graph.calendars.move(IVY, third.id, at(20, day=2), at(21, day=2))
    second = office.changes(IVY, WINDOW, BERLIN, first.token)
    rows = applied(rows, second)
    assert sorted(one.starts_at for one in rows.values()) == [at(8), at(8, 1), at(20, 2), at(8, 3), at(8, 4)]
    graph.calendars.delete(IVY, third.id)
    last = office.changes(IVY, WINDOW, BERLIN, second.token)
    assert sorted(one.starts_at for one in applied(rows, last).values()) == [at(8), at(8, 1), at(8, 3), at(8, 4)]
    graph.calendars.delete(IVY, series.id)
    assert applied(applied(rows, last), office.changes(IVY, WINDOW, BERLIN, last.token)) == {}


@pytest.mark.parametrize("spoil", ["expired", "unknown", "other"])
def test_a_token_that_graph_does_not_know_any_more(graph: Sandbox, office: MicrosoftCalendar, spoil: str) -> None:
    token = office.changes(IVY, WINDOW, BERLIN).token
    if spoil == "expired":
        graph.calendars.expire_tokens(IVY)
    if spoil == "unknown":
        token = token[:-9]
    if spoil == "other":
        token = token.replace(IVY.replace("@", "%40"), TOM.replace("@", "%40"))
    with pytest.raises(TokenExpired):
        office.changes(IVY, WINDOW, BERLIN, token)


def test_a_token_that_leads_elsewhere_is_not_followed(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """The access token goes to Graph alone, whatever is stored or answered."""
    with pytest.raises(Exception, match="unreadable"):
        office.changes(IVY, WINDOW, BERLIN, "https://graph.example.net/v1.0/me/calendarView/delta?$deltatoken=1")


def test_a_window_that_slides_is_read_anew(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(IVY, "First day", at(9), at(10))
    graph.calendars.add(IVY, "After", at(9, day=28), at(10, day=28))
    token = office.changes(IVY, WINDOW, BERLIN).token
    slid = Window(WINDOW.starts_at + timedelta(days=1), WINDOW.ends_at + timedelta(days=1))
    assert office.changes(IVY, slid, BERLIN, token).occurrences == ()
    found = office.changes(IVY, slid, BERLIN)
    assert (found.is_whole, [one.title for one in found.occurrences]) == (True, ["After"])


def test_what_cannot_be_read_is_an_error(graph: Sandbox, office: MicrosoftCalendar) -> None:
    with pytest.raises(Gone):
        office.changes("nobody@example.com", WINDOW, BERLIN)
    graph.microsoft.closed.add(IVY)
    with pytest.raises(Refused) as caught:
        office.changes(IVY, WINDOW, BERLIN)
    assert caught.value.code == "mailbox_denied"


@pytest.mark.parametrize("seed", range(12))
def test_change_lists_lead_to_what_is_there(graph: Sandbox, office: MicrosoftCalendar, seed: int) -> None:
    """Random changes by hand, read in random portions: the rows are always those of a whole reading."""
    dice = random.Random(seed)
    world, rows, token = graph.calendars, {}, ""  # type: ignore[var-annotated]
    for _step in range(12):
        for _change in range(dice.randrange(4)):
            _change_by_hand(graph, dice)
        if dice.random() < 0.1:
            world.expire_tokens(IVY)
        try:
            changes = office.changes(IVY, WINDOW, BERLIN, token)
        except TokenExpired:
            changes = office.changes(IVY, WINDOW, BERLIN)
        rows, token = applied(rows, changes), changes.token
        whole = {one.id: one for one in office.changes(IVY, WINDOW, BERLIN).occurrences}
        assert rows == whole
        assert len(whole) == len(world.occurrences(IVY, WINDOW.starts_at, WINDOW.ends_at))


def _change_by_hand(graph: Sandbox, dice: random.Random) -> None:
    world, start = graph.calendars, MONDAY + timedelta(hours=dice.randrange(-100, 800))
    end = start + timedelta(minutes=dice.choice([30, 60, 1440]))
    seen = world.occurrences(IVY, MONDAY - timedelta(days=3), MONDAY + timedelta(days=35))
    kind = dice.choice(["add", "add", "series", "move", "delete", "shown"])
    if kind in ("add", "series") or not seen:
        rule = dice.choice(["FREQ=DAILY;COUNT=4", "FREQ=WEEKLY"]) if kind == "series" else ""
        world.add(IVY, f"entry {dice.random()}", start, end, rule=rule)
        return
    one = dice.choice(seen)
    id = one.series if one.series and dice.random() < 0.3 else one.id
    if kind == "move":
        world.move(IVY, id, start, end)
    elif kind == "delete":
        world.delete(IVY, id)
    else:
        world.change(IVY, id, is_free=dice.random() < 0.5, title="Other")
