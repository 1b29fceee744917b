"""The CodeSignal dialog without a pointer: only keys are pressed, and the focus is always where it makes sense."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, connect, dialog, link_in, open_communications, row_of

INTERVIEW = "Coding: components"
MOST_STEPS = 60


def focused(page: Page) -> Locator:
    return page.locator("*:focus")


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press the key until the wanted element has the focus, as a person would."""
    for _ in range(MOST_STEPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"not reached with {MOST_STEPS} times {key}: {wanted}")


def test_the_dialog_by_keyboard(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    page = visitor.page
    connect(visitor, demo.sandbox)
    open_communications(visitor, "Noah Lindqvist", "Final loop")

    opener = page.get_by_role("button", name="CodeSignal", exact=True)
    tab_to(page, opener)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    row = row_of(page, INTERVIEW)
    tab_to(page, row.get_by_role("button", name=ADD))
    page.keyboard.press("Enter")
    link = link_in(row)
    # The button that was pressed is gone; its row has the focus, and what comes next is a step away.
    expect(focused(page)).to_have_attribute("id", row.get_attribute("id") or "?")
    news = dialog(page).get_by_role("status")
    expect(news.filter(has_text=f"{INTERVIEW}: Ready.")).to_have_count(1)

    tab_to(page, row.get_by_role("button", name="Copy", exact=True))
    page.keyboard.press("Space")
    expect(page.get_by_role("status").get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == link

    tab_to(page, row.get_by_role("button", name="Remove", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, row.get_by_role("button", name="Remove link"))
    page.keyboard.press("Enter")
    expect(row.get_by_text("Removed", exact=True)).to_be_visible()
    expect(focused(page)).to_have_attribute("id", row.get_attribute("id") or "?")

    # The focus goes round in the dialog until Escape, and then is where it came from.
    first, last = (dialog(page).get_by_role("button", name="Close").nth(number) for number in (0, -1))
    tab_to(page, last)
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(last).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(opener).to_be_focused()
    assert demo.sandbox.interviews() == []


def test_a_page_by_keyboard(visitors: Visitors) -> None:
    """The first key press offers the way past the navigation; the default's button is pressed with a key."""
    visitor = visitors("recruiter@example.com")
    page = visitor.page
    visitor.go("Jobs", "Frontend Engineer")
    page.reload()
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    visitor.check()
