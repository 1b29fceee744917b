"""Jobs in the Django admin."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent, User
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.jobs.rows import make_interview, make_job, make_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    return client


@pytest.mark.parametrize("model", ["job", "stage", "interviewplan", "planinterview"])
def test_superusers_find_and_open_every_row(superuser: Client, team: Team, model: str) -> None:
    interview = make_interview(team)
    stage = interview.plan.stage
    pks = {"job": stage.job_id, "stage": stage.pk, "interviewplan": interview.plan_id, "planinterview": interview.pk}
    page = superuser.get(f"/admin/jobs/{model}/", {"q": "e"}).content.decode()
    assert f"/admin/jobs/{model}/{pks[model]}/change/" in page
    assert superuser.get(f"/admin/jobs/{model}/{pks[model]}/change/").status_code == 200


@pytest.mark.parametrize("model", ["job", "stage", "interviewplan", "planinterview"])
def test_nothing_is_edited_around_the_services(superuser: Client, team: Team, model: str) -> None:
    interview = make_interview(team)
    stage = interview.plan.stage
    pks = {"job": stage.job_id, "stage": stage.pk, "interviewplan": interview.plan_id, "planinterview": interview.pk}
    before = [list(each.objects.values()) for each in (Job, Stage, InterviewPlan, PlanInterview)]
    sent = {"title": "Other", "name": "Other", "state": "closed", "minutes": 5, "position": 9}
    assert superuser.post(f"/admin/jobs/{model}/{pks[model]}/change/", sent).status_code == 403
    assert superuser.get(f"/admin/jobs/{model}/add/").status_code == 403
    if model != "job":
        assert superuser.post(f"/admin/jobs/{model}/{pks[model]}/delete/", {"post": "yes"}).status_code == 403
    assert [list(each.objects.values()) for each in (Job, Stage, InterviewPlan, PlanInterview)] == before
    assert not AuditEvent.objects.exists()


def test_a_jobs_page_lists_its_stages_and_a_stages_page_its_interviews(superuser: Client, team: Team) -> None:
    stage = make_stage(make_job(team), "On site", interviews=["Coding"])
    assert (
        f"/admin/jobs/stage/{stage.pk}/change/"
        in superuser.get(f"/admin/jobs/job/{stage.job_id}/change/").content.decode()
    )
    interview = stage.plan.interviews.get()
    for page in (f"stage/{stage.pk}", f"interviewplan/{stage.plan.pk}"):
        shown = superuser.get(f"/admin/jobs/{page}/change/").content.decode()
        assert f"/admin/jobs/planinterview/{interview.pk}/change/" in shown


def test_a_job_is_closed_and_reopened_by_its_service(superuser: Client, team: Team) -> None:
    job = make_job(team)
    for action, state in (("close", "closed"), ("reopen", "open")):
        sent = {"action": action, "_selected_action": [job.pk]}
        assert superuser.post("/admin/jobs/job/", sent).status_code == 302
        job.refresh_from_db()
        assert job.state == state
    events = AuditEvent.objects.order_by("id")
    assert [(event.action, event.actor and event.actor.email) for event in events] == [
        ("job.closed", "root@example.com"),
        ("job.reopened", "root@example.com"),
    ]


def test_a_job_is_deleted_by_its_service_and_only_without_schedules(superuser: Client, team: Team) -> None:
    job, used = make_job(team), make_job(team, "Used")
    candidate = Candidate.objects.create(organization=team.organization, name="Ada")
    Schedule.objects.create(organization=team.organization, candidate=candidate, job=used)
    asked = superuser.get(f"/admin/jobs/job/{job.pk}/delete/").content.decode()
    assert "Its stages and interview plans are deleted, too." in asked.replace("&#x27;", "'")
    superuser.post(f"/admin/jobs/job/{job.pk}/delete/", {"post": "yes"})
    refused = superuser.post(f"/admin/jobs/job/{used.pk}/delete/", {"post": "yes"}).content.decode()
    assert "has schedules, so it can only be closed." in refused
    assert list(Job.objects.all()) == [used]
    assert [event.action for event in AuditEvent.objects.all()] == ["job.deleted"]
