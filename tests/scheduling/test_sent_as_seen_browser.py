"""A form that is sent while a part of it is being drawn anew: it is sent as it was when the button was pressed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import Candidate, Schedule
from tests.browser.steps import a_day_soon, fill_interview
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER


def press_while_drawn(
    visitor: Visitor, button: str, drawn: str | re.Pattern[str], change: Callable[[], object]
) -> None:
    """Change something, press the button, let the answer to the change come, and only then the question whether
    the session holds. `drawn`: the address that draws a part of the form anew."""
    page = visitor.page
    answers, questions = held(page, drawn), held(page, "**/sign-in/again/*")
    with page.expect_request(drawn):
        change()
    with page.expect_request("**/sign-in/again/*"):
        page.get_by_role("button", name=button).click(no_wait_after=True)
    with page.expect_response(drawn):
        answers.pop().continue_()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.unroute(drawn)
    questions.pop().continue_()
    page.unroute("**/sign-in/again/*")


def held(page: Page, address: str | re.Pattern[str]) -> list[Route]:
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))
    return waiting


def test_columns_that_were_matched_just_before(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("candidates/import/"))
    page.get_by_label("Or paste rows").fill("Name,Foo,E-mail\nAda,+49 170 1,ada@x.example\n")
    page.get_by_role("button", name="Check rows").click()
    foo = page.get_by_label("Foo")
    expect(foo).to_be_visible()
    visitor.quiet()
    press_while_drawn(visitor, "Preview import", re.compile(r"/columns/\?"), lambda: foo.select_option("Phone"))
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    assert Candidate.objects.get().phone == "+49 170 1"


def test_a_schedule_to_which_a_row_was_added_just_before(visitor: Visitor, team: Team) -> None:
    """The row that nobody saw is not in it."""
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding")
    Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com")
    page.goto(team.url(f"schedules/new/?job={job.pk}&stage={stage.pk}"))
    page.get_by_label("Ada Osei").click(force=True)
    visitor.quiet()
    fill_interview(page, 1, a_day_soon(), "10:00", "Interviewer Acme")
    visitor.quiet()
    add = page.get_by_role("button", name="Add interview", exact=True)
    press_while_drawn(visitor, "Schedule 1 interview", "**/schedules/new/", add.click)
    expect(page.get_by_text("1 interview scheduled.")).to_be_visible()
    assert [one.name for one in Schedule.objects.get().interviews.all()] == ["Coding"]
