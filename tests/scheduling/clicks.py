"""Clicks in the CodeSignal dialog, for its tests."""

from __future__ import annotations

from django.test import Client

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import CodingLink, Interview, Schedule
from tests.conftest import Team


def dialog(client: Client, team: Team, schedule: Schedule) -> str:
    return client.get(team.url(f"schedules/{schedule.pk}/links/codesignal/")).content.decode()


def add(client: Client, team: Team, interview: Interview, **data: str) -> tuple[int, str]:
    answer = client.post(team.url(f"interviews/{interview.pk}/links/codesignal/add/"), data)
    return answer.status_code, answer.content.decode()


def click(client: Client, team: Team, link: CodingLink, button: str, **data: str) -> tuple[int, str]:
    answer = client.post(team.url(f"links/{link.pk}/{button}/"), data)
    return answer.status_code, answer.content.decode()


def plan_of(interview: Interview, **fields: object) -> PlanInterview:
    """Give an interview the plan interview that it came from."""
    organization = interview.organization
    job = Job.objects.create(organization=organization, title="Engineer")
    stage = Stage.objects.create(organization=organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=organization, stage=stage)
    made = PlanInterview.objects.create(organization=organization, plan=plan, name=interview.name, **fields)
    Interview.objects.filter(pk=interview.pk).update(plan_interview=made)
    return made
