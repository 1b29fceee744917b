"""A job, its stages and its interview plans in a real browser: each form and button is used where it stands."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job, PlanInterview, Stage
from tests.browser.steps import SWITCH, dialog, planned
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
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
        page.get_by_role("link", name="Add stage").click()
        dialog(page).get_by_label("Stage name").fill(name)
        send(page, "Add stage")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    on_site = page.get_by_role("region", name="On site")
    for name in ("Coding", "Talk"):
        on_site.get_by_role("link", name="Add interview").click()
        dialog(page).get_by_label("Interview name").fill(name)
        send(page, "Add interview")
        expect(planned(page, name)).to_be_visible()
    visitor.check()
    arrange(page)
    take_apart(page)
    assert not PlanInterview.objects.exists()
    assert [stage.name for stage in Stage.objects.all()] == ["Lunch"]
    page.get_by_role("link", name="Delete job").click()
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
    page.get_by_role("link", name="Rename the stage “Phone”").click()
    dialog(page).get_by_label("Stage name").fill("Lunch")
    send(page, "Save")
    for direction, names in (("down", ["On site", "Lunch"]), ("up", ["Lunch", "On site"])):
        page.get_by_role("button", name=f"Move the stage “Lunch” {direction}").click()
        expect(page.locator("#stages h2")).to_have_text(names)
        assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == names
    page.get_by_role("link", name="Edit “Talk”").click()
    dialog(page).get_by_label("Minutes").fill("45")
    send(page, "Save")
    expect(planned(page, "Talk")).to_contain_text("45 minutes")
    for direction, names in (("up", ["Talk", "Coding"]), ("down", ["Coding", "Talk"])):
        page.get_by_role("button", name=f"Move “Talk” {direction}").click()
        expect(page.locator("#stages li .fw-medium")).to_have_text(names)
        assert list(PlanInterview.objects.order_by("position").values_list("name", flat=True)) == names


def take_apart(page: Page) -> None:
    page.get_by_role("link", name="Remove “Talk”").click()
    send(page, "Remove interview")
    expect(planned(page, "Talk")).to_have_count(0)
    page.get_by_role("link", name="Remove the stage “On site”").click()
    send(page, "Remove stage")
    expect(page.get_by_role("heading", name="On site")).to_have_count(0)


def test_a_plan_is_made_without_scripts(chromium: Browser, live_server: LiveServer, team: Team) -> None:
    with at_window(chromium, live_server, team, team.recruiter, java_script_enabled=False) as visitor:
        page = visitor.page
        page.goto(team.url("jobs/"))
        for add, field, words, button in (
            ("New job", "Title", "Baker", "Create job"),
            ("Add stage", "Stage name", "On site", "Add stage"),
            ("Add interview", "Interview name", "Talk", "Add interview"),
            ("Add interview", "Interview name", "Coding", "Add interview"),
        ):
            page.get_by_role("link", name=add).click()
            page.get_by_label(field).fill(words)
            page.get_by_role("button", name=button).click()
            expect(page.get_by_text(words).first).to_be_visible()
        page.get_by_role("button", name="Move “Coding” up").click()
        expect(page.locator("#stages li .fw-medium")).to_have_text(["Coding", "Talk"])
    assert list(PlanInterview.objects.order_by("position").values_list("name", flat=True)) == ["Coding", "Talk"]


def test_a_job_with_schedules_is_closed_and_opened_again(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Baker")
    schedule = make_loop(team, "Coding")
    schedule.job = job
    schedule.save()
    page.goto(team.url(f"jobs/{job.pk}/"))
    page.get_by_role("button", name="Close job").click()
    is_closed_and_reopened(page, job)
    page.get_by_role("link", name="Delete job").click()
    expect(dialog(page)).to_contain_text("This job has 1 schedule, so it can't be deleted.")
    dialog(page).get_by_role("button", name="Close job").click()
    is_closed_and_reopened(page, job)
    visitor.check()


def is_closed_and_reopened(page: Page, job: Job) -> None:
    expect(page.get_by_role("alert").first).to_contain_text("Job closed.")
    job.refresh_from_db()
    assert job.state == "closed"
    page.get_by_role("button", name="Reopen job").click()
    expect(page.get_by_role("alert").first).to_contain_text("Job reopened.")
    job.refresh_from_db()
    assert job.state == "open"


def test_an_interview_gets_its_link_by_default_and_a_template(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Baker")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    page.goto(team.url(f"jobs/{job.pk}/"))
    page.get_by_role("link", name="Add interview").click()
    dialog(page).get_by_label("Interview name").fill("Coding")
    send(page, "Add interview")
    made = PlanInterview.objects.get(plan__stage=stage)
    integration = connect(team)
    page.reload()
    row = planned(page, "Coding")
    row.get_by_role("button", name=SWITCH).click()
    # "No CodeSignal link by default" has these words, too: opened before the row is exchanged, the menu would be gone.
    expect(row.get_by_role("button", name=SWITCH, pressed=True)).to_be_visible()
    expect(row.get_by_text("CodeSignal link by default")).to_be_visible()
    for choose, template, locked in (
        ("Graphs", "t1", False),
        ("Lock template", "t1", True),
        ("Lock template", "t1", False),
        ("No template", "", False),
    ):
        row.get_by_role("button", name="Choose a CodeSignal template").click()
        row.get_by_role("button", name=choose).click()
        expect(row.get_by_role("button", name=choose)).to_have_count(0)
        made.refresh_from_db()
        assert (made.template_id, made.template_locked) == (template, locked)
    visitor.check()
    row.get_by_role("button", name=SWITCH).click()
    expect(row.get_by_text("No CodeSignal link by default")).to_be_visible()
    row.get_by_role("button", name=SWITCH).click()
    expect(row.get_by_text("No CodeSignal link by default")).to_have_count(0)

    integration.state = "disconnected"
    integration.save()
    page.reload()
    row.get_by_role("button", name=SWITCH).click()
    expect(dialog(page).get_by_role("heading", name="CodeSignal is not connected")).to_be_visible()
    dialog(page).get_by_role("button", name="Switch default off").click()
    expect(dialog(page)).to_be_hidden()
    expect(row.get_by_text("No CodeSignal link by default")).to_be_visible()
    made.refresh_from_db()
    assert made.link_tool == ""
