"""A job, its stages and its interview plans in a real browser: each form and button is used where it stands."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job, PlanInterview, Stage
from tests.browser.steps import SWITCH, act, dialog, planned
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
from tests.jobs.rows import make_job, make_stage
from tests.scheduling.loops import connect, make_loop

pytestmark = IN_BROWSER


def send(page: Page, button: str) -> None:
    dialog(page).get_by_role("button", name=button, exact=True).click()
    expect(dialog(page)).to_be_hidden()


def test_a_job_is_made_arranged_and_taken_apart(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("jobs/"))
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill("Baker")
    send(page, "Create job")
    expect(page.get_by_role("alert").first).to_contain_text("Job created. Add its first stage.")
    for name in ("Phone", "On site"):
        page.get_by_label("Stage name").fill(name)
        page.get_by_role("button", name="Add stage").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    on_site = page.get_by_role("region", name="On site")
    for name in ("Coding", "Talk"):
        on_site.get_by_label("Interview name").fill(name)
        on_site.get_by_role("button", name="Add interview").click()
        expect(planned(page, name)).to_be_visible()
    visitor.check()
    arrange(page)
    take_apart(page)
    assert not PlanInterview.objects.exists()
    assert [stage.name for stage in Stage.objects.all()] == ["Lunch"]
    act(page, "Baker", "Delete job")
    send(page, "Delete job")
    expect(page.get_by_role("alert").first).to_contain_text("Baker")
    assert not Job.objects.exists()


def arrange(page: Page) -> None:
    """Rename and move, each in both directions."""
    page.get_by_role("link", name="Edit job").click()
    dialog(page).get_by_label("Location").fill("Lisbon")
    send(page, "Save")
    expect(page.get_by_text("Lisbon")).to_be_visible()
    assert Job.objects.get().location == "Lisbon"
    act(page, "Phone", "Rename")
    dialog(page).get_by_label("Stage name").fill("Lunch")
    send(page, "Save")
    for direction, names in (("down", ["On site", "Lunch"]), ("up", ["Lunch", "On site"])):
        act(page, "Lunch", f"Move {direction}")
        expect(page.locator("#stages h2")).to_have_text(names)
        expect(page.get_by_role("button", name="Actions for Lunch")).to_be_focused()
        assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == names
    act(page, "Talk", "Edit")
    dialog(page).locator("#id_minutes").fill("45")
    send(page, "Save")
    expect(planned(page, "Talk")).to_contain_text("45 minutes")
    for direction, names in (("up", ["Talk", "Coding"]), ("down", ["Coding", "Talk"])):
        act(page, "Talk", f"Move {direction}")
        expect(page.locator("#stages li .plan-name")).to_have_text(names)
        expect(page.get_by_role("button", name="Actions for Talk")).to_be_focused()
        assert list(PlanInterview.objects.order_by("position").values_list("name", flat=True)) == names


def take_apart(page: Page) -> None:
    """Remove an interview and a stage, take each back, and remove them for good."""
    for remains in (1, 0):
        act(page, "Talk", "Remove")
        expect(planned(page, "Talk")).to_have_count(0)
        undo_once(page, remains, "Talk")
    assert list(PlanInterview.objects.order_by("position").values_list("name", flat=True)) == ["Coding"]
    for remains in (1, 0):
        act(page, "On site", "Remove")
        expect(page.get_by_role("heading", name="On site")).to_have_count(0)
        undo_once(page, remains, "Coding")


def undo_once(page: Page, remains: int, name: str) -> None:
    if remains:
        page.get_by_role("button", name="Undo").click()
        expect(planned(page, name)).to_have_count(remains)
        expect(page.get_by_role("status").get_by_text("is back.")).to_be_visible()


def test_a_plan_is_made_without_scripts(chromium: Browser, live_server: LiveServer, team: Team) -> None:
    with at_window(chromium, live_server, team, team.recruiter, java_script_enabled=False) as visitor:
        page = visitor.page
        page.goto(team.url("jobs/"))
        page.get_by_role("link", name="New job").click()
        page.get_by_label("Title").fill("Baker")
        page.get_by_role("button", name="Create job").click()
        for field, words, button in (
            ("Stage name", "On site", "Add stage"),
            ("Interview name", "Talk", "Add interview"),
            ("Interview name", "Coding", "Add interview"),
            ("Interview name", "Lunch", "Add interview"),
        ):
            page.get_by_label(field).fill(words)
            page.get_by_role("button", name=button).click()
            expect(page.get_by_text(words).first).to_be_visible()
        planned(page, "Coding").get_by_role("button", name="Move up").click()
        expect(page.locator("#stages li .plan-name")).to_have_text(["Coding", "Talk", "Lunch"])
        planned(page, "Lunch").get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Remove interview").click()
        expect(page.locator("#stages li .plan-name")).to_have_text(["Coding", "Talk"])
    assert list(PlanInterview.objects.order_by("position").values_list("name", flat=True)) == ["Coding", "Talk"]


def test_what_is_scheduled_is_asked_about_before_it_is_removed(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    stage = make_stage(make_job(team, "Baker"), "On site", interviews=["Coding"])
    schedule = make_loop(team, "Coding")
    schedule.interviews.update(plan_interview=stage.plan.interviews.get())
    schedule.stage, schedule.job = stage, stage.job
    schedule.save()
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    act(page, "Coding", "Remove")
    expect(dialog(page)).to_contain_text("Scheduled interviews stay, with their coding links.")
    assert PlanInterview.objects.count() == 1
    send(page, "Remove interview")
    expect(planned(page, "Coding")).to_have_count(0)
    act(page, "On site", "Remove")
    expect(dialog(page)).to_contain_text("1 schedule stays with its coding links, without a stage.")
    send(page, "Remove stage")
    expect(page.get_by_role("heading", name="On site")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert not Stage.objects.exists()


def test_a_job_with_schedules_is_closed_and_opened_again(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Baker")
    schedule = make_loop(team, "Coding")
    schedule.job = job
    schedule.save()
    page.goto(team.url(f"jobs/{job.pk}/"))
    act(page, "Baker", "Close job")
    is_closed_and_reopened(page, job)
    act(page, "Baker", "Delete job")
    expect(dialog(page)).to_contain_text("This job has 1 schedule, so it can't be deleted.")
    dialog(page).get_by_role("button", name="Close job").click()
    is_closed_and_reopened(page, job)
    visitor.check()


def is_closed_and_reopened(page: Page, job: Job) -> None:
    expect(page.get_by_role("alert").first).to_contain_text("Job closed.")
    job.refresh_from_db()
    assert job.state == "closed"
    act(page, "Baker", "Reopen job")
    expect(page.get_by_role("alert").first).to_contain_text("Job reopened.")
    job.refresh_from_db()
    assert job.state == "open"


def test_an_interview_gets_its_link_by_default_and_a_template(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Baker")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    page.goto(team.url(f"jobs/{job.pk}/"))
    page.get_by_label("Interview name").fill("Coding")
    page.get_by_role("button", name="Add interview").click()
    expect(planned(page, "Coding")).to_be_visible()
    made = PlanInterview.objects.get(plan__stage=stage)
    integration = connect(team)
    page.reload()
    row = planned(page, "Coding")
    row.get_by_role("button", name=SWITCH).click()
    # Opened before the row is exchanged, the menu would be gone.
    expect(row.get_by_role("button", name=SWITCH, pressed=True)).to_be_visible()
    for choose, template, locked in (
        ("Graphs", "t1", False),
        ("Lock template", "t1", True),
        ("Lock template", "t1", False),
        ("No template", "", False),
    ):
        row.get_by_role("button", name="Choose a CodeSignal template").click()
        row.locator(".dropdown-menu").get_by_role("button", name=choose).click()
        expect(row.locator(".dropdown-menu").get_by_role("button", name=choose)).to_have_count(0)
        made.refresh_from_db()
        assert (made.template_id, made.template_locked) == (template, locked)
    visitor.check()
    row.get_by_role("button", name=SWITCH).click()
    expect(row.get_by_role("button", name=SWITCH, pressed=False)).to_be_visible()
    expect(row.get_by_role("button", name="Choose a CodeSignal template")).to_have_count(0)
    row.get_by_role("button", name=SWITCH).click()
    expect(row.get_by_role("button", name=SWITCH, pressed=True)).to_be_visible()

    integration.state = "disconnected"
    integration.save()
    page.reload()
    row.get_by_role("button", name=SWITCH).click()
    expect(dialog(page).get_by_role("heading", name="CodeSignal is not connected")).to_be_visible()
    dialog(page).get_by_role("button", name="Switch default off").click()
    expect(dialog(page)).to_be_hidden()
    expect(row.get_by_role("button", name=SWITCH, pressed=False)).to_be_visible()
    made.refresh_from_db()
    assert made.link_tool == ""
