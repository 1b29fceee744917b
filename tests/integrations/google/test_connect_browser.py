"""Google connected in a real browser: a Workspace by an admin, one's own calendar by consent. The stand-in answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config.celery import app
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from scheduling.models import MemberCalendar
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.integrations.google.conftest import ADMIN

pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def working(settings: Settings, live_server: LiveServer) -> Iterator[None]:
    """Run tasks at once, where they are enqueued. The stand-in leads back to the server of this test."""
    settings.BASE_URL = live_server.url
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()


def test_a_workspace_is_connected_with_a_service_account(admin_visitor: Visitor, team: Team, sandbox: Sandbox) -> None:
    page = admin_visitor.page
    sandbox.calendars.add_person(team.interviewer.user.email, zone="Europe/Berlin")
    page.goto(team.url("settings/integrations/"))
    page.get_by_role("link", name="Connect Google Workspace").click()
    page.get_by_label("Service account key").fill("{}")
    page.get_by_label("Administrator").fill(ADMIN)
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("This is not the JSON key of a service account.")).to_be_visible()
    page.get_by_label("Service account key").fill(sandbox.google.make_service_account())
    page.get_by_role("button", name="Check and save").click()
    says(page, "Google Workspace is connected.")
    assert MemberCalendar.objects.get().membership == team.interviewer


def test_ones_own_calendar_is_connected_by_consent(visitor: Visitor, team: Team, sandbox: Sandbox) -> None:
    page = visitor.page
    sandbox.calendars.add_person(team.recruiter.user.email, "Robin", "Europe/Berlin")
    page.goto(team.url("settings/profile/calendars/"))
    page.get_by_role("link", name="Connect Google Calendar").click()
    page.get_by_role("link", name="Continue to Google Calendar").click()
    page.get_by_role("button", name="Cancel").click()
    says(page, "You didn't allow access, so nothing was connected.")
    page.get_by_role("link", name="Continue to Google Calendar").click()
    page.get_by_role("button", name="Continue").click()
    says(page, "Google Calendar is connected.")
    connection = CalendarConnection.objects.get()
    assert (connection.membership, connection.account_name) == (team.recruiter, team.recruiter.user.email)
