"""The switch "</>" of one interview, by mouse and by keys, in the builder's rows and on "Details"."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from scheduling.models import Candidate, CodingLink, Schedule
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.clicks import plan_of
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import staffed_loop
from tests.scheduling.test_builder_browser import candidate, page, row  # noqa: F401

pytestmark = IN_BROWSER


def test_a_row_of_a_new_schedule_is_switched_by_keys(
    visitor: Visitor,
    team: Team,
    candidate: Candidate,  # noqa: F811
    page: Page,  # noqa: F811
) -> None:
    connect(team)
    first = row(page, 1).get_by_role("button", name="CodeSignal link for interview 1")
    second = row(page, 2).get_by_role("button", name="CodeSignal link for interview 2")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(second).to_have_attribute("aria-pressed", "false")
    expect(second).to_have_accessible_description(
        "Gets no coding link. Press to switch a CodeSignal link on for this schedule."
    )
    visitor.check()
    first.focus()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "false")
    expect(first).to_be_focused()
    expect(row(page, 1)).to_contain_text("Coding link switched off")
    second.click()
    expect(row(page, 2)).to_contain_text("CodeSignal link switched on")
    expect(page.locator("#builder-says")).to_contain_text("2 coding links will be generated")
    visitor.check()
    page.get_by_role("button", name="Schedule 4 interviews").click()
    expect(page.get_by_text("4 interviews scheduled.")).to_be_visible()
    interviews = Schedule.objects.get().interviews.order_by("position")
    assert [interview.asked_tool for interview in interviews] == ["", "codesignal", "codesignal", ""]


def test_details_ask_in_place_what_becomes_of_a_link(visitor: Visitor, team: Team) -> None:
    schedule = staffed_loop(team, "Coding", "Design")
    coding, design = schedule.interviews.order_by("position")
    plan_of(coding, link_tool="codesignal")
    link = make_link(coding, connect(team), "ready")
    at = visitor.page
    at.goto(team.url(f"schedules/{schedule.pk}/"))
    switch = at.get_by_role("button", name="CodeSignal link for Coding")
    expect(switch).to_have_attribute("aria-pressed", "true")
    visitor.check()
    switch.focus()
    at.keyboard.press("Enter")
    expect(dialog(at)).to_contain_text("This interview has a CodeSignal link. Keep it, or remove it in CodeSignal")
    visitor.check()
    at.keyboard.press("Escape")
    expect(switch).to_be_focused()
    expect(switch).to_have_attribute("aria-pressed", "true")
    at.keyboard.press("Enter")
    dialog(at).get_by_role("button", name="Switch off and keep the link").click()
    expect(at.locator(".toast")).to_contain_text("Its CodeSignal link stays.")
    expect(switch).to_have_attribute("aria-pressed", "false")
    link.refresh_from_db()
    assert link.state == "ready"

    other = at.get_by_role("button", name="CodeSignal link for Design")
    other.focus()
    at.keyboard.press("Space")
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(other).to_be_focused()
    expect(at.locator(".toast").last).to_contain_text("“Design” gets a CodeSignal link.")
    assert CodingLink.objects.filter(interview=design).count() == 1
    visitor.check()

    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    dialog(at).get_by_role("button", name="Switch off and remove the link").click()
    expect(at.locator(".toast").last).to_contain_text("Its CodeSignal link is being removed.")
    link.refresh_from_db()
    assert link.state == "cancelling"
