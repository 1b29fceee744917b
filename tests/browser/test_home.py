"""Home tells of a coding interview that has no link, leads to where it gets one, and is quiet once it has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, dialog, link_in, row_of

CANDIDATE, INTERVIEW = "Tomás Rivera", "Live coding"


def in_75_minutes(demo: Demo) -> None:
    """His interview, whose plan asks for a link: no page lets one ask for it before a tool is connected."""
    starts = datetime.now(UTC) + timedelta(minutes=75)
    times = (f"{starts:%Y-%m-%d %H:%M:%S}", f"{starts + timedelta(hours=1):%Y-%m-%d %H:%M:%S}")
    loop = (
        "SELECT s.id FROM scheduling_schedule s JOIN scheduling_candidate c ON c.id = s.candidate_id WHERE c.name = ?"
    )
    with closing(sqlite3.connect(demo.folder / "panelist.sqlite3", timeout=30)) as database, database:
        database.execute("UPDATE jobs_planinterview SET link_tool = 'codesignal' WHERE name = ?", (INTERVIEW,))
        database.execute(
            f"UPDATE scheduling_interview SET starts_at = ?, ends_at = ? WHERE schedule_id IN ({loop})",
            (*times, CANDIDATE),
        )
        database.execute(
            f"UPDATE scheduling_schedule SET first_starts_at = ?, last_ends_at = ? WHERE id IN ({loop})",
            (*times, CANDIDATE),
        )


def his(page: Page) -> Locator:
    """The part of the list that is about his schedule."""
    part = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=CANDIDATE, exact=True))
    return page.get_by_role("region", name="attention").locator(part)


def test_a_missing_link_is_mended_from_home(demo: Demo, visitors: Visitors) -> None:
    in_75_minutes(demo)
    visitor = visitors()
    page = visitor.page
    visitor.go("Home")
    missing = f"“{INTERVIEW}” has no CodeSignal link"
    expect(page.get_by_text("CodeSignal is not connected.")).to_be_visible()
    expect(his(page)).to_contain_text(missing)
    expect(page.get_by_role("heading", level=3).first).to_have_text(CANDIDATE)
    visitor.check()

    # Nobody has connected CodeSignal: the way leads there, and connecting it is enough.
    his(page).get_by_role("link", name="Connect CodeSignal").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    dialog(page).get_by_label("API Key").fill(demo.sandbox.make_key(description="Panelist"))
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    until_gone(page, missing)
    expect(page.get_by_text("CodeSignal is not connected.")).to_have_count(0)

    # Somebody takes it away: the way leads to the links of the schedule.
    open_links(page)
    row_of(page, INTERVIEW).get_by_role("button", name="Remove", exact=True).click()
    row_of(page, INTERVIEW).get_by_role("button", name="Remove link").click()
    expect(row_of(page, INTERVIEW).get_by_text("Removed", exact=True)).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    visitor.go("Home")
    expect(his(page)).to_contain_text(missing)
    his(page).get_by_role("link", name="Open links").click()
    row_of(page, INTERVIEW).get_by_role("button", name=ADD).click()
    link_in(row_of(page, INTERVIEW))
    until_gone(page, missing)
    visitor.check()


def until_gone(page: Page, words: str) -> None:
    """Open Home until a worker has made the link."""
    for _attempt in range(60):
        page.goto("/o/acme/home/")
        expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
        if not page.get_by_text(words).count():
            break
    expect(page.get_by_text(words)).to_have_count(0)


def open_links(page: Page) -> None:
    """Go from the interview on Home to the dialog of its links."""
    row = page.get_by_role("listitem").filter(has_text=INTERVIEW).filter(has=page.get_by_text("Ready", exact=True))
    row.get_by_role("link").filter(has_text="Ready").first.click()
    expect(dialog(page)).to_be_visible()
