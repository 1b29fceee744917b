"""Help in the Django admin, by whoever runs Panelist: with a failed link, and with a lost laptop."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import MAX_WAIT, Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, connect, open_communications, row_of


def search(page: Page, many: str, words: str, one: str) -> None:
    """Open a list from the index, search it, and open what was found."""
    page.goto("/admin/")
    page.get_by_role("main").get_by_role("link", name=many, exact=True).click()
    page.locator("#searchbar").fill(words)
    page.get_by_role("button", name="Search").click()
    page.locator("#result_list").get_by_role("link", name=one).first.click()


def wait_for(page: Page, words: str) -> None:
    """Reload the page until its history has the words, as its message says."""
    until = time.monotonic() + MAX_WAIT / 1000
    while words not in page.get_by_role("region", name="History").inner_text():
        assert time.monotonic() < until, words
        page.reload()


def test_a_supporter_finds_a_failed_link_and_tries_it_again(demo: Demo, visitors: Visitors) -> None:
    admin = visitors()
    page = admin.page
    connect(admin, demo.sandbox)
    demo.sandbox.configure(max_cost=0)
    open_communications(admin, "Noah Lindqvist", "Final loop")
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    row_of(page, "Coding: components").get_by_role("button", name=ADD).click()
    expect(row_of(page, "Coding: components").get_by_text("Action needed")).to_be_visible()
    demo.sandbox.configure(max_cost=10_000)

    search(page, "Schedules", "Noah.Lindqvist@example.org", "Noah Lindqvist")
    expect(page.get_by_role("region", name="History of coding links")).to_contain_text("Refused by CodeSignal.")
    expect(page.get_by_role("region", name="Interviews", exact=True)).to_contain_text("Accessibility and design")
    links = page.get_by_role("region", name="Coding links", exact=True)
    expect(links).to_contain_text("CodeSignal refused the request.")
    links.get_by_role("link", name="Coding: components").click()
    page.get_by_role("button", name="Try link again").click()
    expect(page.get_by_text("Noah Lindqvist: trying again. Reload the page to see the result.")).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("Another attempt was requested.")
    expect(history).to_contain_text("Alex Morgan")
    wait_for(page, "Created in CodeSignal.")
    page.goto("/")
    admin.go("Organization Settings", "Audit log")
    expect(page.get_by_role("main")).to_contain_text("Django admin: tried the coding link of Noah Lindqvist again")


def test_somebody_who_lost_a_laptop_is_signed_out_everywhere(visitors: Visitors) -> None:
    admin, recruiter = visitors(), visitors("recruiter@example.com")
    page = admin.page
    search(page, "Users", "recruiter@example.com", "recruiter@example.com")
    expect(page.get_by_role("region", name="Sessions")).to_contain_text("Chrome")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("recruiter@example.com is signed out everywhere.")).to_be_visible()
    expect(page.get_by_role("region", name="Sessions")).to_contain_text("None")
    recruiter.page.reload()
    expect(recruiter.page.get_by_role("main")).to_contain_text("You were signed out elsewhere")
    admin.page.goto("/")
    admin.go("Organization Settings", "Audit log")
    expect(page.get_by_role("main")).to_contain_text("Signed Robin Becker out everywhere")
