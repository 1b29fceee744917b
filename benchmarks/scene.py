"""Organizations, candidates and requests for a measurement, made through the product's own functions."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from benchmarks.stage import Stage
from benchmarks.waiting import queue_links
from integrations.models import Integration
from integrations.vendor_calls import call_with_key
from jobs import models as jobs
from organizations.models import Membership, Organization, User
from scheduling import coding_links
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule

AT_ONCE = 50


@dataclass
class Company:
    """One organization, its recruiter, and its key, whose rate limit is the vendor's."""

    name: str
    organization: Organization
    recruiter: User
    integration: Integration
    key_id: str
    plan: jobs.PlanInterview

    def schedule(self, number: int) -> Schedule:
        """Make a schedule of one interview in three days, of a new candidate, whose plan has a link by default."""
        candidate = Candidate.objects.create(
            organization=self.organization,
            name=f"Candidate {number}",
            email=f"candidate-{number}@{self.organization.slug}.example",
        )
        schedule = Schedule.objects.create(organization=self.organization, candidate=candidate)
        start = timezone.now() + timedelta(days=3)
        Interview.objects.create(
            organization=self.organization,
            schedule=schedule,
            plan_interview=self.plan,
            name="Coding",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )
        return schedule

    def interview(self, number: int) -> Interview:
        return Interview.objects.get(schedule=self.schedule(number))

    def click(self, interview: Interview) -> CodingLink:
        return coding_links.request_link(interview=interview, integration=self.integration, actor=self.recruiter)

    def ask_for_many(self, count: int) -> None:
        """Ask for `count` links by default, each with its schedule, as recruiters make them."""
        for start in range(0, count, AT_ONCE):
            with transaction.atomic():
                for number in range(start, min(start + AT_ONCE, count)):
                    coding_links.request_default_links(schedule=self.schedule(number), actor=self.recruiter)

    def queue_many(self, count: int) -> None:
        """Have `count` links wait that a plan asked for."""
        queue_links(self.integration, count, self.plan)

    def paused(self, yes: bool) -> None:
        """Pause work with this key, or resume it, as a refused key and its replacement do."""
        self.integration.state = Integration.State.PAUSED if yes else Integration.State.CONNECTED
        self.integration.save(update_fields=["state"])
        coding_links.on_integration_event("paused" if yes else "resumed", self.integration, None)

    def count(self, *states: LinkState) -> int:
        return CodingLink.objects.filter(organization=self.organization, state__in=states).count()

    def await_ready(self, count: int, timeout: float) -> bool:
        """Wait until so many are READY. False when that takes longer than `timeout` seconds."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self.count(LinkState.READY) >= count:
                return True
            time.sleep(0.5)
        return False


def company(stage: Stage, name: str, *, rate: float) -> Company:
    organization = Organization.objects.create(name=name, slug=name.lower())
    recruiter = User.objects.create_user(f"recruiter@{name.lower()}.example", secrets.token_urlsafe(), name="Recruiter")
    Membership.objects.create(organization=organization, user=recruiter, role=Membership.Role.RECRUITER)
    key = stage.sandbox.make_key(company=name)
    # As the product would know it: the hourly check pauses a key that turns out to be another company's.
    account = call_with_key("codesignal", key, lambda tool: tool.check_credentials())
    integration = Integration.objects.create(
        organization=organization,
        kind="codesignal",
        state=Integration.State.CONNECTED,
        api_key=key,
        key_last4=key[-4:],
        key_version=1,
        company_id=account.company_id,
        company_name=name,
        write_ceiling=rate,
        write_rate=rate,
        read_ceiling=rate,
        read_rate=rate,
    )
    return Company(name, organization, recruiter, integration, stage.sandbox.key_id(key), coding_plan(organization))


def coding_plan(organization: Organization) -> jobs.PlanInterview:
    """The one interview of the one stage of the one job."""
    job = jobs.Job.objects.create(organization=organization, title="Engineer")
    of_job = jobs.Stage.objects.create(organization=organization, job=job, name="Onsite")
    plan = jobs.InterviewPlan.objects.create(organization=organization, stage=of_job)
    return jobs.PlanInterview.objects.create(
        organization=organization, plan=plan, name="Coding", link_tool="codesignal"
    )
