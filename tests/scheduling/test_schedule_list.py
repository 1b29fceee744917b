"""The list of schedules: what comes first, what is over, and an interviewer's own times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations.models import Membership
from scheduling.availability.local_time import format_start
from scheduling.coding_links.validity import not_before
from scheduling.management.commands.demo_data import make_demo
from scheduling.models import Interview, InterviewerAssignment, Schedule, ShownState
from scheduling.models.schedule_states import in_state, state_at
from tests.conftest import Team
from tests.scheduling.loops import make_loop

pytestmark = pytest.mark.django_db


def named(team: Team, name: str, hours_ahead: float, *interviews: str) -> Schedule:
    schedule = make_loop(team, *(interviews or ("Coding",)), hours_ahead=hours_ahead)
    schedule.candidate.name = name
    schedule.candidate.save()
    return schedule


def page_of(client: Client, team: Team, query: str = "") -> str:
    return client.get(team.url("schedules/") + query).content.decode()


def listed(client: Client, team: Team, query: str = "") -> list[str]:
    response = client.get(team.url("schedules/") + query)
    return [line.candidate for line in response.context["listed"]]


def states(client: Client, team: Team, query: str = "") -> list[str]:
    return [line.state.value for line in client.get(team.url("schedules/") + query).context["listed"]]


@pytest.fixture
def five(team: Team) -> None:
    named(team, "Next month", 24 * 30)
    named(team, "Last year", -24 * 365)
    named(team, "Tomorrow", 24)
    named(team, "Yesterday", -24)
    named(team, "Now", -0.5)
    called_off = named(team, "Called off", 48)
    Schedule.objects.filter(pk=called_off.pk).update(state="cancelled")


def test_what_comes_next_stands_first_and_the_past_behind_a_tab(five: None, team: Team, as_recruiter: Client) -> None:
    assert listed(as_recruiter, team) == ["Now", "Tomorrow", "Next month"]
    assert listed(as_recruiter, team, "?show=past") == ["Yesterday", "Last year"]
    assert listed(as_recruiter, team, "?show=cancelled") == ["Called off"]
    assert listed(as_recruiter, team, "?order=-at") == ["Next month", "Tomorrow", "Now"]
    assert listed(as_recruiter, team, "?show=past&order=at") == ["Last year", "Yesterday"]


def test_the_tabs_are_links_that_keep_the_search(five: None, team: Team, as_recruiter: Client) -> None:
    page = page_of(as_recruiter, team, "?q=a&page=1&state=scheduled")
    assert re.findall(r'nav-link[^"]*"\s+href="(\?[^"]*)"', page) == [
        "?q=a&amp;show=upcoming",
        "?q=a&amp;show=past",
        "?q=a&amp;show=cancelled",
    ]
    assert re.search(r'aria-current="page">Upcoming<', page)
    assert re.search(r'aria-current="page">Past<', page_of(as_recruiter, team, "?state=done"))


def test_states_come_from_the_times(five: None, team: Team, as_recruiter: Client) -> None:
    assert states(as_recruiter, team) == ["in_progress", "scheduled", "scheduled"]
    assert set(states(as_recruiter, team, "?show=past")) == {"done"}
    assert "Done" in page_of(as_recruiter, team, "?show=past")
    assert "In progress" in page_of(as_recruiter, team)
    assert listed(as_recruiter, team, "?state=in_progress") == ["Now"]
    assert listed(as_recruiter, team, "?state=scheduled") == ["Tomorrow", "Next month"]
    assert listed(as_recruiter, team, "?state=done") == ["Yesterday", "Last year"]
    assert listed(as_recruiter, team, "?state=cancelled&show=past") == ["Called off"]


@pytest.mark.parametrize("hours", [None, -2, -1, 0, 1])
@pytest.mark.parametrize("cancelled", [True, False])
def test_the_filter_finds_exactly_what_the_state_says(hours: int | None, cancelled: bool, team: Team) -> None:
    now = timezone.now()
    schedule = make_loop(team, "Coding")
    begins = None if hours is None else now + timedelta(hours=hours)
    schedule.first_starts_at, schedule.last_ends_at = begins, begins and begins + timedelta(hours=1)
    schedule.state = "cancelled" if cancelled else "scheduled"
    schedule.save()
    shown = state_at(now, cancelled=cancelled, starts_at=schedule.first_starts_at, ends_at=schedule.last_ends_at)
    for state in ShownState:
        found = Schedule.objects.filter(in_state(state, now, cancelled=Q(state="cancelled")))
        assert found.exists() is (state == shown), state


@time_machine.travel(datetime(2027, 1, 15, 12, tzinfo=UTC), tick=False)
def test_the_zone_is_said_once_and_another_offset_beside_its_time(team: Team) -> None:
    team.recruiter.user.time_zone = "Europe/Berlin"
    team.recruiter.user.save()
    named(team, "In July", 24 * 180)
    named(team, "In winter", 24)
    page = page_of(team.client(team.recruiter), team)
    assert page.count("Times in Berlin (GMT+1)") == page.count("Berlin") == 1
    assert page.count("GMT+2") == 1


def test_a_search_says_on_which_tab_there_is_something(five: None, team: Team, as_recruiter: Client) -> None:
    page = page_of(as_recruiter, team, "?q=yesterday")
    assert "No schedules found" in page
    assert re.search(r'class="btn"\s+href="\?q=yesterday&amp;show=past">Past</a>', page)
    assert "Other tabs have matching schedules." in page
    assert "Other tabs have matching schedules." not in page_of(as_recruiter, team, "?q=nobody")


def test_a_tab_without_anything_does_not_say_that_there_is_nothing_at_all(team: Team, as_recruiter: Client) -> None:
    assert "No schedules yet" in page_of(as_recruiter, team)
    named(team, "Yesterday", -24)
    assert "No upcoming schedules" in page_of(as_recruiter, team)
    assert "No cancelled schedules" in page_of(as_recruiter, team, "?show=cancelled")


@pytest.mark.parametrize("query", ["?order=nonsense", "?state=nonsense&job=9&stage=x&day_from=x&show=x", "?order="])
def test_what_makes_no_sense_in_the_address_marks_no_field(
    query: str, five: None, team: Team, as_recruiter: Client
) -> None:
    page = page_of(as_recruiter, team, query)
    assert "is-invalid" not in page
    assert "aria-invalid" not in page
    assert listed(as_recruiter, team, query) == ["Now", "Tomorrow", "Next month"]
    for other in ("candidates/", "settings/security/"):
        assert "is-invalid" not in as_recruiter.get(team.url(other) + query).content.decode()


# --- Interviewers ---------------------------------------------------------------------------------


def sits(team: Team, schedule: Schedule, name: str) -> Interview:
    interview = schedule.interviews.get(name=name)
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    return interview


def test_an_interviewer_reads_own_times_in_their_order(team: Team, as_interviewer: Client) -> None:
    early = named(team, "Loop begins first", 24, "Intro", "Coding", "Design", "Wrap up")
    late = named(team, "Own one comes first", 25, "Coding", "Design")
    mine = sits(team, early, "Wrap up")  # 27 hours ahead
    first = sits(team, late, "Coding")  # 25 hours ahead
    page = page_of(as_interviewer, team)
    assert "Your interview" in page and "First interview" not in page
    assert listed(as_interviewer, team) == ["Own one comes first", "Loop begins first"]
    zone = team.interviewer.user.time_zone
    assert format_start(first.starts_at, zone) in page
    assert format_start(mine.starts_at, zone) in page
    assert format_start(early.interviews.get(name="Intro").starts_at, zone) not in page


def test_the_next_own_interview_is_shown_and_then_the_last(team: Team, as_interviewer: Client) -> None:
    loop = named(team, "Ada", -3, "One", "Two", "Three", "Four", "Five")
    zone = team.interviewer.user.time_zone
    one, five = sits(team, loop, "One"), sits(team, loop, "Five")
    assert format_start(five.starts_at, zone) in page_of(as_interviewer, team)
    assert states(as_interviewer, team) == ["in_progress"]
    Interview.objects.filter(pk=five.pk).update(state="cancelled")
    # The loop goes on, but this reader's part of it is over.
    assert listed(as_interviewer, team) == []
    assert states(as_interviewer, team, "?show=past") == ["done"]
    assert format_start(one.starts_at, zone) in page_of(as_interviewer, team, "?show=past")
    assert "Done" in as_interviewer.get(team.url(f"schedules/{loop.pk}/")).content.decode()
    Interview.objects.filter(pk=one.pk).update(state="cancelled")
    assert states(as_interviewer, team, "?show=cancelled") == ["cancelled"]


def test_an_interviewers_list_takes_the_same_queries_for_few_and_many(team: Team, as_interviewer: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert as_interviewer.get(team.url("schedules/")).status_code == 200
        return len(queries)

    sits(team, named(team, "Ada", 5), "Coding")
    few = count()
    for number in range(40):
        loop = named(team, f"Candidate {number}", 5 + number, "Coding", "Design")
        sits(team, loop, "Coding")
        sits(team, loop, "Design")
    assert count() == few <= 12
    assert len(listed(as_interviewer, team)) == 41


# --- What is over is offered nothing more ---------------------------------------------------------


def test_a_schedule_that_is_over_is_done_with(team: Team, as_recruiter: Client) -> None:
    loop = named(team, "Ada", -48, "Coding", "Design")
    InterviewerAssignment.objects.create(interview=loop.interviews.get(name="Coding"), membership=team.interviewer)
    details = as_recruiter.get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert "Done" in details
    for words in ("Cancel schedule", "Move all", "Cancel Coding"):
        assert words not in details
    section = as_recruiter.get(team.url(f"schedules/{loop.pk}/messages/"), headers={"HX-Request": "true"})
    assert "Prepare" not in section.content.decode()
    refused = as_recruiter.post(team.url(f"schedules/{loop.pk}/cancel/"), {"reason": "The candidate withdrew"})
    assert refused.status_code == 422
    assert "This schedule is over. There is nothing left to cancel." in refused.content.decode()
    loop.refresh_from_db()
    assert loop.state == "scheduled"


def test_one_that_is_to_come_is_offered_all_of_it(team: Team, as_recruiter: Client) -> None:
    loop = named(team, "Ada", 48, "Coding", "Design")
    InterviewerAssignment.objects.create(interview=loop.interviews.get(name="Coding"), membership=team.interviewer)
    details = as_recruiter.get(team.url(f"schedules/{loop.pk}/")).content.decode()
    for words in ("Cancel schedule", "Move all", "Cancel Coding"):
        assert words in details
    section = as_recruiter.get(team.url(f"schedules/{loop.pk}/messages/"), headers={"HX-Request": "true"})
    assert "Prepare 2 messages" in section.content.decode()


# --- The demo --------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", range(7))
@pytest.mark.parametrize("hour", [6, 19])
def test_the_first_schedule_of_the_demo_can_have_its_link_at_once(
    days: int, hour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's fourth step, on any day of a week, early and late."""
    now = datetime(2026, 11, 23, hour, tzinfo=UTC) + timedelta(days=days)
    organization = make_demo(today=now.astimezone(ZoneInfo("Europe/Berlin")).date())
    monkeypatch.setattr(timezone, "now", lambda: now)
    client = Client()
    client.force_login(Membership.objects.get(organization=organization, role="admin").user)
    first = client.get(f"/o/{organization.slug}/schedules/").context["listed"][0].pk
    coding = Interview.objects.filter(schedule=first, name__icontains="coding").earliest("starts_at")
    assert coding.ends_at > now
    earliest = not_before(coding, "codesignal")
    assert earliest is not None
    assert earliest <= now
