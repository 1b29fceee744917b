"""A round through all pages of the demo, with something on each: for axe, and for the screenshots."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

from tests.browser.demo import Demo
from tests.browser.steps import (
    ADD,
    SWITCH,
    a_day_soon,
    connect,
    dialog,
    link_in,
    make_key,
    open_communications,
    plan_a_loop,
    planned,
    row_of,
)
from tests.browser.visitor import Visitor

ROWS = """Name;E-mail;Phone;Time zone;Job;Stage
Bronwyn Achterberg;bronwyn@example.org;+31 20 5550107;Europe/Amsterdam;Backend Engineer;Phone screen
"Castellanos; Inés";ines.c@example.org;;Europe/Madrid;Frontend Engineer;Technical screen
Amina Haddad;amina.haddad@example.org;;Europe/Berlin;;
"""


def tour(visitor: Visitor, demo: Demo) -> Iterator[str]:
    """Open one page after the other as the admin of the demo; yield a name for what is in the window then."""
    page = visitor.page
    page.goto("/sign-in/")
    yield "sign-in"
    visitor.sign_in("admin@example.com")
    yield "home-quiet"
    yield from integrations(visitor, demo)
    yield from jobs(visitor)
    yield from schedules(visitor)
    yield from links(visitor, demo)
    yield from messages(visitor)
    yield from candidates(visitor)
    yield from links_of_a_job(visitor)
    yield from settings(visitor)
    visitor.go("Home")
    yield "home"
    page.goto(page.url.replace("/home/", "/outbox/"))
    yield "outbox"
    page.get_by_role("link", name="Interview with Acme").first.click()
    yield "outbox-mail"
    page.goto(page.url.partition("/outbox/")[0] + "/nowhere/")
    yield "not-found"


def in_dialog(page: Page, opener: Locator) -> Locator:
    opener.click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def leave_dialog(page: Page) -> None:
    dialog(page).get_by_role("button", name="Close", exact=True).first.click()
    discard = dialog(page).get_by_role("button", name="Discard changes")
    if discard.is_visible():
        discard.click()
    expect(dialog(page)).to_be_hidden()


def integrations(visitor: Visitor, demo: Demo) -> Iterator[str]:
    page = visitor.page
    visitor.go("Organization Settings", "Integrations")
    yield "settings-integrations-empty"
    in_dialog(page, page.get_by_role("button", name="Connect", exact=True))
    yield "settings-integrations-connect"
    dialog(page).get_by_label("API Key").fill(make_key(visitor, demo.sandbox, ("liveInterview",)))
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_contain_text("Nothing was saved.")
    yield "settings-integrations-connect-refused"
    page.reload()
    connect(visitor, demo.sandbox)
    visitor.go("Organization Settings", "Integrations")
    yield "settings-integrations"
    page.get_by_role("link", name="Manage CodeSignal").click()
    yield "settings-integration"
    in_dialog(page, page.get_by_role("button", name="Disconnect"))
    yield "settings-integration-disconnect"
    leave_dialog(page)


def jobs(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.go("Jobs")
    yield "jobs"
    in_dialog(page, page.get_by_role("link", name="New job"))
    yield "jobs-new"
    leave_dialog(page)
    visitor.go("Jobs", "Backend Engineer")
    for name in ("Live coding", "Coding: data structures", "Coding: debugging"):
        switch = planned(page, name).get_by_role("button", name=SWITCH)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
    yield "job"
    planned(page, "Live coding").get_by_role("button", name="Choose a CodeSignal template").click()
    expect(planned(page, "Live coding").get_by_role("button", name="No template")).to_be_visible()
    yield "job-templates"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Actions for Live coding").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_role("dialog").get_by_label("Interview name")).to_be_focused()
    yield "job-edit-interview"
    leave_dialog(page)


def schedules(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.go("Schedules", "New schedule")
    yield "schedule-new-empty"
    plan_a_loop(page, "Rohan Mehta", a_day_soon())
    expect(page.get_by_role("region", name="Day view")).to_contain_text("Grace Okafor")
    yield "schedule-new"
    page.get_by_role("button", name="Schedule 4 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("4 interviews scheduled.")
    yield "schedule"
    in_dialog(page, page.get_by_role("button", name="Edit System design"))
    expect(dialog(page).get_by_role("region", name="Day view").get_by_role("heading", level=3)).to_have_text(
        re.compile(r"\w, \d+ \w")
    )
    yield "schedule-edit-interview"
    dialog(page).get_by_label("Time", exact=True).fill("12:45")
    dialog(page).get_by_label("Reason").select_option(index=1)
    dialog(page).get_by_label("Note").fill("The candidate's train comes in later")
    dialog(page).get_by_role("button", name="Save interview").click()
    expect(dialog(page)).to_be_hidden()
    page.get_by_role("button", name="More actions").click()
    in_dialog(page, page.get_by_role("button", name="Cancel schedule"))
    yield "schedule-cancel"
    leave_dialog(page)
    moves = in_dialog(page, page.get_by_role("button", name="Move all"))
    moves.get_by_label("Time of the first interview").fill("18:30")
    moves.get_by_role("radio").first.focus()
    expect(moves.get_by_label("Schedule anyway").first).to_be_visible()
    yield "schedule-move"
    leave_dialog(page)
    page.get_by_role("button", name="More actions").click()
    in_dialog(page, page.get_by_role("button", name="Delete", exact=True))
    yield "schedule-delete"
    leave_dialog(page)
    page.get_by_role("link", name="History", exact=True).click()
    yield "schedule-history"


def links(visitor: Visitor, demo: Demo) -> Iterator[str]:
    page = visitor.page
    codesignal = page.get_by_role("button", name="CodeSignal", exact=True)
    open_communications(visitor, "Emeka Balogun", "Onsite loop")
    in_dialog(page, codesignal).get_by_role("button", name="Add links to 2 coding interviews").click()
    expect(dialog(page).get_by_text("Will be generated on").first).to_be_visible()
    yield "codesignal-dialog-early"
    leave_dialog(page)
    open_communications(visitor, "Noah Lindqvist", "Final loop")
    in_dialog(page, codesignal)
    yield "codesignal-dialog-empty"
    demo.sandbox.configure(max_cost=0)
    row_of(page, "Coding: components").get_by_role("button", name=ADD).click()
    expect(row_of(page, "Coding: components").get_by_text("Action needed")).to_be_visible()
    demo.sandbox.configure(max_cost=10_000)
    yield "codesignal-dialog-failed"
    leave_dialog(page)
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    in_dialog(page, codesignal)
    row = row_of(page, "Coding: data structures")
    row.get_by_role("button", name=ADD).click()
    link_in(row)
    row_of(page, "Coding: debugging").get_by_role("button", name=ADD).click()
    link_in(row_of(page, "Coding: debugging"))
    yield "codesignal-dialog"
    row.get_by_role("button", name="Remove", exact=True).click()
    expect(row.get_by_role("button", name="Remove link")).to_be_visible()
    yield "codesignal-dialog-remove"
    leave_dialog(page)


def links_of_a_job(visitor: Visitor) -> Iterator[str]:
    """Let a run add the link that a job's interviews still lack; its only loop is days away at any time of day."""
    page = visitor.page
    visitor.go("Jobs", "Data Scientist")
    switch = planned(page, "Coding: SQL and Python").get_by_role("button", name=SWITCH)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Add coding links", exact=True).click()
    button = page.get_by_role("button", name=re.compile("Add [0-9]+ link"))
    expect(button).to_be_visible()
    yield "job-links"
    button.click()
    expect(page.get_by_role("region", name="Progress")).to_contain_text("Finished")
    expect(page.get_by_role("cell", name="Ready", exact=True).first).to_be_visible()
    yield "link-run"


#: The button that sends what is ticked.
SEND = re.compile(r"^Send \d+ messages?$")


def messages(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    section = page.get_by_role("region", name="Messages")
    section.get_by_role("button", name="Prepare").click()
    expect(section.get_by_role("button", name=SEND)).to_be_visible()
    yield "schedule-communications-drafts"
    in_dialog(page, section.get_by_role("button", name="Preview Amina Haddad"))
    yield "message-preview"
    dialog(page).get_by_role("tab", name="Calendar").click()
    yield "message-preview-calendar"
    dialog(page).get_by_role("button", name="Edit").click()
    expect(dialog(page).get_by_role("textbox").first).to_be_visible()
    yield "message-edit"
    leave_dialog(page)
    section.get_by_role("button", name=SEND).click()
    expect(section.get_by_text("Sent", exact=True).first).to_be_visible()
    page.reload()
    page.get_by_role("heading", name="Join links").click()
    expect(page.get_by_role("region", name="Join links").get_by_role("button", name="Copy").first).to_be_visible()
    yield "schedule-communications"
    address = page.get_by_role("region", name="Join links").locator("[data-copy]").first.get_attribute("data-copy")
    here = page.url
    page.goto(address or "")
    yield "join"
    page.goto(here)
    page.get_by_role("link", name="Details", exact=True).click()
    page.get_by_role("button", name="More actions").click()
    in_dialog(page, page.get_by_role("button", name="Delete", exact=True))
    expect(dialog(page)).to_contain_text("expect this schedule")
    yield "schedule-delete-refused"
    leave_dialog(page)


def candidates(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.go("Schedules")
    yield "schedules"
    visitor.go("Candidates")
    yield "candidates"
    in_dialog(page, page.get_by_role("button", name="Add candidate"))
    yield "candidate-new"
    leave_dialog(page)
    visitor.go("Candidates", "Amina Haddad")
    yield "candidate"
    in_dialog(page, page.get_by_role("button", name="Delete", exact=True))
    expect(dialog(page)).to_contain_text("Send cancellations")
    yield "candidate-remove"
    leave_dialog(page)
    visitor.go("Candidates")
    page.get_by_role("link", name="Import").click()
    yield "candidates-import"
    page.get_by_label("Or paste", exact=False).fill(ROWS)
    page.get_by_role("button", name="Check rows").click()
    expect(page.get_by_role("heading", name="Summary")).to_be_visible()
    yield "candidates-import-confirm"
    page.get_by_role("link", name="Change columns").click()
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    yield "candidates-import-columns"


def settings(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.go("Organization Settings")
    yield "settings"
    visitor.go("Organization Settings", "Members")
    yield "settings-members"
    page.get_by_role("link", name="Edit Ines Duarte").click()
    yield "settings-member"
    visitor.go("Organization Settings", "Templates")
    yield "settings-templates"
    page.locator(".settings-navigation + div").get_by_role("link").first.click()
    yield "settings-template"
    visitor.go("Organization Settings", "Scheduling")
    yield "settings-scheduling"
    visitor.go("Organization Settings", "Audit log")
    yield "settings-security"
    visitor.go("Organization Settings", "Your profile")
    yield "settings-profile"
    page.goto(re.sub(r"(/o/[^/]+/).*", r"\1help/user-guide/", page.url))
    yield "help"
