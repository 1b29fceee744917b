"""Ways in: an invitation that is accepted, a password that was forgotten, and a form that can't be accepted."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.steps import sign_out
from tests.browser.visitor import Visitor

PASSWORD = "tall-ships-sail-9"
NEW_PASSWORD = "small-boats-row-8"


def address_in_mail(visitor: Visitor, recipient: str, kind: str) -> str:
    """The link in the newest mail to somebody, read on the demo's "Outbox" page. `kind`: how its path begins."""
    page = visitor.page
    mail = page.get_by_role("main").get_by_role("link").filter(has_text=recipient)
    visitor.go("Outbox")
    for _attempt in range(60):  # a worker sends it
        if mail.count():
            break
        page.reload()
    mail.first.click()
    text = page.get_by_role("region", name="text/plain").locator("pre").inner_text()
    found = re.search(rf"http://\S+/{kind}/\S+", text)
    assert found is not None, text
    return found[0]


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_an_invited_colleague_joins_and_is_signed_in(visitors: Visitors) -> None:
    admin, newbie = visitors(), visitors("")
    admin.go("Organization Settings", "Members")
    admin.page.get_by_label("E-mail").fill("newbie@example.com")
    admin.page.get_by_role("button", name="Invite", exact=True).click()
    link = address_in_mail(admin, "newbie@example.com", "invitations")
    admin.go("Organization Settings", "Members")
    expect(admin.page.get_by_role("row").filter(has_text="newbie@example.com")).to_contain_text("Sent")
    expect(admin.page.get_by_role("main")).not_to_contain_text("/invitations/")
    admin.check()
    admin.page.get_by_label("E-mail").fill("newbie@example.com")
    admin.page.get_by_role("button", name="Invite", exact=True).click()
    expect(admin.page.get_by_role("main")).to_contain_text("newbie@example.com is already invited until")
    admin.check()
    admin.page.get_by_role("button", name="Send again to newbie@example.com").click()
    expect(admin.page.get_by_role("main")).to_contain_text("Invitation sent to newbie@example.com again.")
    newbie.page.goto(link)
    newbie.check()
    newbie.page.get_by_label("Your name").fill("Nora Newbie")
    newbie.page.get_by_label("Password").fill(PASSWORD)
    newbie.page.get_by_role("button", name="Join Acme Corp").click()
    expect(newbie.page.get_by_role("main")).to_contain_text("Welcome to Acme Corp.")
    sign_out(newbie.page)
    sign_in(newbie.page, "newbie@example.com", PASSWORD)
    expect(newbie.page.get_by_role("navigation", name="Main")).to_be_visible()


def test_a_forgotten_password_leads_through_the_mail_to_a_new_one(visitors: Visitors) -> None:
    """Mails about an account are shown to its owner alone, also in the demo: here in another window of theirs."""
    email, admin, other, forgetful = "forgetful@example.com", visitors(), visitors(""), visitors("")
    page = forgetful.page
    admin.go("Organization Settings", "Members")
    admin.page.get_by_label("E-mail").fill(email)
    admin.page.get_by_label("Role").first.select_option("Recruiter")
    admin.page.get_by_role("button", name="Invite", exact=True).click()
    other.page.goto(address_in_mail(admin, email, "invitations"))
    other.page.get_by_label("Your name").fill("Fay Forgetful")
    other.page.get_by_label("Password").fill(PASSWORD)
    other.page.get_by_role("button", name="Join Acme Corp").click()
    expect(other.page.get_by_role("main")).to_contain_text("Welcome to Acme Corp.")

    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_role("main")).to_contain_text("it gets an e-mail with a link")
    page.goto(address_in_mail(other, email, "password"))
    forgetful.check()
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Repeat new password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("main")).to_contain_text("Password saved.")
    sign_in(page, email, NEW_PASSWORD)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_a_form_that_can_not_be_accepted_says_what_to_do(visitors: Visitors) -> None:
    visitor = visitors("")
    page = visitor.page
    page.goto("/sign-in/")
    visitor.context.clear_cookies()
    sign_in(page, "admin@example.com", "demo")
    expect(page.get_by_role("heading", name="Nothing was saved")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Reload the page and try again.")
    expect(page.get_by_role("main")).to_contain_text("allow cookies for localhost")
    visitor.complaints = [each for each in visitor.complaints if "status of 403" not in each]
    visitor.check()
    page.get_by_role("link", name="Reload page").click()
    sign_in(page, "admin@example.com", "demo")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
