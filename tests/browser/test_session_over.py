"""A session that ended while a page is open: sign in above the page, go on, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visitors
from tests.browser.steps import a_day_soon, agree, dialog, open_communications, plan_a_loop, remove_interview, sign_out
from tests.browser.visitor import Visitor

ROWS = "Name;E-mail\nBronwyn Achterberg;bronwyn@example.org\n"


@pytest.fixture
def visitor(visitors: Visitors) -> Iterator[Visitor]:
    """The console notes that something was refused; that is what these tests are about."""
    opened = visitors()
    yield opened
    opened.complaints = [each for each in opened.complaints if "status of 40" not in each]


def sign_out_elsewhere(visitor: Visitor) -> Page:
    """Sign out in a second window of the same browser."""
    other = visitor.context.new_page()
    other.goto("/")
    sign_out(other)
    return other


def sign_in_elsewhere(other: Page) -> None:
    other.get_by_label("E-mail").fill("admin@example.com")
    other.get_by_label("Password").fill("demo")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("navigation", name="Main")).to_be_visible()
    other.close()


def again(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sign in again")


def sign_in_again(page: Page) -> None:
    expect(again(page).get_by_label("E-mail")).to_have_value("admin@example.com")
    expect(again(page).get_by_label("Password")).to_be_focused()
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(again(page)).to_be_hidden()


def test_a_click_is_done_after_signing_in_above_the_page(visitor: Visitor) -> None:
    page = visitor.page
    open_communications(visitor, "Amina Haddad", "Onsite loop")
    here = page.url
    sign_out_elsewhere(visitor)
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    expect(again(page)).to_be_visible()
    visitor.complaints.clear()
    visitor.check()
    again(page).get_by_label("Password").fill("wrong")
    again(page).get_by_role("button", name="Sign in and continue").click()
    expect(again(page)).to_contain_text("Wrong e-mail address or password")
    visitor.complaints.clear()
    visitor.check()
    sign_in_again(page)
    expect(dialog(page).get_by_role("heading", name="CodeSignal").first).to_be_visible()
    assert page.url == here


def test_what_was_typed_into_a_dialog_is_saved_after_signing_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Jobs")
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill("Night baker")
    sign_out_elsewhere(visitor)
    dialog(page).get_by_role("button", name="Create job").click()
    expect(again(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(again(page)).to_be_hidden()
    expect(dialog(page).get_by_label("Title")).to_have_value("Night baker")
    dialog(page).get_by_role("button", name="Create job").click()
    sign_in_again(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Night baker")


def test_a_schedule_that_took_long_to_plan_is_saved_after_signing_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Schedules", "New schedule")
    plan_a_loop(page, "Rohan Mehta", a_day_soon())
    visitor.quiet()
    sign_out_elsewhere(visitor)
    # A button that has the form drawn anew is pressed once, and counts once.
    page.get_by_role("button", name="Add interview", exact=True).click()
    sign_in_again(page)
    row = page.get_by_role("group", name="Interview 5", exact=True)
    expect(row).to_be_visible()
    expect(page.get_by_role("group", name="Interview 4", exact=True).get_by_label("Time")).to_have_value("14:00")
    remove_interview(page, 5)
    expect(row).to_be_hidden()
    visitor.quiet()
    sign_out_elsewhere(visitor)
    page.get_by_role("button", name="Schedule 4 interviews").click()
    sign_in_again(page)
    expect(page.get_by_role("main")).to_contain_text("4 interviews scheduled.")


def test_the_day_that_was_asked_for_is_shown_after_signing_in(visitor: Visitor) -> None:
    page, day = visitor.page, a_day_soon()
    visitor.go("Schedules", "New schedule")
    plan_a_loop(page, "Rohan Mehta", day)
    visitor.quiet()
    view = page.get_by_role("region", name="Day view")
    expect(view.get_by_role("heading", name=f"{day.day} {day:%B}")).to_be_visible()
    sign_out_elsewhere(visitor)
    view.get_by_role("button", name="Later").click()
    sign_in_again(page)
    after = day + timedelta(days=1)
    expect(view.get_by_role("heading", name=f"{after.day} {after:%B}")).to_be_visible()
    expect(view.get_by_role("alert")).to_be_hidden()


def test_a_question_that_was_answered_is_not_asked_again(visitor: Visitor) -> None:
    page = visitor.page
    open_communications(visitor, "Noah Lindqvist", "Final loop")
    section = page.get_by_role("region", name="Messages")
    section.get_by_role("button", name="Prepare").click()
    expect(section.get_by_role("button", name="Discard").first).to_be_visible()
    warned = section.get_by_label("Send anyway")
    if warned.count():
        warned.check()
    section.get_by_role("button", name=re.compile(r"^Send \d")).click()
    again = section.get_by_role("button", name="Send again").first
    expect(again).to_be_visible()
    expect(section.locator("[data-busy]")).to_have_count(0)
    sign_out_elsewhere(visitor)
    again.click()
    agree(page, "already has it.")
    sign_in_again(page)
    expect(page.get_by_text("Sending it again.")).to_be_visible()


def test_a_form_whose_cookie_is_gone_is_sent_all_the_same(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Organization Settings", "Members")
    page.get_by_label("E-mail").first.fill("early@example.com")
    visitor.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("early@example.com invited")


def test_pasted_rows_and_a_chosen_file_are_imported_after_signing_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Candidates")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": ROWS.encode()})
    sign_out_elsewhere(visitor)
    page.get_by_role("button", name="Check rows").click()
    sign_in_again(page)
    expect(page.get_by_role("heading", name="Summary")).to_be_visible()
    visitor.go("Candidates")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("Or paste", exact=False).fill(ROWS)
    sign_out_elsewhere(visitor)
    page.get_by_role("button", name="Check rows").click()
    sign_in_again(page)
    expect(page.get_by_role("heading", name="Summary")).to_be_visible()


def test_a_page_from_before_another_sign_in_still_works(visitor: Visitor) -> None:
    """The token in the page is worthless then; nobody has to know."""
    page = visitor.page
    visitor.go("Jobs")
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill("Day baker")
    sign_in_elsewhere(sign_out_elsewhere(visitor))
    dialog(page).get_by_role("button", name="Create job").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Day baker")
    visitor.go("Organization Settings", "Members")
    sign_in_elsewhere(sign_out_elsewhere(visitor))
    page.get_by_label("E-mail").fill("late@example.com")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("late@example.com invited")


def test_a_form_is_not_sent_in_the_name_of_somebody_else_who_signed_in_meanwhile(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Organization Settings", "Members")
    other = sign_out_elsewhere(visitor)
    other.get_by_label("E-mail").fill("recruiter@example.com")
    other.get_by_label("Password").fill("demo")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("navigation", name="Main")).to_be_visible()
    page.get_by_label("E-mail").first.fill("later@example.com")
    page.get_by_role("button", name="Invite", exact=True).click()
    sign_in_again(page)
    expect(page.get_by_role("main")).to_contain_text("later@example.com invited")


def spoiled(route: Route) -> None:
    """Send a form on with another token, as when the browser does not keep the cookie that belongs to it."""
    body = route.request.post_data or ""
    route.continue_(post_data=re.sub("csrfmiddlewaretoken=[^&]+", f"csrfmiddlewaretoken={'x' * 64}", body))


def test_a_click_that_is_refused_twice_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Jobs")
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill("Noon baker")
    page.route("**/jobs/new/", spoiled)
    dialog(page).get_by_role("button", name="Create job").click()
    refused = page.get_by_role("dialog", name="Nothing was saved")
    expect(refused).to_contain_text("allow cookies for localhost")
    visitor.complaints.clear()
    visitor.check()
    refused.get_by_role("button", name="Close").click()
    expect(dialog(page).get_by_label("Title")).to_have_value("Noon baker")
