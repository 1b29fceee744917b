"""A mail address is corrected, a candidate's and an interviewer's: the old mailbox is told, the new one invited."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, connect, dialog, open_communications, row_of
from tests.browser.test_arrival import SEND, communications, prepare
from tests.browser.visitor import Visitor

CANDIDATE, STAGE, CODING = "Amina Haddad", "Onsite loop", "Coding: data structures"
OLD, NEW = "amina.haddad@example.org", "amina.haddad@example.net"
INTERVIEWER, HIS_OLD, HIS_NEW = "Marek Novák", "marek.novak@example.com", "marek@example.net"


def test_corrected_addresses_are_invited_and_the_old_ones_told(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    connect(visitor, demo.sandbox)
    everyone_is_invited(visitor, demo)
    the_candidates_address_is_corrected(visitor)
    the_vendor_has_the_new_address(visitor, demo)
    the_interviewers_address_is_corrected(visitor)


def everyone_is_invited(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    open_communications(visitor, CANDIDATE, STAGE)
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    row_of(page, CODING).get_by_role("button", name=ADD).first.click()
    expect(row_of(page, CODING).get_by_text("Ready", exact=True)).to_be_visible()
    dialog(page).get_by_role("button", name="Close", exact=True).first.click()
    expect(dialog(page)).to_be_hidden()
    send_all(communications(page))
    expect(newest_mail(visitor, OLD, "")).to_be_visible()
    assert len(demo.links_of(OLD)) == 1 and not demo.links_of(NEW)


def the_candidates_address_is_corrected(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Candidates", CANDIDATE)
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog(page).get_by_label("E-mail").fill(NEW)
    visitor.check()
    dialog(page).get_by_role("button", name="Save candidate").click()
    expect(page.get_by_role("main")).to_contain_text(f"The join links sent to {OLD} still work.")
    expect(page.get_by_role("link", name=NEW)).to_be_visible()
    visitor.check()
    newest_mail(visitor, OLD, "now goes to another address")
    open_communications(visitor, CANDIDATE, STAGE)
    send_all(communications(page))
    newest_mail(visitor, NEW, CODING)


def the_vendor_has_the_new_address(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    open_communications(visitor, CANDIDATE, STAGE)
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(row_of(page, CODING).get_by_text("Ready", exact=True)).to_be_visible()
    expect(dialog(page).get_by_text("Sending a change to")).to_have_count(0)
    assert len(demo.links_of(NEW)) == 1 and not demo.links_of(OLD)


def the_interviewers_address_is_corrected(visitor: Visitor) -> None:
    """Correct it in the Django admin: an account may belong to several organizations."""
    page = visitor.page
    page.goto("/admin/")
    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("link", name=HIS_OLD).click()
    page.get_by_label("E-mail").fill(HIS_NEW)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto("/")
    newest_mail(visitor, HIS_OLD, "now goes to another address")
    open_communications(visitor, CANDIDATE, STAGE)
    send_all(communications(page))
    newest_mail(visitor, HIS_NEW, CANDIDATE)


def send_all(messages: Locator) -> None:
    """Notify everybody who needs it, overriding all warnings: demo data has no addresses of meetings."""
    prepare(messages)
    anyway = messages.get_by_label("Send anyway")
    if anyway.count():
        anyway.check()
    messages.get_by_role("button", name=SEND).click()
    expect(messages.get_by_role("button", name=SEND)).to_have_count(0)


def newest_mail(visitor: Visitor, recipient: str, words: str) -> Locator:
    """Open the newest mail to somebody, and wait until it is the one with these words: workers send them."""
    page = visitor.page
    for _attempt in range(60):
        visitor.go("Outbox")
        mail = page.get_by_role("main").get_by_role("link").filter(has_text=recipient)
        if mail.count():
            mail.first.click()
            text = page.get_by_role("region", name="text/plain").locator("pre")
            expect(text).to_be_visible()
            if words in text.inner_text():
                return text
    raise AssertionError(f"no mail to {recipient} says “{words}”")
