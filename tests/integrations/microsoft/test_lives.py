"""Random lives of an event: answers are lost, the owner moves and deletes it, and others' entries stay as they are."""

from __future__ import annotations

import random

import pytest

from integrations.base import CredentialsRejected, OutcomeUnknown, Retryable, ToolError
from integrations.calendars import EventChanged, EventRequest, VendorEvent
from integrations.microsoft.calendar import MicrosoftCalendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Entry
from tests.integrations.microsoft.conftest import BERLIN, IVY, OUR_ID, WINDOW, at, wanted
from tests.thorough import mostly

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

FAULTS = (
    "drop_before",
    "drop_after",
    "error_500_before",
    "error_500_after",
    "unavailable",
    "unauthorized",
    "rate_limited_bare",
    "cut_json_after",
    "garbage_after",
    "empty_body_after",
    "half_page",
    "duplicates",
)
MOST_TRIES = 60


class Life:
    """One event as the queue drives it: after a lost answer it looks before it writes again."""

    def __init__(self, graph: Sandbox, calendar: MicrosoftCalendar, dice: random.Random) -> None:
        self.graph, self.calendar, self.dice = graph, calendar, dice
        self.revision = 0
        self.request: EventRequest | None = None

    def want(self) -> None:
        """A new time, or no event any more."""
        self.revision += 1
        hour = self.dice.randrange(8, 18)
        self.request = wanted(hour=hour, revision=self.revision) if self.dice.random() < 0.8 else None

    def carry_out(self) -> None:
        for _ in range(MOST_TRIES):
            try:
                if self.request is None:
                    self.calendar.delete_event(IVY, OUR_ID)
                else:
                    self.calendar.put_event(IVY, self.request)
            except OutcomeUnknown:
                self._look()
            except (Retryable, EventChanged, CredentialsRejected):  # somebody connects again
                pass
            else:
                return
        raise AssertionError("It never ended.")

    def _look(self) -> VendorEvent | None:
        for _ in range(MOST_TRIES):
            try:
                return self.calendar.fetch_event(IVY, OUR_ID)
            except ToolError:
                continue
        raise AssertionError("It could never be looked for.")

    def by_hand(self) -> None:
        """The owner moves, deletes, answers or duplicates the event, or writes something of their own."""
        world = self.graph.calendars
        ours = [one for one in world.live(IVY) if one.made_by]
        act = self.dice.choice(["move", "delete", "answer", "add"])
        if act == "add" or not ours:
            hour = self.dice.randrange(8, 18)
            world.add(IVY, f"Own {self.dice.random()}", at(hour), at(hour + 1))
        elif act == "move":
            world.move(IVY, ours[0].id, at(20), at(21))
        elif act == "delete":
            world.delete(IVY, ours[0].id)
        else:
            world.answer(IVY, ours[0].id, "accepted")


def foreign(graph: Sandbox) -> list[Entry]:
    return [one for one in graph.calendars.live(IVY) if not one.made_by]


@pytest.mark.parametrize("repeats", ["error", "bare", "same"])
@pytest.mark.parametrize("seed", mostly(range(120), always=10))
def test_a_life_ends_in_one_right_event(
    graph: Sandbox, office: MicrosoftCalendar, seed: int, repeats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.microsoft.events.FRESH", at(0) - at(0))
    dice = random.Random(seed)
    graph.microsoft.repeats = repeats
    life = Life(graph, office, dice)
    for _step in range(5):
        for _act in range(dice.randrange(3)):
            life.by_hand()
        life.want()
        for fault in FAULTS:
            graph.microsoft.fault(fault, probability=0.05, seed=dice.randrange(10**6))
        before = foreign(graph)
        life.carry_out()
        graph.microsoft.faults.clear()
        ours = [one for one in graph.calendars.live(IVY) if one.made_by]
        assert foreign(graph) == before
        assert [(one.starts_at, one.title) for one in ours] == (
            [(life.request.starts_at, life.request.title)] if life.request else []
        )
        found = office.fetch_event(IVY, OUR_ID)
        assert (found is not None) is (life.request is not None)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_reads_in_trouble_never_sees_busy_as_free(graph: Sandbox, office: MicrosoftCalendar, seed: int) -> None:
    dice = random.Random(seed)
    world = graph.calendars
    for number in range(15):
        rule = "FREQ=DAILY;COUNT=3" if number % 5 == 0 else ""
        world.add(IVY, str(number), at(number), at(number + 1), rule=rule)
    taken = {one.starts_at for one in world.occurrences(IVY, WINDOW.starts_at, WINDOW.ends_at)}
    for fault in (*FAULTS, "gone", "calendar_missing", "changed", "forbidden"):
        graph.microsoft.fault(fault, probability=0.08, seed=dice.randrange(10**6))
    answered = 0
    for _ in range(30):
        try:
            whole = office.changes(IVY, WINDOW, BERLIN)
            assert {one.starts_at for one in whole.occurrences} == taken
            answered += 1
        except ToolError:
            pass
        try:
            times = office.busy([IVY], WINDOW, BERLIN)[IVY]
        except ToolError:
            continue
        if isinstance(times, list):
            assert {one.starts_at for one in times} == taken
            answered += 1
    assert answered > 5
