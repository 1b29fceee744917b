"""Work without a pointer: only keys are pressed, and the focus is always where it makes sense."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, connect, dialog, link_in, open_communications, people_found, row_of
from tests.browser.visitor import Visitor

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
    assert demo.links_of("noah.lindqvist@example.org") == []


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


@dataclass
class Keys:
    """The keys that somebody presses in a window. The mouse is never used: the window counts that."""

    page: Page
    pressed: int = 0
    tabs: int = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.tabs += key.endswith("Tab")
        self.pressed += not key.endswith("Tab")

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.pressed += len(words)

    def to(self, wanted: Locator, key: str = "Tab", most: int = MOST_STEPS) -> None:
        """Press the key until the wanted element has the focus, as a person would."""
        expect(wanted).to_be_visible()
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"not reached with {most} times {key}: {wanted}")

    def on(self, wanted: Locator, key: str = "Enter") -> None:
        self.to(wanted)
        self.press(key)

    def find(self, words: str, title: str) -> None:
        """Go to a page by the command palette."""
        self.press("Control+k")
        expect(self.page.locator("#palette-field")).to_be_focused()
        self.type(words)
        expect(self.page.locator("#palette [role='option'][aria-selected='true']")).to_contain_text(title)
        self.press("Enter")
        expect(self.page.locator("#palette")).to_be_hidden()


MOUSE = """() => {
  for (const kind of ["pointerdown", "mousedown", "click"]) addEventListener(kind, (event) => {
    if (event.detail || kind !== "click") sessionStorage.setItem("mouse", kind);
  }, true);
}"""


def test_a_day_by_keyboard(demo: Demo, visitors: Visitors) -> None:
    """Sign in, find a candidate, plan, send, add a link, move an interview, sign out."""
    connected(demo, visitors())
    visitor = visitors("")
    page, keys = visitor.page, Keys(visitor.page)
    page.context.add_init_script(f"({MOUSE})()")
    page.goto("/sign-in/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    keys.type("recruiter@example.com")
    keys.press("Tab")
    keys.type("demo")
    keys.press("Enter")
    expect(page).to_have_title("Home · Panelist")

    a_schedule_is_planned(keys)
    its_people_are_told(keys)
    its_first_interview_gets_a_link(keys)
    an_interview_moves(keys)

    keys.on(page.get_by_role("button", name="Account:"))
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    keys.to(page.get_by_role("button", name="Sign out", exact=True), "ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("() => sessionStorage.getItem('mouse')") is None
    print(f"a day by keyboard: {keys.pressed} keys and {keys.tabs} Tab stops")
    assert keys.pressed <= 80 and keys.tabs <= 170


def connected(demo: Demo, admin: Visitor) -> None:
    """Connect the stand-in, where the test before has not."""
    admin.go("Organization Settings", "Integrations")
    if admin.page.get_by_role("button", name="Connect", exact=True).count():
        connect(admin, demo.sandbox)


def a_schedule_is_planned(keys: Keys) -> None:
    page = keys.page
    keys.find("rohan", "Rohan Mehta")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rohan Mehta")
    keys.on(page.locator(".page-header").get_by_role("link", name="New schedule"))
    row = page.get_by_role("group", name="Interview 1", exact=True)
    expect(row).to_be_visible()
    # A row is one stop; Enter goes into it.
    keys.on(row)
    keys.to(row.get_by_role("combobox", name="Add interviewer"))
    keys.type("marek")
    expect(people_found(row)).to_have_count(1)
    keys.press("Enter")
    expect(row.get_by_role("button", name="Remove Marek Novák")).to_be_visible()
    expect(page.locator(".htmx-request, form[aria-busy]")).to_have_count(0)
    keys.press("Control+Enter")
    expect(page.get_by_role("main")).to_contain_text("1 interview scheduled.")


def its_people_are_told(keys: Keys) -> None:
    page = keys.page
    keys.on(page.get_by_role("link", name="Communications", exact=True))
    section = page.get_by_role("region", name="Messages")
    keys.on(section.get_by_label("Send anyway"), "Space")
    keys.on(section.get_by_role("button", name="Send 2 messages"))
    expect(section.get_by_text("Sent", exact=True)).to_have_count(2)


def its_first_interview_gets_a_link(keys: Keys) -> None:
    page = keys.page
    opener = page.get_by_role("button", name="CodeSignal", exact=True)
    keys.on(opener)
    row = row_of(page, "Live coding")
    keys.on(row.get_by_role("button", name=ADD))
    link_in(row)
    keys.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(opener).to_be_focused()


def an_interview_moves(keys: Keys) -> None:
    page = keys.page
    keys.on(page.get_by_role("link", name="Details", exact=True))
    keys.on(page.locator("[id^='time-']").first)
    expect(dialog(page).get_by_label("Time", exact=True)).to_be_focused()
    keys.type("14:00")
    keys.to(dialog(page).get_by_role("radio").first)
    keys.press("Space")
    keys.on(dialog(page).get_by_role("button", name="Move and prepare 2 messages"))
    expect(page.locator(".toast")).to_contain_text("moved.")
