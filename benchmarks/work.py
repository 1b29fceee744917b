"""`make walk`: the main jobs of a coordinator in a real browser at a demo, with the fewest actions. Writes RESULTS.md.

Clicks and keys are counted by the browser, not by the script: every press of a button of the mouse, every key. A text
that stands in the clipboard, such as a vendor's key, counts as one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Error, Locator, Page, expect, sync_playwright

from benchmarks.results import put_section, table
from config.supervisor.child import die_with_parent
from tests.browser.demo import Demo, started
from tests.browser.steps import connect, dialog, people_found
from tests.browser.test_first_run import HOME, new_organization
from tests.browser.test_home import in_75_minutes
from tests.browser.visitor import Visitor
from tests.chromium import ARGUMENTS, executable

WIDE = {"width": 1440, "height": 900}
#: Counts in the browser, over all pages of the window.
COUNT = """(() => {
  if (window !== window.top) return;
  const count = (name) => sessionStorage.setItem(name, Number(sessionStorage.getItem(name)) + 1);
  addEventListener("pointerdown", () => count("clicks"), true);
  addEventListener("keydown", (event) => {
    if (!["Control", "Shift", "Alt", "Meta"].includes(event.key)) count(event.key === "Tab" ? "tabs" : "keys");
  }, true);
})()"""
READ = "() => ['clicks', 'keys', 'tabs'].map(name => Number(sessionStorage.getItem(name)))"
HEIGHT = "() => document.documentElement.scrollHeight"
#: Seconds for a click and a key, of the keystroke-level model, without the time to think.
CLICK, KEY = 1.3, 0.2
#: Milliseconds that a hand needs from one field to another.
PAUSE = 700


@dataclass(frozen=True)
class Counted:
    """The acts that a job took. `height` is that of its longest page, 0 where no page is meant."""

    clicks: int
    keys: int
    tabs: int
    height: int = 0
    problem: str = ""

    @property
    def seconds(self) -> float:
        return self.clicks * CLICK + (self.keys + self.tabs) * KEY


@dataclass(frozen=True)
class Work:
    """A main job: how it is done, what it took before, and the bounds; None where there is none.

    `later` says what the bound waits for: then it is shown, and missing it fails nothing.
    """

    name: str
    do: Callable[[Person], Counted]
    before: str
    clicks: int | None = None
    tabs: int | None = None
    later: str = ""

    def is_held(self, counted: Counted) -> bool | None:
        if counted.problem:
            return False
        held = (self.clicks is None or counted.clicks <= self.clicks) and (
            self.tabs is None or counted.tabs <= self.tabs
        )
        return None if self.later and not held else held


@dataclass
class Person:
    """Somebody who works at a window of the demo."""

    demo: Demo
    visitor: Visitor
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.visitor.page

    def begin(self) -> None:
        """Count from here."""
        self.visitor.quiet()
        self.page.evaluate("() => ['clicks', 'keys', 'tabs'].forEach(name => sessionStorage.removeItem(name))")

    def counted(self, height: int = 0) -> Counted:
        clicks, keys, tabs = self.page.evaluate(READ)
        return Counted(clicks, keys, tabs, height)

    def tab_to(self, wanted: Locator, most: int = 120) -> None:
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached with {most} times Tab")


# --- The jobs -------------------------------------------------------------------------------------


def first_link(person: Person) -> Counted:
    """From the first Home page of a new organization to a link that is ready."""
    new_organization(person.demo)
    page = person.page
    page.goto(HOME)
    first = page.get_by_role("region", name="Get started")
    person.begin()
    first.get_by_role("button", name="Connect the stand-in").click()
    expect(first).to_contain_text("CodeSignal is connected")
    expect(dialog(page)).to_be_hidden()
    first.get_by_role("button", name="Technical screen").click()
    expect(first).to_contain_text("2 of 6 done")
    first.get_by_role("button", name="Add candidate").click()
    expect(dialog(page).get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Ada Osei")
    page.keyboard.press("Tab")
    page.keyboard.type("ada@example.org")
    dialog(page).get_by_role("button", name="Add candidate").click()
    expect(first).to_contain_text("3 of 6 done")
    person.visitor.quiet()
    first.get_by_role("link", name="New schedule").click()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_role("main")).to_contain_text("1 interview scheduled.")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home", exact=True).click()
    expect(page.locator(".home-row").get_by_text("Ready", exact=True)).to_be_visible()
    return person.counted()


def builder(person: Person) -> Page:
    """ "New schedule" for a candidate whose stage has four interviews, opened from the candidate's page."""
    page = person.page
    page.goto("/o/acme/candidates/")
    page.get_by_role("main").get_by_role("link", name="Emeka Balogun").click()
    person.begin()
    page.locator(".page-header").get_by_role("link", name="New schedule").click()
    expect(page.get_by_role("group", name="Interview 4", exact=True)).to_be_visible()
    person.visitor.quiet()
    return page


def loop(person: Person) -> Counted:
    """Four interviews on two days with five people, from the candidate's page to "4 interviews scheduled."."""
    page = builder(person)
    height = page.evaluate(HEIGHT)
    for number in (1, 2, 4, 3):
        row = page.get_by_role("group", name=f"Interview {number}", exact=True)
        page.wait_for_timeout(PAUSE)
        row.get_by_role("combobox", name="Add interviewer").click()
        for _ in range(2 if number == 3 else 1):
            people_found(row).first.click()
        expect(people_found(row)).to_have_count(0)
        person.visitor.quiet()
    in_calendars = 0
    for number in (3, 4):
        day = page.get_by_role("group", name=f"Interview {number}", exact=True).get_by_label("Date")
        after = date.fromisoformat(day.input_value()) + timedelta(days=1)
        day.click(position={"x": 12, "y": 12})
        page.keyboard.press("Escape")
        # The browser's own calendar, in which the day is one more click, is no part of the page.
        day.fill(after.isoformat())
        day.blur()
        in_calendars += 1
        person.visitor.quiet()
    page.get_by_role("button", name="Schedule 4 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("4 interviews scheduled.")
    counted = person.counted(height)
    return replace(counted, clicks=counted.clicks + in_calendars)


def loop_by_keys(person: Person) -> Counted:
    """Tab stops from the top of "New schedule" to the button that saves."""
    page = builder(person)
    page.reload()
    person.visitor.quiet()
    person.begin()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    person.tab_to(page.get_by_role("button", name="Schedule 4 interviews"))
    return person.counted(page.evaluate(HEIGHT))


def details(person: Person) -> Page:
    page = person.page
    page.goto("/o/acme/schedules/?q=emeka")
    page.get_by_role("main").get_by_role("link", name="Emeka Balogun").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Emeka Balogun")
    person.begin()
    return page


def move(person: Person) -> Counted:
    """Another time for one interview, with its reason, from the schedule's page."""
    page = details(person)
    page.locator("[id^='time-']").first.click()
    time = dialog(page).get_by_label("Time", exact=True)
    expect(time).to_be_focused()
    # Late in the day, when nobody of the demo has anything, whenever the interview is on this day of the week.
    page.keyboard.type("15:00" if time.input_value() == "16:00" else "16:00")
    person.visitor.quiet()
    dialog(page).get_by_text("An interviewer is ill").click()
    dialog(page).get_by_role("button", name="Move").click()
    expect(page.locator(".toast")).to_contain_text("moved.")
    return person.counted()


def replace_somebody(person: Person) -> Counted:
    """Somebody is ill: another interviewer, from the schedule's page."""
    page = details(person)
    page.get_by_role("link", name="Replace").first.click()
    dialog(page).locator("label", has=page.get_by_role("radio")).first.click()
    dialog(page).get_by_role("button", name="Replace").click()
    expect(page.locator(".toast")).to_contain_text("replaced by")
    return person.counted()


def job(person: Person) -> Counted:
    """A job of two stages and five interviews, three of them with a coding link."""
    page = person.page
    page.goto("/o/acme/jobs/")
    person.begin()
    page.get_by_role("link", name="New job").click()
    expect(dialog(page).get_by_label("Title")).to_be_focused()
    page.keyboard.type("Data Engineer")
    page.keyboard.press("Enter")
    for name in ("Phone screen", "Onsite loop"):
        expect(page.get_by_label("Stage name")).to_be_focused()
        expect(page.get_by_label("Stage name")).to_have_value("")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name=name)).to_be_visible()
    for stage, interviews in (
        ("Phone screen", {"Introduction": False, "Coding: warm-up": True}),
        ("Onsite loop", {"Coding: algorithms": True, "Coding: debugging": True, "System design": False}),
    ):
        page.get_by_role("region", name=stage).get_by_label("Interview name").click()
        for name, has_code in interviews.items():
            page.keyboard.type(name)
            if has_code:
                page.locator(".plan-line:focus-within .plan-switch").click()
            page.keyboard.press("Enter")
            expect(page.get_by_role("region", name=stage)).to_contain_text(name)
            expect(page.locator("[name='name']:focus")).to_have_value("")
    return person.counted(page.evaluate(HEIGHT))


def duplicate(person: Person) -> Counted:
    """The same from a job that is there."""
    page = person.page
    page.goto("/o/acme/jobs/")
    person.begin()
    page.get_by_role("button", name="Actions for Backend Engineer").click()
    page.locator(".dropdown-menu.show").get_by_text("Duplicate").click()
    expect(dialog(page).get_by_label("Title")).to_be_focused()
    page.keyboard.type("Platform Engineer")
    dialog(page).get_by_role("button", name="Duplicate", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Platform Engineer")
    return person.counted()


def join(person: Person) -> Counted:
    """An interviewer joins the interview that begins in ten minutes, from Home."""
    in_75_minutes(person.demo, minutes=10, also="interviewer@example.com")
    browser = person.visitor.context.browser
    assert browser is not None
    with at_work(browser, person.demo, "recruiter@example.com") as recruiter:
        recruiter.page.goto("/o/acme/home/")
        his = recruiter.page.locator(".home-row").filter(has_text="Tomás Rivera")
        his.get_by_role("button", name="Add link").click()
        expect(his.get_by_text("Ready", exact=True)).to_be_visible()
    page = person.page
    page.goto("/o/acme/home/")
    person.begin()
    with person.visitor.context.expect_page() as opened:
        page.locator(".home-row").filter(has_text="Tomás Rivera").get_by_role("link", name="Join").click()
    # It leads to the coding tool at once.
    expect(opened.value.get_by_role("heading", name="Interview with Tomás Rivera")).to_be_visible()
    return person.counted()


SUGGESTED = "“Suggest times”, which comes later"
#: In this order: a person leaves things behind.
WORK = [
    Work("new organization to its first link, led", first_link, "27 clicks, not led", clicks=8),
    Work("loop of 4 interviews, 2 days, 5 people", loop, "26 clicks, 70 keys, 3,100 px", clicks=6, later=SUGGESTED),
    Work("the same by keyboard, to the button that saves", loop_by_keys, "94 Tab stops", tabs=12),
    Work("move one interview", move, "9-11 clicks", clicks=3),
    Work("somebody is ill: replace", replace_somebody, "7 clicks", clicks=3),
    Work("job with 2 stages, 5 interviews, 3 “</>”", job, "25 clicks, 8 dialogs", clicks=6),
    Work("the same by “Duplicate”", duplicate, "not there", clicks=3),
    Work("interviewer joins from Home", join, "3 clicks", clicks=1),
]
#: The account that does it, where that is no recruiter's.
EMAILS: dict[Callable[[Person], Counted], str] = {first_link: "admin@example.com", join: "interviewer@example.com"}


@contextmanager
def at_work(browser: Browser, demo: Demo, email: str) -> Iterator[Person]:
    visitor = Visitor(browser, demo.url, viewport=WIDE)
    visitor.context.set_default_timeout(30_000)
    visitor.context.add_init_script(COUNT)
    visitor.sign_in(email)
    yield Person(demo, visitor)
    visitor.close()


def done(browser: Browser, demo: Demo, only: str) -> Iterator[tuple[Work, Counted]]:
    """Do each job whose name has one of the parts of `only` in it, in a window of its own."""
    expect.set_options(timeout=30_000)
    with at_work(browser, demo, "admin@example.com") as admin:
        connect(admin.visitor, demo.sandbox)
    for work in WORK:
        if not any(part in work.name for part in only.split("|")):
            continue
        with at_work(browser, demo, EMAILS.get(work.do, "recruiter@example.com")) as person:
            try:
                counted = work.do(person)
            except (AssertionError, Error) as error:
                traceback.print_exc()
                counted = Counted(0, 0, 0, problem=str(error).partition("\n")[0][:120])
        print(line(work, counted), flush=True)
        yield work, counted


def cells(work: Work, counted: Counted) -> list[str]:
    bound = " and ".join(
        f"{number} {what}" for number, what in ((work.clicks, "clicks"), (work.tabs, "Tab stops")) if number is not None
    )
    held = {True: "yes", False: "NO", None: f"needs {work.later}"}[work.is_held(counted)]
    if counted.problem:
        return [work.name, work.before, bound, f"not done: {counted.problem}", "", "", held]
    took = f"{counted.clicks} clicks, {counted.keys} keys, {counted.tabs} Tab stops"
    height = f"{counted.height:,} px" if counted.height else ""
    return [work.name, work.before, bound, took, f"{counted.seconds:.0f} s", height, held]


def line(work: Work, counted: Counted) -> str:
    return " | ".join(cells(work, counted))


def section(found: list[tuple[Work, Counted]]) -> str:
    head = ["main job", "before", "bound", "took", "estimated", "page", "held"]
    return (
        "At the demo, in a window of 1440 by 900 pixels, with the fewest acts. A click is every press of the mouse, a\n"
        "key every key but Tab. Seconds are an estimate: 1.3 for a click, 0.2 for a key.\n\n"
        + table(head, [cells(work, counted) for work, counted in found])
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make walk")
    parser.add_argument("--only", default="", help="do only the jobs whose name has one of these in it: “loop|joins”")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    path = executable()
    if path is None:
        print("There is no chromium on this machine. Install it (Debian: apt install chromium).", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="panelist-") as name,
        started(Path(name)) as demo,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        found = list(done(browser, demo, options.only))
        browser.close()
    if not options.dry and not options.only:
        put_section("Main jobs of a coordinator", section(found))
    missed = [work.name for work, counted in found if work.is_held(counted) is False]
    if missed:
        print(f"Missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main())
