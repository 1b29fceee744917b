"""The rows of "New schedule" in a real browser: compact, by mouse and by keys alone, and the people of each."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Membership, User
from scheduling.models import Candidate, Schedule
from tests.browser.steps import add_interviewer, people_found
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER
WIDE = {"width": 1440, "height": 900}
NAMES = ("Coding: algorithms", "System design", "Coding: pairing", "Hiring manager")
PEOPLE = ("Priya Raman", "Grace Okafor", "Kenji Sato", "Dana Whitfield", "Luis Ortega")


@pytest.fixture
def candidate(team: Team) -> Candidate:
    """A candidate of a stage whose plan has four interviews; two of them ask for a coding link, one for two people."""
    for name in PEOPLE:
        user = User.objects.create(
            email=f"{name.split()[0].lower()}@acme.example", name=name, time_zone="Europe/Berlin"
        )
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")
    User.objects.update(time_zone="Europe/Berlin")
    job = Job.objects.create(organization=team.organization, title="Platform Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    for position, name in enumerate(NAMES):
        PlanInterview.objects.create(
            organization=team.organization,
            plan=plan,
            position=position,
            name=name,
            interviewer_count=2 if name == "System design" else 1,
            link_tool="codesignal" if name.startswith("Coding") else "",
        )
    return Candidate.objects.create(
        organization=team.organization, name="Yuki Watanabe", time_zone="Europe/Berlin", job=job, stage=stage
    )


@pytest.fixture
def page(visitor: Visitor, team: Team, candidate: Candidate) -> Page:
    """ "New schedule" for the candidate, in a wide window."""
    visitor.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    visitor.page.goto(team.url(f"schedules/new/?candidate={candidate.pk}"))
    expect(visitor.page.locator(".day-view-row").first).to_be_visible()
    visitor.quiet()
    return visitor.page


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)


def find(one: Locator) -> Locator:
    return one.get_by_role("combobox", name="Add interviewer")


def names(page: Page) -> list[str]:
    return page.locator("[data-row-name]").all_inner_texts()


def test_a_loop_of_four_fits_a_window(page: Page) -> None:
    """The numbers of the page: 64 px a row, 900 px for everything, nothing to choose for a known candidate."""
    expect(page.get_by_role("heading", level=1)).to_have_text("New schedule: Yuki Watanabe")
    expect(page.get_by_text("Platform Engineer · Onsite · Berlin")).to_be_visible()
    expect(page.get_by_label("Job", exact=True)).to_be_hidden()
    assert [box["height"] for one in page.locator("[data-plan-row]").all() if (box := one.bounding_box())] == [64] * 4
    assert page.evaluate("document.documentElement.scrollHeight") <= WIDE["height"]
    left, right = page.locator(".builder-rows").bounding_box(), page.locator(".builder-day").bounding_box()
    assert left and right
    assert left["x"] + left["width"] < right["x"] and left["y"] == right["y"]
    # Nobody's name is in the page but the candidate's: people are asked for.
    assert "Priya Raman" not in page.content()


def test_twelve_stops_lead_to_the_button(page: Page) -> None:
    page.get_by_role("button", name="Change candidate, job and stage").focus()
    save, stops = page.get_by_role("button", name="Schedule 4 interviews"), 1
    while not save.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
        stops += 1
        assert stops < 40
    assert stops <= 12


def test_by_keys_alone(visitor: Visitor, page: Page) -> None:
    keys = page.keyboard
    row(page, 1).focus()
    keys.press("ArrowDown")
    expect(row(page, 2)).to_be_focused()
    keys.press("ArrowUp")
    keys.press("ArrowRight")
    expect(row(page, 1).get_by_role("button", name="CodeSignal link for interview 1")).to_be_focused()
    keys.press("Tab")
    expect(row(page, 1).get_by_label("Date")).to_be_focused()
    # Inside, Tab goes from field to field; Escape goes back to the row.
    for _part_of_the_date in range(4):
        keys.press("Tab")
    expect(row(page, 1).get_by_label("Time")).to_be_focused()
    keys.press("Escape")
    expect(row(page, 1)).to_be_focused()
    keys.press("Enter")
    expect(find(row(page, 1))).to_be_focused()
    keys.type("kenji")
    expect(people_found(row(page, 1))).to_have_count(1)
    keys.press("Enter")
    expect(row(page, 1).get_by_role("button", name="Remove Kenji Sato")).to_be_visible()
    keys.press("Backspace")
    expect(row(page, 1).get_by_role("button", name="Remove Kenji Sato")).to_have_count(0)
    keys.press("ArrowDown")
    expect(people_found(row(page, 1)).first).to_have_attribute("aria-selected", "true")
    keys.press("Escape")
    expect(find(row(page, 1))).to_be_focused()
    keys.press("Escape")
    expect(row(page, 1)).to_be_focused()
    keys.press("Alt+ArrowDown")
    expect(row(page, 2)).to_be_focused()
    assert names(page) == ["System design", "Coding: algorithms", "Coding: pairing", "Hiring manager"]
    keys.press("Tab")
    expect(row(page, 3)).to_be_focused()
    keys.press("Delete")
    expect(page.get_by_text("“Coding: pairing” removed.")).to_be_visible()
    keys.press("Control+Enter")
    expect(page.get_by_text("3 interviews scheduled.")).to_be_visible()


def test_people_are_chosen_in_one_place(visitor: Visitor, page: Page) -> None:
    first, second = row(page, 1), row(page, 2)
    find(second).click()
    people = people_found(second)
    expect(people).to_have_count(8)
    expect(people.first).to_contain_text("free · 0 interviews that week")
    people.first.click()
    # Two are asked for: the list stays.
    expect(second.get_by_text("1 of 2")).to_be_visible()
    expect(people.first).to_be_visible()
    people.first.click()
    expect(second.get_by_text("of 2")).to_have_count(0)
    expect(people).to_have_count(0)
    expect(second.locator("[data-drop]")).to_have_count(2)
    visitor.quiet()
    # Who is in one is busy then for another, and says so.
    chosen = second.locator("[data-chip] bdi.person-name").first.inner_text()
    first.get_by_label("Time").fill(second.get_by_label("Time").input_value())
    find(first).fill(chosen)
    expect(people_found(first)).to_contain_text("busy")
    find(first).press("Enter")
    expect(first.locator(".person-chip.is-against")).to_contain_text(chosen)
    expect(page.get_by_role("link", name=re.compile(r"^\d+ conflicts$"))).to_be_visible()
    visitor.check()


def test_rows_are_dragged_and_open_in_place(visitor: Visitor, page: Page) -> None:
    add_interviewer(row(page, 1), "Priya Raman")
    time = row(page, 1).get_by_label("Time").input_value()
    handle, last = row(page, 1).locator("[data-reorder-handle]").bounding_box(), row(page, 4).bounding_box()
    assert handle and last
    page.mouse.move(handle["x"] + 4, handle["y"] + 30)
    page.mouse.down()
    page.mouse.move(handle["x"] + 4, last["y"] + 20, steps=5)
    page.mouse.move(handle["x"] + 4, last["y"] + 60, steps=5)
    page.mouse.up()
    expect(row(page, 4).locator("[data-row-name]")).to_have_text(NAMES[0])
    assert names(page) == [*NAMES[1:], NAMES[0]]
    expect(row(page, 4).get_by_role("button", name="Remove Priya Raman")).to_be_visible()
    expect(row(page, 4).get_by_label("Time")).to_have_value(time)
    row(page, 1).get_by_text(NAMES[1]).click()
    row(page, 1).get_by_label("Name", exact=True).fill("Designing")
    expect(row(page, 1).locator("[data-row-name]")).to_have_text("Designing")
    visitor.quiet()
    page.get_by_role("button", name="Actions for interview 1").click()
    row(page, 1).get_by_role("button", name="Move down").click()
    expect(row(page, 2).locator("[data-row-name]")).to_have_text("Designing")
    # It is still open, with what was typed.
    expect(row(page, 2).get_by_label("Name", exact=True)).to_be_visible()


def test_the_foot_leads_to_each_conflict(visitor: Visitor, page: Page) -> None:
    expect(page.get_by_text("2 coding links need CodeSignal, which isn't connected")).to_be_visible()
    for number in (1, 3):
        row(page, number).get_by_label("Time").fill("05:00")
        row(page, number).get_by_label("Time").blur()
        visitor.quiet()
    link = page.get_by_role("link", name=re.compile("conflicts"))
    for number in (1, 3, 1):
        expect(link).to_be_visible()
        link.click()
        expect(row(page, number).get_by_label("Schedule anyway").first).to_be_focused()
    visitor.check()


def test_a_loop_of_two_days_takes_few_clicks(visitor: Visitor, page: Page, team: Team) -> None:
    """Four interviews, two days, five people: two clicks a person, one for the day of each that moves, one to save."""
    clicks = 0

    def click(one: Locator) -> None:
        nonlocal clicks
        one.click()
        clicks += 1

    for number in (1, 2, 3, 4):
        one = row(page, number)
        click(find(one))
        for _person in range(2 if number == 2 else 1):
            click(people_found(one).first)
        expect(people_found(one)).to_have_count(0)
        visitor.quiet()
    for number in (3, 4):
        field = row(page, number).get_by_label("Date")
        day = date.fromisoformat(field.input_value()) + timedelta(days=1)
        clicks += 1
        field.fill(day.isoformat())
        field.blur()
        visitor.quiet()
    click(page.get_by_role("button", name="Schedule 4 interviews"))
    expect(page.get_by_text("4 interviews scheduled.")).to_be_visible()
    schedule = Schedule.objects.get()
    assert [one.assignments.count() for one in schedule.interviews.order_by("position")] == [1, 2, 1, 1]
    assert len({one.starts_at.date() for one in schedule.interviews.all()}) == 2
    assert clicks <= 12
