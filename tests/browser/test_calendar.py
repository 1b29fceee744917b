"""The calendar: everyone's week, an interview that is dragged to another time, and the list on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from benchmarks.calendar import data, page_of
from tests.browser.conftest import Visitors
from tests.browser.steps import dialog
from tests.browser.visitor import PHONE, Visitor

TALL = {"width": 1440, "height": 1000}
HOUR = 56  # pixels, where hours go down


def open_calendar(visitor: Visitor) -> Locator:
    """Open the calendar at the first week that has an interview to come of Amina, whom the demo schedules."""
    page = visitor.page
    visitor.go("Calendar")
    calendar = page.locator("#calendar")
    for _week in range(3):
        if calendar.locator("[data-calendar-grid] button").filter(has_text="Amina Haddad").count():
            break
        heading = calendar.locator(".calendar-heading").inner_text()
        page.get_by_role("link", name="Later").click()
        expect(calendar.locator(".calendar-heading")).not_to_have_text(heading)
    visitor.quiet()
    return calendar


def interview(page: Page, name: str, person: str) -> Locator:
    """An interview in a person's row or column."""
    return page.get_by_role("group", name=person, exact=True).get_by_role("button", name=name)


def drag(page: Page, block: Locator, *, right: float = 0, down: float = 0) -> None:
    block.evaluate("block => block.scrollIntoView({ block: 'center' })")
    box = block.bounding_box()
    assert box is not None
    x, y = box["x"] + 30, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def times_of(block: Locator) -> str:
    """The beginning and the end, as the block shows them."""
    return block.locator("[data-times]").inner_text()


def test_a_week_in_rows_of_people_and_of_candidates(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page, calendar = visitor.page, open_calendar(visitor)
    expect(interview(page, "System design", "Grace Okafor")).to_be_visible()
    expect(interview(page, "System design", "Marek Novák")).to_be_visible()
    visitor.check()
    calendar.get_by_role("link", name="Candidates").click()
    expect(interview(page, "System design", "Amina Haddad")).to_have_count(1)
    expect(page).to_have_url(re.compile("by=candidates"))
    calendar.get_by_label("Search people").fill("amina")
    expect(calendar.get_by_role("group", name="Noah Lindqvist", exact=True)).to_have_count(0)
    # One row left: the week has its hours.
    expect(calendar.locator(".tg-lane").first).to_be_visible()
    visitor.check()
    calendar.locator(".calendar-heading").click()
    page.keyboard.press("l")
    expect(calendar.get_by_role("link", name="List")).to_have_attribute("aria-current", "true")
    expect(calendar.get_by_role("listitem").filter(has_text="System design")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.press("?")
    expect(page.get_by_text("Calendar: day, week, list")).to_be_visible()


def test_a_click_opens_what_one_needs(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page, _calendar = visitor.page, open_calendar(visitor)
    block = interview(page, "System design", "Grace Okafor")
    block.focus()
    page.keyboard.press("Enter")
    card = dialog(page).filter(has_text="Open schedule")
    expect(card).to_contain_text("Amina Haddad")
    expect(card).to_contain_text("Marek Novák")
    visitor.check()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(block).to_be_focused()


def test_a_drag_moves_with_its_reason(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com", viewport=TALL)
    page, calendar = visitor.page, open_calendar(visitor)
    block = interview(page, "System design", "Grace Okafor")
    day = block.locator("xpath=ancestor::div[@data-day]").get_attribute("data-day")
    page.goto(f"/o/acme/calendar/?scope=day&day={day}")
    before, moving = times_of(block), page.locator("#dialog")

    # On another interview of the candidate: said, and not saved. Closed, it goes back.
    drag(page, block, down=HOUR)
    expect(moving).to_contain_text("Overlaps with the candidate's")
    expect(block).not_to_contain_text(before)
    moving.get_by_role("radio").first.check(force=True)
    moving.get_by_role("button", name=re.compile("^Move")).last.click()
    expect(moving.locator("[data-problems]")).to_contain_text("Overlaps")
    moving.get_by_role("button", name="Close", exact=True).last.click()
    page.get_by_role("button", name="Discard changes").click()
    expect(moving).to_be_hidden()
    expect(block).to_contain_text(before)

    # Where everyone is free: three clicks, with the drag as one.
    drag(page, block, down=2.5 * HOUR)
    expect(moving).to_contain_text("System design")
    moving.get_by_role("radio").first.check(force=True)
    moving.get_by_role("button", name=re.compile("^Move")).last.click()
    expect(moving).to_be_hidden()
    start = int(before[:2]) * 60 + int(before[3:5]) + 150
    after = f"{start // 60:02}:{start % 60:02}"
    expect(calendar.locator("[data-calendar-grid]")).to_contain_text(after)
    visitor.check()
    interview(page, "System design", "Grace Okafor").click()
    dialog(page).get_by_role("link", name="Open schedule").click()
    expect(page.get_by_role("main")).to_contain_text(after)
    page.get_by_role("link", name="Communications", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Grace Okafor")


def test_on_a_phone_it_is_a_list(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com")
    page, calendar = visitor.page, open_calendar(visitor)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    expect(calendar.locator("[data-calendar-grid]")).to_be_hidden()
    expect(calendar.get_by_role("listitem").filter(has_text="System design")).to_be_visible()
    visitor.check()


def test_an_interviewer_sees_their_own_week(visitors: Visitors) -> None:
    visitor = visitors("interviewer@example.com", viewport=TALL)
    visitor.go("Calendar")
    expect(visitor.page.locator(".tg-lane").first).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Candidates", exact=True)).to_have_count(1)
    visitor.check()


def test_sixty_people_and_three_hundred_interviews_are_all_drawn(visitors: Visitors) -> None:
    """The page that `benchmarks/calendar.py` measures."""
    page = visitors("").page
    for scope, lanes in (("week", ".calendar-week-row"), ("day", ".tg-lane")):
        page.set_content(page_of(data(scope)))
        expect(page.locator("[data-calendar-grid] button[data-block]")).to_have_count(300)
        expect(page.locator(lanes)).to_have_count(61 if scope == "week" else 60)
