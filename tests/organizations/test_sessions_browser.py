"""Sessions in a real browser: the list of devices, what a page does whose session was ended elsewhere, and "Back"."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job
from organizations.models import Session
from tests.browser.steps import dialog, sign_out
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team

pytestmark = IN_BROWSER


def sign_in_again(page: Page) -> None:
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again).to_contain_text("You were signed out elsewhere")
    expect(again.get_by_label("Password")).to_be_focused()
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(again).to_be_hidden()


def begin_a_job(page: Page, team: Team, title: str) -> None:
    page.goto(team.url("jobs/"))
    page.get_by_role("link", name="New job").click()
    dialog(page).get_by_label("Title").fill(title)


def test_a_person_signs_another_device_out_and_goes_on_there_with_what_they_typed(
    visitor: Visitor, chromium: Browser, live_server: LiveServer, team: Team
) -> None:
    with at_window(chromium, live_server, team, team.recruiter) as elsewhere:
        begin_a_job(elsewhere.page, team, "Night baker")
        page = visitor.page
        page.goto(team.url("settings/profile/"))
        page.get_by_role("link", name="Show devices").click()
        expect(page.get_by_role("heading", name="2 devices")).to_be_visible()
        expect(page.get_by_text("This device")).to_have_count(1)
        visitor.check()
        page.get_by_role("table").get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("alert")).to_contain_text("Signed out there.")
        expect(page.get_by_role("heading", name="1 device")).to_be_visible()
        dialog(elsewhere.page).get_by_role("button", name="Create job").click()
        expect(elsewhere.page.get_by_role("dialog", name="Sign in again")).to_be_visible()
        elsewhere.complaints.clear()
        elsewhere.check()
        sign_in_again(elsewhere.page)
        expect(elsewhere.page.get_by_role("heading", level=1)).to_contain_text("Night baker")
        assert Job.objects.filter(title="Night baker").exists()
        page.reload()
        page.get_by_role("button", name="Sign out all other devices").click()
        expect(page.get_by_role("alert")).to_contain_text("Signed out on 1 other device.")
        assert Session.objects.filter(user=team.recruiter.user).count() == 1
        elsewhere.complaints.clear()


def test_an_admin_signs_a_member_out_who_goes_on_with_what_they_typed(
    visitor: Visitor, chromium: Browser, live_server: LiveServer, team: Team
) -> None:
    begin_a_job(visitor.page, team, "Day baker")
    with at_window(chromium, live_server, team, team.admin) as admin:
        admin.page.goto(team.url(f"settings/members/{team.recruiter.pk}/"))
        admin.page.get_by_role("button", name="Sign out everywhere").click()
        expect(admin.page.get_by_role("alert")).to_contain_text("Recruiter Acme is signed out everywhere.")
        admin.check()
    dialog(visitor.page).get_by_role("button", name="Create job").click()
    sign_in_again(visitor.page)
    visitor.complaints.clear()
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Day baker")


def test_back_after_signing_out_shows_nothing(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("settings/members/"))
    expect(page.get_by_text(team.admin.user.email)).to_be_visible()
    sign_out(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(team.admin.user.email)).to_have_count(0)
