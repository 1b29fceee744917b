"""Video calls over vendors' real requests: their stand-ins make them, later, never, or lose the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from integrations.google.tokens import store
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from scheduling.models import CalendarEvent, EventState, Interview, MemberCalendar
from scheduling.schedules.calendar_events import put_call_back
from tests.conftest import Team
from tests.scheduling.stand_ins import read_all
from tests.scheduling.test_calendar_events import later, work
from tests.scheduling.test_calendar_of_a_vendor import graph
from tests.scheduling.test_meetings import change, meeting

__all__ = ["graph"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]

MEET, TEAMS = "google_meet", "microsoft_teams"


@pytest.fixture
def google(socket_enabled: None, settings: Settings, team: Team) -> Iterator[Sandbox]:
    """The interviewer and the recruiter have calendars there that receive interviews."""
    store.clear()
    with Sandbox() as running:
        settings.GOOGLE_STAND_IN_URL = running.google.url
        settings.CALENDAR_TIMEOUT = 5
        key = running.google.make_service_account()
        connection = CalendarConnection.objects.create(
            organization=team.organization,
            kind="google_workspace",
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps({"service_account": key, "admin": team.admin.user.email}),
            credentials_version=1,
            write_ceiling=100,
            read_ceiling=100,
            write_rate=100,
            read_rate=100,
        )
        for member in (team.interviewer, team.recruiter):
            running.calendars.add_person(member.user.email, zone="Europe/Berlin")
            MemberCalendar.objects.create(
                organization=team.organization,
                connection=connection,
                membership=member,
                external_id=member.user.email,
                is_written=True,
            )
        yield running
    store.clear()


def url_of(interview: Interview) -> str:
    interview.refresh_from_db()
    return interview.meeting_url


def problem_of(interview: Interview) -> str:
    interview.refresh_from_db()
    return interview.meeting_problem


def settled() -> None:
    for _round in range(4):
        later()
        work()


def test_google_makes_it_at_once_or_later(team: Team, google: Sandbox) -> None:
    google.google.meetings_pending = 2
    interview = meeting(team, MEET, team.interviewer)
    work()
    assert (url_of(interview), problem_of(interview)) == ("", "")
    settled()
    url = url_of(interview)
    assert url.startswith(f"{google.url}/meet/")
    assert [one.meeting_url for one in google.calendars.live(team.interviewer.user.email)] == [url]


@pytest.mark.parametrize("how", ["refused", "failed", "ignored"])
def test_google_makes_none_but_the_event(team: Team, google: Sandbox, how: str) -> None:
    google.google.meetings = how
    interview = meeting(team, MEET, team.interviewer)
    settled()
    assert problem_of(interview) == "refused"
    assert CalendarEvent.objects.get().state == EventState.READY
    assert len(google.calendars.live(team.interviewer.user.email)) == 1


@pytest.mark.parametrize("operation", ["events.insert", "events.get", "events.patch"])
@pytest.mark.parametrize("fault", ["drop_after", "error_500_after", "rate_limited_bare"])
def test_a_lost_answer_of_google_ends_in_one_call(team: Team, google: Sandbox, fault: str, operation: str) -> None:
    google.google.meetings_pending = 1
    google.google.fault(fault, operation=operation)
    interview = meeting(team, MEET, team.interviewer)
    settled()
    [entry] = google.calendars.live(team.interviewer.user.email)
    assert url_of(interview) == entry.meeting_url != ""
    assert interview.meeting_number == 0


def test_google_takes_it_away_with_its_owner_and_makes_another(team: Team, google: Sandbox) -> None:
    interview = meeting(team, MEET, team.interviewer)
    settled()
    first = url_of(interview)
    change(interview, team, interviewers=(team.recruiter,))
    settled()
    assert url_of(interview) not in {"", first}
    assert interview.meeting_number == 1
    assert google.calendars.live(team.interviewer.user.email) == []


def test_teams_is_made_with_the_event_and_stays_through_a_move(team: Team, graph: Sandbox) -> None:
    interview = meeting(team, TEAMS, team.interviewer)
    settled()
    url = url_of(interview)
    assert "/teams/" in url
    change(interview, team, name="Design")
    settled()
    assert (url_of(interview), interview.meeting_number) == (url, 0)


def test_an_interview_that_is_to_meet_otherwise_loses_teams(team: Team, graph: Sandbox) -> None:
    interview = meeting(team, TEAMS, team.interviewer)
    settled()
    read_all()
    [first] = graph.calendars.live(team.interviewer.user.email)
    change(interview, team, meeting="", place="Room 5")
    settled()
    read_all()
    settled()
    [entry] = graph.calendars.live(team.interviewer.user.email)
    assert (entry.meeting_url, entry.location) == ("", "Room 5")
    assert entry.id != first.id
    event = CalendarEvent.objects.get()
    assert (event.state, event.external_id, event.deleted_at) == (EventState.READY, entry.id, None)


def take_out(sandbox: Sandbox, address: str) -> None:
    """Remove the video call of the one event by hand."""
    [entry] = sandbox.calendars.live(address)
    extra = {name: name != "online" and value for name, value in entry.extra.items() if name != "conferenceData"}
    sandbox.calendars.change(address, entry.id, meeting_url="", extra=extra)


def test_a_meet_that_its_owner_takes_out_is_seen_by_the_next_read(team: Team, google: Sandbox) -> None:
    interview = meeting(team, MEET, team.interviewer)
    settled()
    read_all()
    take_out(google, team.interviewer.user.email)
    read_all()
    assert (url_of(interview), problem_of(interview)) == ("", "removed")


def test_a_teams_meeting_that_its_owner_takes_out_is_seen_by_the_next_read(team: Team, graph: Sandbox) -> None:
    interview = meeting(team, TEAMS, team.interviewer)
    settled()
    read_all()
    take_out(graph, team.interviewer.user.email)
    read_all()
    assert (url_of(interview), problem_of(interview)) == ("", "removed")


@pytest.mark.parametrize(("kind", "vendor"), [(MEET, "google"), (TEAMS, "graph")])
def test_a_call_that_was_taken_out_is_made_again_in_the_same_event(
    team: Team, kind: str, vendor: str, request: pytest.FixtureRequest
) -> None:
    sandbox: Sandbox = request.getfixturevalue(vendor)
    interview = meeting(team, kind, team.interviewer)
    settled()
    read_all()
    [before] = sandbox.calendars.live(team.interviewer.user.email)
    take_out(sandbox, team.interviewer.user.email)
    read_all()
    interview.refresh_from_db()
    assert put_call_back(interview=interview, actor=team.recruiter.user)
    settled()
    read_all()
    [after] = sandbox.calendars.live(team.interviewer.user.email)
    assert (after.id, problem_of(interview)) == (before.id, "")
    assert url_of(interview) == after.meeting_url != ""


def test_teams_may_be_made_later_than_the_event(team: Team, graph: Sandbox) -> None:
    graph.microsoft.meetings_pending = 2
    interview = meeting(team, TEAMS, team.interviewer)
    work()
    assert (url_of(interview), problem_of(interview)) == ("", "")
    settled()
    assert url_of(interview).startswith(f"{graph.url}/teams/")


def test_a_mailbox_without_teams_is_said(team: Team, graph: Sandbox) -> None:
    graph.microsoft.makes_meetings = False
    interview = meeting(team, TEAMS, team.interviewer)
    settled()
    assert problem_of(interview) == "refused"
    assert CalendarEvent.objects.get().state == EventState.READY


@pytest.mark.parametrize("fault", ["drop_after", "rate_limited_bare"])
def test_a_lost_answer_of_teams_ends_in_one_call(team: Team, graph: Sandbox, fault: str) -> None:
    graph.microsoft.fault(fault, operation="createEvent")
    interview = meeting(team, TEAMS, team.interviewer)
    settled()
    [entry] = graph.calendars.live(team.interviewer.user.email)
    assert url_of(interview) == entry.meeting_url != ""
