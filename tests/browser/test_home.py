"""Home tells of what is wrong, lets one solve it there, and is quiet once it is solved; "Join" is one click."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import dialog, row_of

CANDIDATE, INTERVIEW = "Tomás Rivera", "Live coding"


def in_75_minutes(demo: Demo, *, minutes: int = 75, also: str = "") -> None:
    """His interview, whose plan asks for a link: no page lets one ask for it before a tool is connected.

    `also` is an interviewer who takes the place of the one who has it.
    """
    starts = datetime.now(UTC) + timedelta(minutes=minutes)
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
        if also:
            member = "SELECT m.id FROM organizations_membership m JOIN organizations_user u ON u.id = m.user_id"
            own = f"SELECT id FROM scheduling_interview WHERE schedule_id IN ({loop})"
            for table in ("interviewerassignment", "joinlink"):
                database.execute(
                    f"UPDATE scheduling_{table} SET membership_id = ({member} WHERE u.email = ?) "
                    f"WHERE interview_id IN ({own}) AND membership_id IS NOT NULL",
                    (also, CANDIDATE),
                )


def his(page: Page) -> Locator:
    """The part of the list that is about his schedule."""
    part = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=CANDIDATE, exact=True))
    return page.get_by_role("region", name="attention").locator(part)


def test_what_needs_attention_is_solved_on_home(demo: Demo, visitors: Visitors) -> None:
    in_75_minutes(demo, also="marek.novak@example.com")
    visitor = visitors()
    page = visitor.page
    visitor.go("Home")
    missing = f"“{INTERVIEW}” has no CodeSignal link"
    expect(page.get_by_text("CodeSignal is not connected.")).to_be_visible()
    expect(his(page)).to_contain_text(missing)
    expect(page.get_by_role("heading", level=3).first).to_have_text(CANDIDATE)
    visitor.check()

    # Nobody has connected CodeSignal: that is done in a dialog, and connecting it is enough.
    his(page).get_by_role("link", name="Connect CodeSignal").click()
    dialog(page).get_by_label("API Key").fill(demo.sandbox.make_key(description="Panelist"))
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("CodeSignal is connected.")).to_be_visible()
    expect(dialog(page)).to_be_hidden()
    expect(row(page).get_by_text("Ready", exact=True)).to_be_visible()
    expect(his(page).get_by_text(missing)).to_have_count(0)
    expect(page.get_by_text("CodeSignal is not connected.")).to_have_count(0)

    # Somebody takes it away, in the dialog of the links: it is added again from the list.
    take_away(page)
    his(page).get_by_role("button", name="Add link").click()
    expect(page.get_by_role("status").get_by_text("1 link requested.")).to_be_visible()
    expect(row(page).get_by_text("Ready", exact=True)).to_be_visible()
    expect(his(page).get_by_text(missing)).to_have_count(0)

    # And once more, from its row, while CodeSignal refuses everything.
    take_away(page)
    demo.sandbox.configure(max_cost=0)
    row(page).get_by_role("button", name="Add link").click()
    expect(his(page)).to_contain_text("CodeSignal refused the request.")
    visitor.check()
    demo.sandbox.configure(max_cost=10_000)
    his(page).get_by_role("button", name="Try again").click()
    expect(row(page).get_by_text("Ready", exact=True)).to_be_visible()
    expect(his(page).get_by_text("CodeSignal refused the request.")).to_have_count(0)

    # Those who haven't been told are told in a dialog, which says first what it sends.
    his(page).get_by_role("button", name="Send 2 messages").click()
    expect(dialog(page)).to_contain_text("Messages about")
    visitor.check()
    warned = dialog(page).get_by_label("Send anyway: I have read the warnings")
    if warned.count():
        warned.check()
    dialog(page).get_by_role("button", name="Send 2 messages").click()
    expect(page.get_by_role("status").filter(has_text="Sending to 2 people.")).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(his(page)).to_have_count(0)
    visitor.check()


def test_an_interviewer_joins_with_one_click(demo: Demo, visitors: Visitors) -> None:
    in_75_minutes(demo, minutes=10, also="interviewer@example.com")
    visitor = visitors("interviewer@example.com")
    page = visitor.page
    expect(page).to_have_title("Home · Panelist")
    expect(row(page)).to_contain_text("in 10 minutes")
    visitor.check()
    with visitor.context.expect_page() as opened:
        row(page).get_by_role("link", name="Join").click()
    expect(opened.value.get_by_role("heading", name=f"Interview with {CANDIDATE}")).to_be_visible()


def row(page: Page) -> Locator:
    """His interview in the agenda."""
    return page.locator(".home-row").filter(has_text=CANDIDATE)


def take_away(page: Page) -> None:
    """Remove his link in the dialog that its state opens."""
    row(page).get_by_role("button", name="Ready").click()
    row_of(page, INTERVIEW).get_by_role("button", name="Remove", exact=True).click()
    row_of(page, INTERVIEW).get_by_role("button", name="Remove link").click()
    expect(row_of(page, INTERVIEW).get_by_text("Removed", exact=True)).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(his(page)).to_contain_text(f"“{INTERVIEW}” has no CodeSignal link")
