"""An organization of any size, made by bulk inserts: for counting queries and measuring pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from integrations.models import Integration, KeyCheck
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent, Membership, Organization, User
from scheduling.models import (
    Candidate,
    CandidateImport,
    CodingLink,
    Interview,
    InterviewerAssignment,
    LinkEvent,
    Message,
    MessageKind,
    Schedule,
)

Row = TypeVar("Row", bound=models.Model)
LOOP = 3
STATES = ("ready", "ready", "finished", "pending", "failed")


def fill(slug: str, *, interviews: int, people: int = 20) -> Organization:
    """Make an organization with about that many interviews, three to a schedule, a third of them with a link.

    Schedules lie evenly around now, about forty interviews to a day. The first member is its admin.
    """
    organization = Organization.objects.create(name=slug.title(), slug=slug, time_zone="Europe/Berlin")
    members = _members(organization, people)
    stages = _stages(organization)
    loops = max(1, interviews // LOOP)
    candidates = _store(
        Candidate(
            organization=organization,
            name=f"Candidate {number:06}",
            email=f"c{number}@{slug}.example",
            job=stages[number % len(stages)].job,
            stage=stages[number % len(stages)],
        )
        for number in range(max(1, loops * 2 // 3))
    )
    schedules = _schedules(organization, loops, candidates, stages, members[0].user)
    _interviews(organization, schedules, members)
    _messages(organization, schedules, members)
    _unfinished_work(organization, members[0])
    return organization


def _store(rows: Iterator[Row] | list[Row]) -> list[Row]:
    stored: list[Row] = []
    waiting = iter(rows)
    while chunk := list(islice(waiting, 2000)):
        stored += type(chunk[0])._default_manager.bulk_create(chunk)
    return stored


def _members(organization: Organization, people: int) -> list[Membership]:
    password = make_password("demo")
    users = _store(
        User(email=f"m{number}@{organization.slug}.example", name=f"Member {number:03}", password=password)
        for number in range(people)
    )
    roles = ["admin", "recruiter", *["interviewer"] * people]
    return _store(
        Membership(organization=organization, user=user, role=role) for user, role in zip(users, roles, strict=False)
    )


def _stages(organization: Organization) -> list[Stage]:
    jobs = _store(Job(organization=organization, title=f"Job {number:03}") for number in range(60))
    stages = _store(
        Stage(organization=organization, job=job, name=f"Stage {place}", position=place)
        for job in jobs
        for place in range(3)
    )
    plans = _store(InterviewPlan(organization=organization, stage=stage) for stage in stages)
    _store(
        PlanInterview(
            organization=organization, plan=plan, position=place, name=f"Part {place}", link_tool="codesignal"
        )
        for plan in plans
        for place in range(LOOP)
    )
    return stages


def _schedules(
    organization: Organization, loops: int, candidates: list[Candidate], stages: list[Stage], author: User
) -> list[Schedule]:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(hours=loops)
    return _store(
        Schedule(
            organization=organization,
            candidate=candidates[number % len(candidates)],
            job=stages[number % len(stages)].job,
            stage=stages[number % len(stages)],
            created_by=author,
            first_starts_at=start + timedelta(hours=2 * number),
            last_ends_at=start + timedelta(hours=2 * number + LOOP),
        )
        for number in range(loops)
    )


def _interviews(organization: Organization, schedules: list[Schedule], members: list[Membership]) -> None:
    interviews = _store(
        Interview(
            organization=organization,
            schedule=schedule,
            position=place,
            name=f"Part {place}",
            starts_at=schedule.first_starts_at + timedelta(hours=place),
            ends_at=schedule.first_starts_at + timedelta(hours=place + 1),
        )
        for schedule in schedules
        if schedule.first_starts_at is not None
        for place in range(LOOP)
    )
    _store(
        InterviewerAssignment(interview=interview, membership=members[2 + (number + assignment) % (len(members) - 2)])
        for number, interview in enumerate(interviews)
        for assignment in range(1 + number % 2)
    )
    _links(organization, interviews[::3])
    _store(
        AuditEvent(
            organization=organization,
            action="schedule.created",
            subject_type="schedule",
            subject_id=schedule.pk,
            person_type="candidate",
            person_id=schedule.candidate_id,
            detail={"count": LOOP},
        )
        for schedule in schedules
    )


def _links(organization: Organization, interviews: list[Interview]) -> None:
    integration = Integration.objects.create(
        organization=organization,
        kind="codesignal",
        state=Integration.State.CONNECTED,
        api_key="key-of-a-benchmark",
        company_name=organization.name,
        templates=[{"id": f"t{number}", "name": f"Template {number}", "default": False} for number in range(20)],
        templates_fetched_at=timezone.now(),
    )
    links = _store(
        CodingLink(
            organization=organization,
            integration=integration,
            interview=interview,
            state=_state(number, interview),
            candidate_key=f"candidate {number}",
            next_attempt_at=None,
            external_id="" if _state(number, interview) == "pending" else f"{organization.slug}-{number}",
            url=f"https://codesignal.example/live/{organization.slug}-{number}",
            ready_at=timezone.now(),
        )
        for number, interview in enumerate(interviews)
    )
    _store(LinkEvent(link=link, to_state=link.state, code="made") for link in links)


def _state(number: int, interview: Interview) -> str:
    return STATES[number % len(STATES)] if interview.ends_at > timezone.now() else "finished"


def _messages(organization: Organization, schedules: list[Schedule], members: list[Membership]) -> None:
    """Make an invitation for each schedule, one in fifty of them failed, and a draft for an interviewer."""
    now = timezone.now()
    _store(
        Message(
            organization=organization,
            schedule=schedule,
            audience="candidate",
            kind=MessageKind.CANDIDATE_INVITATION,
            state="failed" if number % 50 == 0 else "sent",
            to_name="Candidate",
            to_email=f"c{number}@{organization.slug}.example",
            sender={"from_name": "Us", "from_email": "us@example.com", "reply_to": ""},
            subject="Your interviews",
            text="Welcome.",
            html="<p>Welcome.</p>",
            sent_at=now,
        )
        for number, schedule in enumerate(schedules)
    )
    _store(
        Message(
            organization=organization,
            schedule=schedule,
            audience="interviewer",
            membership=members[2 + number % (len(members) - 2)],
            kind=MessageKind.INTERVIEWER_INVITATION,
        )
        for number, schedule in enumerate(schedules)
    )


def _unfinished_work(organization: Organization, admin: Membership) -> None:
    """Give the admin unfinished work: rows to import, a checked key, an interview of their own, a failed deletion."""
    lines = [
        [number, {"name": f"New {number}", "email": f"n{number}@{organization.slug}.example"}, ""] for number in (2, 3)
    ]
    CandidateImport.objects.create(organization=organization, uploaded_by=admin.user, rows=lines)
    KeyCheck.objects.create(
        organization=organization, kind="codesignal", asked_by=admin.user, state=KeyCheck.State.FAILED
    )
    CodingLink.objects.create(
        organization=organization,
        integration=Integration.objects.filter(organization=organization).order_by("id")[0],
        state="cancelling",
        erase_asked_at=timezone.now(),
        problem_code="left_without_key",
        next_attempt_at=None,
        external_id=f"refused-{organization.slug}",
    )
    coming = Interview.objects.filter(organization=organization, starts_at__gte=timezone.now())
    InterviewerAssignment.objects.create(interview=coming.order_by("starts_at", "id")[0], membership=admin)
