"""Rows that tests of links start from: a loop of interviews, a connected coding tool, links in a state of choice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from integrations.models import Integration
from scheduling.models import Candidate, CodingLink, Interview, Schedule
from scheduling.models.coding_links import USABLE
from tests.conftest import Team

#: Where the interviews of a loop take place: a video call.
MEETING = "https://meet.example/acme"


def make_loop(team: Team, *names: str, hours_ahead: float = 24, email: str = "ada@example.com") -> Schedule:
    """Make a schedule of hour-long interviews, one per name and back to back, the first `hours_ahead` from now."""
    candidate = Candidate.objects.create(organization=team.organization, name="Ada Osei", email=email)
    start = timezone.now() + timedelta(hours=hours_ahead)
    schedule = Schedule.objects.create(
        organization=team.organization,
        candidate=candidate,
        time_zone="Europe/Berlin",
        first_starts_at=start,
        last_ends_at=start + timedelta(hours=len(names)),
    )
    for place, name in enumerate(names):
        Interview.objects.create(
            organization=team.organization,
            schedule=schedule,
            name=name,
            position=place,
            place=MEETING,
            starts_at=start + timedelta(hours=place),
            ends_at=start + timedelta(hours=place + 1),
        )
    return schedule


def connect(team: Team, **fields: Any) -> Integration:
    """Make a connected CodeSignal integration, unless `fields` say otherwise."""
    given = {
        "state": Integration.State.CONNECTED,
        "api_key": "key-for-tests-0123456789",
        "key_last4": "6789",
        "key_version": 1,
        "company_id": "c1",
        "company_name": "Acme Hiring",
        "templates": [
            {"id": "t1", "name": "Graphs", "default": False},
            {"id": "t2", "name": "Arrays", "default": True},
        ],
    } | fields
    return Integration.objects.create(organization=team.organization, kind="codesignal", **given)


def make_link(interview: Interview, integration: Integration, state: str, **fields: Any) -> CodingLink:
    """Make a link in a state, as the engine would have left it."""
    given: dict[str, Any] = {"candidate_key": "ada@example.com", "next_attempt_at": timezone.now()}
    if state in USABLE:
        given |= {
            "external_id": f"x{interview.pk}-{interview.coding_links.count()}",
            "url": f"https://codesignal.example/live/{interview.pk}",
            "ready_at": timezone.now(),
        }
    if state == "creating":
        given |= {"claimed_at": timezone.now(), "claim": "c"}
    return CodingLink.objects.create(
        organization=interview.organization,
        integration=integration,
        interview=interview,
        state=state,
        **(given | fields),
    )
