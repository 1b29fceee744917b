"""Random lives of events over vendors' real requests, with their faults at random: one right event, or a word.

As in `test_calendar_lives`, whose steps and checks these are; the vendors' stand-ins answer. A longer search:
`LIVES_SEED=1000 LIVES_SEEDS=50 pytest -m thorough` of this file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from integrations.sandbox.calendars import Entry
from integrations.sandbox.calendars.faults import CalendarFault as Fault
from scheduling.models import CalendarEvent, MemberCalendar
from tests.conftest import Team
from tests.scheduling.stand_ins import KINDS, STEPS, StandIn, read_all, resume, stand_in
from tests.scheduling.test_calendar_events import HOUR, work
from tests.scheduling.test_calendar_lives import FIRST, SEEDS, Life
from tests.thorough import mostly

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]

STEPS_OF_A_LIFE = 30
LIVES = [(kind, seed) for seed in range(FIRST, FIRST + max(1, SEEDS // 5)) for kind in KINDS]
#: Those in which time itself passes are tried one by one in `test_events_in_trouble`.
SLOW = {
    *(Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER),
    *(Fault.QUOTA, Fault.RATE_LIMITED_BARE, Fault.RATE_LIMITED_RETRY_AFTER),
}
QUICK = [fault for fault in Fault if fault not in SLOW]


@dataclass(frozen=True)
class Seen:
    """An event of Panelist's in a calendar, as lives look at it."""

    our_id: str
    starts_at: datetime
    answer: str


class Books:
    """A stand-in's calendars in the shape in which lives look at them."""

    def __init__(self, vendor: StandIn, addresses: list[str]) -> None:
        self.vendor, self.books = vendor, addresses

    def book(self, name: str) -> SimpleNamespace:
        ours = [one for one in self.vendor.sandbox.calendars.live(name) if one.made_by]
        found = {our_id_of(one): Seen(our_id_of(one), one.starts_at, str(one.answer)) for one in ours}
        assert len(found) == len(ours), "there are two of one interview"
        return SimpleNamespace(occurrences=found)


def our_id_of(entry: Entry) -> str:
    """The id that Panelist derived: the vendor's own, or in what the vendor keeps with the entry."""
    known = CalendarEvent.objects.order_by("pk").values_list("our_id", flat=True)
    return next(our_id for our_id in known if our_id == entry.id or our_id in str(entry.extra))


class LifeAtAVendor(Life):
    """Two interviewers with a calendar each; its owner changes it, and the vendor is in trouble now and then."""

    def __init__(self, team: Team, at: StandIn, seed: int) -> None:
        self.team, self.at, self.dice = team, at, random.Random(seed)
        self.people = [team.interviewer, team.recruiter]
        self.vendor = Books(at, [member.user.email for member in self.people])  # type: ignore[assignment]
        for member in self.people:
            tomorrow = timezone.now() + timedelta(days=1)
            at.sandbox.calendars.add(member.user.email, "Dentist", tomorrow, tomorrow + HOUR)
        self.theirs = [at.foreign(member) for member in self.people]

    def change_by_hand(self) -> None:
        world = self.at.sandbox.calendars
        ours = [one for member in self.people for one in self.at.ours(member)]
        if not ours:
            return
        one = self.dice.choice(ours)
        what = self.dice.choice(["move", "decline", "delete"])
        if what == "delete":
            world.delete(one.calendar, one.id)
        elif what == "decline":
            world.decline(one.calendar, one.id)
        else:
            world.move(one.calendar, one.id, one.starts_at + HOUR, one.ends_at + HOUR)

    def trouble(self) -> None:
        for step in STEPS[self.at.kind]:
            fault = self.dice.choice(QUICK)
            self.at.spoil(fault, step, probability=0.3, seed=self.dice.randrange(10**6))

    def work_in_trouble(self) -> None:
        self.trouble()
        self.work()
        self.at.calm()

    def read_in_trouble(self) -> None:
        self.trouble()
        self.read()
        self.at.calm()

    def read(self) -> None:
        read_all()

    def live(self) -> None:
        steps = [
            *[self.plan, self.move, self.swap, self.cancel, self.delete, self.choose, self.change_by_hand] * 2,
            *[self.work, self.read, self.follow, self.die],
            *[self.work_in_trouble, self.read_in_trouble] * 4,
        ]
        self.plan()
        for _step in range(STEPS_OF_A_LIFE):
            self.dice.choice(steps)()
            self.check_foreign()

    def end(self) -> None:
        """End all trouble, and let time pass."""
        self.at.calm()
        for _round in range(4):
            CalendarEvent.objects.update(sent_at=F("sent_at") - HOUR)
            MemberCalendar.objects.update(sync_token="")
            self.follow()
            resume()
            self.work()
            work()
            self.read()
        self.check_foreign()

    def check_foreign(self) -> None:
        assert [self.at.foreign(member) for member in self.people] == self.theirs


@pytest.fixture
def vendor(
    request: pytest.FixtureRequest,
    socket_enabled: None,
    settings: Settings,
    team: Team,
) -> Iterator[StandIn]:
    with stand_in(request.param, settings, team.interviewer, team.recruiter) as running:
        yield running


@pytest.mark.parametrize(("vendor", "seed"), mostly(LIVES, always=0), indirect=["vendor"])
def test_each_life_ends_in_one_right_event_or_a_word(team: Team, vendor: StandIn, seed: int) -> None:
    life = LifeAtAVendor(team, vendor, seed)
    life.live()
    life.end()
    life.check_events()
