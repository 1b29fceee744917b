"""The list of schedules and one schedule's pages: who sees what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from scheduling.models import Candidate, Interview, Schedule, Seat
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def make_schedule(team: Team, *names: str) -> Schedule:
    """A schedule with one hour-long interview per name, back to back from 2027-03-01 09:00 UTC."""
    candidate = Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com")
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    schedule = Schedule.objects.create(
        organization=team.organization, candidate=candidate, time_zone="Europe/Berlin", first_starts_at=start
    )
    for place, name in enumerate(names):
        Interview.objects.create(
            organization=team.organization,
            schedule=schedule,
            name=name,
            position=place,
            starts_at=start + timedelta(hours=place),
            ends_at=start + timedelta(hours=place + 1),
        )
    return schedule


def test_an_interviewer_sees_only_own_interviews(team: Team, as_interviewer: Client) -> None:
    schedule = make_schedule(team, "Coding", "Culture")
    address = team.url(f"schedules/{schedule.pk}/")
    assert as_interviewer.get(address).status_code == 404
    Seat.objects.create(interview=Interview.objects.get(name="Coding"), membership=team.interviewer)
    page = as_interviewer.get(address).content.decode()
    assert "Coding" in page
    assert "Culture" not in page
    assert "Communications" not in page


def test_an_outsider_finds_nothing(team: Team, as_outsider: Client) -> None:
    schedule = make_schedule(team, "Coding")
    assert as_outsider.get(team.url(f"schedules/{schedule.pk}/")).status_code == 404
    assert as_outsider.get(f"/o/globex/schedules/{schedule.pk}/").status_code == 404


def test_a_recruiter_sees_all_of_it(team: Team, as_recruiter: Client) -> None:
    schedule = make_schedule(team, "Coding", "Culture")
    page = as_recruiter.get(team.url(f"schedules/{schedule.pk}/")).content.decode()
    assert "Coding" in page
    assert "Culture" in page
