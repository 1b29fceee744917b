"""An interview that is removed from "New schedule" can be had back for ten seconds, with what was typed into it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from tests.browser.steps import opened, remove_interview
from tests.browser.visitor import DESKTOP, PHONE, Visitor, broken_rules, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER
#: Buttons and fields below an element, that it would keep from a click.
COVERED = """toast => {
  const box = toast.getBoundingClientRect();
  scrollTo(0, document.documentElement.scrollHeight);
  return [...document.querySelectorAll("main button, main a, main input, main select")].filter(one => {
    const other = one.getBoundingClientRect();
    return other.width && other.left < box.right && other.right > box.left
      && other.top < box.bottom && other.bottom > box.top;
  }).map(one => one.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def page(visitor: Visitor, team: Team) -> Page:
    """ "New schedule" with two interviews, of which the second has another name."""
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    for name in ("Coding", "Design"):
        PlanInterview.objects.create(organization=team.organization, plan=plan, name=name)
    page = visitor.page
    page.clock.install()
    page.goto(team.url(f"schedules/new/?job={job.pk}&stage={stage.pk}"))
    opened(page, 2).get_by_label("Name").fill("Designing bread")
    second(page).get_by_label("Name").blur()
    visitor.quiet()
    return page


def second(page: Page) -> Locator:
    return page.get_by_role("group", name="Interview 2", exact=True)


def toast(page: Page) -> Locator:
    return page.get_by_role("status").locator(".toast")


def remove(page: Page) -> None:
    remove_interview(page, 2)
    expect(toast(page)).to_contain_text("“Designing bread” removed.")
    expect(second(page)).to_have_count(0)


def test_a_removed_interview_comes_back_as_it_was(visitor: Visitor, page: Page) -> None:
    remove(page)
    for size, theme in ((DESKTOP, "light"), (PHONE, "dark")):
        show(page, size, theme)
        assert broken_rules(page) == [], theme
        assert toast(page).evaluate(COVERED) == [], size
    show(page, DESKTOP, "light")
    toast(page).get_by_role("button", name="Undo").click()
    expect(second(page).get_by_label("Name")).to_have_value("Designing bread")
    expect(toast(page)).to_have_count(0)
    visitor.quiet()
    # The draft on the server follows.
    expect(page.get_by_role("group", name=re.compile(r"^Interview \d"))).to_have_count(2)
    with page.expect_response(lambda response: response.request.method == "POST"):
        second(page).get_by_label("Name").fill("Designing bread rolls")
        page.clock.fast_forward(2000)
    page.reload()
    expect(second(page).get_by_label("Name")).to_have_value("Designing bread rolls")


def test_it_is_undone_by_a_key(page: Page) -> None:
    remove(page)
    page.keyboard.press("u")
    expect(second(page).get_by_label("Name")).to_have_value("Designing bread")


def test_it_stays_while_somebody_is_on_it_and_leaves_after_ten_seconds(page: Page) -> None:
    remove(page)
    toast(page).hover()
    page.clock.fast_forward(30_000)
    expect(toast(page)).to_be_visible()
    page.mouse.move(5, 5)
    toast(page).get_by_role("button", name="Undo").focus()
    page.clock.fast_forward(30_000)
    expect(toast(page)).to_be_visible()
    page.get_by_role("heading", level=1).click()
    page.clock.fast_forward(11_000)
    expect(toast(page)).to_have_count(0)


def test_what_is_typed_since_is_never_taken_back(page: Page) -> None:
    remove(page)
    opened(page, 1).get_by_label("Name").fill("Baking")
    expect(toast(page)).to_have_count(0)
