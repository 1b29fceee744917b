"""The day view's data: whose hours, in which zone, on which days; and who may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import DayOff, Membership, User
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

MONDAY = "2027-03-01"
NINE = datetime(2027, 3, 1, 8, tzinfo=UTC)  # 09:00 in Berlin
HOUR = timedelta(hours=1)
Json = dict[str, Any]
Ask = Callable[..., Json]


@pytest.fixture
def ada(team: Team) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="Europe/London")


@pytest.fixture(autouse=True)
def berlin(team: Team) -> None:
    """The interviewer works in Berlin, Monday to Friday, 9 to 17."""
    User.objects.filter(pk=team.interviewer.user_id).update(time_zone="Europe/Berlin")


@pytest.fixture
def ask(team: Team, as_recruiter: Client) -> Ask:
    def answer(**asked: str | int) -> Json:
        given = {"entry_zone": "Europe/Berlin", "day": MONDAY, **asked}
        response = as_recruiter.get(team.url("schedules/new/day/"), given)
        assert response.status_code == 200, response.content
        data: Json = response.json()
        return data

    return answer


def book(candidate: Candidate, *people: Membership, at: datetime = NINE, length: timedelta = HOUR) -> Interview:
    organization = candidate.organization
    schedule = Schedule.objects.create(organization=organization, candidate=candidate)
    interview = Interview.objects.create(
        organization=organization, schedule=schedule, name="Secret name", starts_at=at, ends_at=at + length
    )
    for person in people:
        InterviewerAssignment.objects.create(interview=interview, membership=person)
    return interview


def column(data: Json, key: object) -> Json:
    found: Json = next(one for one in data["columns"] if one["key"] == str(key))
    return found


def blocks(data: Json, key: object, kind: str) -> list[tuple[str, str]]:
    return [(one["starts_at"], one["ends_at"]) for one in column(data, key)["blocks"] if one["kind"] == kind]


def test_who_may_ask(team: Team, other_team: Team) -> None:
    address = team.url("schedules/new/day/?entry_zone=UTC")
    assert team.client(team.admin).get(address).status_code == 200
    assert team.client(team.recruiter).get(address).status_code == 200
    assert team.client(team.interviewer).get(address).status_code == 403
    assert other_team.client(other_team.admin).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_other_organizations_people_are_not_there(team: Team, other_team: Team, as_recruiter: Client) -> None:
    stranger = Candidate.objects.create(organization=other_team.organization, name="Eve")
    theirs = book(stranger)
    attempts: list[dict[str, str | int]] = [
        {"people": f"{team.interviewer.pk},{other_team.interviewer.pk}"},
        {"candidate": stranger.pk},
        {"interview": theirs.pk},
        {"people": "999999"},
    ]
    for asked in attempts:
        response = as_recruiter.get(team.url("schedules/new/day/"), {"entry_zone": "UTC", **asked})
        assert response.status_code == 404, asked


def test_somebody_of_two_organizations_is_busy_only_with_ones_own(
    team: Team, other_team: Team, ada: Candidate, ask: Ask
) -> None:
    there = Membership.objects.create(
        organization=other_team.organization, user=team.interviewer.user, role="interviewer"
    )
    book(Candidate.objects.create(organization=other_team.organization, name="Eve"), there)
    assert blocks(ask(people=team.interviewer.pk), team.interviewer.pk, "busy") == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"entry_zone": "Europe/Atlantis"}, "not a time zone"),
        ({"zone": "../../etc"}, "not a time zone"),
        ({"day": "soon"}, "2027-03-31"),
        ({"scope": "year"}, "day or week"),
        ({"day": "1812-01-01"}, "Check the year"),
        ({"day": "", "at": "9999-12-31T23:59:59Z"}, "Check the year"),
        ({"people": "1,x"}, "numbers"),
        ({"people": ",".join(str(number) for number in range(61))}, "at most 60"),
    ],
)
def test_what_makes_no_sense_is_said(team: Team, as_recruiter: Client, asked: dict[str, str], sentence: str) -> None:
    given = {"entry_zone": "UTC", "day": MONDAY} | asked
    response = as_recruiter.get(team.url("schedules/new/day/"), given)
    assert response.status_code == 400
    assert sentence in response.json()["problem"]


def test_the_day_shows_everybodys_hours_in_the_zone_of_choice(team: Team, ada: Candidate, ask: Ask) -> None:
    data = ask(people=team.interviewer.pk, candidate=ada.pk, zone="America/New_York")
    assert (data["starts_at"], data["ends_at"]) == ("2027-03-01T05:00:00Z", "2027-03-02T05:00:00Z")
    assert [one["name"] for one in data["columns"]] == ["Ada Osei", "Interviewer Acme"]
    assert column(data, team.interviewer.pk)["hours"] == "Working hours: 03:00–11:00"
    assert blocks(data, team.interviewer.pk, "away") == [
        ("2027-03-01T05:00:00Z", "2027-03-01T08:00:00Z"),
        ("2027-03-01T16:00:00Z", "2027-03-02T05:00:00Z"),
    ]
    assert column(data, "candidate")["hours"] == "Candidate's day: 03:00–15:00"
    assert data["clock"]["offsets"] == [["2027-02-28T05:00:00Z", -300]]
    names = [zone["name"] for zone in data["zones"]]
    assert names == ["Europe/Berlin", "Europe/London", "UTC", "America/New_York"]
    assert [zone["label"] for zone in data["zones"]][1] == "London (GMT): Ada Osei"


def test_interviews_make_people_busy_and_tell_nothing_else(team: Team, ada: Candidate, ask: Ask) -> None:
    interview = book(ada, team.interviewer)
    cancelled = book(ada, team.interviewer, at=NINE + 3 * HOUR)
    Interview.objects.filter(pk=cancelled.pk).update(state="cancelled")
    data = ask(people=team.interviewer.pk, candidate=ada.pk)
    expected = [("2027-03-01T08:00:00Z", "2027-03-01T09:00:00Z")]
    assert blocks(data, team.interviewer.pk, "busy") == blocks(data, "candidate", "busy") == expected
    assert "Busy 09:00–10:00" in str(data)
    assert "Secret name" not in str(data)
    assert "Ada Osei" not in str(ask(people=team.interviewer.pk))
    changed = ask(people=team.interviewer.pk, candidate=ada.pk, interview=interview.pk)
    assert blocks(changed, team.interviewer.pk, "busy") == blocks(changed, "candidate", "busy") == []


def test_a_day_off_and_a_weekend(team: Team, ask: Ask) -> None:
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 1), note="Moving house")
    data = ask(people=team.interviewer.pk)
    assert column(data, team.interviewer.pk)["hours"] == "Not working on this day"
    assert blocks(data, team.interviewer.pk, "off") == [("2027-02-28T23:00:00Z", "2027-03-01T23:00:00Z")]
    assert blocks(data, team.interviewer.pk, "away") == []
    assert column(data, team.interviewer.pk)["blocks"][0]["label"] == "Day off: Moving house"
    saturday = ask(people=team.interviewer.pk, day="2027-03-06")
    assert blocks(saturday, team.interviewer.pk, "away") == [("2027-03-05T23:00:00Z", "2027-03-06T23:00:00Z")]


def test_hours_past_midnight_reach_into_the_next_day(team: Team, ask: Ask) -> None:
    Membership.objects.filter(pk=team.interviewer.pk).update(work_from=time(22), work_until=time(6), work_days="1")
    assert column(ask(people=team.interviewer.pk), team.interviewer.pk)["hours"] == "Working hours: 22:00–24:00"
    tuesday = ask(people=team.interviewer.pk, day="2027-03-02")
    assert column(tuesday, team.interviewer.pk)["hours"] == "Working hours: 00:00–06:00"


@pytest.mark.parametrize(
    ("day", "zone", "hours", "offsets"),
    [
        ("2027-03-28", "Europe/Berlin", 23, [["2027-03-26T23:00:00Z", 60], ["2027-03-28T01:00:00Z", 120]]),
        ("2027-10-31", "Europe/Berlin", 25, [["2027-10-29T22:00:00Z", 120], ["2027-10-31T01:00:00Z", 60]]),
        ("2027-04-04", "Australia/Lord_Howe", 24.5, [["2027-04-02T13:00:00Z", 660], ["2027-04-03T15:00:00Z", 630]]),
        ("2027-09-05", "America/Santiago", 23, [["2027-09-04T04:00:00Z", -240], ["2027-09-05T04:00:00Z", -180]]),
    ],
)
def test_days_on_which_clocks_change_are_as_long_as_they_are(
    ask: Ask, day: str, zone: str, hours: float, offsets: list[list[object]]
) -> None:
    data = ask(day=day, zone=zone)
    length = datetime.fromisoformat(data["ends_at"]) - datetime.fromisoformat(data["starts_at"])
    assert length == timedelta(hours=hours)
    assert data["clock"]["offsets"] == offsets


def test_a_clock_that_changes_between_two_hours_of_the_days_zone_changes_at_its_own_minute(ask: Ask) -> None:
    """The day begins at 18:15 UTC, so Berlin's change at 01:00 is on none of its hours."""
    clock = ask(day="2027-03-28", zone="Asia/Kathmandu", entry_zone="Europe/Berlin")["entry_clock"]
    assert clock["offsets"] == [["2027-03-26T18:15:00Z", 60], ["2027-03-28T01:00:00Z", 120]]


def test_a_moment_names_the_day_where_it_is_shown(ask: Ask) -> None:
    late = {"day": "", "at": "2027-03-01T23:30:00Z"}
    assert ask(**late)["day"] == "2027-03-02"
    data = ask(**late, zone="America/New_York")
    assert (data["day"], data["previous"], data["next"]) == ("2027-03-01", "2027-02-28", "2027-03-02")
    assert data["heading"].startswith("Monday, 1 March")


def test_a_week_has_its_seven_days_each_with_everybody(team: Team, ada: Candidate, ask: Ask) -> None:
    book(ada, team.interviewer, at=NINE + timedelta(days=2))
    book(ada, team.interviewer, at=NINE + timedelta(days=7))
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 4))
    data = ask(scope="week", day="2027-03-03", people=team.interviewer.pk, candidate=ada.pk)
    assert [one["label"] for one in data["days"]] == [
        "Mon 1 Mar",
        "Tue 2 Mar",
        "Wed 3 Mar",
        "Thu 4 Mar",
        "Fri 5 Mar",
        "Sat 6 Mar",
        "Sun 7 Mar",
    ]
    assert (data["heading"], data["previous"], data["next"]) == ("1 March – 7 March 2027", "2027-02-24", "2027-03-10")
    theirs = [column(day, team.interviewer.pk) for day in data["days"]]
    assert [len(blocks(day, team.interviewer.pk, "busy")) for day in data["days"]] == [0, 0, 1, 0, 0, 0, 0]
    hours = ["09–17 Berlin"] * 3 + ["Day off", "09–17 Berlin"] + ["Not working"] * 2
    assert [one["short_hours"] for one in theirs] == hours
    assert [one["is_off"] for one in theirs] == [False] * 3 + [True] + [False] * 3
    assert {one["load"] for one in theirs} == {"1 this week"}
    assert ask(scope="week", day="2026-12-01", zone="UTC")["heading"] == "30 November – 6 December 2026"


def test_somebody_new_has_a_day_as_far_as_they_are_typed_in(ask: Ask) -> None:
    data = ask(candidate="new", candidate_name="Grace Lin", candidate_zone="Asia/Tokyo")
    assert (data["columns"][0]["name"], data["columns"][0]["zone"]) == ("Grace Lin", "Asia/Tokyo")
    assert ask(candidate="new")["columns"][0]["name"] == "Candidate"


def test_it_takes_the_same_queries_for_few_and_many(team: Team, ada: Candidate, ask: Ask) -> None:
    def count(*people: Membership) -> int:
        with CaptureQueriesContext(connection) as queries:
            data = ask(people=",".join(str(person.pk) for person in people), candidate=ada.pk)
        assert len(data["columns"]) == len(people) + 1
        return len(queries)

    few = count(team.interviewer)
    with CaptureQueriesContext(connection) as queries:
        ask(people=team.interviewer.pk, candidate=ada.pk, scope="week")
    assert len(queries) == few
    people = [team.interviewer]
    for number in range(20):
        user = User.objects.create_user(f"p{number}@acme.example", "demo", name=f"P{number}")
        person = Membership.objects.create(organization=team.organization, user=user, role="interviewer")
        DayOff.objects.create(membership=person, day=date(2027, 3, 1))
        people.append(person)
        book(ada, person, at=NINE + number * HOUR / 4)
    assert count(*people) == few
    assert few <= 12


def test_the_pages_carry_what_the_view_reads(team: Team, ada: Candidate, as_recruiter: Client) -> None:
    interview = book(ada, team.interviewer)
    dialog = as_recruiter.get(team.url(f"interviews/{interview.pk}/edit/")).content.decode()
    assert "Show the day" in dialog
    assert f'data-interview="{interview.pk}"' in dialog
    assert 'data-starts-at="2027-03-01T08:00:00+00:00"' in dialog
    assert f'data-people="{team.interviewer.pk}"' in dialog
    sent = {
        "part": "conflicts",
        "time_zone": "Europe/Berlin",
        "rows-count": "1",
        "rows-0-name": "Coding",
        "rows-0-kind": "video",
        "rows-0-minutes": "90",
        "rows-0-date": "2027-03-01",
        "rows-0-time": "14:00",
        "rows-0-interviewers": [team.interviewer.pk, ""],
    }
    part = as_recruiter.post(team.url("schedules/new/"), sent).content.decode()
    assert 'data-starts-at="2027-03-01T13:00:00+00:00" data-ends-at="2027-03-01T14:30:00+00:00"' in part
    assert "data-conflict" not in part
    part = as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-time": "20:00"}).content.decode()
    assert "data-conflict" in part
    unreadable = as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-time": ""}).content.decode()
    assert "data-starts-at" not in unreadable
