"""The list of jobs, and making, editing, closing and deleting one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from jobs.models import Job
from organizations.models import AuditEvent
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.jobs.rows import HTMX, close, make_job, make_stage

pytestmark = pytest.mark.django_db


def titles(client: Client, team: Team, **query: Any) -> list[str]:
    return [job.title for job in client.get(team.url("jobs/"), query).context["page"]]


def test_no_jobs_yet_shows_the_next_step(as_recruiter: Client, team: Team) -> None:
    page = as_recruiter.get(team.url("jobs/")).content.decode()
    assert "No jobs yet" in page
    assert "Create first job" in page


def test_search_looks_at_title_and_location(as_recruiter: Client, team: Team) -> None:
    make_job(team, "Backend Engineer", location="Berlin")
    make_job(team, "Designer", location="Lagos")
    assert titles(as_recruiter, team, q="backEND") == ["Backend Engineer"]
    assert titles(as_recruiter, team, q="lag") == ["Designer"]


def test_a_search_without_a_hit_leads_back_to_all(as_recruiter: Client, team: Team) -> None:
    make_job(team)
    page = as_recruiter.get(team.url("jobs/"), {"q": "zzz"}).content.decode()
    assert "No jobs match" in page
    assert "Clear filter" in page


def test_the_state_filters(as_recruiter: Client, team: Team) -> None:
    make_job(team, "Open one")
    close(make_job(team, "Closed one"), team)
    assert titles(as_recruiter, team) == ["Closed one", "Open one"]
    assert titles(as_recruiter, team, state="open") == ["Open one"]
    assert titles(as_recruiter, team, state="closed") == ["Closed one"]
    assert titles(as_recruiter, team, state="nonsense") == ["Closed one", "Open one"]


def test_orders(as_recruiter: Client, team: Team) -> None:
    busy, fresh = make_job(team, "B"), make_job(team, "A")
    candidate = Candidate.objects.create(organization=team.organization, name="Ada")
    for _time in range(2):
        Schedule.objects.create(organization=team.organization, candidate=candidate, job=busy)
    make_stage(busy)
    make_stage(busy)
    assert titles(as_recruiter, team) == ["A", "B"]
    assert titles(as_recruiter, team, order="-schedules") == ["B", "A"]
    assert titles(as_recruiter, team, order="-added") == [fresh.title, busy.title]
    shown = as_recruiter.get(team.url("jobs/"), {"order": "-schedules"}).context["page"][0]
    assert (shown.stage_total, shown.schedule_total) == (2, 2)


def test_two_hundred_jobs_come_fifty_at_a_time(as_recruiter: Client, team: Team) -> None:
    for number in range(201):
        make_job(team, f"Job {number:03}")
    assert len(titles(as_recruiter, team)) == 50
    assert titles(as_recruiter, team, page=5) == ["Job 200"]
    assert titles(as_recruiter, team, page="far") == titles(as_recruiter, team, page=1)
    page = as_recruiter.get(team.url("jobs/"), {"q": "job", "page": "2"}).content.decode()
    assert "51 to 100 of 201" in page
    assert "?q=job&amp;page=3" in page


def test_the_list_asks_as_often_for_many_jobs_as_for_few(
    as_recruiter: Client, team: Team, django_assert_max_num_queries: object
) -> None:
    for size in (1, 40):
        for number in range(size):
            make_stage(make_job(team, f"Job {size}-{number}"), interviews=["Coding"])
        with django_assert_max_num_queries(7):  # type: ignore[operator]
            as_recruiter.get(team.url("jobs/"))


def test_a_new_job_leads_to_its_page(as_recruiter: Client, team: Team) -> None:
    response = as_recruiter.post(team.url("jobs/new/"), {"title": " Data Scientist ", "location": "Remote"})
    job = Job.objects.get()
    assert (job.title, job.location, job.state) == ("Data Scientist", "Remote", "open")
    assert response["Location"] == team.url(f"jobs/{job.pk}/")
    assert "No stages yet" in as_recruiter.get(response["Location"]).content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject_id) == ("job.created", team.recruiter.user, job.pk)


def test_in_a_dialog_a_new_job_leads_there_too(as_recruiter: Client, team: Team) -> None:
    response = as_recruiter.post(team.url("jobs/new/"), {"title": "Designer"}, **HTMX)
    assert response["HX-Redirect"] == team.url(f"jobs/{Job.objects.get().pk}/")


@pytest.mark.parametrize("htmx", [False, True])
def test_a_job_without_a_title_keeps_what_was_typed(as_recruiter: Client, team: Team, htmx: bool) -> None:
    sent = {"title": " ", "location": "São Paulo"}
    response = as_recruiter.post(team.url("jobs/new/"), sent, **(HTMX if htmx else {}))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter a title" in page
    assert 'value="São Paulo"' in page
    assert ("<html" in page) is not htmx
    assert response.get("HX-Retarget") == ("#dialog-content" if htmx else None)
    assert not Job.objects.exists()


def test_editing_writes_what_changed_to_the_audit_trail(as_recruiter: Client, team: Team) -> None:
    job = make_job(team, "Designer", location="Lagos")
    as_recruiter.post(team.url(f"jobs/{job.pk}/edit/"), {"title": "Designer", "location": "Remote"})
    job.refresh_from_db()
    assert job.location == "Remote"
    assert AuditEvent.objects.get().detail["changes"] == {"location": "Remote"}
    as_recruiter.post(team.url(f"jobs/{job.pk}/edit/"), {"title": "Designer", "location": "Remote"})
    assert AuditEvent.objects.count() == 1


def test_a_title_too_long_is_said_and_nothing_saved(as_recruiter: Client, team: Team) -> None:
    job = make_job(team, "Designer")
    response = as_recruiter.post(team.url(f"jobs/{job.pk}/edit/"), {"title": "x" * 201})
    assert response.status_code == 422
    assert "x" * 201 in response.content.decode()
    job.refresh_from_db()
    assert job.title == "Designer"


def test_closing_and_reopening(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    as_recruiter.post(team.url(f"jobs/{job.pk}/state/"), {"state": "closed"})
    assert "Reopen job" in as_recruiter.get(team.url(f"jobs/{job.pk}/")).content.decode()
    as_recruiter.post(team.url(f"jobs/{job.pk}/state/"), {"state": "open"})
    job.refresh_from_db()
    assert job.state == Job.State.OPEN
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["job.closed", "job.reopened"]


def test_deleting_says_what_stays_and_leads_to_the_list(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    make_stage(job, interviews=["Coding"])
    candidate = Candidate.objects.create(organization=team.organization, name="Ada", job=job)
    assert "1 candidate stays, without a job." in as_recruiter.get(team.url(f"jobs/{job.pk}/delete/")).content.decode()
    response = as_recruiter.post(team.url(f"jobs/{job.pk}/delete/"))
    assert response["Location"] == team.url("jobs/")
    assert not Job.objects.exists()
    candidate.refresh_from_db()
    assert candidate.job is None
    assert AuditEvent.objects.get().action == "job.deleted"


def test_a_job_with_schedules_can_only_be_closed(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    candidate = Candidate.objects.create(organization=team.organization, name="Ada")
    Schedule.objects.create(organization=team.organization, candidate=candidate, job=job)
    for response in (
        as_recruiter.get(team.url(f"jobs/{job.pk}/delete/")),
        as_recruiter.post(team.url(f"jobs/{job.pk}/delete/")),
    ):
        page = response.content.decode()
        assert "This job has 1 schedule" in page
        assert 'name="state"' in page
        assert team.url(f"jobs/{job.pk}/state/") in page
    assert Job.objects.filter(pk=job.pk).exists()
    assert not AuditEvent.objects.exists()


def test_a_notice_in_another_script_survives_the_header(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    response = as_recruiter.post(team.url(f"jobs/{job.pk}/stages/new/"), {"name": "技術面接"}, **HTMX)
    assert "技術面接" in json.loads(response["HX-Trigger"])["notice"]
    assert response["HX-Trigger"].isascii()
