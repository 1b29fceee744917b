"""From a new organization's first Home page to its first working link in at most eight clicks, each counted."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import Clicks, dialog
from tests.browser.visitor import Visitor

MOST = 8
HOME = "/o/nova/home/"


def copied(database: sqlite3.Connection, table: str, row: int, **changes: object) -> int:
    """Insert a copy of a row with these changes, and return its id."""
    names = [name for _cid, name, *_rest in database.execute(f"PRAGMA table_info({table})") if name != "id"]
    values = ", ".join("?" if name in changes else name for name in names)
    given = [changes[name] for name in names if name in changes]
    done = database.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = ?", (*given, row)
    )
    return done.lastrowid or 0


def new_organization(demo: Demo) -> None:
    """One in which the demo's admin is alone, and which has nothing yet."""
    with closing(sqlite3.connect(demo.folder / "panelist.sqlite3", timeout=30)) as database, database:
        acme = database.execute("SELECT id FROM organizations_organization WHERE slug = 'acme'").fetchone()[0]
        nova = copied(database, "organizations_organization", acme, name="Nova", slug="nova")
        admin = database.execute(
            "SELECT m.id FROM organizations_membership m JOIN organizations_user u ON u.id = m.user_id "
            "WHERE u.email = 'admin@example.com'"
        ).fetchone()[0]
        copied(database, "organizations_membership", admin, organization_id=nova)


def test_eight_clicks_to_the_first_link(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    new_organization(demo)
    page = visitor.page
    page.goto(HOME)
    first = page.get_by_role("region", name="Get started")
    expect(first).to_contain_text("0 of 6 done")
    visitor.check()

    clicks = Clicks()
    clicks.on(first.get_by_role("button", name="Connect the stand-in"))
    expect(first).to_contain_text("CodeSignal is connected")
    expect(dialog(page)).to_be_hidden()
    clicks.on(first.get_by_role("button", name="Technical screen"))
    expect(first).to_contain_text("2 of 6 done")
    clicks.on(first.get_by_role("button", name="Add candidate"))
    dialog(page).get_by_label("Name", exact=True).fill("Ada Osei")
    dialog(page).get_by_label("E-mail").fill("ada@example.org")
    clicks.on(dialog(page).get_by_role("button", name="Add candidate"))
    expect(first).to_contain_text("3 of 6 done")
    visitor.quiet()
    clicks.on(first.get_by_role("link", name="New schedule"))
    clicks.on(page.get_by_role("button", name="Schedule 1 interview"))
    expect(page.get_by_role("main")).to_contain_text("1 interview scheduled.")
    clicks.on(page.get_by_role("navigation", name="Main").get_by_role("link", name="Home", exact=True))
    expect(page.locator(".home-row").get_by_text("Ready", exact=True)).to_be_visible()
    [link] = demo.sandbox.interviews()
    assert link.url
    print(f"{len(clicks.made)} clicks to the first link: {', '.join(clicks.made)}")
    assert len(clicks.made) <= MOST

    the_other_steps(visitor, first)


def the_other_steps(visitor: Visitor, first: Locator) -> None:
    """Invite somebody, send the test mail, hide the checklist and bring it back."""
    page = visitor.page
    expect(first).to_contain_text("4 of 6 done")
    first.get_by_role("button", name="Invite a member").click()
    visitor.check()
    dialog(page).get_by_label("E-mail").fill("grace@example.com")
    dialog(page).get_by_role("button", name="Invite").click()
    expect(first).to_contain_text("5 of 6 done")
    first.get_by_role("button", name="Hide checklist").click()
    expect(first).to_have_count(0)

    page.goto("/o/nova/settings/")
    page.get_by_role("button", name="Show checklist on Home").click()
    expect(page.get_by_text("The checklist is on Home again.")).to_be_visible()
    page.goto(HOME)
    visitor.check()
    first.get_by_role("button", name="Send a test mail to me").click()
    # It was the last step: the list goes once the mail has left.
    expect(first).to_have_count(0)
    page.goto("/o/nova/outbox/")
    expect(page.get_by_text(re.compile("Test mail from Nova")).first).to_be_visible()
