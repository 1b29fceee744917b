"""The page after signing in: what needs attention, and the interviews of two days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from integrations.models import Integration
from scheduling.models import Interview, InterviewerAssignment, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import NOTHING, good_loop, words_of
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def home(client: Client, team: Team) -> str:
    return client.get(team.url("home/")).content.decode()


def days(client: Client, team: Team) -> list[str]:
    """The parts of the page that have today's and tomorrow's interviews."""
    page = home(client, team)
    return page[page.index('id="day-1"') :].split('id="day-2"')


def failed_loop(team: Team, integration: Integration, name: str = "Coding", **fields: object) -> Schedule:
    schedule = make_loop(team, name, hours_ahead=2)
    given: dict[str, object] = {"problem_code": "refused"} | fields
    make_link(schedule.interviews.get(), integration, "failed", **given)
    return schedule


def test_a_failed_link_is_two_clicks_from_its_fix(team: Team, as_recruiter: Client) -> None:
    schedule = failed_loop(team, connect(team))
    page = home(as_recruiter, team)
    assert "Action needed: link for “Coding”" in page
    address = team.url(f"schedules/{schedule.pk}/communications/") + "?open=codesignal"
    assert f'href="{address}"' in page
    assert as_recruiter.get(address).status_code == 200
    assert "Try again" in as_recruiter.get(team.url(f"schedules/{schedule.pk}/links/codesignal/")).content.decode()


def test_a_failure_that_is_mended_elsewhere_leads_there(team: Team, as_admin: Client) -> None:
    failed_loop(team, connect(team), problem_code="key_rejected")
    assert f'href="{team.url("settings/integrations/codesignal/")}">Replace key</a>' in home(as_admin, team)


def test_interviews_that_are_over_need_nobody(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", hours_ahead=-3)
    make_link(schedule.interviews.get(), connect(team), "failed", problem_code="refused")
    assert NOTHING in words_of(as_recruiter, team)


def test_a_broken_connection_is_said_once_to_each_reader(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    """On other pages it stands above; here it is in the list, and not above it as well."""
    connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    shown = text_of(home(as_recruiter, team))
    assert "CodeSignal is paused: new links wait. CodeSignal did not accept the API key. Ask Admin Acme" in shown
    assert "Ask Admin Acme to replace the key." in shown
    assert shown.count("CodeSignal is paused") == 1
    assert f'href="{team.url("settings/integrations/codesignal/")}">Replace key</a>' in home(as_admin, team)
    assert "CodeSignal is paused: new links wait." in as_admin.get(team.url("jobs/")).content.decode()


def test_a_tool_that_was_connected_once_is_missed(team: Team, as_recruiter: Client) -> None:
    connect(team, state=Integration.State.DISCONNECTED)
    good_loop(team)
    assert NOTHING in words_of(as_recruiter, team)
    Integration.objects.update(connected_at=NOON)
    assert "CodeSignal is not connected. No links can be generated." in words_of(as_recruiter, team)


def test_days_are_the_readers_days(team: Team, as_recruiter: Client) -> None:
    # 23:30 UTC today is tomorrow in Berlin; 11 hours before it is today in both.
    make_loop(team, "Late", hours_ahead=11.5)
    make_loop(team, "Early", hours_ahead=1)
    today, tomorrow = days(as_recruiter, team)
    assert "Early" in today
    assert "Late" in today
    team.recruiter.user.time_zone = "Europe/Berlin"
    team.recruiter.user.save()
    today, tomorrow = days(as_recruiter, team)
    assert "Late" not in today
    assert "00:30" in tomorrow
    assert "Times in Berlin (GMT+1)" in home(as_recruiter, team)


def test_yesterday_the_day_after_and_cancelled_ones_are_not_there(team: Team, as_recruiter: Client) -> None:
    make_loop(team, "Gone", hours_ahead=-20)
    make_loop(team, "Far", hours_ahead=40)
    make_loop(team, "Off", hours_ahead=1).interviews.update(state=Interview.State.CANCELLED)
    page = home(as_recruiter, team)
    assert page.count("No interviews.") == 2


def test_an_interviewer_sees_own_interviews_and_no_chores(team: Team, as_interviewer: Client) -> None:
    schedule = failed_loop(team, connect(team))
    other = make_loop(team, "Culture", hours_ahead=3)
    InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    page = home(as_interviewer, team)
    assert "Coding" in page
    assert "Culture" not in page
    assert "attention" not in text_of(page)
    assert f"/schedules/{other.pk}/" not in page
    assert "/communications/" not in page


def test_who_may_open_it(
    team: Team, as_admin: Client, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    for client in (as_admin, as_recruiter, as_interviewer):
        assert client.get(team.url("home/")).status_code == 200
    assert as_outsider.get(team.url("home/")).status_code == 404
    assert Client().get(team.url("home/"))["Location"].startswith("/sign-in/")


def test_another_organizations_interviews_are_not_there(team: Team, other_team: Team, as_outsider: Client) -> None:
    failed_loop(team, connect(team))
    assert "Ada" not in home(as_outsider, other_team)


@pytest.mark.parametrize("count", [1, 60])
def test_it_costs_the_same_for_one_interview_and_for_many(
    team: Team, as_recruiter: Client, count: int, django_assert_max_num_queries: object
) -> None:
    integration = connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    schedules = [
        failed_loop(team, integration, f"Round {number}", problem_code="key_rejected") for number in range(count)
    ]
    for schedule in schedules:
        InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = home(as_recruiter, team)
    assert page[page.index("day-1") :].count("Interviewer Acme") == count


def test_a_day_with_more_than_a_page_says_so(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team)
    start = NOON + timedelta(hours=1)
    Interview.objects.bulk_create(
        Interview(
            organization=team.organization,
            schedule=schedule,
            name=f"Round {number}",
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
        )
        for number in range(101)
    )
    page = home(as_recruiter, team)
    assert page[page.index('id="day-1"') :].count("Round ") == 100
    assert "See “Schedules” for all interviews." in page
