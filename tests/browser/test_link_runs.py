"""Links for all upcoming interviews of a job: previewed, paused, resumed, cancelled, refused and tried again."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import SWITCH, connect, planned
from tests.browser.test_home import CANDIDATE, INTERVIEW, in_75_minutes
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
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    # A head, the links of this run, and today's interview: it got one before.
    assert len(lines) == 1 + number + sum("Has a link already" in line for line in lines)


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


def copied(database: sqlite3.Connection, table: str, pk: int, **changes: object) -> int:
    """Copy a row of the demo with other values in some columns. Returns its id."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    values = ", ".join(f":{name}" if name in changes else name for name in names)
    statement = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = :pk"
    return int(database.execute(statement, changes | {"pk": pk}).lastrowid or 0)


def more_schedules(demo: Demo, number: int) -> None:
    """Give as many further candidates the schedule that `in_75_minutes` moves; no page makes so many at once."""
    with closing(sqlite3.connect(demo.folder / "panelist.sqlite3", timeout=30)) as database, database:
        found = "SELECT s.id, c.id FROM scheduling_schedule s JOIN scheduling_candidate c ON c.id = s.candidate_id"
        schedule, candidate = database.execute(f"{found} WHERE c.name = ?", (CANDIDATE,)).fetchone()
        own = "SELECT id FROM scheduling_interview WHERE schedule_id = ?"
        interviews = [pk for (pk,) in database.execute(own, (schedule,))]
        for place in range(number):
            name, email = f"Robin {place:02}", f"robin-{place}@candidates.example"
            one = copied(database, "scheduling_candidate", candidate, name=name, email=email)
            theirs = copied(database, "scheduling_schedule", schedule, candidate_id=one)
            for pk in interviews:
                copied(database, "scheduling_interview", pk, schedule_id=theirs)


def test_home_says_once_what_a_whole_job_lacks(demo: Demo, visitors: Visitors) -> None:
    in_75_minutes(demo)
    more_schedules(demo, 24)  # his own has its link since the tool was connected
    visitor = visitors()
    page = visitor.page
    visitor.go("Home")
    attention = page.get_by_role("region", name="attention")
    item = attention.get_by_role("listitem").filter(has_text="24 interviews of “")
    expect(item).to_contain_text("have no CodeSignal link")
    expect(attention).not_to_contain_text(f"“{INTERVIEW}” has no CodeSignal link")
    visitor.check()
    demo.sandbox.configure(max_cost=0)
    item.get_by_role("link", name="Add links…").click()
    start(page)
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_contain_text("Paused because many links in a row failed.", timeout=120_000)

    # On Home that is one thing, and not one for each candidate.
    visitor.go("Home")
    item = attention.get_by_role("listitem").filter(has_text="paused: many in a row failed")
    expect(item).to_contain_text("CodeSignal refused the request.")
    expect(attention).not_to_contain_text(f"link for “{INTERVIEW}”")
    visitor.check()
    demo.sandbox.configure(max_cost=10_000)
    item.get_by_role("link", name="Open the run").click()
    page.get_by_role("button", name=re.compile("Try [0-9]+ failed links again")).click()
    expect(page.get_by_role("cell").filter(has_text="CodeSignal refused the request.")).to_have_count(0)
    visitor.go("Home")
    item.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("status").get_by_text("Links are being added again.")).to_be_visible()
    expect(item).to_have_count(0)
    expect(attention).not_to_contain_text("CodeSignal link")
    visitor.check()
