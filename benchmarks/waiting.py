"""Coding links that wait, stored in bulk: thousands take seconds. For measurements, and for tests of the queue."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations.models import Integration
from jobs.models import PlanInterview
from scheduling.models import Candidate, CodingLink, Interview, Schedule


def queue_links(integration: Integration, count: int, plan: PlanInterview | None = None) -> None:
    """Have `count` links wait that a plan asked for, each of a new candidate who interviews in three days."""
    now, start = timezone.now(), timezone.now() + timedelta(days=3)
    own = {"organization_id": integration.organization_id}
    people = Candidate.objects.bulk_create(
        Candidate(name=f"Queued {number}", email=f"queued-{number}@{integration.organization_id}.example", **own)
        for number in range(count)
    )
    schedules = Schedule.objects.bulk_create(Schedule(candidate=person, **own) for person in people)
    interviews = Interview.objects.bulk_create(
        Interview(
            schedule=schedule,
            plan_interview=plan,
            name="Coding",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            **own,
        )
        for schedule in schedules
    )
    CodingLink.objects.bulk_create(
        CodingLink(
            integration=integration,
            interview=interview,
            candidate=person,
            by_default=True,
            candidate_key=person.email,
            candidate_name=person.name,
            candidate_email=person.email,
            next_attempt_at=now,
            **own,
        )
        for person, interview in zip(people, interviews, strict=True)
    )
