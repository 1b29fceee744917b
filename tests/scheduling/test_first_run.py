"""The checklist on Home: which steps there are, for whom, and that what exists decides what is done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import Integration
from jobs.models import Job, PlanInterview
from organizations.models import Organization
from scheduling.models import Candidate, CodingLink, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import good_loop, linked_loop, page_of, with_tool
from tests.scheduling.loops import connect, make_link
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db
HEAD = "Get started"
BUTTON = re.compile(r'id="(first-(?:try|connect|plan-|candidate-add|schedule-new|invite|mail(?=")|hide)[\w-]*)"')


def checklist(client: Client, team: Team) -> str:
    """The checklist's part of Home, as HTML; empty without one."""
    page = page_of(client, team)
    if HEAD not in page:
        return ""
    start = page.rindex("<section", 0, page.index(HEAD))
    return page[start : page.index("</section>", start)]


def offered(client: Client, team: Team) -> set[str]:
    """The ids of the buttons that the reader has."""
    return set(BUTTON.findall(checklist(client, team)))


def test_a_new_organization_is_led_through_its_first_steps(team: Team, as_admin: Client) -> None:
    words = text_of(checklist(as_admin, team))
    assert "Get started 1 of 6 done" in words  # the team has members
    for step in ("Connect a coding tool", "Create an interview plan", "Add a candidate", "Schedule the interviews"):
        assert step in words
    assert "Needs a plan and a candidate first." in words
    buttons = {"first-connect-codesignal", "first-plan-screen", "first-plan-loop", "first-plan-data"}
    assert offered(as_admin, team) == buttons | {"first-candidate-add", "first-mail", "first-hide"}
    assert "Next:" not in page_of(as_admin, team)


def test_whoever_cant_do_a_step_reads_whom_to_ask(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_read_only: Client
) -> None:
    words = text_of(checklist(as_recruiter, team))
    assert "Ask Admin Acme to connect it." in words and "0 of 4 done" in words
    buttons = {"first-plan-screen", "first-plan-loop", "first-plan-data", "first-candidate-add"}
    assert offered(as_recruiter, team) == buttons
    assert not checklist(as_interviewer, team)
    assert not checklist(as_read_only, team)
    coordinator = team.client(team.add("coordinator"))
    assert not checklist(coordinator, team)


def test_a_plan_from_a_template_has_its_coding_links_on(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    address = team.url("jobs/templates/loop/")
    on_home = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{team.url('home/')}"}
    answer = as_recruiter.post(address, headers=on_home)
    assert answer.status_code == 204 and "homeChanged" in answer["HX-Trigger"]
    assert Job.objects.get().title == "Software Engineer"
    tools = list(PlanInterview.objects.order_by("position").values_list("link_tool", flat=True))
    assert tools == ["codesignal", "codesignal", "", ""]
    assert as_recruiter.post(team.url("jobs/templates/poetry/")).status_code == 404
    assert as_interviewer.post(address).status_code == 403
    assert as_outsider.post(address).status_code == 404
    # From any other place it leads to the job.
    assert as_recruiter.post(address)["Location"].startswith(team.url("jobs/"))


def test_the_schedule_begins_with_the_newest_candidate_and_plan(team: Team, as_recruiter: Client) -> None:
    as_recruiter.post(team.url("jobs/templates/screen/"))
    candidate = Candidate.objects.create(organization=team.organization, name="Ada", email="ada@example.org")
    job = Job.objects.get()
    stage = job.stages.get()
    address = team.url("schedules/new/") + f"?candidate={candidate.pk}&amp;job={job.pk}&amp;stage={stage.pk}"
    assert address.replace("&amp;", "&") in checklist(as_recruiter, team).replace("&amp;", "&")
    assert "first-schedule-new" in offered(as_recruiter, team)


def test_it_is_gone_once_everything_is_done(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    linked_loop(team, connect(team))
    assert not checklist(as_recruiter, team)
    assert not checklist(as_admin, team)  # a message was sent, so mail works


def test_an_admin_hides_it_for_everybody_and_brings_it_back(
    team: Team, as_admin: Client, as_recruiter: Client, as_outsider: Client
) -> None:
    address = team.url("settings/checklist/")
    assert as_recruiter.post(address).status_code == 403
    assert as_outsider.post(address).status_code == 404
    assert "Show checklist on Home" not in as_admin.get(team.url("settings/")).content.decode()
    assert as_admin.post(address, headers={"HX-Request": "true"}).status_code == 204
    assert not checklist(as_admin, team) and not checklist(as_recruiter, team)
    # As before there was one, a line says what comes next.
    assert "Next: create a job with its interview plan." in page_of(as_recruiter, team)
    assert "Show checklist on Home" in as_admin.get(team.url("settings/")).content.decode()
    assert as_admin.post(address, {"show": "on"})["Location"] == team.url("settings/")
    assert checklist(as_admin, team) and checklist(as_recruiter, team)


def test_another_organizations_steps_count_for_nobody_else(team: Team, other_team: Team, as_outsider: Client) -> None:
    good_loop(team)
    Organization.objects.filter(pk=team.organization.pk).update(test_mail="sent")
    assert "1 of 6 done" in text_of(checklist(as_outsider, other_team))


@pytest.mark.parametrize("state", [Integration.State.CONNECTED, Integration.State.PAUSED])
def test_a_young_organization_with_schedules_asks_no_more_than_any_page(
    team: Team, as_admin: Client, state: str, django_assert_max_num_queries: Any
) -> None:
    """Nobody was told yet, so that the schedules to come don't show whether the first steps are done."""
    integration = connect(team, state=state, problem_code="key_rejected" if state == Integration.State.PAUSED else "")
    for name in ("Coding", "Design"):
        schedule = good_loop(team, name, notified=False)
        with_tool(schedule)
        make_link(schedule.interviews.get(), integration, "failed", problem_code="refused")
    assert HEAD in page_of(as_admin, team)
    with django_assert_max_num_queries(12):
        page_of(as_admin, team)


def test_one_that_has_taken_all_steps_asks_no_more_either(
    team: Team, as_admin: Client, django_assert_max_num_queries: Any
) -> None:
    """The interviews that show it are over; the schedule to come was told to nobody yet."""
    past = linked_loop(team, integration := connect(team), "Coding")
    past.interviews.update(starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now() - timedelta(days=8))
    Schedule.objects.update(last_ends_at=timezone.now() - timedelta(days=8))
    schedule = good_loop(team, "Design", notified=False)
    make_link(schedule.interviews.get(), integration, "failed", problem_code="refused")
    assert HEAD not in page_of(as_admin, team)
    with django_assert_max_num_queries(12):
        page_of(as_admin, team)


def test_the_checklist_hides_no_deletion_that_waits_for_somebody(team: Team, as_admin: Client) -> None:
    link = make_link(good_loop(team, notified=False).interviews.get(), connect(team), "ready")
    assert "couldn't be deleted" not in text_of(page_of(as_admin, team))
    CodingLink.objects.filter(pk=link.pk).update(
        state="cancelling", erase_asked_at=timezone.now(), next_attempt_at=None, problem_code="refused"
    )
    page = text_of(page_of(as_admin, team))
    assert HEAD in page
    assert "1 coding interview couldn't be deleted in CodeSignal" in page
