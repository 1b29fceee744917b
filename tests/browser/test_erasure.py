"""A candidate with interviews to come and a coding link is deleted, and is nowhere: not on a page, not at the tool."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, connect, dialog, link_in, open_communications, row_of
from tests.browser.test_arrival import communications, prepare
from tests.browser.test_corrected_addresses import newest_mail
from tests.browser.visitor import Visitor

CANDIDATE, ADDRESS = "Amina Haddad", "amina.haddad@example.org"
CODING = "Coding: data structures"


def test_a_deleted_candidate_is_nowhere(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    page = visitor.page
    connect(visitor, demo.sandbox)
    open_communications(visitor, CANDIDATE, "Onsite loop")
    history = page.url.replace("/communications/", "/history/")
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(row_of(page, CODING)).to_be_visible()
    row_of(page, CODING).get_by_role("button", name=ADD).first.click()
    made = link_in(row_of(page, CODING))
    assert made in [interview.url for interview in demo.links_of(ADDRESS)]
    dialog(page).get_by_role("button", name="Close", exact=True).first.click()
    expect(dialog(page)).to_be_hidden()
    invite_everyone(communications(page))
    newest_mail(visitor, ADDRESS, "")
    delete(visitor)
    is_gone(visitor)
    expect(page.get_by_role("link", name=CANDIDATE)).to_have_count(0)
    for _attempt in range(120):  # until the cancellations are sent
        if page.context.request.get(history).status == 404:
            break
        visitor.go("Candidates")
    assert page.context.request.get(history).status == 404
    assert demo.links_of(ADDRESS) == []
    assert not [one for one in demo.sandbox.interviews() if one.url == made]
    page.goto("/")
    visitor.go("Organization Settings", "Audit log")
    expect(page.get_by_role("main")).to_contain_text("Deleted a candidate")
    expect(page.get_by_role("main")).to_contain_text("a deleted candidate")
    expect(page.get_by_role("main")).not_to_contain_text(CANDIDATE)
    mails = [path.read_text() for path in demo.folder.rglob("*.eml")]
    assert [mail for mail in mails if ADDRESS in mail] == []


def invite_everyone(messages: Locator) -> None:
    prepare(messages)
    anyway = messages.get_by_label("Send anyway")
    if anyway.count():
        anyway.check()
    ready = messages.get_by_role("button", name=re.compile("^Send "))
    ready.click()
    expect(ready).to_have_count(0)


def delete(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Candidates", CANDIDATE)
    visitor.check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog(page)).to_contain_text("1 coding interview, also in CodeSignal")
    expect(dialog(page).get_by_label(re.compile("Send cancellations? to"))).to_be_checked()
    visitor.check()
    dialog(page).get_by_role("button", name="Delete candidate").click()
    expect(page.get_by_role("alert").first).to_contain_text("will be deleted once the cancellations are sent")


def is_gone(visitor: Visitor) -> None:
    """Look for them in each list and search; the address of their page is asked until the mails are sent."""
    page = visitor.page
    page.reload()  # the notice named them
    for list_of in ("Candidates", "Schedules", "Home"):
        visitor.go(list_of)
        expect(page.get_by_role("main")).not_to_contain_text(CANDIDATE)
    visitor.go("Candidates")
    page.get_by_label("Search name or e-mail").fill("Amina")
    page.get_by_label("Search name or e-mail").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("No candidates match")
    visitor.check()
