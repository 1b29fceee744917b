"""One answer to who is busy when: conflicts, the search for interviewers, the day view and the home page agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from organizations.models import Membership, User
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import words_of

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY = datetime(2027, 3, 11, tzinfo=UTC)  # a Thursday
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _in_utc(team: Team, other_team: Team) -> None:
    User.objects.update(time_zone="UTC")


def book(person: Membership, candidate: Candidate, begin: int, quarters: int) -> Interview:
    """Book an interview that begins so many quarters of an hour after the day does."""
    schedule = Schedule.objects.create(organization=candidate.organization, candidate=candidate, time_zone="UTC")
    starts_at = DAY + begin * QUARTER
    interview = Interview.objects.create(
        organization=candidate.organization,
        schedule=schedule,
        name="Booked",
        place="Room 7",
        starts_at=starts_at,
        ends_at=starts_at + quarters * QUARTER,
    )
    InterviewerAssignment.objects.create(interview=interview, membership=person)
    return interview


def keep_nobody_busy(team: Team, other_team: Team, begin: int) -> None:
    """Make interviews that concern neither the interviewer nor Ada."""
    cancelled = book(team.interviewer, candidate_of(team, "Cem Arslan"), begin, 4)
    Interview.objects.filter(pk=cancelled.pk).update(state=Interview.State.CANCELLED)
    book(team.recruiter, candidate_of(team, "Noor Haddad"), begin, 4)
    book(other_team.interviewer, candidate_of(other_team, "Secret"), begin, 4)


def candidate_of(team: Team, name: str) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name=name, time_zone="UTC")


def random_day(team: Team, dice: random.Random) -> list[tuple[int, int]]:
    """Make interviews of the interviewer with others, no two at the same time."""
    free, taken = dice.randrange(0, 20), []
    for _number in range(4):  # few enough for the home page to show them all
        quarters = dice.randint(1, 8)
        book(team.interviewer, candidate_of(team, "Grace Lin"), free, quarters)
        taken.append((free, free + quarters))
        free += quarters + dice.choice([0, 0, 1, 5, 12])
    return taken


def asked(team: Team, ada: Candidate, begin: int, quarters: int, **more: Any) -> dict[str, Any]:
    """One planned interview of Ada with the interviewer, as "New schedule" sends it."""
    starts_at = DAY + begin * QUARTER
    row = {
        "name": "Coding",
        "kind": "video",
        "minutes": 15 * quarters,
        "place": "",
        "interviewers": team.interviewer.pk,
    }
    row |= {"date": f"{starts_at:%Y-%m-%d}", "time": f"{starts_at:%H:%M}"} | more.pop("row_fields", {})
    return (
        {"candidate": ada.pk, "time_zone": "UTC", "rows-count": 1}
        | {f"rows-0-{name}": value for name, value in row.items()}
        | more
    )


def day_of(client: Client, team: Team, **of: int) -> Any:
    query: dict[str, str | int] = {"entry_zone": "UTC", "day": f"{DAY:%Y-%m-%d}", **of}
    return client.get(team.url("schedules/new/day/"), query).json()


def answers(client: Client, team: Team, ada: Candidate, begin: int, quarters: int) -> dict[str, bool]:
    """Whether each of the four says that the interviewer is busy then; the home page last, once it is booked."""
    address, busy = team.url("schedules/new/"), f"{team.interviewer.user} is busy:"
    conflicts = client.post(address, asked(team, ada, begin, quarters, part="conflicts"))
    search = {"part": "people", "row": "0", "row_fields": {"interviewers": "", "find": team.interviewer.user.name}}
    people = client.post(address, asked(team, ada, begin, quarters, **search))
    day = day_of(client, team, people=team.interviewer.pk, candidate=ada.pk)
    starts_at = DAY + begin * QUARTER
    stretch = (f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", f"{starts_at + quarters * QUARTER:%Y-%m-%dT%H:%M:%SZ}")
    blocks = [block for block in day["columns"][1]["blocks"] if block["kind"] == "busy"]
    book(team.interviewer, ada, begin, quarters)
    return {
        "conflicts": busy in unescape(conflicts.content.decode()),
        "search": 'class="person-busy">busy ' in people.content.decode(),
        "day view": any(one["starts_at"] < stretch[1] and stretch[0] < one["ends_at"] for one in blocks),
        "home": f"{team.interviewer.user} is booked twice at the same time" in words_of(client, team),
    }


@pytest.mark.parametrize("seed", range(16))
def test_all_four_say_the_same(team: Team, other_team: Team, as_recruiter: Client, seed: int) -> None:
    dice = random.Random(seed)
    taken = random_day(team, dice)
    # Also times that only touch another one.
    begin = dice.choice([dice.randrange(0, 60), *(end for _start, end in taken)])
    quarters = dice.randint(1, 8)
    keep_nobody_busy(team, other_team, begin)
    expected = any(start < begin + quarters and begin < end for start, end in taken)
    said = answers(as_recruiter, team, candidate_of(team, "Ada Osei"), begin, quarters)
    assert said == dict.fromkeys(said, expected), (taken, begin, quarters)


@pytest.mark.parametrize("seed", range(4))
def test_a_candidate_is_busy_everywhere_too(team: Team, as_recruiter: Client, seed: int) -> None:
    dice = random.Random(seed)
    ada = candidate_of(team, "Ada Osei")
    first, begin, quarters = dice.randrange(30, 60), dice.randrange(30, 60), dice.randint(1, 6)
    book(team.recruiter, ada, first, 4)
    expected = first < begin + quarters and begin < first + 4
    conflicts = as_recruiter.post(team.url("schedules/new/"), asked(team, ada, begin, quarters, part="conflicts"))
    assert ("Overlaps with the candidate's “Booked”" in unescape(conflicts.content.decode())) == expected
    book(team.admin, ada, begin, quarters)
    assert ("Ada Osei is booked twice at the same time" in words_of(as_recruiter, team)) == expected
    blocks = day_of(as_recruiter, team, candidate=ada.pk)["columns"][0]["blocks"]
    joined = first <= begin + quarters and begin <= first + 4
    assert len([block for block in blocks if block["kind"] == "busy"]) == (1 if joined else 2)
