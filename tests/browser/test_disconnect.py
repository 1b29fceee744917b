"""CodeSignal is disconnected and connected again: planned links are generated after all, deleted ones anew."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from integrations.sandbox import Fault
from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import SWITCH, connect, dialog, link_of, open_communications, planned, row_of
from tests.browser.visitor import Visitor

STRUCTURES, DEBUGGING, SQL = "Coding: data structures", "Coding: debugging", "Coding: SQL and Python"
WAITING = "Waiting for CodeSignal to be connected"


def test_planned_links_survive_a_disconnect(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    connect(visitor, demo.sandbox)
    plans_ask_for_links(visitor)
    links_are_planned(visitor)
    links_that_are_due_wait_for_a_slow_vendor(visitor, demo)
    disconnect(visitor)
    everything_says_that_it_waits(visitor)
    demo.sandbox.clear_faults()
    connect(visitor, demo.sandbox)
    everything_goes_on(visitor)
    disconnect_and_delete(visitor)
    unused_links_are_gone(visitor, demo)
    connect(visitor, demo.sandbox)
    everything_goes_on(visitor)


def plans_ask_for_links(visitor: Visitor) -> None:
    for job, names in (("Backend Engineer", (STRUCTURES, DEBUGGING)), ("Data Scientist", (SQL,))):
        visitor.go("Jobs", job)
        for name in names:
            switch = planned(visitor.page, name).get_by_role("button", name=SWITCH, exact=True)
            switch.click()
            expect(switch).to_have_attribute("aria-pressed", "true")


def links_are_planned(visitor: Visitor) -> None:
    """Add links so far ahead that none can be made yet: those of coding interviews together, then another."""
    page = visitor.page
    open_communications(visitor, "Emeka Balogun", "Onsite loop")
    line = link_of(page, STRUCTURES)
    expect(line.get_by_text("No link")).to_be_visible()
    expect(line).to_contain_text("The interview plan asks for a coding link.")
    expect(link_of(page, "Hiring manager")).to_have_count(0)
    visitor.check()
    open_dialog(page)
    visitor.check()
    dialog(page).get_by_role("button", name="Add links to 2 coding interviews").click()
    for name in (STRUCTURES, DEBUGGING):
        expect(row_of(page, name).get_by_text("Will be generated on").first).to_be_visible()
    expect(row_of(page, "Hiring manager").get_by_text("No link")).to_be_visible()
    dialog(page).get_by_text("Select interviews to add links to").click()
    visitor.check()
    dialog(page).get_by_role("button", name="Add links to selected interviews").click()
    expect(dialog(page).get_by_text("Select at least one interview.")).to_be_visible()
    dialog(page).get_by_role("checkbox", name="System design").check()
    dialog(page).get_by_role("button", name="Add links to selected interviews").click()
    expect(row_of(page, "System design").get_by_text("Will be generated on").first).to_be_visible()
    close_dialog(page)
    expect(link_of(page, "System design")).to_be_visible()


def links_that_are_due_wait_for_a_slow_vendor(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    demo.sandbox.fault(Fault.UNAVAILABLE, operation="liveInterviews", probability=1.0)
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    open_dialog(page)
    dialog(page).get_by_role("button", name="Add links to 2 coding interviews").click()
    expect(row_of(page, STRUCTURES).get_by_text("Generating").first).to_be_visible()
    close_dialog(page)


def disconnect(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Organization Settings", "Integrations")
    page.get_by_role("link", name="Manage CodeSignal").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(dialog(page)).to_contain_text("5 planned links wait.")
    expect(dialog(page)).to_contain_text("They are generated once CodeSignal is connected again.")
    visitor.check()
    dialog(page).get_by_role("button", name="Disconnect CodeSignal").click()
    expect(page.get_by_role("main")).to_contain_text("CodeSignal is disconnected.")


def everything_says_that_it_waits(visitor: Visitor) -> None:
    page = visitor.page
    open_communications(visitor, "Emeka Balogun", "Onsite loop")
    for name in (STRUCTURES, DEBUGGING, "System design"):
        expect(link_of(page, name).get_by_text(WAITING)).to_be_visible()
    visitor.check()
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    open_dialog(page)
    expect(row_of(page, STRUCTURES).get_by_text(WAITING)).to_be_visible()
    expect(dialog(page)).to_contain_text("CodeSignal is not connected, so no links can be generated.")
    visitor.check()
    close_dialog(page)


def everything_goes_on(visitor: Visitor) -> None:
    """Check that all links are generated, also of an interview whose plan asks for one and that nobody clicked."""
    page = visitor.page
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    for name in (STRUCTURES, DEBUGGING):
        expect(link_of(page, name).get_by_text("Ready", exact=True)).to_be_visible()
    open_communications(visitor, "Emeka Balogun", "Onsite loop")
    for name in (STRUCTURES, DEBUGGING, "System design"):
        line = link_of(page, name)
        expect(line.get_by_text("Will be generated on").first).to_be_visible()
    open_communications(visitor, "Chloe Bennett", "Loop")
    expect(link_of(page, SQL).get_by_text("Ready", exact=True)).to_be_visible()
    visitor.check()


def disconnect_and_delete(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Organization Settings", "Integrations")
    page.get_by_role("link", name="Manage CodeSignal").click()
    page.get_by_role("button", name="Disconnect").click()
    dialog(page).get_by_label(re.compile(r"Delete \d+ unused links in CodeSignal")).check()
    visitor.check()
    dialog(page).get_by_role("button", name="Disconnect CodeSignal").click()
    expect(page.get_by_role("main")).to_contain_text("CodeSignal is disconnected.")


def unused_links_are_gone(visitor: Visitor, demo: Demo) -> None:
    """Check that unused links are deleted, at the vendor too, and that planned ones wait."""
    page = visitor.page
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    for name in (STRUCTURES, DEBUGGING):
        expect(link_of(page, name).get_by_text("Removed", exact=True)).to_be_visible()
    open_communications(visitor, "Chloe Bennett", "Loop")
    expect(link_of(page, SQL).get_by_text("Removed", exact=True)).to_be_visible()
    visitor.check()
    assert demo.sandbox.interviews() == []
    open_communications(visitor, "Emeka Balogun", "Onsite loop")
    expect(link_of(page, "System design").get_by_text(WAITING)).to_be_visible()


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(dialog(page).get_by_role("button", name="Close", exact=True).first).to_be_visible()


def close_dialog(page: Page) -> None:
    dialog(page).get_by_role("button", name="Close", exact=True).first.click()
    expect(dialog(page)).to_be_hidden()
