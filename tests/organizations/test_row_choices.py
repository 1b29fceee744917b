"""Rows to choose from: a menu while they are few, and a search where they are many."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from jobs.models import Job, Stage
from organizations.models import Membership, User
from organizations.row_choices import MOST_OPTIONS, SHOWN
from scheduling.models import Candidate
from tests.conftest import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def many_jobs(team: Team) -> list[Job]:
    """More jobs than a menu lists, each with a stage."""
    jobs = [
        Job.objects.create(organization=team.organization, title=f"Engineer {number:03}")
        for number in range(MOST_OPTIONS + 20)
    ]
    for job in jobs:
        Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    return jobs


def address(team: Team, name: str) -> str:
    return reverse(name, kwargs={"organization": team.slug})


def names(client: Client, page: str, **query: str) -> list[str]:
    """The names that a search answers with."""
    answer = client.get(page, query)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return re.findall(r"<bdi>(.*?)</bdi>", answer.text)


def test_few_rows_are_a_menu(team: Team, as_admin: Client) -> None:
    Job.objects.create(organization=team.organization, title="Engineer")
    page = as_admin.get(address(team, "candidates")).text
    assert re.search(r'<select name="job"', page)
    assert "?options=job" not in page


@pytest.mark.parametrize("page", ["schedules", "candidates", "calendar", "schedule-new", "candidate-new"])
def test_many_rows_are_searched_for(page: str, team: Team, as_admin: Client, many_jobs: list[Job]) -> None:
    text = as_admin.get(address(team, page)).text
    assert "options=job" in text
    assert text.count("<option") < MOST_OPTIONS
    asked = address(team, page)
    assert names(as_admin, asked, options="job", q="engineer 065") == ["Engineer 065"]
    assert len(names(as_admin, asked, options="job")) == SHOWN
    assert "There are more" in as_admin.get(asked, {"options": "job"}).text
    assert "Nothing matches “zzzz”" in as_admin.get(asked, {"options": "job", "q": "zzzz"}).text


def test_the_chosen_row_is_shown_and_counts_wherever_it_stands(
    team: Team, as_admin: Client, many_jobs: list[Job]
) -> None:
    job = many_jobs[-1]
    for name, chosen in (("Ada", job), ("Ben", many_jobs[0])):
        Candidate.objects.create(organization=team.organization, name=name, job=chosen)
    text = as_admin.get(address(team, "candidates"), {"job": job.pk}).text
    assert re.search(rf'name="job"\s+value="{job.pk}"', text)
    assert f'value="{job.title}"' in text
    assert "Ada" in text
    assert "Ben" not in text


def test_a_candidate_gets_a_job_and_a_stage_that_were_searched_for(
    team: Team, as_admin: Client, many_jobs: list[Job]
) -> None:
    stage = many_jobs[-1].stages.get()
    page = address(team, "candidate-new")
    assert names(as_admin, page, options="stage", q="069") == [f"{stage.job.title}: Onsite"]
    fields = {"name": "Ada", "time_zone": "Europe/Berlin", "job": stage.job_id, "stage": stage.pk}
    assert as_admin.post(page, fields).status_code in {204, 302}
    person = Candidate.objects.get(name="Ada")
    assert (person.job_id, person.stage_id) == (stage.job_id, stage.pk)
    edit = as_admin.get(reverse("candidate-edit", kwargs={"organization": team.slug, "pk": person.pk})).text
    assert f'value="{stage.job.title}: Onsite"' in edit
    assert as_admin.post(page, fields | {"name": "Ben", "job": "999999"}).status_code == 422


def test_a_closed_job_is_no_choice_for_a_new_schedule(team: Team, as_admin: Client, many_jobs: list[Job]) -> None:
    Job.objects.filter(pk=many_jobs[0].pk).update(state=Job.State.CLOSED)
    assert names(as_admin, address(team, "schedule-new"), options="job", q="engineer 000") == []
    assert names(as_admin, address(team, "schedules"), options="job", q="engineer 000") == ["Engineer 000"]


def test_people_of_the_audit_log_are_searched_for(team: Team, as_admin: Client) -> None:
    for number in range(MOST_OPTIONS):
        user = User.objects.create_user(f"p{number}@example.com", name=f"Person {number:02}")
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")
    page = address(team, "settings-security")
    assert "options=person" in as_admin.get(page).text
    assert names(as_admin, page, options="person", q="person 42") == ["Person 42 (Interviewer)"]
    assert team.client(team.interviewer).get(page, {"options": "person"}).status_code == 403


def test_a_search_finds_nothing_of_another_organization(
    team: Team, other_team: Team, as_admin: Client, many_jobs: list[Job]
) -> None:
    Job.objects.create(organization=other_team.organization, title="Elsewhere")
    for page in ("schedules", "candidates", "calendar", "schedule-new", "candidate-new"):
        assert names(as_admin, address(team, page), options="job", q="elsewhere") == []


def test_an_unknown_field_is_the_page_itself(team: Team, as_admin: Client) -> None:
    for wanted in ("order", "nothing", ""):
        assert "<html" in as_admin.get(address(team, "candidates"), {"options": wanted}).text
