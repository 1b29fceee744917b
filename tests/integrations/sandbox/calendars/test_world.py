"""The calendars' world: entries, series, changes and their log, and weeks that people believe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Answer, NotThere, TokenTooOld, World
from integrations.sandbox.calendars.weeks import PEOPLE as DEMO_PEOPLE
from integrations.sandbox.calendars.weeks import add_demo_people
from scheduling.demo.content import PEOPLE

IVY = "ivy@example.com"
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    made = World()
    made.add_person(IVY, "Ivy Lang", "Europe/Berlin")
    return made


def at(day: int, hour: float = 9, month: int = 10) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour)


def test_a_series_keeps_its_wall_clock_time_over_a_clock_change(world: World) -> None:
    world.add(IVY, "Standup", at(23, 7), at(23, 8), rule="FREQ=DAILY;COUNT=4")
    found = world.occurrences(IVY, at(1), at(30))
    # Clocks in Berlin went back on 25 October 2026.
    assert [each.starts_at for each in found] == [at(23, 7), at(24, 7), at(25, 8), at(26, 8)]
    assert len({each.id for each in found}) == 4
    assert {each.series for each in found} == {found[0].entry.id}


def test_one_occurrence_can_be_moved_and_deleted(world: World) -> None:
    series = world.add(IVY, "Standup", at(5), at(5, 10), rule="FREQ=DAILY;COUNT=3")
    first, second, third = world.occurrences(IVY, at(1), at(30))
    world.move(IVY, second.id, at(6, 15), at(6, 16))
    world.delete(IVY, third.id)
    found = world.occurrences(IVY, at(1), at(30))
    assert [each.starts_at for each in found] == [first.starts_at, at(6, 15)]
    assert found[1].series == series.id
    assert found[1].start == second.starts_at
    world.delete(IVY, series.id)
    assert world.occurrences(IVY, at(1), at(30)) == []


def test_the_log_tells_what_changed_since_a_position(world: World) -> None:
    first = world.add(IVY, "One", at(5), at(5, 10))
    position = world.calendar(IVY).last_change
    assert world.changed(IVY, position) == []
    world.add(IVY, "Two", at(6), at(6, 10))
    world.delete(IVY, first.id)
    assert [(each.title, each.cancelled) for each in world.changed(IVY, position)] == [("Two", False), ("One", True)]
    world.expire_tokens(IVY)
    with pytest.raises(TokenTooOld):
        world.changed(IVY, position)
    assert world.changed(IVY, world.calendar(IVY).last_change) == []


def test_a_shortened_series_tells_which_occurrences_ended(world: World) -> None:
    now = world.now().replace(minute=0, second=0, microsecond=0)
    series = world.add(IVY, "Standup", now, now + HOUR, rule="FREQ=DAILY;COUNT=5", zone="UTC")
    changed = world.change(IVY, series.id, rule="FREQ=DAILY;COUNT=2")
    told = world.occurrences_of(changed, now - HOUR, now + timedelta(days=30))
    assert [each.cancelled for each in told] == [False, False, True, True, True]


def test_an_answer_and_a_room_are_kept(world: World) -> None:
    world.add_person("aurora@example.com", "Aurora", is_room=True)
    entry = world.add(IVY, "Interview", at(5), at(5, 10), rooms=("aurora@example.com",))
    assert [each.id for each in world.live("aurora@example.com")] == [entry.id]
    answered = world.decline(IVY, entry.id, comment="On leave")
    # The room has answered, too.
    assert (answered.answer, answered.comment, answered.version) == (Answer.DECLINED, "On leave", 3)
    world.change(IVY, entry.id, rooms=())
    assert world.live("aurora@example.com") == []
    assert [room.name for room in world.rooms()] == ["Aurora"]


def test_nobody_and_nothing_are_said_to_be_missing(world: World) -> None:
    for ask in (
        lambda: world.calendar("bob@example.com"),
        lambda: world.person("bob@example.com"),
        lambda: world.entry(IVY, "nothing"),
        lambda: world.move(IVY, "nothing_20260101T000000Z", at(1), at(2)),
    ):
        with pytest.raises(NotThere):
            ask()


def test_a_listener_hears_of_each_change(world: World) -> None:
    heard: list[str] = []
    world.listeners.append(heard.append)
    entry = world.add(IVY, "One", at(5), at(5, 10))
    world.delete(IVY, entry.id)
    assert heard == [IVY, IVY]


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_world_is_the_same_after_a_restart(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "s.db") as sandbox:
        add_demo_people(sandbox.calendars)
        before = {each: sandbox.calendars.live(each) for each in sandbox.calendars.calendars}
    with Sandbox(tmp_path / "s.db") as sandbox:
        add_demo_people(sandbox.calendars)
        assert {each: sandbox.calendars.live(each) for each in sandbox.calendars.calendars} == before


def test_the_demos_people_have_believable_weeks() -> None:
    world = World()
    add_demo_people(world)
    assert [(each.email, each.name, each.zone) for each in PEOPLE] == list(DEMO_PEOPLE)
    now = world.now()
    for person in PEOPLE:
        found = world.occurrences(person.email, now, now + timedelta(days=14))
        busy = sum(((each.ends_at - each.starts_at) / HOUR for each in found if not each.entry.is_all_day), 0.0)
        assert 10 < busy < 60, (person.email, busy)
    assert len({len(world.live(person.email)) for person in PEOPLE}) > 1, "people differ"
    other = World()
    add_demo_people(other)
    ids = [[each.id for each in made.live("admin@example.com")] for made in (world, other)]
    assert ids[0] == ids[1]
