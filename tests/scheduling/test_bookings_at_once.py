"""Coordinators who save at the very same moment: what stands in each other's way is found all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs.models import Job, Stage
from organizations.models import Membership
from scheduling.models import Candidate, Interview, Room
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, connect_calendars
from tests.scheduling.loops import make_loop
from tests.scheduling.message_steps import colleague

pytestmark = pytest.mark.django_db(transaction=True)

MONTH_AHEAD = (timezone.now() + timedelta(days=30)).date()
# A Wednesday: weekends and what is near them are conflicts of their own.
DAY = MONTH_AHEAD + timedelta(days=(2 - MONTH_AHEAD.weekday()) % 7)


@pytest.fixture(autouse=True)
def a_database_with_row_locks(transactional_db: None) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time; `make test-all` runs this on PostgreSQL")


@pytest.fixture(autouse=True)
def stage(team: Team) -> Stage:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    return Stage.objects.create(organization=team.organization, job=job, name="On site")


def candidate(team: Team, name: str) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name=name, time_zone="UTC")


def schedules_one(
    team: Team, person: Candidate, *people: Membership, room: Room | None = None
) -> Callable[[Client], tuple[int, str]]:
    """Save a schedule of one interview on DAY at ten, overriding nothing."""
    row = {"name": "Coding", "kind": "video", "minutes": "60", "date": DAY.isoformat(), "time": "10:00", "place": ""}
    stage = Stage.objects.get()
    head = {"candidate": person.pk, "job": stage.job_id, "stage": stage.pk, "time_zone": "UTC", "rows-count": 1}
    sent: dict[str, str | list[str]] = {key: str(value) for key, value in head.items()}
    sent |= {f"rows-0-{name}": value for name, value in row.items()}
    sent["rows-0-interviewers"] = [str(one.pk) for one in people]
    if room is not None:
        sent["rows-0-room"] = str(room.pk)

    def save(client: Client) -> tuple[int, str]:
        answer = client.post(team.url("schedules/new/"), sent)
        return answer.status_code, unescape(answer.content.decode())

    return save


def at_once(team: Team, saves: Sequence[Callable[[Client], tuple[int, str]]]) -> list[tuple[int, str]]:
    """Run each in a thread and a connection of its own. Return how they ended, the refused ones first."""
    start = Barrier(len(saves))

    def run(save: Callable[[Client], tuple[int, str]]) -> tuple[int, str]:
        client = team.client(team.recruiter)
        try:
            start.wait(timeout=20)
            return save(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(saves)) as pool:
        return sorted(pool.map(run, saves), reverse=True)


def works_always(member: Membership) -> Membership:
    Membership.objects.filter(pk=member.pk).update(work_days="1234567")
    return member


def test_an_interviewer_is_booked_by_one_of_them(team: Team) -> None:
    busy = works_always(team.interviewer)
    answers = at_once(team, [schedules_one(team, candidate(team, f"C{number}"), busy) for number in range(4)])
    assert [status for status, _page in answers] == [422, 422, 422, 302]
    assert all("Interviewer Acme is busy: “Coding” with C" in page for _status, page in answers[:3])
    assert Interview.objects.count() == 1


def test_a_candidate_is_asked_to_one_place(team: Team) -> None:
    """Their interviewers are others in each, so nobody but the candidate is booked twice."""
    ada = candidate(team, "Ada")
    people = [works_always(colleague(team, f"P{number}")) for number in range(4)]
    answers = at_once(team, [schedules_one(team, ada, person) for person in people])
    assert [status for status, _page in answers] == [422, 422, 422, 302]
    assert all("Overlaps with the candidate's “Coding”" in page for _status, page in answers[:3])
    assert Interview.objects.count() == 1


def test_two_moves_to_one_time_are_not_both_made(team: Team) -> None:
    """Two interviews of one loop without interviewers: the candidate can't be in both."""
    loop = make_loop(team, "Coding", "Design", "Talk", hours_ahead=24 * 40)
    loop.time_zone = "UTC"
    loop.save()

    def moves(interview: Interview) -> Callable[[Client], tuple[int, str]]:
        sent = {"name": interview.name, "kind": "video", "minutes": "60", "date": DAY.isoformat(), "time": "10:00"}
        data = {f"rows-0-{key}": value for key, value in sent.items()} | {"rows-count": "1", "rows-0-place": ""}

        def save(client: Client) -> tuple[int, str]:
            page = client.get(team.url(f"interviews/{interview.pk}/edit/")).content.decode()
            assert "The candidate asked for it" in page
            answer = client.post(
                team.url(f"interviews/{interview.pk}/edit/"), data | {"reason": "The candidate asked for it"}
            )
            return answer.status_code, answer.content.decode()

        return save

    answers = at_once(team, [moves(interview) for interview in loop.interviews.order_by("id")])
    assert [status for status, _page in answers] == [422, 422, 200]
    ten = datetime.fromisoformat(f"{DAY}T10:00:00+00:00")
    assert Interview.objects.filter(starts_at=ten).count() == 1


# --- rooms ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def aurora(team: Team, calendar_vendor: Vendor) -> Room:
    """A room that can be booked, and nothing is known against it."""
    return room_of(team, "Aurora")


def room_of(team: Team, name: str) -> Room:
    known = Room.objects.select_related("connection").first()
    return Room.objects.create(
        organization=team.organization,
        connection=known.connection if known else connect_calendars(team.admin),
        external_id=f"{name}@rooms.example",
        name=name,
        is_on=True,
    )


def changes(team: Team, interview: Interview, room: Room) -> Callable[[Client], tuple[int, str]]:
    """Move an interview to DAY at ten, into a room, overriding nothing."""
    sent = {"name": interview.name, "kind": "video", "minutes": "60", "date": DAY.isoformat(), "time": "10:00"}
    data = {f"rows-0-{key}": value for key, value in sent.items()} | {"rows-count": "1", "rows-0-place": ""}
    data |= {"rows-0-room": str(room.pk), "reason": "The candidate asked for it"}

    def save(client: Client) -> tuple[int, str]:
        answer = client.post(team.url(f"interviews/{interview.pk}/edit/"), data)
        return answer.status_code, unescape(answer.content.decode())

    return save


def in_room(room: Room) -> int:
    """The number of interviews on DAY at ten in a room."""
    return Interview.objects.filter(room=room, starts_at=f"{DAY}T10:00:00+00:00").count()


def test_a_room_is_booked_by_one_of_them(team: Team, aurora: Room) -> None:
    """Their candidates and interviewers are others in each, so nothing but the room is wanted twice."""
    people = [works_always(colleague(team, f"P{number}")) for number in range(4)]
    wanted = [schedules_one(team, candidate(team, f"C{number}"), one, room=aurora) for number, one in enumerate(people)]
    answers = at_once(team, wanted)
    assert [status for status, _page in answers] == [422, 422, 422, 302]
    assert all("Aurora is taken: “Coding” with C" in plain(page) for _status, page in answers[:3])
    assert in_room(aurora) == Interview.objects.count() == 1


def plain(page: str) -> str:
    return page.replace("\u2068", "").replace("\u2069", "")


def test_a_new_schedule_and_changed_interviews_want_one_room(team: Team, aurora: Room) -> None:
    """One is new there, one moves within the room, one comes from another room, and one had none."""
    at = datetime.fromisoformat(f"{DAY}T14:00:00+00:00")
    saves = [schedules_one(team, candidate(team, "New"), room=aurora)]
    for number, before in enumerate((aurora, room_of(team, "Borealis"), None)):
        loop = make_loop(team, "Coding", email=f"c{number}@example.com")
        loop.time_zone = "UTC"
        loop.save()
        interview = loop.interviews.get()
        begins = at + timedelta(hours=number)
        Interview.objects.filter(pk=interview.pk).update(
            room=before, starts_at=begins, ends_at=begins + timedelta(hours=1)
        )
        saves.append(changes(team, interview, aurora))
    answers = at_once(team, saves)
    assert [status for status, _page in answers[:3]] == [422] * 3
    assert all("Aurora is taken: “Coding” with" in plain(page) for _status, page in answers[:3])
    assert in_room(aurora) == 1
