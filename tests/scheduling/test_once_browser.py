"""A double click, and Enter held down, in a real browser: what is sent is sent once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from jobs.models import Job, PlanInterview, Stage
from organizations.models import DayOff
from scheduling.models import Candidate
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.conftest import Team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture
def posts(visitor: Visitor) -> list[str]:
    """The addresses of what was posted."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    visitor.page.on("request", note)
    return sent


def save(page: Page, name: str) -> Locator:
    return dialog(page).get_by_role("button", name=name)


def test_a_double_click_adds_one_candidate(visitor: Visitor, team: Team, posts: list[str]) -> None:
    page = visitor.page
    page.goto(team.url("candidates/"))
    page.get_by_role("button", name="Add candidate").first.click()
    dialog(page).get_by_label("Name").fill("Ada Osei")
    save(page, "Add candidate").dblclick()
    expect(page.get_by_role("heading", name="Ada Osei")).to_be_visible()
    assert len(posts) == 1
    assert Candidate.objects.count() == 1


def test_jobs_stages_and_interviews_are_added_once(visitor: Visitor, team: Team, posts: list[str]) -> None:
    page = visitor.page
    page.goto(team.url("jobs/"))
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill("Baker")
    save(page, "Create job").dblclick()
    expect(page.get_by_role("heading", name="Baker")).to_be_visible()
    for name in ("On site", "Offer"):
        page.get_by_label("Stage name").fill(name)
        # As Enter does that is held down: both before any answer.
        page.locator("#add-stage").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_label("Interview name").first.fill("Talk")
    page.get_by_role("button", name="Add interview").first.dblclick()
    expect(page.get_by_role("listitem").filter(has_text="Talk").first).to_be_visible()
    assert len(posts) == 4
    assert (Job.objects.count(), Stage.objects.count(), PlanInterview.objects.count()) == (1, 2, 1)


def test_a_form_without_htmx_is_sent_once(visitor: Visitor, team: Team, posts: list[str]) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("First day").fill("2027-05-03")
    page.get_by_role("button", name="Add days off").dblclick()
    expect(page.get_by_text("1 day off added.")).to_be_visible()
    assert len(posts) == 1
    assert DayOff.objects.count() == 1


def test_going_back_and_sending_again_adds_nothing(visitor: Visitor, team: Team, posts: list[str]) -> None:
    """The page as the browser kept it, with the same form."""
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("First day").fill("2027-05-03")
    page.get_by_role("button", name="Add days off").click()
    expect(page.get_by_text("1 day off added.")).to_be_visible()
    page.go_back()
    page.get_by_label("First day").fill("2027-05-03")
    page.get_by_role("button", name="Add days off").click()
    expect(page.get_by_role("alert").first).to_contain_text("off added.")
    assert DayOff.objects.count() == 1


def test_buttons_rest_until_the_answer_is_there(visitor: Visitor, team: Team, posts: list[str]) -> None:
    page = visitor.page
    held: list[Route] = []
    page.goto(team.url("candidates/"))
    page.get_by_role("button", name="Add candidate").first.click()
    dialog(page).get_by_label("Name").fill("Ada Osei")
    page.route("**/candidates/new/", lambda route: held.append(route))
    button = save(page, "Add candidate")
    button.click(no_wait_after=True)
    expect(button).to_be_disabled()
    dialog(page).get_by_label("Name").press("Enter")
    assert len(posts) == 1
    held[0].fulfill(status=503)
    expect(button).to_be_enabled()
    expect(page.get_by_role("status").get_by_text("Something went wrong")).to_be_visible()
    page.unroute("**/candidates/new/")
    button.click()
    expect(page.get_by_role("heading", name="Ada Osei")).to_be_visible()
    assert Candidate.objects.count() == 1
    visitor.complaints.clear()  # the 503 that was put there
