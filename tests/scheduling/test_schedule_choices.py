""" "New schedule" while it is filled in: another stage and back, another time zone, another candidate."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations import zones
from scheduling.models import Candidate
from scheduling.planning.default_times import Length, PlanZones, propose, propose_after
from tests.conftest import Team

NOW = datetime(2027, 2, 26, 12, tzinfo=UTC)  # a Friday
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stages(team: Team, clock: Any) -> list[Stage]:
    """Two stages of a job, with a plan of one interview each."""
    job = Job.objects.create(organization=team.organization, title="Engineer")
    found = []
    for position, name in enumerate(("Phone", "On site")):
        stage = Stage.objects.create(organization=team.organization, job=job, name=name, position=position)
        plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
        PlanInterview.objects.create(organization=team.organization, plan=plan, name=f"{name} talk", minutes=60)
        found.append(stage)
    return found


def fields(page: str) -> dict[str, Any]:
    """The values that a browser would send of the form."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
        kind = re.search(r'type="([^"]*)"', tag)
        if name and (kind is None or kind[1] not in {"radio", "checkbox"} or "checked" in tag):
            found.setdefault(name[1], []).append(value[1].replace("&amp;", "&") if value else "")
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    return dict(found)


def redrawn(client: Client, team: Team, sent: dict[str, Any], *changed: str, **more: str) -> dict[str, Any]:
    answer = client.post(team.url("schedules/new/"), sent | more | {"part": "form", "changed": list(changed)})
    assert answer.status_code == 200
    return fields(answer.content.decode())


def start(client: Client, team: Team, **chosen: str) -> dict[str, Any]:
    return redrawn(client, team, {"time_zone": "Europe/Berlin"}, "stage", **chosen)


@pytest.mark.django_db
def test_another_stage_and_back_loses_nothing(team: Team, stages: list[Stage], as_recruiter: Client) -> None:
    first, second = (str(stage.pk) for stage in stages)
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=first)
    sent |= {"rows-0-place": "Room 7", "rows-0-time": "14:05", "rows-0-interviewers": [str(team.interviewer.pk)]}
    other = redrawn(as_recruiter, team, sent, "stage", stage=second)
    assert (other["rows-0-name"], other["rows-0-place"]) == (["On site talk"], [""])
    other["rows-0-place"] = "Room 8"
    back = redrawn(as_recruiter, team, other, "stage", stage=first)
    assert (back["rows-0-name"], back["rows-0-place"], back["rows-0-time"]) == (["Phone talk"], ["Room 7"], ["14:05"])
    again = redrawn(as_recruiter, team, back, "stage", stage=second)
    assert again["rows-0-place"] == ["Room 8"]
    assert len(again["rows-kept"]) == 2
    none = redrawn(as_recruiter, team, again, "job", job="")
    assert "rows-0-name" not in none
    assert redrawn(as_recruiter, team, none, "job", "stage", job=str(stages[0].job_id), stage=first)[
        "rows-0-place"
    ] == ["Room 7"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kept",
    ["&" * 5000, "stage=%00", "stage={}&rows-count=²", "stage={}&rows-count=", "stage={}", "x" * 50_000, "a=1&" * 2000],
)
def test_a_broken_memory_of_other_stages_is_none(
    team: Team, stages: list[Stage], as_recruiter: Client, kept: str
) -> None:
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=str(stages[0].pk))
    sent |= {"rows-kept": kept.format(stages[1].pk)}
    other = redrawn(as_recruiter, team, sent, "stage", stage=str(stages[1].pk))
    assert other["rows-0-name"] == ["On site talk"]


@pytest.mark.django_db
def test_rows_typed_before_a_stage_was_chosen_stay(team: Team, stages: list[Stage], as_recruiter: Client) -> None:
    sent = redrawn(as_recruiter, team, {"time_zone": "Europe/Berlin"}, do="add")
    sent |= {"rows-0-name": "Lunch", "rows-0-place": "Canteen"}
    chosen = {"job": str(stages[0].job_id), "stage": str(stages[0].pk)}
    found = redrawn(as_recruiter, team, sent, "job", "stage", **chosen)
    assert (found["rows-0-name"], found["rows-1-name"]) == (["Phone talk"], ["Lunch"])
    assert found["rows-1-place"] == ["Canteen"]


def zone(name: str) -> dict[str, str]:
    """The two fields of a zone that was chosen from the list."""
    return {"time_zone": name, "time_zone-typed": zones.label(name)}


@pytest.mark.django_db
def test_another_zone_keeps_the_moments_unless_the_clock_times_are_meant(
    team: Team, stages: list[Stage], as_recruiter: Client
) -> None:
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=str(stages[0].pk))
    assert (sent["rows-0-date"], sent["rows-0-time"]) == (["2027-03-01"], ["10:00"])
    tokyo = redrawn(as_recruiter, team, sent, "time_zone", **zone("Asia/Tokyo"))
    assert (tokyo["rows-0-date"], tokyo["rows-0-time"]) == (["2027-03-01"], ["18:00"])
    assert tokyo["zone-keep"] == ["moment"]
    clocks = redrawn(as_recruiter, team, tokyo, "zone-keep", **{"zone-keep": "clock"})
    assert (clocks["rows-0-date"], clocks["rows-0-time"]) == (["2027-03-01"], ["10:00"])
    moments = redrawn(as_recruiter, team, clocks, "zone-keep", **{"zone-keep": "moment"})
    assert moments["rows-0-time"] == ["18:00"]
    # What was typed after the change goes along with the answer.
    moments["rows-0-time"] = "19:30"
    assert redrawn(as_recruiter, team, moments, "zone-keep", **{"zone-keep": "clock"})["rows-0-time"] == ["11:30"]
    # Back in the first zone everything is as it was.
    assert redrawn(as_recruiter, team, tokyo, "time_zone", **zone("Europe/Berlin"))["rows-0-time"] == ["10:00"]


@pytest.mark.django_db
def test_the_question_names_both_times(team: Team, stages: list[Stage], as_recruiter: Client) -> None:
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=str(stages[0].pk))
    answer = as_recruiter.post(
        team.url("schedules/new/"), sent | {"part": "form", "changed": "time_zone", "time_zone": "Asia/Tokyo"}
    )
    page = " ".join(answer.content.decode().split())
    assert "The time zone changed from Berlin to Tokyo. What should stay?" in page
    assert "Keep the moment: the first interview is on Mon 1 Mar 2027, 18:00 in Tokyo" in page
    assert "Keep the clock time: the first interview is on Mon 1 Mar 2027, 10:00 in Tokyo" in page
    assert (
        "What should stay?"
        not in as_recruiter.post(
            team.url("schedules/new/"), sent | {"part": "form", "changed": "stage"}
        ).content.decode()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "clock_time"), [("", "10:00"), ("2027-03-01", ""), ("2027-03-28", "02:30"), ("x", "y")]
)
def test_what_is_no_time_stays_as_typed(
    team: Team, stages: list[Stage], as_recruiter: Client, day: str, clock_time: str
) -> None:
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=str(stages[0].pk))
    sent |= {"rows-0-date": day, "rows-0-time": clock_time}
    found = redrawn(as_recruiter, team, sent, "time_zone", time_zone="Asia/Tokyo")
    assert (found["rows-0-date"], found["rows-0-time"]) == ([day], [clock_time])


@pytest.mark.django_db
def test_untouched_times_follow_the_candidate_and_typed_ones_stay(
    team: Team, stages: list[Stage], as_recruiter: Client
) -> None:
    kenji = Candidate.objects.create(organization=team.organization, name="Kenji Mori", time_zone="America/New_York")
    sent = start(as_recruiter, team, job=str(stages[0].job_id), stage=str(stages[0].pk))
    assert sent["rows-0-time"] == ["10:00"]
    assert redrawn(as_recruiter, team, sent, "candidate", candidate=str(kenji.pk))["rows-0-time"] == ["14:00"]
    new = {"candidate": "new", "new-time_zone": "America/New_York"}
    assert redrawn(as_recruiter, team, sent, "new-time_zone", **new)["rows-0-time"] == ["14:00"]
    sent["rows-0-time"] = "10:05"
    assert redrawn(as_recruiter, team, sent, "candidate", candidate=str(kenji.pk))["rows-0-time"] == ["10:05"]


def lengths(*minutes: int) -> list[Length]:
    return [Length(number) for number in minutes]


def local(times: list[datetime]) -> list[str]:
    return [f"{at.astimezone(BERLIN):%a %H:%M}" for at in times]


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ("", ["Mon 10:00", "Mon 11:15", "Mon 12:30"]),
        ("Europe/London", ["Mon 10:00", "Mon 11:15", "Mon 12:30"]),
        ("Asia/Tokyo", ["Mon 09:00", "Mon 10:15", "Tue 09:00"]),
        ("America/New_York", ["Mon 14:00", "Mon 15:15", "Tue 14:00"]),
        # No hour is day in both places: proposed as if the candidate were here, and said to be night there.
        ("Pacific/Auckland", ["Mon 10:00", "Mon 11:15", "Mon 12:30"]),
        ("America/Los_Angeles", ["Mon 10:00", "Mon 11:15", "Mon 12:30"]),
    ],
)
def test_proposals_lie_in_working_hours_and_in_the_candidates_day(candidate: str, expected: list[str]) -> None:
    assert local(propose(lengths(60, 60, 60), PlanZones("Europe/Berlin", candidate), NOW)) == expected


def test_a_candidates_weekend_is_left_out() -> None:
    """Monday morning in Sydney is Sunday in New York."""
    [at] = propose(lengths(60), PlanZones("Australia/Sydney", "America/New_York"), NOW)
    assert f"{at.astimezone(ZoneInfo('Australia/Sydney')):%a %H:%M}" == "Tue 09:00"


@given(
    home=st.sampled_from(zones.names()),
    candidate=st.sampled_from(zones.names()),
    minutes=st.lists(st.integers(5, 600), min_size=1, max_size=6),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
)
def test_proposals_follow_each_other_in_the_future(
    home: str, candidate: str, minutes: list[int], now: datetime
) -> None:
    times = propose(lengths(*minutes), PlanZones(home, candidate), now)
    assert len(times) == len(minutes)
    assert times == sorted(set(times))
    assert times[0] > now
    assert propose_after(times[-1], Length(minutes[-1]), Length(60), PlanZones(home, candidate)) > times[-1]
    assert all(at.astimezone(ZoneInfo(home)).isoweekday() < 6 for at in times)
