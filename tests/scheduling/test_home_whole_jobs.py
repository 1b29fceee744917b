"""Home says once what a whole job has in common: links that many schedules lack, and a run that paused itself."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.models import Integration
from jobs.models import JobCoordinator
from organizations.models import Membership
from scheduling.coding_links import runs
from scheduling.models import CodingLink, LinkRun, LinkRunItem, LinkState
from tests.conftest import Team
from tests.scheduling.home_steps import page_of, section, words_of
from tests.scheduling.loops import connect, make_link
from tests.scheduling.test_link_runs import of_one_job

pytestmark = pytest.mark.django_db
NAMES = ("Ada", "Ben", "Cem", "Dua", "Eli")
TOGETHER = "5 interviews of “Job of Ada” have no CodeSignal link"
PAUSED = "Adding links to “Job of Ada” paused: many in a row failed"
HTMX = {"HX-Request": "true"}


def failing_run(team: Team, integration: Integration, number: int = 5) -> LinkRun:
    """A run that paused because all its links failed; as many of its interviews have no link yet."""
    names = NAMES[:number]
    job, schedules = of_one_job(team, *names, *(f"{name}lyn" for name in names))
    run, _is_new = runs.start(job=job, actor=team.admin.user)
    for schedule in schedules[:number]:
        interview = schedule.interviews.get()
        link = make_link(interview, integration, "failed", problem_code="gave_up", next_attempt_at=None)
        LinkRunItem.objects.create(run=run, interview=interview, link=link)
    assert runs.pause(run=run, actor=None, because=runs.FAILING)
    return run


def test_a_job_that_lacks_many_links_is_one_item(team: Team, as_recruiter: Client) -> None:
    connect(team)
    job, schedules = of_one_job(team, *NAMES)
    shown = section(page_of(as_recruiter, team))
    assert words_of(as_recruiter, team).count("no CodeSignal link") == 1
    assert TOGETHER in words_of(as_recruiter, team)
    assert f'href="{team.url(f"jobs/{job.pk}/links/")}"' in shown
    assert "Add links…" in shown
    # Few are named one by one, each with its own button.
    schedules[0].delete()
    words = words_of(as_recruiter, team)
    assert words.count("“Coding” has no CodeSignal link") == 4
    assert "Add links…" not in words


def test_links_that_somebody_removed_stay_apart(team: Team, as_recruiter: Client) -> None:
    """A run would leave them alone."""
    integration = connect(team)
    _job, schedules = of_one_job(team, *NAMES, "Fay")
    make_link(schedules[5].interviews.get(), integration, "cancelled")
    words = words_of(as_recruiter, team)
    assert TOGETHER in words
    assert words.count("“Coding” has no CodeSignal link") == 1


def test_where_the_tool_is_the_obstacle_the_item_leads_to_it(team: Team, as_admin: Client) -> None:
    of_one_job(team, *NAMES)
    shown = section(page_of(as_admin, team))
    assert TOGETHER in words_of(as_admin, team)
    assert "Add links…" not in shown
    assert shown.count("Connect CodeSignal") == 2  # once for the tool


def test_links_that_a_whole_job_waits_for_are_one_item(team: Team, as_recruiter: Client) -> None:
    integration = connect(team, state="paused", problem_code="key_rejected")
    _job, schedules = of_one_job(team, *NAMES)
    for schedule in schedules:
        make_link(schedule.interviews.get(), integration, "pending")
    words = words_of(as_recruiter, team)
    assert "5 interviews of “Job of Ada” are still waiting for their CodeSignal links" in words
    assert "“Coding” is still waiting" not in words


def test_a_run_that_paused_itself_is_one_item(team: Team, as_recruiter: Client) -> None:
    run = failing_run(team, connect(team))
    shown, words = section(page_of(as_recruiter, team)), words_of(as_recruiter, team)
    assert words.count(PAUSED) == 1
    assert "link for “Coding”" not in words  # nothing about each of its failures
    assert "no CodeSignal link" not in words
    assert f'href="{team.url(f"jobs/links/{run.pk}/")}"' in shown
    assert "Open the run" in words
    address, fields = team.url(f"jobs/links/{run.pk}/change/"), {"place": "home", "what": "resume"}
    answer = as_recruiter.post(address, fields, headers=HTMX)
    assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"]) == {"linksChanged": True, "notice": "Links are being added again."}
    assert LinkRun.objects.get().state == "running"
    words = words_of(as_recruiter, team)
    assert PAUSED not in words
    assert words.count("link for “Coding”") == 5
    # A second click, when the run is over.
    LinkRun.objects.update(state="done", due_at=None)
    answer = as_recruiter.post(address, fields, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["notice"] == "The run is not paused any more."


def test_it_stays_until_somebody_resumes(team: Team, as_recruiter: Client) -> None:
    """Also where all its links work again."""
    failing_run(team, connect(team))
    for pk in CodingLink.objects.values_list("pk", flat=True):
        made = {"external_id": f"x{pk}", "url": f"https://example.com/{pk}"}
        CodingLink.objects.filter(pk=pk).update(state=LinkState.READY, problem_code="", **made)
    words = words_of(as_recruiter, team)
    assert f"{PAUSED} Correct the cause, then resume." in words


def test_a_run_that_a_person_paused_is_not_trouble(team: Team, as_recruiter: Client) -> None:
    connect(team)
    job, _schedules = of_one_job(team, *NAMES)
    run, _is_new = runs.start(job=job, actor=team.admin.user)
    runs.pause(run=run, actor=team.admin.user)
    assert "paused" not in words_of(as_recruiter, team)


def test_readers_see_it_without_buttons_and_others_not_at_all(
    team: Team, other_team: Team, as_interviewer: Client
) -> None:
    run = failing_run(team, connect(team))
    reader = Client()
    Membership.objects.filter(pk=team.recruiter.pk).update(role="read_only")
    reader.force_login(team.recruiter.user)
    assert PAUSED in words_of(reader, team)
    assert "Resume" not in section(page_of(reader, team))
    Membership.objects.filter(pk=team.recruiter.pk).update(role="coordinator")
    assert PAUSED not in page_of(reader, team)
    JobCoordinator.objects.create(job=run.job, membership=team.recruiter)
    assert PAUSED in words_of(reader, team)
    assert "Resume" in section(page_of(reader, team))
    assert PAUSED not in page_of(as_interviewer, team)
    other = Client()
    other.force_login(other_team.admin.user)
    assert PAUSED not in page_of(other, other_team)


def test_home_asks_no_more_for_it(team: Team, as_recruiter: Client) -> None:
    integration = connect(team)
    page_of(as_recruiter, team)
    run = failing_run(team, integration, 2)
    with CaptureQueriesContext(connection) as asked:
        page_of(as_recruiter, team)
    LinkRun.objects.filter(pk=run.pk).update(paused_because="")
    with CaptureQueriesContext(connection) as before:
        page_of(as_recruiter, team)
    assert len(asked) == len(before) <= 12
