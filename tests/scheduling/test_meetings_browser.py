"""From the plan that names a video call to the page from which the candidate joins it, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from integrations.models import MeetingServer
from jobs.models import PlanInterview, Stage
from scheduling.models import Interview
from tests.browser.steps import act, add_interviewer, dialog, planned
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
from tests.scheduling.calendars import Vendor
from tests.scheduling.test_calendar_events import work
from tests.scheduling.test_meetings import calendar, page, soon
from tests.scheduling.test_schedules_new_browser import stage

__all__ = ["calendar", "stage"]
pytestmark = IN_BROWSER


def test_a_call_that_the_plan_names_is_joined_from_the_candidates_page(
    visitor: Visitor, team: Team, calendar: Vendor, stage: Stage
) -> None:
    window = visitor.page
    window.goto(team.url(f"jobs/{stage.job_id}/"))
    act(window, "Coding", "Edit")
    dialog(window).get_by_label("Video call with").select_option(label="Google Meet")
    visitor.check()
    dialog(window).get_by_role("button", name="Save", exact=True).click()
    expect(planned(window, "Coding")).to_contain_text("Google Meet")
    assert PlanInterview.objects.get().meeting == "google_meet"

    window.goto(team.url(f"schedules/new/?job={stage.job_id}&stage={stage.pk}"))
    window.get_by_text("New candidate").click()
    window.locator("#id_new-name").fill("Grace Lin")
    row = window.get_by_role("group", name="Interview 1", exact=True)
    expect(row).to_contain_text("Google Meet")
    add_interviewer(row, str(team.interviewer.user))
    visitor.quiet()
    window.locator("#builder button.btn-primary").click()
    expect(window.get_by_text("1 interview scheduled.")).to_be_visible()
    expect(window.get_by_text("Being created")).to_be_visible()
    work()
    expect(window.get_by_role("link", name="Google Meet")).to_be_visible(timeout=20_000)
    visitor.check()

    interview = soon(Interview.objects.get())
    assert "Join video call" in page(interview)
    link = interview.join_links.get(membership=None)
    window.goto(f"/join/{link.token}/")
    join = window.get_by_role("link", name="Join video call")
    expect(join).to_have_attribute("href", f"/join/{link.token}/meet/")
    visitor.check()


def test_an_admin_sets_up_a_server_of_their_own_and_takes_it_away(
    chromium: Browser, live_server: LiveServer, team: Team
) -> None:
    with at_window(chromium, live_server, team, team.admin) as visitor:
        window = visitor.page
        window.goto(team.url("settings/integrations/"))
        window.get_by_role("link", name="Set up Jitsi").click()
        window.get_by_label("Address", exact=True).fill("meet.acme.example")
        window.get_by_role("button", name="Save server").click()
        expect(window.get_by_text("Enter an address that begins with https://").first).to_be_visible()
        window.get_by_label("Address", exact=True).fill("https://meet.acme.example")
        visitor.check()
        window.get_by_role("button", name="Save server").click()
        expect(window.get_by_text("https://meet.acme.example")).to_be_visible()
        visitor.check()
        assert MeetingServer.objects.get().secret == ""
        window.get_by_role("link", name="Set up Jitsi").click()
        window.get_by_role("button", name="Remove server").click()
        expect(window.get_by_text("Jitsi removed.")).to_be_visible()
        assert not MeetingServer.objects.exists()
