"""A vendor's limit for one person: their calendar waits, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.base import Retryable
from integrations.calendars import CalendarLimited
from integrations.google.errors import judge
from integrations.models import CalendarConnection
from integrations.sandbox.calendars.faults import CalendarFault as Fault
from integrations.transport import Reply
from organizations.models import Membership
from scheduling.models import CalendarEvent, EventState
from tests.conftest import Team
from tests.scheduling.stand_ins import StandIn, stand_in
from tests.scheduling.test_calendar_events import later, scheduled, work
from tests.scheduling.test_meetings import meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def google(socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, team: Team) -> Iterator[StandIn]:
    with stand_in("google_workspace", settings, team.interviewer, team.recruiter) as running:
        yield running


def event_of(member: Membership) -> CalendarEvent:
    return CalendarEvent.objects.filter(membership=member).order_by("pk")[0]


def test_a_quota_of_one_person_stops_nobody_else(team: Team, google: StandIn) -> None:
    scheduled(team, team.interviewer)
    google.spoil(Fault.QUOTA, "put")
    work()
    scheduled(team, team.recruiter)
    work()
    assert event_of(team.recruiter).state == EventState.READY
    assert CalendarConnection.objects.get().throttled_at is None
    waiting = event_of(team.interviewer)
    assert (waiting.state, waiting.problem_code, waiting.attempts) == (EventState.PENDING, "quota_exceeded", 0)
    assert waiting.next_attempt_at is not None
    assert waiting.next_attempt_at > timezone.now() + timedelta(minutes=5)
    later()
    work()
    assert event_of(team.interviewer).state == EventState.READY


def test_the_other_events_of_that_person_wait_with_it(team: Team, google: StandIn) -> None:
    scheduled(team, team.interviewer, names=["Coding", "System design"])
    google.spoil(Fault.QUOTA, "put")
    work()
    waiting = CalendarEvent.objects.filter(state=EventState.PENDING, next_attempt_at__gt=timezone.now())
    assert waiting.count() == 2
    assert len(google.ours(team.interviewer)) == 0


def test_a_look_at_a_video_call_waits_as_long(team: Team, google: StandIn) -> None:
    """Else it would be given up as refused before the person may be asked about again."""
    google.sandbox.google.meetings_pending = 2
    interview = meeting(team, "google_meet", team.interviewer)
    work()
    later()
    google.spoil(Fault.QUOTA, "look")
    work()
    event = event_of(team.interviewer)
    assert google.surface.faults.fired
    assert event.next_attempt_at is not None
    assert event.next_attempt_at > timezone.now() + timedelta(minutes=5)
    for _look in range(3):
        later()
        work()
    interview.refresh_from_db()
    assert interview.meeting_url


def test_a_limit_of_the_project_slows_all(team: Team, google: StandIn) -> None:
    scheduled(team, team.interviewer)
    google.spoil(Fault.RATE_LIMITED_BARE, "put")
    work()
    assert CalendarConnection.objects.get().throttled_at is not None


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("reason", "is_of_one", "wait"),
    [
        ("userRateLimitExceeded", True, 60),
        ("quotaExceeded", True, 600),
        ("rateLimitExceeded", False, None),
        ("dailyLimitExceeded", False, 600),
    ],
)
def test_whose_limit_it_is(status: int, reason: str, is_of_one: bool, wait: float | None) -> None:
    body = json.dumps({"error": {"code": status, "errors": [{"domain": "usageLimits", "reason": reason}]}})
    problem = judge(Reply(status, {}, body.encode()), changes=True)
    assert isinstance(problem, Retryable)
    assert problem.rate_limited
    assert (isinstance(problem, CalendarLimited), problem.retry_after) == (is_of_one, wait)
