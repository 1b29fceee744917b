"""The dialog of coding links in a real browser: each button does to the stored link what it says. No worker runs."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from scheduling.models import CodingLink, Schedule
from tests.browser.steps import ADD, dialog, link_in, row_of
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.clicks import plan_of
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = IN_BROWSER
CHOICES = [
    {"id": "a", "url": "https://cs.example/a", "status": "new"},
    {"id": "b", "url": "https://cs.example/b", "status": "active"},
]


def open_links(page: Page, team: Team, schedule: Schedule) -> None:
    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(dialog(page)).to_be_visible()


def state_of(interview: str) -> str:
    return CodingLink.objects.get(interview__name=interview).state


def test_links_are_added_one_by_one_for_all_and_for_some(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, make_loop(team, "Coding", "Algorithms", "Lunch", "Talk")
    connect(team)
    plan_of(schedule.interviews.get(name="Algorithms"), link_tool="codesignal")
    open_links(page, team, schedule)
    row_of(page, "Coding").get_by_label("Template", exact=True).select_option("Graphs")
    row_of(page, "Coding").get_by_role("button", name=ADD).click()
    expect(row_of(page, "Coding")).to_contain_text("Generating")
    link = CodingLink.objects.get()
    assert (link.interview.name, link.state, link.template_id) == ("Coding", "pending", "t1")  # type: ignore[union-attr]
    dialog(page).get_by_role("button", name="Add link to 1 coding interview").click()
    expect(row_of(page, "Algorithms")).to_contain_text("Generating")
    assert state_of("Algorithms") == "pending"
    dialog(page).get_by_text("Select interviews to add links to").click()
    dialog(page).get_by_role("checkbox", name="Talk").check()
    visitor.check()
    dialog(page).get_by_role("button", name="Add links to selected interviews").click()
    expect(row_of(page, "Talk")).to_contain_text("Generating")
    assert state_of("Talk") == "pending"
    assert not CodingLink.objects.filter(interview__name="Lunch").exists()


def test_links_are_tried_again_and_removed(visitor: Visitor, team: Team) -> None:
    page, schedule, integration = visitor.page, make_loop(team, "Coding", "Algorithms"), connect(team)
    refused = {"problem_code": "refused"}
    failed = make_link(schedule.interviews.get(name="Coding"), integration, "failed", **refused)
    made_last = schedule.interviews.get(name="Algorithms")
    old = make_link(made_last, integration, "cancelling", next_attempt_at=None, **refused)
    make_link(made_last, integration, "ready")
    open_links(page, team, schedule)
    expect(row_of(page, "Coding")).to_contain_text("CodeSignal refused the request")
    row_of(page, "Coding").get_by_role("button", name="Try again").click()
    expect(row_of(page, "Coding")).to_contain_text("Generating")
    failed.refresh_from_db()
    assert failed.state == "pending"
    row_of(page, "Algorithms").get_by_role("button", name="Try again").click()
    expect(row_of(page, "Algorithms")).not_to_contain_text("CodeSignal refused the request")
    old.refresh_from_db()
    assert (old.state, old.problem_code) == ("cancelling", "")
    visitor.check()
    row_of(page, "Algorithms").get_by_role("button", name="Remove", exact=True).click()
    row_of(page, "Algorithms").get_by_role("button", name="Remove link").click()
    expect(row_of(page, "Algorithms").get_by_role("link", name="Open")).to_have_count(0)
    assert not CodingLink.objects.filter(state="ready").exists()


def test_a_person_says_which_link_it_is(visitor: Visitor, team: Team) -> None:
    page, schedule, integration = visitor.page, make_loop(team, "Coding", "Algorithms"), connect(team)
    lost = {"problem_code": "ambiguous", "next_attempt_at": None}
    for interview in schedule.interviews.all():
        make_link(interview, integration, "unknown", choices=CHOICES, **lost)
    open_links(page, team, schedule)
    visitor.check()
    row_of(page, "Coding").get_by_role("button", name="Use this link").last.click()
    expect(row_of(page, "Coding").get_by_role("button", name="Use this link")).to_have_count(0)
    assert link_in(row_of(page, "Coding")) == "https://cs.example/b"
    assert state_of("Coding") == "ready"
    row_of(page, "Algorithms").get_by_role("button", name="None of these, generate a new link").click()
    expect(row_of(page, "Algorithms").get_by_role("button", name="Use this link")).to_have_count(0)
    assert (state_of("Algorithms"), CodingLink.objects.get(interview__name="Algorithms").choices) == ("pending", [])
