"""Recurring entries over ten years of clock changes in 40 zones, against two other ways to expand them.

The first walks the days of a calendar with plain arithmetic, without any rule engine. The second is
recurring-ical-events. Neither shares code with ours.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from integrations.calendars import Occurrence, Window
from tests.integrations.ical.documents import document, entry, occurrences

ZONES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Helsinki", "Europe/Istanbul",
    "Europe/Moscow", "Europe/Chisinau", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "America/St_Johns", "America/Halifax", "America/Sao_Paulo",
    "America/Santiago", "America/Asuncion", "America/Havana", "America/Mexico_City", "America/Nuuk", "America/Bogota",
    "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Jerusalem", "Asia/Beirut", "Asia/Amman",
    "Asia/Gaza", "Asia/Shanghai", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Australia/Sydney",
    "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham",
]  # fmt: skip
#: Those that are tried in every run: clocks that skip midnight, summers of the south and of negative time, a pause in
#: Ramadan, quarters and halves of hours, and rules that were given up. `make test-all` tries the others, too.
OFTEN = {
    "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Santiago", "America/Havana", "Asia/Tehran",
    "Asia/Beirut", "Asia/Kathmandu", "Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
}  # fmt: skip
EACH = [zone if zone in OFTEN else pytest.param(zone, marks=pytest.mark.thorough) for zone in ZONES]
FIRST, LAST = date(2018, 1, 1), date(2028, 1, 1)
WINDOW = Window(datetime(2018, 1, 5, tzinfo=UTC), datetime(2027, 12, 25, tzinfo=UTC))
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Span = tuple[datetime, datetime]


def days() -> Iterator[date]:
    day = FIRST
    while day < LAST:
        yield day
        day += timedelta(days=1)


def placed(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time, by the offset that holds just before it."""
    before = (wall.replace(tzinfo=UTC) - timedelta(days=1)).astimezone(zone).utcoffset()
    early = wall.replace(tzinfo=zone)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:  # clocks skip it
        assert before is not None
        return wall.replace(tzinfo=UTC) - before
    return early.astimezone(UTC)


def walked(zone: ZoneInfo, begins: time, length: timedelta, fits: list[date]) -> list[Span]:
    """The busy times of the days that fit. The later end counts: that on the wall clock, or after the time passed."""
    found = []
    for day in fits:
        wall = datetime.combine(day, begins)
        start = placed(wall, zone)
        end = max(placed(wall + length, zone), start + length)
        if start < WINDOW.ends_at and end > WINDOW.starts_at:
            found.append((start, end))
    return sorted(found)


def spans(found: list[Occurrence]) -> list[Span]:
    return sorted((one.starts_at, one.ends_at) for one in found)


def rules(chance: random.Random) -> Iterator[tuple[str, list[date]]]:
    """Rules, and the days that fit them."""
    every, weekdays = chance.randint(2, 5), sorted(chance.sample(range(7), 2))
    yield f"FREQ=DAILY;INTERVAL={every}", [day for day in days() if (day - FIRST).days % every == 0]
    yield (
        f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[one] for one in weekdays)}",
        [day for day in days() if day.weekday() in weekdays or day == FIRST],
    )
    number = chance.randint(1, 31)
    yield (
        f"FREQ=MONTHLY;BYMONTHDAY={number}",
        [day for day in days() if day.day == number or day == FIRST],
    )
    yield (
        "FREQ=MONTHLY;BYDAY=-1SU",
        [
            day
            for day in days()
            if (day.weekday() == 6 and (day + timedelta(days=7)).month != day.month) or day == FIRST
        ],
    )
    until = chance.choice([day for day in days() if day.year == 2023])
    yield f"FREQ=DAILY;UNTIL={until:%Y%m%d}", [day for day in days() if day <= until]


@pytest.mark.parametrize("name", EACH)
def test_the_same_busy_times_as_a_walk_over_the_days(name: str) -> None:
    chance, zone = random.Random(name), ZoneInfo(name)
    for rule, fits in rules(chance):
        begins = time(chance.choice([0, 1, 2, 3, 9, 22, 23]), chance.choice([0, 30]))
        length = timedelta(minutes=chance.choice([30, 60, 180, 600]))
        end = datetime.combine(FIRST, begins) + length
        times = (f"DTSTART;TZID={name}:20180101T{begins:%H%M%S}", f"DTEND;TZID={name}:{end:%Y%m%dT%H%M%S}")
        found = spans(occurrences(entry(*times, f"RRULE:{rule}"), window=WINDOW, zone=ZoneInfo("Asia/Tokyo")))
        assert found == walked(zone, begins, length, fits), rule
        floating = [line.replace(f";TZID={name}", "") for line in times]
        assert spans(occurrences(entry(*floating, f"RRULE:{rule}"), window=WINDOW, zone=zone)) == found, rule


@pytest.mark.parametrize("name", EACH)
def test_whole_days_are_as_long_as_their_days(name: str) -> None:
    """Of 23, 24 and 25 hours (24.5 on Lord Howe Island), each from midnight to midnight."""
    zone = ZoneInfo(name)
    for length in (1, 3):
        one = entry(
            "DTSTART;VALUE=DATE:20180101",
            f"DTEND;VALUE=DATE:2018010{1 + length}",
            f"RRULE:FREQ=DAILY;INTERVAL={length}",
        )
        found = spans(occurrences(one, window=WINDOW, zone=zone))
        assert all(later[0] == earlier[1] for earlier, later in itertools.pairwise(found))
        fits = [day for day in days() if (day - FIRST).days % length == 0]
        expected = [
            (
                placed(datetime.combine(day, time()), zone),
                placed(datetime.combine(day, time()) + timedelta(length), zone),
            )
            for day in fits
        ]
        assert found == [one for one in expected if one[0] < WINDOW.ends_at and one[1] > WINDOW.starts_at]
    changes = {
        (end - start)
        for start, end in spans(
            occurrences(entry("DTSTART;VALUE=DATE:20180101", "RRULE:FREQ=DAILY"), window=WINDOW, zone=zone)
        )
    }
    offsets = {datetime.combine(day, time(12), zone).utcoffset() for day in days()}
    assert (changes == {timedelta(hours=24)}) == (len(offsets) == 1)


@pytest.mark.parametrize("name", EACH)
def test_the_same_busy_times_as_other_eyes(name: str) -> None:
    """With left out, added and moved occurrences, outside of the hours in which clocks change."""
    chance = random.Random(name)
    moved, left_out = (date(2021, month, 4) + timedelta(days=chance.randint(0, 20)) for month in (3, 10))
    begins = f"{9 + chance.randint(0, 8):02}0000"
    parts = (
        entry(
            f"DTSTART;TZID={name}:20180101T{begins}",
            "DURATION:PT1H",
            "RRULE:FREQ=DAILY",
            f"EXDATE;TZID={name}:{left_out:%Y%m%d}T{begins}",
            f"RDATE;TZID={name}:20210601T060000,20220601T060000",
        ),
        entry(
            f"RECURRENCE-ID;TZID={name}:{moved:%Y%m%d}T{begins}",
            f"DTSTART;TZID={chance.choice(ZONES)}:{moved:%Y%m%d}T140000",
            "DURATION:PT2H",
        ),
    )
    window = Window(datetime(2021, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))
    found = spans(occurrences(*parts, window=window))
    other = recurring_ical_events.of(icalendar.Calendar.from_ical(document(*parts))).between(
        window.starts_at, window.ends_at
    )
    seen = sorted((one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in other)
    assert found == [one for one in seen if one[1] > window.starts_at]
