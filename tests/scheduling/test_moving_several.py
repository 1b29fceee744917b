"""Several schedules moved at once: previewed, each in its own transaction, and said what came of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from jobs.models import JobCoordinator
from organizations.models import AuditEvent, DayOff
from scheduling.models import Interview, Message, Schedule
from scheduling.schedules.selected import MOST
from tests.conftest import Team
from tests.scheduling.test_communications import text_of
from tests.scheduling.test_selected import loop

pytestmark = pytest.mark.django_db

REASON = "The candidate asked for it"
#: A Monday; interviews are on Wednesday at ten, in Berlin.
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
WEDNESDAY = datetime(2027, 3, 3, 9, tzinfo=UTC)
ADDRESS = "schedules/selected/move/"


@pytest.fixture(autouse=True)
def clock(team: Team) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client_of_recruiter(team: Team, clock: None) -> Client:
    return team.client(team.recruiter)


def at_ten(team: Team, name: str, hours: int = 0) -> Schedule:
    """A schedule of one interview of the team's interviewer on Wednesday, `hours` after ten."""
    schedule = loop(team, name, tool="")
    for member in (team.interviewer, team.recruiter):
        member.user.time_zone = "Europe/Berlin"
        member.user.save()
    start = WEDNESDAY + timedelta(hours=hours)
    schedule.interviews.update(starts_at=start, ends_at=start + timedelta(hours=1))
    schedule.candidate.time_zone = "Europe/Berlin"
    schedule.candidate.save()
    Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=start, last_ends_at=start + timedelta(hours=1))
    return Schedule.objects.get(pk=schedule.pk)


def begins(schedule: Schedule) -> datetime:
    return schedule.interviews.get().starts_at


def previewed(client: Client, team: Team, *schedules: Schedule, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Ask for the new times. Return the words of the dialog, and what its form sends."""
    ids = [one.pk for one in schedules]
    answer = client.post(team.url(ADDRESS), {"schedule": ids, **sent}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    context = answer.context
    fields = {
        "schedule": ids,
        "confirmed": "yes",
        "shown": context["shown"],
        "amount": context["form"]["amount"].value(),
        "unit": context["form"]["unit"].value(),
        "version": [f"{plan.schedule.pk} {plan.version}" for plan in context["plans"]],
        "conflict": [token for plan in context["plans"] for token in plan.tokens],
        "reason": REASON,
    }
    return text_of(unescape(answer.content.decode())), fields


def moved(client: Client, team: Team, fields: dict[str, Any], status: int = 200) -> str:
    answer = client.post(team.url(ADDRESS), fields, headers={"HX-Request": "true"})
    assert answer.status_code == status
    return text_of(unescape(answer.content.decode()))


def test_several_move_by_a_day_for_one_reason(team: Team, client_of_recruiter: Client) -> None:
    # The one in whose place the other comes moves as well: neither is in the way.
    first, second = at_ten(team, "Ada"), at_ten(team, "Ben", hours=24)
    asked, fields = previewed(client_of_recruiter, team, first, second, quick="1d")
    assert "Wed 3 Mar 2027, 10:00–11:00" in asked and "Thu 4 Mar 2027, 10:00–11:00" in asked
    assert "Move 2 schedules" in asked and "Move anyway" not in asked
    assert begins(first) == WEDNESDAY  # it only asked
    done = moved(client_of_recruiter, team, fields | {"note": "Snow."})
    assert "2 schedules moved." in done and "Ada : 1 interview moved" in done and "Review the messages" in done
    assert (begins(first), begins(second)) == (WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=2))
    events = AuditEvent.objects.filter(action="schedule.moved")
    assert {(event.detail["reason"], event.texts["note"]) for event in events} == {(REASON, "Snow.")}
    assert set(Message.objects.values_list("schedule", "state")) == {(first.pk, "draft"), (second.pk, "draft")}


def test_minutes_and_earlier(team: Team, client_of_recruiter: Client) -> None:
    first, second = at_ten(team, "Ada"), at_ten(team, "Ben", hours=1)
    _asked, fields = previewed(client_of_recruiter, team, first, second, amount="-30", unit="minutes")
    moved(client_of_recruiter, team, fields)
    assert (begins(first), begins(second)) == (WEDNESDAY - timedelta(minutes=30), WEDNESDAY + timedelta(minutes=30))


def test_one_with_a_conflict_stays_unless_it_is_overridden(team: Team, client_of_recruiter: Client) -> None:
    first, second = at_ten(team, "Ada"), at_ten(team, "Ben", hours=2)
    DayOff.objects.create(membership=team.interviewer, day=WEDNESDAY.date() + timedelta(days=1), note="ill")
    second.interviews.get().assignments.all().delete()
    asked, fields = previewed(client_of_recruiter, team, first, second, quick="1d")
    assert "is off" in asked and "Move anyway" in asked
    done = moved(client_of_recruiter, team, fields)
    assert "1 schedule moved." in done and "1 row was not changed:" in done and "is off" in done
    assert (begins(first), begins(second)) == (WEDNESDAY, WEDNESDAY + timedelta(days=1, hours=2))
    _asked, fields = previewed(client_of_recruiter, team, first, quick="1d")
    moved(client_of_recruiter, team, fields | {"anyway": first.pk})
    assert begins(first) == WEDNESDAY + timedelta(days=1)
    assert AuditEvent.objects.filter(action="schedule.moved").latest("pk").detail["overridden"]


def test_what_cannot_move_says_why(team: Team, client_of_recruiter: Client) -> None:
    off, past, here = at_ten(team, "Ada"), at_ten(team, "Ben"), at_ten(team, "Cem")
    Schedule.objects.filter(pk=off.pk).update(state="cancelled")
    past.interviews.update(starts_at=NOW - timedelta(hours=3), ends_at=NOW - timedelta(hours=2))
    asked, fields = previewed(client_of_recruiter, team, off, past, here, quick="1w")
    assert asked.count("Nothing to move: it is cancelled or over.") == 2 and "Move 1 schedule" in asked
    Interview.objects.filter(schedule=here).update(name="Renamed")
    done = moved(client_of_recruiter, team, fields)
    assert "0 schedules moved." in done and "This changed since you opened it. Review it again." in done
    assert begins(here) == WEDNESDAY


def test_where_clocks_change_it_is_moved_alone(team: Team, client_of_recruiter: Client) -> None:
    schedule = at_ten(team, "Ada")
    # 02:30 on 28 March does not exist in Berlin.
    schedule.interviews.update(starts_at="2027-03-27T01:30Z", ends_at="2027-03-27T02:30Z")
    asked, _fields = previewed(client_of_recruiter, team, schedule, quick="1d")
    assert "Clocks change at the new time. Move this schedule alone." in asked


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"amount": "0"}, "Enter a number other than 0."),
        ({"amount": ""}, "Enter a number, such as 1"),
        ({"amount": "99999"}, "less than or equal to 1000"),
        ({"unit": "years"}, "years"),
        ({"amount": "3"}, "Nothing was moved yet. Review the new times"),
    ],
)
def test_nothing_moves_before_everything_is_shown(
    team: Team, client_of_recruiter: Client, wrong: dict[str, str], words: str
) -> None:
    schedule = at_ten(team, "Ada")
    _asked, fields = previewed(client_of_recruiter, team, schedule, quick="1d")
    assert words in moved(client_of_recruiter, team, fields | wrong, status=422)
    assert begins(schedule) == WEDNESDAY


def test_too_many_and_others_are_refused(team: Team, client_of_recruiter: Client) -> None:
    schedule = at_ten(team, "Ada")
    many = moved(client_of_recruiter, team, {"schedule": list(range(1, MOST + 2))}, status=422)
    assert f"Select at most {MOST} rows at once." in many
    sent = {"schedule": [schedule.pk], "quick": "1d"}
    assert team.client(team.interviewer).post(team.url(ADDRESS), sent).status_code == 403
    job = loop(team, "Ben").job
    assert job is not None
    coordinator = team.add("coordinator")
    JobCoordinator.objects.create(job=job, membership=coordinator)
    assert "Nothing is selected that is still there." in moved(team.client(coordinator), team, sent, status=422)
