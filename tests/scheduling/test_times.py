"""Typed times are the times that every reader sees, in every zone, also on the days on which clocks change."""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.availability.local_time import (
    AmbiguousTime,
    NonexistentTime,
    day_starts,
    format_span,
    moment,
    to_wall_clock,
)

FIRST_YEAR, YEARS = 2024, 10
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory", "posixrules"})


#: No zone changes its clocks and takes that back within a week: Ramadan in Morocco is the shortest, of five.
STRIDE = timedelta(days=7)


@functools.cache
def changes(zone: str) -> list[datetime]:
    """The moments, to the minute, of ten years at which a zone's clocks change."""
    place = ZoneInfo(zone)
    found = []
    at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while at.year < FIRST_YEAR + YEARS:
        after = at + STRIDE
        if at.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            low, high = at, after
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
                same = middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at = after
    return found


@functools.cache
def changing() -> list[str]:
    """The zones whose clocks change. Worked out when a test asks: collecting tests has to stay fast."""
    return [zone for zone in ZONES if changes(zone)]


@st.composite
def moments_near_changes(draw: st.DrawFn) -> tuple[datetime, str]:
    zone = draw(st.sampled_from(changing()))
    change = draw(st.sampled_from(changes(zone)))
    return change + timedelta(minutes=draw(st.integers(-1440, 1440))), zone


@st.composite
def any_moments(draw: st.DrawFn) -> tuple[datetime, str]:
    minutes = draw(st.integers(0, YEARS * 365 * 1440))
    return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), draw(st.sampled_from(ZONES))


@settings(max_examples=400, deadline=None)
@given(st.one_of(moments_near_changes(), any_moments()))
def test_every_moment_can_be_typed_and_means_itself(case: tuple[datetime, str]) -> None:
    at, zone = case
    day, clock, fold = to_wall_clock(at, zone)
    assert moment(day, clock, zone, fold) == at


@settings(max_examples=400, deadline=None)
@given(st.one_of(moments_near_changes(), any_moments()), st.sampled_from(ZONES))
def test_what_is_typed_is_what_every_reader_sees(case: tuple[datetime, str], reader: str) -> None:
    at, zone = case
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    try:
        stored = moment(wall.date(), wall.time(), zone, fold=0)
    except NonexistentTime as jump:  # only a wall clock made up by hand can be in the jump
        pytest.fail(f"clocks in {zone} showed {wall}, which was called nonexistent: {jump}")
    assert stored.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall
    # Another reader sees another clock, but the same moment: typing what they see gives it back.
    assert moment(*to_wall_clock(stored, reader)[:2], reader, to_wall_clock(stored, reader)[2]) == stored


def test_every_change_of_ten_years_is_told_apart_to_the_minute() -> None:
    assert len(changing()) > 150
    for zone in changing():
        for change in changes(zone):
            print(f"{zone} at {change}")  # pytest shows the last one with a failure
            is_told_apart(zone, change)


def is_told_apart(zone: str, change: datetime) -> None:
    place = ZoneInfo(zone)
    before = (change - timedelta(minutes=1)).astimezone(place).replace(tzinfo=None, fold=0)
    after = change.astimezone(place).replace(tzinfo=None, fold=0)
    shift = after - before - timedelta(minutes=1)
    if shift > timedelta(0):
        for minute in (0, shift // timedelta(minutes=1) - 1):
            wall = before + timedelta(minutes=1 + minute)
            with pytest.raises(NonexistentTime) as jump:
                moment(wall.date(), wall.time(), zone)
            assert jump.value.nearest == after
    elif shift < timedelta(0):
        with pytest.raises(AmbiguousTime) as twice:
            moment(after.date(), after.time(), zone)
        assert twice.value.second.astimezone(UTC) - twice.value.first.astimezone(UTC) == -shift
        assert moment(after.date(), after.time(), zone, fold=1) == change
        assert moment(before.date(), before.time(), zone, fold=0) == change - timedelta(minutes=1)


def test_a_skipped_time_names_the_nearest() -> None:
    with pytest.raises(NonexistentTime) as jump:
        moment(date(2027, 3, 28), time(2, 30), "Europe/Berlin")
    assert jump.value.nearest == datetime(2027, 3, 28, 3, 0)


def test_a_time_that_comes_twice_asks_which() -> None:
    day, clock = date(2027, 10, 31), time(2, 30)
    with pytest.raises(AmbiguousTime):
        moment(day, clock, "Europe/Berlin")
    assert moment(day, clock, "Europe/Berlin", fold=0) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert moment(day, clock, "Europe/Berlin", fold=1) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_jump_of_half_an_hour_is_one() -> None:
    with pytest.raises(NonexistentTime) as jump:
        moment(date(2027, 10, 3), time(2, 15), "Australia/Lord_Howe")
    assert jump.value.nearest == datetime(2027, 10, 3, 2, 30)


def test_a_day_begins_even_where_its_midnight_is_skipped() -> None:
    # Clocks in Beirut go forward at midnight.
    assert day_starts(date(2026, 3, 29), "Asia/Beirut") == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert day_starts(date(2026, 7, 1), "Europe/Berlin") == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_times_are_shown_as_the_zones_clocks_show_them() -> None:
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert format_span(start, start + timedelta(hours=1), "Europe/Berlin") == "Mon 1 Mar 2027, 10:00–11:00"
    assert format_span(start, start + timedelta(hours=1), "Pacific/Auckland") == "Mon 1 Mar 2027, 22:00–23:00"
    assert (
        format_span(start + timedelta(hours=1, minutes=30), start + timedelta(hours=3), "Pacific/Auckland")
        == "Mon 1 Mar 2027, 23:30 – Tue 2 Mar 2027, 01:00"
    )


def test_a_time_that_comes_twice_is_shown_with_its_offset() -> None:
    start = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    shown = format_span(start, start + timedelta(minutes=30), "Europe/Berlin")
    assert shown == "Sun 31 Oct 2027, 02:30 (GMT+1)–03:00"
