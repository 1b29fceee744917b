"""Each calendar vendor connected and disconnected by a person's clicks: CalDAV, an .ics address, Microsoft 365."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config.celery import app
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from integrations.sandbox.microsoft import CLIENT, TENANT
from scheduling.models import CalendarTime, MemberCalendar
from tests.browser.steps import dialog
from tests.browser.visitor import PHONE, Visitor, show
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
from tests.integrations.caldav.servers import PASSWORD, USER, Server, radicale
from tests.integrations.ical.documents import document, entry
from tests.integrations.microsoft.conftest import graph
from tests.integrations.raw_server import raw_server
from tests.scheduling.calendars import calendar_for, connect_calendars

__all__ = ["graph"]
pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def working(settings: Settings, live_server: LiveServer) -> Iterator[None]:
    """Run tasks at once, where they are enqueued. Vendors lead back to the server of this test."""
    settings.BASE_URL = live_server.url
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def caldav() -> Iterator[Server]:
    with radicale() as running:
        yield running


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def way(visitor: Visitor, team: Team, name: str) -> Page:
    """Go to the page that connects one's own calendar, as people do."""
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_role("link", name="Your calendars").click()
    page.get_by_role("link", name=f"Connect {name}").click()
    visitor.check()
    return page


def disconnect(visitor: Visitor, name: str) -> None:
    press(visitor.page, "Disconnect")
    visitor.check()
    dialog(visitor.page).get_by_role("button", name=f"Disconnect {name}").click()
    says(visitor.page, f"{name} is disconnected.")
    expect(visitor.page.get_by_role("heading", name="Connect a calendar")).to_be_visible()
    assert not MemberCalendar.objects.exists() and not CalendarTime.objects.exists()


def tomorrow(title: str) -> bytes:
    """A calendar with one entry of tomorrow."""
    day = timezone.now() + timedelta(days=1)
    return document(entry(f"DTSTART:{day:%Y%m%d}T090000Z", f"DTEND:{day:%Y%m%d}T100000Z", f"SUMMARY:{title}"))


def test_caldav_on_a_real_server(visitor: Visitor, team: Team, caldav: Server) -> None:
    caldav.put("dentist.ics", tomorrow("Dentist"))
    page = way(visitor, team, "CalDAV")
    page.get_by_label("Server address").fill(caldav.url)
    page.get_by_label("User name").fill(USER)
    page.get_by_label("App password").fill("another-password")
    press(page, "Check and save")
    says(page, "Nothing was saved.")
    expect(page.get_by_label("User name")).to_have_value(USER)
    visitor.check()
    page.get_by_label("App password").fill(PASSWORD)
    press(page, "Check and save")
    says(page, "CalDAV is connected.")
    expect(page.locator("#connections")).to_contain_text("Work")
    visitor.check()
    assert CalendarTime.objects.get().title == "Dentist"
    disconnect(visitor, "CalDAV")
    assert caldav.names() == {"dentist.ics"}


def test_an_ics_address(visitor: Visitor, team: Team) -> None:
    with raw_server() as feed:
        feed.says("200 OK", tomorrow("Dentist"), "Content-Type: text/calendar")
        page = way(visitor, team, "Calendar feed")
        page.get_by_label("Secret .ics address").fill(f"{feed.url}/private-secret/basic.ics")
        press(page, "Check and save")
        says(page, "Calendar feed is connected.")
        expect(page.locator("#connections")).to_contain_text("Read-only, as of")
        expect(page.get_by_role("main")).not_to_contain_text("private-secret")
        # It can't be written: interviews come by e-mail.
        into = page.get_by_role("group", name="New interviews go into").get_by_role("radio")
        expect(into).to_have_count(1)
        visitor.check()
        assert CalendarTime.objects.get().title == "Dentist"
        disconnect(visitor, "Calendar feed")


def test_microsoft_365_for_everybody(admin_visitor: Visitor, team: Team, graph: Sandbox) -> None:
    page, secret = admin_visitor.page, graph.microsoft.make_secret()
    graph.calendars.add_person(team.interviewer.user.email, zone="Europe/Berlin")
    page.goto(team.url("settings/integrations/"))
    page.get_by_role("link", name="Connect Microsoft 365").click()
    admin_visitor.check()
    page.get_by_label("Directory (tenant) ID").fill(TENANT)
    page.get_by_label("Application (client) ID").fill(CLIENT)
    page.get_by_label("Client secret (value)").fill("not-the-secret")
    press(page, "Check and save")
    says(page, "Nothing was saved.")
    expect(page.get_by_label("Application (client) ID")).to_have_value(CLIENT)
    page.get_by_label("Client secret (value)").fill(secret)
    page.get_by_label("Secret expires on").fill(f"{timezone.localdate() + timedelta(days=10)}")
    press(page, "Check and save")
    says(page, "Microsoft 365 is connected.")
    expect(page.get_by_role("main")).to_contain_text("At risk:")
    admin_visitor.check()
    assert MemberCalendar.objects.get().membership == team.interviewer
    press(page, "Disconnect")
    dialog(page).get_by_role("button", name="Disconnect Microsoft 365").click()
    says(page, "Microsoft 365 is disconnected.")
    assert not MemberCalendar.objects.exists()


def test_microsoft_365_by_consent(visitor: Visitor, team: Team, graph: Sandbox) -> None:
    graph.calendars.add_person(team.recruiter.user.email, "Robin", "Europe/Berlin")
    page = way(visitor, team, "Microsoft 365")
    page.get_by_role("link", name="Continue to Microsoft 365").click()
    press(page, "Cancel")
    says(page, "You didn't allow access, so nothing was connected.")
    page.get_by_role("link", name="Continue to Microsoft 365").click()
    page.get_by_label("Account").select_option(team.recruiter.user.email)
    press(page, "Accept")
    says(page, "Microsoft 365 is connected.")
    connection = CalendarConnection.objects.get()
    assert (connection.membership, connection.account_name) == (team.recruiter, team.recruiter.user.email)
    visitor.check()
    disconnect(visitor, "Microsoft 365")


@pytest.fixture
def calendars(team: Team) -> None:
    """Everybody's connection: one calendar is read, one can't be read, the admin has none."""
    connection = connect_calendars(team.admin)
    CalendarConnection.objects.update(kind="google_workspace")
    for member, columns in (
        (team.recruiter, {"read_at": timezone.now() - timedelta(minutes=4)}),
        (team.interviewer, {"problem_code": "forbidden"}),
    ):
        MemberCalendar.objects.filter(pk=calendar_for(member, connection).pk).update(**columns)


def test_everyones_calendars_on_a_phone_in_the_dark(
    chromium: Browser, live_server: LiveServer, team: Team, calendars: None
) -> None:
    with at_window(chromium, live_server, team, team.admin, viewport=PHONE, color_scheme="dark") as visitor:
        page = visitor.page
        page.goto(team.url("settings/integrations/"))
        page.get_by_role("link", name="Everyone's calendars").click()
        show(page, PHONE, "dark")
        lines = page.locator("tbody tr")
        expect(lines).to_have_count(3)
        expect(lines.filter(has_text="Recruiter Acme")).to_contain_text("4 minutes ago")
        expect(lines.filter(has_text="Admin Acme")).to_contain_text("No calendar")
        expect(lines.filter(has_text="Interviewer Acme")).to_contain_text("Not yet")
        assert all(box["height"] <= 120 for line in lines.all() if (box := line.bounding_box()))
        visitor.check()
        show(page, PHONE, "dark")
        page.get_by_role("button", name="Filters").click()
        page.get_by_label("Calendars", exact=True).select_option("With a problem")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(lines).to_have_count(1)
        visitor.check()
