"""From an API key to a coding link in a candidate's interview, word for word as the guide says."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from integrations.sandbox import Fault
from integrations.sandbox.client import SandboxClient
from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import (
    ADD,
    SWITCH,
    a_day_soon,
    dialog,
    link_in,
    link_of,
    make_key,
    plan_a_loop,
    planned,
    row_of,
)
from tests.browser.visitor import Visitor

READ_ONLY = ("liveInterview", "liveInterview.company", "liveInterview.company.read")
STRUCTURES, DEBUGGING = "Coding: data structures", "Coding: debugging"


def test_from_an_api_key_to_a_coding_link(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors("")
    visitor.page.goto("/")
    visitor.check()
    visitor.sign_in("admin@example.com")
    names = [
        link.inner_text() for link in visitor.page.get_by_role("navigation", name="Main").get_by_role("link").all()
    ]
    assert [name for name in ("Schedules", "Candidates", "Jobs", "Organization Settings") if name not in names] == []
    visitor.check()
    connect_codesignal(visitor, demo.sandbox)
    switch_defaults_on(visitor, demo.sandbox)
    schedule_a_candidate(visitor)
    links_are_there_by_themselves(visitor)
    add_copy_open_remove(visitor, demo.sandbox)
    fail_and_try_again(visitor, demo.sandbox)


def connect_codesignal(visitor: Visitor, sandbox: SandboxClient) -> None:
    """Try three keys that do not work, then one that does."""
    page = visitor.page
    visitor.go("Organization Settings")
    visitor.check()
    visitor.go("Organization Settings", "Integrations")
    visitor.check()
    tools = page.get_by_role("region", name="Coding Tools")
    expect(tools.get_by_role("heading", name="CodeSignal")).to_be_visible()
    expect(tools.get_by_text("Not connected")).to_be_visible()
    tools.get_by_role("button", name="Connect", exact=True).click()
    expect(dialog(page)).to_contain_text("ADD A KEY")
    expect(dialog(page)).to_contain_text("an admin system account that is never deactivated")
    for permission in (*READ_ONLY, "liveInterview.company.write"):
        dialog(page).get_by_role("button", name=f"Copy {permission}", exact=True).click()
        assert page.evaluate("() => navigator.clipboard.readText()") == permission
    visitor.check()

    refuse(page, "", "Paste the API key that you created in CodeSignal.")
    refuse(page, "not-a-key-of-anybody", "CodeSignal did not accept the API key.")
    refuse(page, make_key(visitor, sandbox, READ_ONLY), "liveInterview.company.write")
    expect(dialog(page)).to_contain_text("Grant the missing ones in CodeSignal")
    visitor.check()
    key = make_key(visitor, sandbox)
    sandbox.fault(Fault.UNAVAILABLE, probability=1.0)
    refuse(page, key, "CodeSignal reported an error on its side. Try again in a moment.")
    sandbox.clear_faults()
    page.reload()
    expect(tools.get_by_text("Not connected")).to_be_visible()

    tools.get_by_role("button", name="Connect", exact=True).click()
    dialog(page).get_by_label("API Key").fill(key)
    dialog(page).get_by_role("button", name="Save").click()
    connection = page.get_by_role("region", name="Connection")
    expect(connection.get_by_text("Connected", exact=True).first).to_be_visible()
    expect(connection).to_contain_text(key[-4:])
    expect(connection).to_contain_text("Last checked")
    page.get_by_text("Advanced", exact=True).click()
    permissions = page.get_by_role("region", name="Permissions")
    for permission in (*READ_ONLY, "liveInterview.company.write"):
        row = permissions.get_by_role("row").filter(has=page.get_by_text(permission, exact=True))
        expect(row.get_by_text("Granted", exact=True)).to_be_visible()
    for action in ("Check now", "Replace key", "Disconnect"):
        expect(connection.get_by_role("button", name=action)).to_be_visible()
    assert key not in page.content()
    visitor.check()


def refuse(page: Page, key: str, sentence: str) -> None:
    """Save a key that is refused: the dialog says why, stays open, and keeps all that was typed but the key."""
    dialog(page).get_by_label("API Key").fill(key)
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_contain_text(sentence)
    if key:
        expect(dialog(page)).to_contain_text("Nothing was saved.")
    expect(dialog(page).get_by_label("API Key")).to_have_value("")


def switch_defaults_on(visitor: Visitor, sandbox: SandboxClient) -> None:
    """Give two of four interviews a link by default, one of them from a locked template."""
    page = visitor.page
    visitor.go("Jobs")
    visitor.check()
    visitor.go("Jobs", "Backend Engineer")
    visitor.check()
    for name in (STRUCTURES, DEBUGGING):
        switch = planned(page, name).get_by_role("button", name=SWITCH, exact=True)
        expect(switch).to_have_attribute("aria-pressed", "false")
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
    planned(page, DEBUGGING).get_by_role("button", name="Choose a CodeSignal template").click()
    template = next(iter(sandbox.templates().values()))
    visitor.check()
    planned(page, DEBUGGING).get_by_role("button", name=re.compile(re.escape(template))).click()
    # The open menu has its name, too: the button has it once the row is drawn anew.
    expect(
        planned(page, DEBUGGING).get_by_role("button", name=f"Choose a CodeSignal template: {template}")
    ).to_be_visible()
    planned(page, DEBUGGING).get_by_role("button", name="Choose a CodeSignal template").click()
    planned(page, DEBUGGING).get_by_role("button", name="Lock template").click()
    expect(planned(page, DEBUGGING)).to_contain_text("Locked")
    page.reload()
    expect(planned(page, DEBUGGING)).to_contain_text("Locked")


def schedule_a_candidate(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Schedules")
    visitor.check()
    visitor.go("Schedules", "New schedule")
    visitor.check()
    plan_a_loop(page, "Rohan Mehta", a_day_soon())
    visitor.check()
    page.get_by_role("button", name="Schedule 4 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("4 interviews scheduled.")
    visitor.check()


def links_are_there_by_themselves(visitor: Visitor) -> None:
    """Wait for the links by default: nobody asks for them, and nobody reloads."""
    page = visitor.page
    page.get_by_role("link", name="Communications", exact=True).click()
    for name in (STRUCTURES, DEBUGGING):
        line = link_of(page, name)
        expect(line.get_by_text("Ready", exact=True)).to_be_visible()
        expect(line.get_by_role("button", name="Copy")).to_be_visible()
    for name in ("System design", "Hiring manager"):
        expect(link_of(page, name)).to_have_count(0)
    visitor.check()


def add_copy_open_remove(visitor: Visitor, sandbox: SandboxClient) -> None:
    page = visitor.page
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(row_of(page, DEBUGGING)).to_contain_text(f"Template: {next(iter(sandbox.templates().values()))}")
    visitor.check()
    sandbox.configure(latency=0.5)
    row = row_of(page, "System design")
    row.get_by_role("button", name=ADD).click()
    expect(row.get_by_text("Generating")).to_be_visible()
    link = link_in(row)
    expect(row.get_by_text("Ready", exact=True)).to_be_visible()
    sandbox.configure(latency=0.0)
    visitor.check()

    row.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status").get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == link
    with visitor.context.expect_page() as opened:
        row.get_by_role("link", name="Open").click()
    at_vendor = opened.value
    expect(at_vendor.get_by_role("heading", name="Interview with Rohan Mehta")).to_be_visible()
    expect(at_vendor.get_by_role("button", name="Finish interview")).to_be_visible()
    visitor.check(at_vendor)
    at_vendor.close()

    row.get_by_role("button", name="Remove", exact=True).click()
    expect(row).to_contain_text("The link is deleted in CodeSignal too.")
    row.get_by_role("button", name="Remove link").click()
    expect(row.get_by_text("Removed", exact=True)).to_be_visible()
    expect(row.get_by_role("button", name=ADD)).to_be_visible()
    assert link not in [interview.url for interview in sandbox.interviews()]


def fail_and_try_again(visitor: Visitor, sandbox: SandboxClient) -> None:
    """Let the vendor refuse everything for good, as after a change on its side, then work again."""
    page = visitor.page
    sandbox.configure(max_cost=0)
    row = row_of(page, "Hiring manager")
    row.get_by_role("button", name=ADD).click()
    expect(row.get_by_text("Action needed")).to_be_visible()
    expect(row).to_contain_text("CodeSignal refused the request.")
    visitor.check()
    sandbox.configure(max_cost=10_000)
    row.get_by_role("button", name="Try again").click()
    assert link_in(row) in [interview.url for interview in sandbox.interviews()]
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(link_of(page, "Hiring manager").get_by_text("Ready", exact=True)).to_be_visible()
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Hiring manager")
    visitor.check()
