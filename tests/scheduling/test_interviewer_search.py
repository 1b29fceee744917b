"""Finding an interviewer among two hundred: by a part of the name, the free ones first, and losing nothing typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from organizations.models import DayOff, Membership, User
from scheduling.models import Interview, InterviewerAssignment
from tests.conftest import Team
from tests.scheduling.loops import make_loop
from tests.scheduling.message_steps import colleague

pytestmark = pytest.mark.django_db

START = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(datetime(2027, 2, 26, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def crowd(team: Team) -> list[Membership]:
    """Two hundred people who work from nine to five in UTC."""
    users = User.objects.bulk_create(
        User(email=f"p{number}@acme.example", name=f"Person {number:03}", time_zone="UTC") for number in range(200)
    )
    return Membership.objects.bulk_create(
        Membership(organization=team.organization, user=user, role="interviewer") for user in users
    )


def typed(**more: Any) -> dict[str, Any]:
    row = {"name": "Coding", "kind": "video", "minutes": "60", "date": "2027-03-01", "time": "09:00", "place": "Here"}
    data = {f"rows-0-{key}": value for key, value in row.items()}
    return data | {"rows-count": "1", "time_zone": "UTC", "part": "people", "row": "0"} | more


def find(client: Client, team: Team, words: str = "", **more: Any) -> list[tuple[str, str]]:
    """Names that are offered, each with what is said of them."""
    answer = client.post(team.url("schedules/new/"), typed(**{"rows-0-find": words}, **more))
    assert answer.status_code == 200
    options = re.findall(r'role="option".*?>(.*?)<template>', unescape(answer.content.decode()), re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", option).split()) for option in options]
    return [(text.partition(" UTC ")[0].partition(" ")[2], text.partition(" UTC ")[2]) for text in plain]


def booked(person: Membership, name: str, at: datetime = START) -> None:
    schedule = make_loop(Team(person.organization, person, person, person), name)
    Interview.objects.filter(schedule=schedule).update(starts_at=at, ends_at=at + timedelta(hours=1))
    InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=person)


def test_a_part_of_the_name_is_enough(team: Team, crowd: list[Membership], as_recruiter: Client) -> None:
    colleague(team, "Zoë", time_zone="UTC")
    assert find(as_recruiter, team, "zo") == [("Zoë", "free · 0 interviews that week")]
    assert [name for name, _said in find(as_recruiter, team, "199 person")] == ["Person 199"]
    assert [name for name, _said in find(as_recruiter, team, "p17@")] == ["Person 017"]
    assert len(find(as_recruiter, team, "person")) == 8
    assert find(as_recruiter, team, "nobody") == []


def test_who_is_free_comes_first_and_it_says_why_others_are_not(
    team: Team, crowd: list[Membership], as_recruiter: Client
) -> None:
    booked(crowd[110], "Design")
    DayOff.objects.create(membership=crowd[111], day=START.date())
    Membership.objects.filter(pk=crowd[112].pk).update(work_from=time(12))
    found = find(as_recruiter, team, "person 11")
    assert [name for name, _said in found] == ["Person 011", *(f"Person 11{number}" for number in range(3, 10))]
    assert {said for _name, said in found} == {"free · 0 interviews that week"}
    (booked_one,) = find(as_recruiter, team, "person 110")
    assert booked_one == ("Person 110", "busy 09:00–10:00 · 1 interview that week")
    said = dict(find(as_recruiter, team, "person 111") + find(as_recruiter, team, "person 112"))
    assert said["Person 111"].startswith("day off ·")
    assert said["Person 112"].startswith("outside hours ·")


def test_without_words_free_people_are_offered(team: Team, crowd: list[Membership], as_recruiter: Client) -> None:
    for person in crowd[:3]:
        booked(person, "Design")
    names = [name for name, _said in find(as_recruiter, team)]
    assert "Person 003" in names
    assert not {"Person 000", "Person 001", "Person 002"} & set(names)
    # Who sits beside, in another row that is not saved yet, is not free either.
    beside = {f"rows-1-{key[7:]}": value for key, value in typed().items() if key.startswith("rows-0-")}
    taken = find(as_recruiter, team, "", **beside, **{"rows-count": "2", "rows-1-interviewers": [str(crowd[3].pk)]})
    assert "Person 003" not in [name for name, _said in taken]


def test_the_least_loaded_come_first(team: Team, crowd: list[Membership], as_recruiter: Client) -> None:
    """Load is the week's: interviews of all schedules, and of the rows that are planned beside this one."""
    for person, hours in ((crowd[0], (15, 16)), (crowd[1], (15,))):
        for hour in hours:
            booked(person, "Design", at=START.replace(hour=hour))
    booked(crowd[2], "Design", at=START.replace(day=8))  # the week after
    Membership.objects.filter(pk=crowd[4].pk).update(role=Membership.Role.ADMIN)
    beside = {f"rows-1-{key[7:]}": value for key, value in typed().items() if key.startswith("rows-0-")}
    beside |= {"rows-count": "2", "rows-1-time": "14:00", "rows-1-interviewers": f"{crowd[3].pk},{crowd[0].pk}"}
    Membership.objects.filter(pk__in=[person.pk for person in crowd[5:]]).delete()
    found = find(as_recruiter, team, "person", **beside)
    assert found == [
        ("Person 002", "free · 0 interviews that week"),
        ("Person 001", "free · 1 interview that week"),
        ("Person 003", "free · 1 interview that week"),
        ("Person 000", "free · 3 interviews that week"),
        ("Person 004", "free · 0 interviews that week"),  # no interviewer by role
    ]


def test_the_chosen_stand_as_chips_and_are_not_offered_again(
    team: Team, crowd: list[Membership], as_recruiter: Client
) -> None:
    sent = typed(**{"rows-0-interviewers": f"{crowd[150].pk},{crowd[0].pk},{crowd[150].pk},999999"})
    page = " ".join(as_recruiter.post(team.url("schedules/new/"), sent | {"part": "form"}).content.decode().split())
    assert f'name="rows-0-interviewers" value="{crowd[150].pk},{crowd[0].pk}"' in page
    assert re.findall(r'data-chip="(\d+)"', page) == [str(crowd[150].pk), str(crowd[0].pk)]
    assert "Person 007" not in page  # nobody else's name is sent
    assert find(as_recruiter, team, "person 150", **{"rows-0-interviewers": f"{crowd[150].pk},{crowd[0].pk}"}) == []


def test_the_dialog_of_an_interview_has_it_too(team: Team, crowd: list[Membership], as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    Interview.objects.filter(pk=interview.pk).update(starts_at=START, ends_at=START.replace(hour=10))
    booked(crowd[7], "Design")
    address = team.url(f"interviews/{interview.pk}/edit/")
    assert "Add interviewer" in as_recruiter.get(address).content.decode()
    answer = as_recruiter.post(address, typed(**{"rows-0-find": "person 007", "rows-0-time": "10:00"})).content.decode()
    assert "busy 10:00–11:00" in answer  # typed in Berlin's time
    chosen = typed(part="conflicts", **{"rows-0-interviewers": str(crowd[7].pk), "rows-0-time": "10:00"})
    page = as_recruiter.post(address, chosen).content.decode()
    assert f'data-chip="{crowd[7].pk}"' in page
    assert "Person 007 is busy" in page


def test_nobody_of_another_organization_is_found(
    team: Team, other_team: Team, crowd: list[Membership], as_recruiter: Client, as_interviewer: Client
) -> None:
    assert find(as_recruiter, team, "globex") == []
    assert as_interviewer.post(team.url("schedules/new/"), typed()).status_code == 403
    assert as_recruiter.post(other_team.url("schedules/new/"), typed()).status_code == 404


@pytest.mark.parametrize("row", ["", "7", "-1", "x", "0" * 400])
def test_a_row_that_is_not_there_is_no_error_of_ours(team: Team, as_recruiter: Client, row: str) -> None:
    assert as_recruiter.post(team.url("schedules/new/"), typed(row=row)).status_code == 204


def test_a_name_is_never_markup(team: Team, crowd: list[Membership], as_recruiter: Client) -> None:
    crowd[0].user.name = "</select><b>Eve"
    crowd[0].user.save()
    chosen = {"rows-0-interviewers": str(crowd[0].pk)}
    page = as_recruiter.post(team.url("schedules/new/"), typed(part="form", **chosen)).content.decode()
    page += as_recruiter.post(team.url("schedules/new/"), typed(**{"rows-0-find": "eve"})).content.decode()
    assert page.count("&lt;/select&gt;&lt;b&gt;Eve") >= 2
    assert "<b>Eve" not in page


def test_it_asks_the_same_for_ten_people_and_for_two_hundred(
    team: Team, crowd: list[Membership], as_recruiter: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        find(as_recruiter, team, "person")
