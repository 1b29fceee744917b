"""Moving all interviews of a schedule together: on the clock, across clock changes, with one reason and one update."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from organizations.models import AuditEvent, DayOff
from scheduling.models import Interview, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import assign, kinds, send, staffed_loop
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db

REASON = "The candidate asked for it"
# In Berlin clocks are put forward on 28 March 2027 at two, and back on 31 October 2027 at three.
FRIDAY = datetime(2027, 3, 26, 9, tzinfo=UTC)  # ten in Berlin


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(datetime(2027, 3, 24, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def loop(team: Team) -> Schedule:
    """Coding at ten and Design at eleven on Friday in Berlin; everybody works from nine to five there."""
    for member in (team.interviewer, team.recruiter):
        member.user.time_zone = "Europe/Berlin"
        member.user.save()
    schedule = staffed_loop(team, "Coding", "Design")
    for place, interview in enumerate(schedule.interviews.order_by("position")):
        put(interview, FRIDAY + timedelta(hours=place))
    Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=FRIDAY, last_ends_at=FRIDAY + timedelta(hours=2))
    return schedule


def put(interview: Interview, starts_at: datetime) -> None:
    interview.starts_at, interview.ends_at = starts_at, starts_at + timedelta(hours=1)
    interview.save()


def address(team: Team, schedule: Schedule) -> str:
    return team.url(f"schedules/{schedule.pk}/move/")


def move(client: Client, team: Team, schedule: Schedule, day: str, time: str, **more: Any) -> tuple[int, str]:
    sent = {"date": day, "time": time, "reason": REASON, "note": "", **more}
    answer = client.post(address(team, schedule), sent)
    return answer.status_code, answer.content.decode()


def starts(schedule: Schedule) -> list[datetime]:
    return list(schedule.interviews.order_by("position").values_list("starts_at", flat=True))


def ticks_in(page: str) -> dict[str, list[str]]:
    """All that can be scheduled anyway, by field."""
    found: dict[str, list[str]] = {}
    for name, token in re.findall(r'name="(rows-\d+-override)"\s+value="([^"]+)"', page):
        found.setdefault(name, []).append(token)
    return found


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\w+)"', page)
    assert found
    return found[1]


def test_clock_times_stay_across_a_clock_change(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    opened = as_recruiter.get(address(team, loop)).content.decode()
    assert 'value="2027-03-26"' in opened and 'value="10:00"' in opened
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00", version=version_in(opened))[0] == 200
    # Ten and eleven in Berlin, where it is summer by now.
    assert starts(loop) == [datetime(2027, 3, 29, 8, tzinfo=UTC), datetime(2027, 3, 29, 9, tzinfo=UTC)]
    loop.refresh_from_db()
    assert loop.first_starts_at == datetime(2027, 3, 29, 8, tzinfo=UTC)
    assert loop.last_ends_at == datetime(2027, 3, 29, 10, tzinfo=UTC)


def test_it_shows_where_each_goes_and_moves_nothing(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    status, page = move(as_recruiter, team, loop, "2027-03-30", "13:30", part="moves")
    words = text_of(page)
    assert status == 200
    assert "Fri 26 Mar 2027, 10:00–11:00" in words and "Tue 30 Mar 2027, 13:30–14:30" in words
    assert "Tue 30 Mar 2027, 14:30–15:30" in words
    assert starts(loop)[0] == FRIDAY


def test_one_reason_one_line_and_one_update_for_each(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    link = make_link(loop.interviews.get(name="Coding"), connect(team), "ready", expires_at=FRIDAY + timedelta(days=1))
    send(loop, team)
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00", note="She is ill.")[0] == 200
    event = AuditEvent.objects.get(action="schedule.moved")
    assert (event.detail["reason"], event.texts["note"], len(event.detail["moves"])) == (REASON, "She is ill.", 2)
    assert not AuditEvent.objects.filter(action="interview.moved").exists()
    assert kinds(list(loop.messages.filter(state="draft"))) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Interviewer Acme"),
        ("interviewer_update", "Recruiter Acme"),
    ]
    link.refresh_from_db()
    assert link.state == "cancelling"  # it would be dead by Monday: another one takes its place
    history = text_of(as_recruiter.get(team.url(f"schedules/{loop.pk}/history/")).content.decode())
    assert "Moved 2 interviews together" in history and "She is ill." in history
    assert "Design: From Fri 26 Mar 2027, 11:00" in history


def test_conflicts_are_shown_and_overridden(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    DayOff.objects.create(membership=team.recruiter, day=date(2027, 3, 29))
    other = make_loop(team, "Talk")
    put(other.interviews.get(), datetime(2027, 3, 29, 8, 30, tzinfo=UTC))
    assign(other.interviews.get(), team.interviewer)
    status, page = move(as_recruiter, team, loop, "2027-03-29", "10:00")
    assert status == 422
    assert "Interviewer Acme is busy: “Talk” with Ada Osei" in page
    assert "Recruiter Acme is off on 29 March 2027." in page
    assert starts(loop)[0] == FRIDAY
    ticks = re.findall(r'name="(rows-\d+-override)"\s+value="([^"]+)"', page)
    assert len(ticks) == 2
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00", **dict(ticks[:1]))[0] == 422
    # What was ticked for another time does not count.
    assert move(as_recruiter, team, loop, "2027-03-29", "10:15", **dict(ticks))[0] == 422
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00", **dict(ticks))[0] == 200
    overridden = AuditEvent.objects.get(action="schedule.moved").texts["overridden"]
    assert sorted(overridden) == [["Coding", ""], ["Design", ""]]
    history = text_of(as_recruiter.get(team.url(f"schedules/{loop.pk}/history/")).content.decode())
    assert "Scheduled anyway: Coding: Interviewer Acme is busy" in history
    assert "Scheduled anyway: Design: Recruiter Acme is off" in history


def test_times_that_are_none_or_two_are_said(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    status, page = move(as_recruiter, team, loop, "2027-03-28", "02:30")
    assert status == 422
    assert "Berlin skips this time" in page
    assert move(as_recruiter, team, loop, "2027-10-31", "02:30")[0] == 422
    status, page = move(as_recruiter, team, loop, "2027-10-31", "02:30", **{"rows-0-fold": "1"})
    ticks = ticks_in(page)
    assert "comes twice" not in page
    assert move(as_recruiter, team, loop, "2027-10-31", "02:30", **{"rows-0-fold": "1"}, **ticks)[0] == 200
    assert starts(loop) == [datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 2, 30, tzinfo=UTC)]


def test_what_is_over_or_cancelled_stays(team: Team, loop: Schedule, as_recruiter: Client, clock: Any) -> None:
    loop.interviews.filter(name="Design").update(state="cancelled")
    put(loop.interviews.get(name="Coding"), FRIDAY - timedelta(days=7))
    late = Interview.objects.create(
        organization=team.organization,
        schedule=loop,
        name="Talk",
        position=2,
        starts_at=FRIDAY + timedelta(hours=3),
        ends_at=FRIDAY + timedelta(hours=4),
    )
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00")[0] == 200
    assert starts(loop)[:2] == [FRIDAY - timedelta(days=7), FRIDAY + timedelta(hours=1)]
    late.refresh_from_db()
    assert late.starts_at == datetime(2027, 3, 29, 8, tzinfo=UTC)
    clock.move_to(datetime(2027, 4, 5, tzinfo=UTC))
    status, page = move(team.client(team.recruiter), team, loop, "2027-04-29", "09:00")
    assert (status, "Nothing left to move" in page) == (422, True)


@pytest.mark.parametrize(
    ("day", "time", "more", "words"),
    [
        ("2027-03-26", "10:00", {}, "The interviews are at this time already."),
        ("2027-03-29", "10:00", {"reason": ""}, "Choose a reason"),
        ("", "10:00", {}, "Choose a date."),
        ("2027-03-29", "soon", {}, "Enter a time like 14:30."),
        ("9999-12-31", "23:59", {}, "Check the year."),
        ("2027-03-29", "10:00", {"version": "0123456789abcdef"}, "This changed since you opened it."),
    ],
)
def test_what_keeps_it_from_being_moved_is_said(
    team: Team, loop: Schedule, as_recruiter: Client, day: str, time: str, more: dict[str, str], words: str
) -> None:
    status, page = move(as_recruiter, team, loop, day, time, **({"note": "Kept <note>"} | more))
    assert (status, words in page, "Kept &lt;note&gt;" in page) == (422, True, True)
    assert starts(loop)[0] == FRIDAY


def test_a_whole_that_was_cancelled_meanwhile_stays(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    Schedule.objects.filter(pk=loop.pk).update(state="cancelled")
    assert move(as_recruiter, team, loop, "2027-03-29", "10:00")[0] == 422
    assert starts(loop)[0] == FRIDAY


def test_many_are_moved_together(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, *[f"Round {number}" for number in range(35)], hours_ahead=48)
    first = starts(schedule)
    page = as_recruiter.get(address(team, schedule)).content.decode()
    clock = re.search(r'type="time"[^>]*value="([\d:]+)"|value="([\d:]+)"[^>]*type="time"', page)
    assert clock
    at = clock[1] or clock[2]
    status, refused = move(as_recruiter, team, schedule, "2027-05-03", at)
    assert (status, "Outside the candidate's day" in unescape(refused)) == (422, True)  # 35 hours reach into a night
    assert move(as_recruiter, team, schedule, "2027-05-03", at, **ticks_in(refused))[0] == 200
    assert {after - before for before, after in zip(first, starts(schedule), strict=True)} == {
        starts(schedule)[0] - first[0]
    }
    assert starts(schedule)[0].date() == date(2027, 5, 3)


def test_who_may(team: Team, other_team: Team, loop: Schedule, as_interviewer: Client, as_outsider: Client) -> None:
    assert as_interviewer.get(address(team, loop)).status_code == 403
    assert move(as_interviewer, team, loop, "2027-03-29", "10:00")[0] == 403
    assert as_outsider.get(address(team, loop)).status_code == 404
    assert as_outsider.post(other_team.url(f"schedules/{loop.pk}/move/")).status_code == 404
    assert starts(loop)[0] == FRIDAY
