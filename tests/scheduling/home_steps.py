"""Steps of tests of the home page: schedules without any problem, and the words of its list."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from django.test import Client

from integrations.models import Integration
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import Interview, Schedule
from tests.conftest import Team
from tests.scheduling.loops import make_link, make_loop
from tests.scheduling.message_steps import assign, colleague, send
from tests.scheduling.test_communications import text_of

NOTHING = "Nothing needs your attention."
_number = count(1)


def good_loop(team: Team, *names: str, hours_ahead: float = 30, notified: bool = True) -> Schedule:
    """A loop without any problem: each interview has an address and an interviewer, and everybody was notified."""
    schedule = make_loop(team, *(names or ("Coding",)), hours_ahead=hours_ahead)
    for interview in schedule.interviews.order_by("position"):
        assign(interview, colleague(team, f"Person{next(_number)}"))
    if notified:
        send(schedule, team)
    return schedule


def with_tool(schedule: Schedule, tool: str = "codesignal") -> None:
    """Let the plan of all its interviews ask for a link."""
    organization = schedule.organization
    job = Job.objects.create(organization=organization, title="Engineer")
    stage = Stage.objects.create(organization=organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=organization, stage=stage)
    for interview in schedule.interviews.order_by("position"):
        interview.plan_interview = PlanInterview.objects.create(
            organization=organization, plan=plan, name=interview.name, link_tool=tool
        )
        interview.save()
    Schedule.objects.filter(pk=schedule.pk).update(job=job, stage=stage)


def linked_loop(team: Team, integration: Integration, *names: str, hours_ahead: float = 30) -> Schedule:
    """A good one whose plan asks for links, which are there."""
    schedule = good_loop(team, *names, hours_ahead=hours_ahead, notified=False)
    with_tool(schedule)
    for interview in schedule.interviews.order_by("position"):
        make_link(interview, integration, "ready", expires_at=interview.ends_at + timedelta(days=2))
    send(schedule, team)
    return schedule


def page_of(client: Client, team: Team, query: str = "") -> str:
    response = client.get(team.url("home/") + query)
    assert response.status_code == 200
    return response.content.decode()


def section(page: str) -> str:
    """The list's part of the page, as HTML."""
    start = page.rindex("<section", 0, page.index('id="attention"'))
    return page[start : page.index("</section>", start)]


def words_of(client: Client, team: Team, query: str = "") -> str:
    """The words of the list."""
    return text_of(section(page_of(client, team, query)))


def shift(interview: Interview, **by: float) -> None:
    interview.starts_at += timedelta(**by)
    interview.ends_at += timedelta(**by)
    interview.save()
    schedule = interview.schedule
    schedule.first_starts_at, schedule.last_ends_at = interview.starts_at, interview.ends_at
    schedule.save()
