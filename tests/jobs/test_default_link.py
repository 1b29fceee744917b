"""The "</>" button: the coding link by default, its template and lock."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations.models import Integration
from jobs.models import PlanInterview
from organizations.models import AuditEvent
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule
from tests.conftest import Team
from tests.jobs.rows import HTMX, connect, make_interview

pytestmark = pytest.mark.django_db


def button(page: str) -> str:
    """The switch as it stands in a page's HTML."""
    found = re.search(r'<button[^>]*aria-label="Generate a CodeSignal link by default"[^>]*>', page)
    assert found is not None
    return found.group()


def press(client: Client, team: Team, interview: PlanInterview, wanted: str, **headers: Any) -> str:
    url = team.url(f"jobs/interviews/{interview.pk}/default-link/")
    return client.post(url, {"default": wanted}, **headers).content.decode()


def test_pressing_switches_at_once_and_writes_it_down(as_recruiter: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team)
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert 'aria-pressed="false"' in button(page)
    answer = press(as_recruiter, team, interview, "on", **HTMX)
    assert 'aria-pressed="true"' in button(answer)
    assert answer.lstrip().startswith("<li")
    interview.refresh_from_db()
    assert interview.link_tool == "codesignal"
    press(as_recruiter, team, interview, "off")
    interview.refresh_from_db()
    assert interview.link_tool == ""
    actions = AuditEvent.objects.order_by("id").values_list("action", "actor", "subject_id")
    assert list(actions) == [
        ("plan_interview.link_switched_on", team.recruiter.user.pk, interview.pk),
        ("plan_interview.link_switched_off", team.recruiter.user.pk, interview.pk),
    ]


def test_two_who_press_on_do_not_switch_it_off_again(as_recruiter: Client, as_admin: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team)
    press(as_recruiter, team, interview, "on")
    press(as_admin, team, interview, "on")
    interview.refresh_from_db()
    assert interview.link_tool == "codesignal"
    assert AuditEvent.objects.count() == 1


def test_without_scripts_it_leads_back_to_its_place(as_recruiter: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team)
    response = as_recruiter.post(team.url(f"jobs/interviews/{interview.pk}/default-link/"), {"default": "on"})
    job = interview.plan.stage.job_id
    assert response["Location"] == team.url(f"jobs/{job}/") + f"#plan-interview-{interview.pk}"


def test_switching_off_touches_no_link_already_made(as_recruiter: Client, team: Team) -> None:
    integration = connect(team)
    planned = make_interview(team, link_tool="codesignal")
    candidate = Candidate.objects.create(organization=team.organization, name="Ada", email="ada@example.com")
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate)
    start = timezone.now() + timedelta(days=1)
    interview = Interview.objects.create(
        organization=team.organization,
        schedule=schedule,
        plan_interview=planned,
        name="Coding",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    link = CodingLink.objects.create(
        organization=team.organization, interview=interview, integration=integration, state=LinkState.PENDING
    )
    before = CodingLink.objects.filter(pk=link.pk).values().get()
    press(as_recruiter, team, planned, "off")
    assert CodingLink.objects.filter(pk=link.pk).values().get() == before
    assert CodingLink.objects.count() == 1


@pytest.mark.parametrize("state", [None, Integration.State.DISCONNECTED])
def test_with_nothing_connected_a_recruiter_learns_who_can_connect(
    as_recruiter: Client, team: Team, state: str | None
) -> None:
    if state:
        connect(team, state=state)
    interview = make_interview(team)
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert 'aria-pressed="false"' in button(page)
    assert f'hx-get="{team.url(f"jobs/interviews/{interview.pk}/default-link/")}"' in page
    response = as_recruiter.get(team.url(f"jobs/interviews/{interview.pk}/default-link/"), **HTMX)
    answer = response.content.decode()
    assert response["HX-Retarget"] == "#dialog-content"
    assert "CodeSignal is not connected" in answer
    assert team.admin.user.name in answer
    assert "API key" not in answer
    assert "settings/" not in answer


def test_with_nothing_connected_pressing_changes_nothing_and_says_why(as_recruiter: Client, team: Team) -> None:
    interview = make_interview(team)
    response = as_recruiter.post(team.url(f"jobs/interviews/{interview.pk}/default-link/"), {"default": "on"})
    assert response.status_code == 422
    assert "CodeSignal is not connected" in response.content.decode()
    interview.refresh_from_db()
    assert interview.link_tool == ""
    assert not AuditEvent.objects.exists()


def test_an_admin_is_told_that_it_is_theirs_to_connect(as_admin: Client, team: Team) -> None:
    interview = make_interview(team)
    page = as_admin.get(team.url(f"jobs/interviews/{interview.pk}/default-link/")).content.decode()
    assert "You can connect it in the settings" in page
    assert f'href="{team.url("settings/integrations/")}"' in page


def test_a_default_left_on_can_be_switched_off_without_a_connection(as_recruiter: Client, team: Team) -> None:
    interview = make_interview(team, link_tool="codesignal")
    answer = as_recruiter.get(team.url(f"jobs/interviews/{interview.pk}/default-link/"), **HTMX).content.decode()
    assert "Switch default off" in answer
    press(as_recruiter, team, interview, "off")
    interview.refresh_from_db()
    assert interview.link_tool == ""


def test_a_paused_connection_can_be_switched_with_a_hint(as_recruiter: Client, team: Team) -> None:
    connect(team, state=Integration.State.PAUSED)
    interview = make_interview(team)
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert "You can change defaults as usual. Links are generated once it works again." in page
    url = team.url(f"jobs/interviews/{interview.pk}/default-link/")
    response = as_recruiter.post(url, {"default": "on"}, **HTMX)
    assert "once CodeSignal works again" in json.loads(response["HX-Trigger"])["notice"]
    interview.refresh_from_db()
    assert interview.link_tool == "codesignal"


def menu(client: Client, team: Team, interview: PlanInterview, **query: str) -> str:
    url = team.url(f"jobs/interviews/{interview.pk}/template/")
    return client.get(url, query, **HTMX).content.decode()


def choose(client: Client, team: Team, interview: PlanInterview, **sent: str) -> int:
    url = team.url(f"jobs/interviews/{interview.pk}/template/")
    status = client.post(url, sent, **HTMX).status_code
    interview.refresh_from_db()
    return int(status)


def test_the_menu_starts_with_no_template(as_recruiter: Client, team: Team) -> None:
    connect(team, templates_fetched_at=timezone.now())
    page = menu(as_recruiter, team, make_interview(team))
    places = [page.index(name) for name in ("No template", "Graphs", "Arrays", "default in CodeSignal")]
    assert places == sorted(places)
    assert 'type="search"' not in page
    assert "Choose a template to lock it." in page


def test_choosing_locking_and_choosing_none(as_recruiter: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team)
    assert choose(as_recruiter, team, interview, template="t1") == 200
    assert (interview.template_id, interview.template_name, interview.link_tool) == ("t1", "Graphs", "")
    choose(as_recruiter, team, interview, locked="1")
    assert interview.template_locked
    assert 'aria-pressed="true"' in menu(as_recruiter, team, interview)
    choose(as_recruiter, team, interview, template="t2")
    assert (interview.template_id, interview.template_locked) == ("t2", True)
    choose(as_recruiter, team, interview, template="")
    assert (interview.template_id, interview.template_name, interview.template_locked) == ("", "", False)
    choose(as_recruiter, team, interview, locked="1")
    assert not interview.template_locked
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "plan_interview.template_chosen",
        "plan_interview.template_locked",
        "plan_interview.template_chosen",
        "plan_interview.template_cleared",
    ]


def test_a_template_that_is_not_there_is_refused(as_recruiter: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team, template_id="t2", template_name="Arrays")
    assert choose(as_recruiter, team, interview, template="t9") == 422
    assert interview.template_id == "t2"


def test_a_template_that_vanished_at_the_vendor_is_shown_as_such(as_recruiter: Client, team: Team) -> None:
    connect(team, templates_fetched_at=timezone.now())
    interview = make_interview(team, template_id="t9", template_name="Old favourite")
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert "The template “<bdi>Old favourite</bdi>” is no longer in CodeSignal." in page
    assert "no longer in CodeSignal" in menu(as_recruiter, team, interview)


def test_a_template_renamed_at_the_vendor_is_shown_by_its_new_name(as_recruiter: Client, team: Team) -> None:
    connect(team, templates_fetched_at=timezone.now())
    interview = make_interview(team, template_id="t1", template_name="Old name")
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert re.search(r"<bdi[^>]*>Graphs</bdi>", page)
    assert "Old name" not in page


def test_many_templates_can_be_searched(as_recruiter: Client, team: Team) -> None:
    many = [{"id": f"t{n}", "name": f"Template {n}", "default": False} for n in range(200)]
    connect(team, templates=many, templates_fetched_at=timezone.now())
    interview = make_interview(team)
    assert 'type="search"' in menu(as_recruiter, team, interview)
    hits = menu(as_recruiter, team, interview, part="choices", q="TEMPLATE 19")
    assert hits.count('name="template"') == 11
    assert "No templates match." in menu(as_recruiter, team, interview, part="choices", q="zzz")


@pytest.mark.parametrize(
    ("asked", "fetched", "polls"), [(0, None, True), (0, 60, True), (60, 30, False), (300, None, False)]
)
def test_a_menu_asks_again_while_the_templates_are_being_read(
    as_recruiter: Client, team: Team, asked: int, fetched: int | None, polls: bool
) -> None:
    now = timezone.now()
    connect(
        team,
        state=Integration.State.PAUSED,
        templates_asked_at=now - timedelta(seconds=asked),
        templates_fetched_at=None if fetched is None else now - timedelta(seconds=fetched),
    )
    page = menu(as_recruiter, team, make_interview(team))
    assert ("Refreshing the list from CodeSignal" in page) is polls
    # Renews only itself: the form around it exchanges the whole row.
    assert ('hx-trigger="poll" hx-target="this"' in page) is polls


def test_without_scripts_the_templates_are_a_page(as_recruiter: Client, team: Team) -> None:
    connect(team)
    interview = make_interview(team, link_tool="codesignal")
    url = team.url(f"jobs/interviews/{interview.pk}/template/")
    job = team.url(f"jobs/{interview.plan.stage.job_id}/")
    assert f'href="{url}"' in as_recruiter.get(job).content.decode()
    page = as_recruiter.get(url).content.decode()
    assert "<html" in page
    assert "Graphs" in page
    assert as_recruiter.post(url, {"template": "t1"})["Location"] == f"{job}#plan-interview-{interview.pk}"


def test_opening_a_menu_has_stale_templates_read_again_and_writes_nothing(
    as_recruiter: Client, team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    integration = connect(team, templates_fetched_at=timezone.now() - timedelta(hours=1))
    interview = make_interview(team)
    with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks() as sent:
        page = menu(as_recruiter, team, interview)
    assert "Refreshing the list from CodeSignal" in page
    assert "?part=choices&amp;look=1" in page or "?part=choices&look=1" in page
    assert len(sent) == 1
    assert [one["sql"] for one in queries if not one["sql"].startswith("SELECT")] == []
    Integration.objects.filter(pk=integration.pk).update(templates_fetched_at=timezone.now())
    assert "Refreshing" not in menu(as_recruiter, team, interview, part="choices", look="1")


def test_an_open_menu_waits_for_a_worker_for_some_seconds_and_asks_only_once(
    as_recruiter: Client, team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    connect(team)
    interview = make_interview(team)
    with django_capture_on_commit_callbacks() as sent:
        assert "look=11" in menu(as_recruiter, team, interview, part="choices", look="10")
        for look in ("11", "²", "9" * 5000):
            assert "Refreshing" not in menu(as_recruiter, team, interview, part="choices", look=look)
    assert sent == []


def test_without_a_connection_there_is_no_menu(as_recruiter: Client, team: Team) -> None:
    interview = make_interview(team)
    page = as_recruiter.get(team.url(f"jobs/{interview.plan.stage.job_id}/")).content.decode()
    assert "Choose a CodeSignal template" not in page
    assert choose(as_recruiter, team, interview, template="t1") == 422
    assert interview.template_id == ""
