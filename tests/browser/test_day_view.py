"""The day view: a drag writes into the fields, what is typed moves the block, on clock-change days too."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.steps import a_day_soon, fill_interview, opened, start_over
from tests.browser.visitor import PHONE, Visitor

HALF_HOUR = 28  # pixels of half an hour in the day view
TALL = {"width": 1280, "height": 1600}  # no scrolling while dragging
STRUCTURES, DEBUGGING = "Coding: data structures", "Coding: debugging"


def plan(visitor: Visitor) -> date:
    """Plan a new schedule of the stage's plan, its first two interviews back to back on one day."""
    page, day = visitor.page, a_day_soon()
    visitor.go("Schedules")
    page.get_by_role("link", name="New schedule").first.click()
    start_over(page)
    page.get_by_label("Search name or e-mail").fill("Emeka")
    page.get_by_role("radio", name=re.compile("Emeka Balogun")).click(force=True)
    # The candidate's own job and stage are taken.
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value(STRUCTURES)
    fill_interview(page, 1, day, "10:00", "Alex Morgan")
    fill_interview(page, 2, day, "11:00", "Grace Okafor")
    visitor.quiet()
    for name in ("Alex", "Grace"):
        expect(page.locator(".tg-head").filter(has_text=name)).to_be_visible()
    return day


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)


def block(page: Page, name: str) -> Locator:
    """The interview in the candidate's column, which comes first."""
    return page.locator(".day-view-row").filter(has_text=name).first


def drag(page: Page, name: str, pixels: int, *, edge: bool = False) -> None:
    """Drag the block, or its lower edge, up or down."""
    # It is drawn anew after every answer; hovering waits until it stands still. And away from the edges, near which
    # the day scrolls under a held block for as long as it is held there.
    block(page, name).evaluate("block => block.scrollIntoView({ block: 'center' })")
    block(page, name).hover(position={"x": 20, "y": 8})
    box = block(page, name).bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + (box["height"] - 3 if edge else 8)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + pixels / 2, steps=4)
    page.mouse.move(x, y + pixels, steps=4)
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "part=draft" not in (answer.request.post_data or "")
    ):
        page.mouse.up()


def test_a_drag_types_and_what_is_typed_moves(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page = visitor.page
    day = plan(visitor)
    view = page.get_by_role("region", name="Day view")
    heading = f"{day:%A}, {day.day} {day:%B}"
    expect(view.get_by_role("heading", name=heading)).to_be_visible()
    expect(block(page, STRUCTURES)).to_contain_text("10:00")

    drag(page, STRUCTURES, 2 * HALF_HOUR)
    expect(row(page, 1).get_by_label("Time")).to_have_value("11:00")
    expect(row(page, 1).get_by_label("Date")).to_have_value(day.isoformat())
    expect(row(page, 1)).to_contain_text(f"Overlaps with the candidate's “{DEBUGGING}”")
    expect(block(page, STRUCTURES)).to_have_attribute("title", f"Conflict: {STRUCTURES}")

    drag(page, STRUCTURES, -2 * HALF_HOUR)
    expect(row(page, 1).get_by_label("Time")).to_have_value("10:00")
    expect(row(page, 1)).not_to_contain_text("Overlaps with the candidate")
    expect(block(page, STRUCTURES)).to_contain_text("10:00")
    minutes = int(row(page, 1).get_by_label("Minutes").input_value())
    drag(page, STRUCTURES, -HALF_HOUR // 2, edge=True)
    expect(row(page, 1).get_by_label("Minutes")).to_have_value(str(minutes - 15))

    row(page, 1).get_by_label("Time").fill("08:35")
    row(page, 1).get_by_label("Time").blur()
    expect(block(page, STRUCTURES)).to_contain_text("08:35")
    # What is typed keeps its minutes; what is dragged goes to a quarter of an hour, and stays as long as it is.
    opened(page, 1).get_by_label("Minutes").fill("50")
    row(page, 1).get_by_label("Minutes").blur()
    expect(block(page, STRUCTURES)).to_contain_text("08:35–09:25")
    visitor.quiet()
    drag(page, STRUCTURES, 2 * HALF_HOUR)
    expect(row(page, 1).get_by_label("Time")).to_have_value(re.compile(r"^09:(30|45)$"))
    expect(row(page, 1).get_by_label("Minutes")).to_have_value("50")
    row(page, 1).get_by_label("Time").fill("08:35")
    row(page, 1).get_by_label("Time").blur()
    expect(block(page, STRUCTURES)).to_contain_text("08:35")
    view.get_by_label("Time zone of the day").select_option(value="Europe/London")
    expect(block(page, STRUCTURES)).to_contain_text("07:35")
    view.get_by_text("Show as text").click()
    expect(view.get_by_role("listitem").filter(has_text="Grace Okafor")).to_contain_text(DEBUGGING)
    visitor.check()


def press_free_time(page: Page, lane: int, clock: str) -> None:
    """Press the place of a clock time, in the lane with this number."""
    tick = page.locator(".tg-tick").filter(has_text=clock)
    tick.evaluate("tick => tick.scrollIntoView({ block: 'center' })")
    at, column = tick.bounding_box(), page.locator(".tg-lane").nth(lane).bounding_box()
    assert at is not None
    assert column is not None
    page.mouse.click(column["x"] + column["width"] / 2, at["y"] + at["height"] / 2 + 4)


def test_a_press_on_a_free_time_gives_it_to_the_chosen_interview(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page = visitor.page
    day = plan(visitor)
    view = page.get_by_role("region", name="Day view")
    row(page, 2).get_by_label("Time").focus()
    press_free_time(page, 1, "15:00")
    expect(row(page, 2).get_by_label("Time")).to_have_value("15:00")
    expect(block(page, DEBUGGING)).to_contain_text("15:00")
    expect(row(page, 1).get_by_label("Time")).to_have_value("10:00")
    visitor.quiet()

    # The week has the days of the chosen interview's people; what is pressed or dragged there takes the day along.
    view.get_by_role("button", name="Week", exact=True).click()
    expect(page.locator(".tg-lane")).to_have_count(5)
    expect(view.get_by_text("Grace", exact=False).first).to_be_visible()
    other = next(number for number in (0, 4) if number != day.weekday())
    press_free_time(page, other, "16:00")
    expect(row(page, 2).get_by_label("Time")).to_have_value("16:00")
    moved = day + timedelta(days=other - day.weekday())
    expect(row(page, 2).get_by_label("Date")).to_have_value(moved.isoformat())
    visitor.quiet()
    view.get_by_text("Show as text").click()
    expect(view.get_by_role("listitem").filter(has_text=f"{moved:%a} {moved.day} {moved:%b}, Grace")).to_contain_text(
        DEBUGGING
    )
    visitor.check()


@pytest.mark.parametrize("here", ["Europe/Berlin", "America/Sao_Paulo"])
def test_days_of_23_and_25_hours(visitors: Visitors, here: str) -> None:
    """Days on which clocks change, in any zone of the browser."""
    visitor = visitors("recruiter@example.com", viewport=TALL, timezone_id=here)
    page = visitor.page
    plan(visitor)
    view = page.get_by_role("region", name="Day view")
    row(page, 1).get_by_label("Date").fill("2027-03-28")
    row(page, 1).get_by_label("Time").fill("03:30")
    row(page, 1).get_by_label("Time").blur()
    expect(view.get_by_role("heading", name="Sunday, 28 March")).to_be_visible()
    expect(page.locator(".tg-tick")).to_have_count(23)
    expect(page.locator(".tg-tick").nth(2)).to_have_text("03:00")
    expect(block(page, STRUCTURES)).to_contain_text("03:30")
    drag(page, STRUCTURES, -HALF_HOUR)
    expect(row(page, 1).get_by_label("Time")).to_have_value("03:00")
    expect(block(page, STRUCTURES)).to_contain_text("03:00")
    drag(page, STRUCTURES, -HALF_HOUR)
    expect(row(page, 1).get_by_label("Time")).to_have_value("01:30")

    row(page, 1).get_by_label("Date").fill("2027-10-31")
    row(page, 1).get_by_label("Time").fill("02:30")
    row(page, 1).get_by_label("Time").blur()
    page.get_by_label("02:30 (GMT+1)").check()
    expect(view.get_by_role("heading", name="Sunday, 31 October")).to_be_visible()
    expect(page.locator(".tg-tick")).to_have_count(25)
    expect(block(page, STRUCTURES)).to_contain_text("02:30 (GMT+1)")
    drag(page, STRUCTURES, -HALF_HOUR)
    expect(page.get_by_label("02:00 (GMT+1)")).to_be_checked()
    expect(block(page, STRUCTURES)).to_contain_text("02:00 (GMT+1)")
    drag(page, STRUCTURES, -HALF_HOUR)
    expect(page.get_by_label("02:30 (GMT+2)")).to_be_checked()
    expect(row(page, 1).get_by_label("Time")).to_have_value("02:30")


def test_in_the_evening_where_tomorrow_has_begun_elsewhere(visitors: Visitors) -> None:
    """Half past eleven in São Paulo, where clocks stand otherwise today than on the component's made-up day."""
    visitor = visitors("recruiter@example.com", viewport=TALL, timezone_id="America/Sao_Paulo")
    visitor.page.clock.set_fixed_time("2026-11-23T02:30:00Z")
    plan(visitor)
    time = row(visitor.page, 1).get_by_label("Time").input_value()
    expect(block(visitor.page, STRUCTURES)).to_contain_text(time)


def test_on_a_phone_it_waits_to_be_asked(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com")
    page = visitor.page
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto("/o/acme/schedules/new/")
    start_over(page)
    page.get_by_role("radio").first.click(force=True)
    show = page.get_by_role("button", name="Show the day")
    expect(show).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_label("Time zone of the day")).to_be_hidden()
    show.press("Enter")
    expect(page.get_by_label("Time zone of the day")).to_be_visible()
    expect(page.locator(".day-view-row").first).to_be_visible()
    visitor.check()


def test_one_interview_is_moved_in_its_dialog(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page = visitor.page
    page.goto("/o/acme/schedules/?state=scheduled")
    page.get_by_role("main").get_by_role("link", name="Emeka Balogun").last.click()
    page.get_by_role("button", name=f"Edit {STRUCTURES}").click()
    before = page.get_by_label("Time", exact=True).input_value()
    expect(block(page, STRUCTURES)).to_contain_text(before)
    drag(page, STRUCTURES, -2 * HALF_HOUR)
    after = f"{int(before[:2]) - 1:02}:{before[3:]}"
    expect(page.get_by_label("Time", exact=True)).to_have_value(after)
    expect(block(page, STRUCTURES)).to_contain_text(after)
    visitor.check()
