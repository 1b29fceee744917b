"""Believable weeks for people's calendars: the same on each start, and always around today.

A person's series and habits follow from the address alone, one-off entries from the address and the week.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.sandbox.calendars.entries import Answer, Entry, Kind, Person
from integrations.sandbox.calendars.world import World

#: Weeks before this one, and weeks from this one on, that have one-off entries.
PAST, AHEAD = 1, 8

#: The demo's people and rooms: address, name, zone, and of a room its seats and place. Google knows rooms by addresses
#: like these; Microsoft takes any.
PEOPLE = (
    ("admin@example.com", "Alex Morgan", "Europe/Berlin"),
    ("recruiter@example.com", "Robin Becker", "Europe/Berlin"),
    ("interviewer@example.com", "Ines Duarte", "Europe/Lisbon"),
    ("marek.novak@example.com", "Marek Novák", "Europe/Prague"),
    ("grace.okafor@example.com", "Grace Okafor", "Europe/London"),
    ("dana.whitfield@example.com", "Dana Whitfield", "America/New_York"),
    ("luis.ortega@example.com", "Luis Ortega", "America/Los_Angeles"),
    ("priya.raman@example.com", "Priya Raman", "Asia/Kolkata"),
    ("kenji.sato@example.com", "Kenji Sato", "Asia/Tokyo"),
)
ROOMS = (
    ("aurora@resource.calendar.google.com", "Aurora", "Europe/Berlin", 6, "Floor 2"),
    ("borealis@resource.calendar.google.com", "Borealis", "Europe/Berlin", 12, "Floor 2"),
    ("corona@resource.calendar.google.com", "Corona", "Europe/Berlin", 4, "Floor 3"),
    ("atrium@resource.calendar.google.com", "Atrium", "Europe/Berlin", 60, "Ground floor"),
)

CALLS = (
    "Customer call",
    "Design review",
    "Roadmap",
    "Budget review",
    "Hiring sync",
    "Demo with sales",
    "Incident review",
)
DAYS = ("MO", "TU", "WE", "TH", "FR")


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes one person's entries."""

    person: Person

    def on(self, day: date, hour: float, minutes: int, label: str, title: str, **fields: Any) -> Entry:
        """An entry at a wall-clock hour of a day."""
        zone = ZoneInfo(self.person.zone)
        start = datetime.combine(day, time(int(hour), int(hour % 1 * 60)), zone).astimezone(UTC)
        return self._entry(f"{label} {day}", title, start, start + timedelta(minutes=minutes), **fields)

    def whole(self, day: date, days: int, label: str, title: str, **fields: Any) -> Entry:
        """An entry of whole days."""
        zone = ZoneInfo(self.person.zone)
        moments = [datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=days))]
        return self._entry(f"{label} {day}", title, moments[0], moments[1], is_all_day=True, **fields)

    def _entry(self, label: str, title: str, starts_at: datetime, ends_at: datetime, **fields: Any) -> Entry:
        id = hashlib.sha256(f"{self.person.address} {label}".encode()).hexdigest()[:26]
        zone, calendar = self.person.zone, self.person.address
        return Entry(id, calendar, title, starts_at, ends_at, zone=zone, **({"organizer": calendar} | fields))


def add_demo_people(world: World) -> None:
    """Add the demo's people and rooms, with their weeks."""
    for address, name, zone in PEOPLE:
        if address not in world.people:
            world.add_person(address, name, zone)
    for address, name, zone, seats, place in ROOMS:
        if address not in world.people:
            world.add_person(address, name, zone, is_room=True, seats=seats, place=place)
        for entry in _bookings(world.person(address)):
            if world.find(address, entry.id) is None:
                world.put(entry)
    for address, _name, _zone in PEOPLE:
        fill(world, address)


def fill(world: World, address: str) -> None:
    """Add the person's series and the one-off entries of the weeks around today; those known already stay."""
    person = world.person(address)
    today = world.now().astimezone(ZoneInfo(person.zone)).date()
    monday = today - timedelta(days=today.weekday())
    for entry in (*_series(person), *_weeks(person, monday)):
        if world.find(person.address, entry.id) is None:
            world.put(entry)


def _dice(*words: object) -> random.Random:
    """Dice that fall the same for the same words."""
    return random.Random(" ".join(map(str, words)))  # noqa: S311 - a believable week is no secret


def _series(person: Person) -> Iterator[Entry]:
    """A person's series. They began long ago, on a fixed Monday, so that their ids never change."""
    make, dice, start = _Maker(person), _dice(person.address), date(2026, 8, 31)
    days = dice.sample(range(5), 4)
    yield make.on(start, 9.5, 15, "standup", "Standup", rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", answer=Answer.ACCEPTED)
    first = start + timedelta(days=days[0])
    yield make.on(first, 11, 60, "team", "Team meeting", rule=f"FREQ=WEEKLY;BYDAY={DAYS[days[0]]}")
    first = start + timedelta(days=days[1])
    yield make.on(first, 14, 30, "manager", "1:1", rule=f"FREQ=WEEKLY;BYDAY={DAYS[days[1]]}", is_private=True)
    first = start + timedelta(days=days[2])
    focus = {"kind": Kind.FOCUS, "rule": f"FREQ=WEEKLY;BYDAY={DAYS[days[2]]},{DAYS[days[3]]}"}
    yield make.on(min(first, start + timedelta(days=days[3])), 15, 120, "focus", "Focus time", **focus)
    yield make.on(
        start, 12.5, 45, "lunch", "Lunch?", rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", is_free=dice.random() < 0.5
    )
    home = {"kind": Kind.WORKING_LOCATION, "is_free": True, "rule": "FREQ=WEEKLY;BYDAY=FR"}
    yield make.whole(start + timedelta(days=4), 1, "home", "Home", **home)


def _bookings(room: Person) -> Iterator[Entry]:
    """A room's series: other teams meet there on some afternoons."""
    make, dice, start = _Maker(room), _dice(room.address), date(2026, 8, 31)
    for number, day in enumerate(sorted(dice.sample(range(5), 2))):
        title, first = dice.choice(("Sales weekly", "Product review", "Onboarding")), start + timedelta(days=day)
        rule = f"FREQ=WEEKLY;BYDAY={DAYS[day]}"
        yield make.on(first, 16, 60, f"booking {number}", title, rule=rule, organizer="office@example.com")


def _weeks(person: Person, monday: date) -> Iterator[Entry]:
    for number in range(-PAST, AHEAD):
        yield from _week(person, monday + timedelta(weeks=number))


def _week(person: Person, monday: date) -> Iterator[Entry]:
    """One week's one-off entries."""
    make, dice = _Maker(person), _dice(person.address, monday)
    hours = [(day, hour) for day in range(5) for hour in (10, 13.5, 16, 17)]
    for number, (weekday, hour) in enumerate(dice.sample(hours, dice.randint(4, 7))):
        title, minutes = dice.choice(CALLS), dice.choice((30, 45, 60))
        fields: dict[str, Any] = {"answer": Answer.ACCEPTED, "organizer": "sales@example.com"}
        if number == 0:
            fields["answer"] = Answer.DECLINED
        elif number == 1:
            title, fields = f"Hold: {title.lower()}", {"is_tentative": True}
        yield make.on(monday + timedelta(days=weekday), hour, minutes, f"call {number}", title, **fields)
    day = monday + timedelta(days=dice.randrange(5))
    if dice.random() < 0.3:
        yield make.on(day, 8, 60, "dentist", "Dentist", is_private=True)
    if dice.random() < 0.15:
        yield make.whole(day, dice.choice((1, 2)), "away", "Out of office", kind=Kind.OUT_OF_OFFICE)
