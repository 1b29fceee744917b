"""The pages of a job's runs: what they say before, during and after, to whom."""

from __future__ import annotations

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from integrations.models import Integration
from jobs.models import Job, JobCoordinator
from organizations.models import AuditEvent
from scheduling import coding_links
from scheduling.coding_links import runs
from scheduling.models import CodingLink, Interview, LinkRun, LinkRunItem, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.test_selected import loop

pytestmark = pytest.mark.django_db


def of_one_job(team: Team, *names: str) -> tuple[Job, list[Schedule]]:
    """Schedules of one interview each, all of the first one's job, whose plan asks for a link."""
    schedules = [loop(team, name) for name in names]
    for one in schedules:
        one.candidate.save()  # by which they are found
    job = schedules[0].job
    assert job is not None
    plan = schedules[0].interviews.get().plan_interview
    Schedule.objects.update(job=job)
    Interview.objects.update(plan_interview=plan)
    return job, schedules


def page(client: Client, team: Team, address: str) -> str:
    return " ".join(client.get(team.url(address)).content.decode().split())


def test_the_preview_says_how_many_how_long_and_why_others_are_skipped(team: Team, as_recruiter: Client) -> None:
    integration = connect(team, write_ceiling=0.025)
    job, schedules = of_one_job(team, "Ada", "Ben", "Cem")
    make_link(schedules[0].interviews.get(), integration, "ready")
    shown = page(as_recruiter, team, f"jobs/{job.pk}/links/")
    assert "2 interviews get a CodeSignal link." in shown
    assert "About 2 minutes at CodeSignal&#x27;s limit of 1.5 a minute." in shown
    assert "1 × Has a link already" in shown
    assert "Add 2 links" in shown
    assert "Runs so far" not in shown
    assert f'href="{team.url(f"jobs/{job.pk}/links/")}"' in page(as_recruiter, team, f"jobs/{job.pk}/")
    assert not LinkRun.objects.exists()


def test_where_nothing_can_be_added_the_next_step_is_said(team: Team, as_recruiter: Client) -> None:
    job, _schedules = of_one_job(team, "Ada")
    shown = page(as_recruiter, team, f"jobs/{job.pk}/links/")
    assert "No upcoming interview of this job lacks a link." in shown
    assert "1 × CodeSignal not connected" in shown
    assert "to connect it." in shown
    answer = as_recruiter.post(team.url(f"jobs/{job.pk}/links/"), follow=True)
    assert "No upcoming interview of this job lacks a link." in answer.content.decode()
    assert not LinkRun.objects.exists()


def test_a_run_is_found_again_by_whoever_comes_next(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    connect(team)
    job, _schedules = of_one_job(team, "Ada", "Ben")
    started = as_recruiter.post(team.url(f"jobs/{job.pk}/links/"))
    run = LinkRun.objects.get()
    assert started["Location"] == team.url(f"jobs/links/{run.pk}/")
    shown = page(as_admin, team, f"jobs/{job.pk}/links/")
    assert f"<bdi>{team.recruiter.user}</bdi> started it on" in shown
    assert "Add 2 links" not in shown
    assert f'href="{team.url(f"jobs/links/{run.pk}/")}"' in shown
    again = as_admin.post(team.url(f"jobs/{job.pk}/links/"), follow=True)
    assert "Links are being added to this job already." in again.content.decode()
    assert LinkRun.objects.count() == 1
    event = AuditEvent.objects.get(action="link_run.started")
    assert event.detail == {"job": job.title, "count": 2}
    assert event.actor == team.recruiter.user
    assert "Started adding 2 coding links to interviews of" in page(as_admin, team, "settings/security/")


def test_pause_resume_and_cancel(team: Team, as_recruiter: Client) -> None:
    connect(team)
    job, _schedules = of_one_job(team, "Ada", "Ben")
    run, _new = runs.start(job=job, actor=team.admin.user)
    address = f"jobs/links/{run.pk}/"

    def press(what: str) -> str:
        answer = as_recruiter.post(team.url(f"{address}change/"), {"what": what}, follow=True)
        return " ".join(answer.content.decode().split())

    assert "Pause run" in page(as_recruiter, team, address)
    assert "No more links are requested until someone resumes." in press("pause")
    assert "Resume run" in press("pause")  # a second click does no harm
    assert "Pause run" in press("resume")
    cancelled = press("cancel")
    assert "The links that were made stay. Nothing else is added." in cancelled
    assert "Not added: <strong>2</strong>" in cancelled
    assert "Cancel run" not in cancelled
    assert as_recruiter.post(team.url(f"{address}change/"), {"what": "stop"}).status_code == 404


def run_with_results(team: Team) -> tuple[LinkRun, list[Schedule]]:
    """A run that is over: one link ready, one refused, one interview skipped."""
    integration = connect(team)
    job, schedules = of_one_job(team, "Ada", "Ben", "Cem")
    run = LinkRun.objects.create(organization=team.organization, job=job, state="done", total=2, due_at=None)
    ready, failed, skipped = (one.interviews.get() for one in schedules)
    items = [
        LinkRunItem(run=run, interview=ready, link=make_link(ready, integration, "ready")),
        LinkRunItem(
            run=run,
            interview=failed,
            link=make_link(failed, integration, "failed", problem_code="gave_up", next_attempt_at=None),
        ),
        LinkRunItem(run=run, interview=skipped, skipped="no_template"),
    ]
    LinkRunItem.objects.bulk_create(items)
    return run, schedules


def names(shown: str) -> set[str]:
    """The candidates in a list of results."""
    return {name for name in ("Ada", "Ben", "Cem") if f"<bdi>{name}</bdi></a>" in shown}


def test_results_say_what_came_of_each_interview(team: Team, as_recruiter: Client) -> None:
    run, _schedules = run_with_results(team)
    shown = page(as_recruiter, team, f"jobs/links/{run.pk}/")
    assert "CodeSignal lost the request several times." in shown
    assert "Template no longer in CodeSignal" in shown
    assert shown.count('name="link"') == 1
    assert "Try 1 failed link again" in shown
    assert "2 of 2 links settled" in shown
    only = page(as_recruiter, team, f"jobs/links/{run.pk}/?result=failed")
    assert names(only) == {"Ben"}
    found = page(as_recruiter, team, f"jobs/links/{run.pk}/?q=ada")
    assert names(found) == {"Ada"}
    none = page(as_recruiter, team, f"jobs/links/{run.pk}/?q=nobody")
    assert "No interviews match the filter" in none


@pytest.mark.parametrize("one_by_one", [True, False])
def test_what_failed_is_tried_again(one_by_one: bool, team: Team, as_recruiter: Client) -> None:
    run, _schedules = run_with_results(team)
    failed = CodingLink.objects.get(state="failed")
    data = {"link": failed.pk} if one_by_one else {}
    answer = as_recruiter.post(team.url(f"jobs/links/{run.pk}/retry/?result=failed"), data)
    assert answer["Location"] == team.url(f"jobs/links/{run.pk}/") + "?result=failed"
    failed.refresh_from_db()
    assert failed.state == "pending"
    assert "Trying 1 link again." in page(as_recruiter, team, f"jobs/links/{run.pk}/")


def test_only_links_of_the_run_are_tried_again(team: Team, as_recruiter: Client) -> None:
    run, _schedules = run_with_results(team)
    other = loop(team, "Dee")
    failed = make_link(other.interviews.get(), Integration.objects.get(), "failed", next_attempt_at=None)
    for link in (failed.pk, "x", 10**8, ""):
        answer = as_recruiter.post(team.url(f"jobs/links/{run.pk}/retry/"), {"link": link})
        assert answer.status_code == 404
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_results_are_exported(team: Team, as_recruiter: Client) -> None:
    run, _schedules = run_with_results(team)
    response = as_recruiter.post(team.url(f"jobs/links/{run.pk}/export/?order=candidate"))
    assert isinstance(response, StreamingHttpResponse)
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ['"Candidate"', '"Ada"', '"Ben"', '"Cem"']
    assert lines[1].endswith('"Ready"')
    assert lines[2].endswith('"Action needed. CodeSignal lost the request several times"')
    assert lines[3].endswith('"Template no longer in CodeSignal"')
    assert AuditEvent.objects.get(action="link_run.exported").detail["count"] == 3


def test_the_part_says_when_it_is_over(team: Team, as_recruiter: Client) -> None:
    connect(team)
    job, _schedules = of_one_job(team, "Ada")
    run, _new = runs.start(job=job, actor=team.admin.user)
    address = team.url(f"jobs/links/{run.pk}/?part=progress")
    busy = as_recruiter.get(address, headers={"HX-Request": "true"})
    assert "data-busy" in busy.content.decode() and "HX-Trigger" not in busy
    LinkRun.objects.update(state="done", due_at=None)
    over = as_recruiter.get(address, headers={"HX-Request": "true"})
    assert "data-busy" not in over.content.decode() and "runEnded" in over["HX-Trigger"]


def test_coordinators_run_their_own_jobs_only(team: Team) -> None:
    connect(team)
    job, _schedules = of_one_job(team, "Ada")
    coordinator = team.add("coordinator")
    client = team.client(coordinator)
    assert client.get(team.url(f"jobs/{job.pk}/links/")).status_code == 404
    run, _new = runs.start(job=job, actor=team.admin.user)
    assert client.get(team.url(f"jobs/links/{run.pk}/")).status_code == 404
    assert client.post(team.url(f"jobs/links/{run.pk}/change/"), {"what": "cancel"}).status_code == 404
    JobCoordinator.objects.create(job=job, membership=coordinator)
    assert client.get(team.url(f"jobs/{job.pk}/links/")).status_code == 200
    assert client.get(team.url(f"jobs/links/{run.pk}/")).status_code == 200
    assert client.post(team.url(f"jobs/links/{run.pk}/export/")).status_code == 403  # files leave the house


def test_a_paused_tool_is_named_where_the_run_waits(team: Team, as_recruiter: Client) -> None:
    connect(team, state=Integration.State.PAUSED, problem_code="key_rejected", problem_since=timezone.now())
    job, _schedules = of_one_job(team, "Ada")
    run, _new = runs.start(job=job, actor=team.admin.user)
    coding_links.advance_link_run(run.pk)
    shown = page(as_recruiter, team, f"jobs/links/{run.pk}/")
    assert "CodeSignal is paused. Links go on once it works again." in shown
    assert "Waiting: <strong>1</strong>" in shown
