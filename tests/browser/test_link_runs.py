"""Links for all upcoming interviews of a job: previewed, paused, resumed, cancelled, refused and tried again."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import SWITCH, connect, planned
from tests.browser.visitor import Visitor

JOB, ADD = "Backend Engineer", "Add coding links"
STRUCTURES, DEBUGGING, DESIGN = "Coding: data structures", "Coding: debugging", "System design"


def test_links_for_all_upcoming_interviews_of_a_job(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    connect(visitor, demo.sandbox)
    pause_and_resume(visitor, demo)
    refuse_and_try_again(visitor, demo)
    cancel(visitor, demo)


def switch_on(visitor: Visitor, name: str) -> int:
    """Have the plan ask for the links of one more interview, and go to the preview. Returns how many get one."""
    page = visitor.page
    visitor.go("Jobs", JOB)
    switch = planned(page, name).get_by_role("button", name=SWITCH, exact=True)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name=ADD, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ADD)
    button = page.get_by_role("button", name=re.compile("Add [0-9]+ link"))
    found = re.search("[0-9]+", button.inner_text())
    assert found is not None
    return int(found[0])


def start(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Add [0-9]+ link")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run of")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def pause_and_resume(visitor: Visitor, demo: Demo) -> None:
    """Close the window in between: the run is found again from the job. One interview is too far away for a link."""
    page = visitor.page
    number = switch_on(visitor, STRUCTURES)
    expect(page.get_by_role("main")).to_contain_text("Less than a minute at CodeSignal's limit of 5 a second.")
    expect(page.get_by_role("main")).to_contain_text("× No coding link planned")
    visitor.check()
    demo.sandbox.configure(latency=4.0)
    start(page)
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_contain_text("Running")
    press(page, "Pause run")
    expect(progress).to_contain_text("No more links are requested until someone resumes.")
    page.goto("/")
    visitor.go("Jobs", JOB, ADD)
    page.get_by_role("region", name="Runs so far").get_by_role("link").first.click()
    expect(progress).to_contain_text("Paused")
    visitor.check()
    press(page, "Resume run")
    expect(progress).to_contain_text("Running")
    page.reload()
    expect(progress).to_contain_text("Running")
    demo.sandbox.configure(latency=0.0)
    # Nobody reloads: the page sees by itself that it is over, and shows the results.
    expect(progress).to_contain_text("Finished")
    expect(progress).to_contain_text(f"{number} of {number} links settled")
    expect(page.get_by_role("cell", name="Ready", exact=True)).to_have_count(number - 1)
    expect(progress).to_contain_text("Planned: 1")
    visitor.check()
    with page.expect_download() as download:
        press(page, "Export")
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == number + 1


def refuse_and_try_again(visitor: Visitor, demo: Demo) -> None:
    """Let the vendor refuse everything for good, as after a change on its side, then work again."""
    page = visitor.page
    switch_on(visitor, DEBUGGING)
    expect(page.get_by_role("main")).to_contain_text("× Has a link already")
    demo.sandbox.configure(max_cost=0)
    start(page)
    failed = page.get_by_role("cell").filter(has_text="CodeSignal refused the request.")
    expect(failed).to_have_count(1)
    visitor.check()
    again = page.get_by_role("button", name=re.compile("^Try again"))
    again.click()
    expect(page.get_by_text("Trying 1 link again.")).to_be_visible()
    expect(failed).to_have_count(1)  # refused once more
    demo.sandbox.configure(max_cost=10_000)
    page.get_by_role("button", name="Try 1 failed link again").click()
    expect(page.get_by_role("cell", name="Ready", exact=True)).to_have_count(1)
    expect(failed).to_have_count(0)


def cancel(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    switch_on(visitor, DESIGN)
    demo.sandbox.configure(latency=4.0)
    start(page)
    press(page, "Cancel run")
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_contain_text("Cancelled")
    expect(progress).to_contain_text("The links that were made stay. Nothing else is added.")
    expect(page.get_by_role("button", name="Cancel run")).to_have_count(0)
    demo.sandbox.configure(latency=0.0)
    visitor.check()
