"""An organization of any size, made by bulk inserts: for counting queries and measuring pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from benchmarks.loops import NAMES, PER_LOOP, Loops
from integrations.models import CalendarCheck, CalendarConnection, Integration, KeyCheck
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Membership, Organization, User
from scheduling.models import CandidateImport, CodingLink, LinkRun, LinkRunItem, MemberCalendar

Row = TypeVar("Row", bound=models.Model)


def fill(slug: str, *, interviews: int, people: int = 20) -> Organization:
    """Make an organization with about that many interviews, as `Loops` spreads them; a third of them has a link.

    The first member is its admin, who interviews in the next loop. A million takes about two minutes, and no more
    memory than a thousand.
    """
    organization = Organization.objects.create(name=slug.title(), slug=slug, time_zone="Europe/Berlin")
    members = _members(organization, people)
    Loops(organization, members, _stages(organization), _integration(organization)).write(
        max(1, round(interviews / PER_LOOP))
    )
    _unfinished_work(organization, members[0])
    _run_of_links(organization, members[0])
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
        PlanInterview(organization=organization, plan=plan, position=place, name=name, link_tool="codesignal")
        for plan in plans
        for place, name in enumerate(NAMES)
    )
    return stages


def _integration(organization: Organization) -> Integration:
    return Integration.objects.create(
        organization=organization,
        kind="codesignal",
        state=Integration.State.CONNECTED,
        api_key="key-of-a-benchmark",
        company_name=organization.name,
        templates=[{"id": f"t{number}", "name": f"Template {number}", "default": False} for number in range(20)],
        templates_fetched_at=timezone.now(),
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
    _connect_calendars(organization, admin)
    CodingLink.objects.create(
        organization=organization,
        integration=Integration.objects.filter(organization=organization).order_by("id")[0],
        state="cancelling",
        erase_asked_at=timezone.now(),
        problem_code="left_without_key",
        next_attempt_at=None,
        external_id=f"refused-{organization.slug}",
    )


def _run_of_links(organization: Organization, admin: Membership, most: int = 30) -> None:
    """Give the first job a run with an item for each of some links: as many in each size, as people make it."""
    job = Job.objects.filter(organization=organization).order_by("id")[0]
    links = CodingLink.objects.filter(organization=organization, interview__isnull=False)
    links = links.select_related("interview").order_by("-id")[:most]
    run = LinkRun.objects.create(
        organization=organization, job=job, state="done", due_at=None, total=len(links), started_by=admin.user
    )
    _store(LinkRunItem(run=run, interview=link.interview, link=link) for link in links if link.interview)


def _connect_calendars(organization: Organization, admin: Membership) -> None:
    """Connect everybody's calendars, and one of an admin's own; with a check of each that failed."""
    for kind, owner in (("microsoft_365", None), ("ics_feed", admin)):
        connection = CalendarConnection.objects.create(
            organization=organization,
            membership=owner,
            kind=kind,
            state=CalendarConnection.State.CONNECTED,
            credentials="{}",
            account_id=organization.slug,
            connected_at=timezone.now(),
            checked_at=timezone.now(),
        )
        CalendarCheck.objects.create(
            organization=organization,
            membership=owner,
            kind=kind,
            asked_by=admin.user,
            state=CalendarCheck.State.FAILED,
        )
        MemberCalendar.objects.create(
            organization=organization, connection=connection, membership=admin, external_id="main", name="Work"
        )
