"""From the plan that names a video call to the page from which the candidate joins it, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from integrations.models import MeetingServer
from jobs.models import PlanInterview, Stage
from scheduling.models import Interview
from tests.browser.steps import act, add_interviewer, dialog, opened, planned
from tests.browser.visitor import PHONE, Visitor
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


def test_an_interviewers_own_room_is_set_chosen_announced_and_joined(
    chromium: Browser, live_server: LiveServer, visitor: Visitor, team: Team, stage: Stage
) -> None:
    with at_window(chromium, live_server, team, team.interviewer) as interviewer:
        profile = interviewer.page
        profile.goto(team.url("settings/profile/"))
        profile.get_by_label("Your video room").fill("rooms.example/ivy")
        profile.get_by_role("button", name="Save changes").click()
        expect(profile.get_by_text("Enter a web address").first).to_be_visible()
        interviewer.check()
        profile.get_by_label("Your video room").fill("https://rooms.example/ivy")
        profile.get_by_role("button", name="Save changes").click()
        expect(profile.get_by_label("Your video room")).to_have_value("https://rooms.example/ivy")
        expect(profile.get_by_text("Enter a web address")).to_have_count(0)

    window = visitor.page
    window.goto(team.url(f"schedules/new/?job={stage.job_id}&stage={stage.pk}"))
    window.get_by_text("New candidate").click()
    window.locator("#id_new-name").fill("Grace Lin")
    window.locator("#id_new-email").fill("grace@example.com")
    row = opened(window, 1)
    row.get_by_label("Video call with").select_option(label="Interviewer's own room")
    add_interviewer(row, str(team.interviewer.user))
    visitor.check()
    window.locator("#builder button.btn-primary").click()
    expect(window.get_by_text("1 interview scheduled.")).to_be_visible()
    own = window.get_by_role("link", name="Interviewer's own room")
    expect(own).to_have_attribute("href", "https://rooms.example/ivy")
    visitor.check()

    interview = Interview.objects.get()
    link = interview.join_links.get(membership=None)
    window.get_by_role("link", name="Communications", exact=True).click()
    window.get_by_role("button", name="Preview Grace Lin").click()
    mail = dialog(window)
    expect(mail).to_contain_text("Video call")
    assert "rooms.example" not in mail.inner_text(), "whose room it is concerns nobody before they join"
    visitor.check()

    soon(interview)
    window.goto(f"/join/{link.token}/")
    join = window.get_by_role("link", name="Join video call")
    expect(join).to_have_attribute("href", f"/join/{link.token}/meet/")
    expect(window.get_by_role("main")).not_to_contain_text("Interviewer's own room")
    visitor.check()
    window.route("https://rooms.example/**", lambda route: route.fulfill(body="Ivy's room"))
    join.click()
    expect(window.get_by_text("Ivy's room")).to_be_visible()
    assert window.url == "https://rooms.example/ivy"


def test_a_server_is_set_up_on_a_phone(chromium: Browser, live_server: LiveServer, team: Team) -> None:
    options = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
    with at_window(chromium, live_server, team, team.admin, **options) as visitor:
        window = visitor.page
        window.goto(team.url("settings/integrations/"))
        setting_up = window.get_by_role("link", name="Set up Jitsi")
        setting_up.scroll_into_view_if_needed()
        setting_up.tap()
        window.get_by_label("Address", exact=True).fill("https://meet.acme.example")
        window.get_by_label("App ID").fill("panelist")
        window.get_by_role("button", name="Save server").tap()
        expect(window.get_by_text("Enter the secret of this app ID.").first).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        window.get_by_label("Secret").fill("s" * 40)
        window.get_by_role("button", name="Save server").tap()
        card = window.locator("#meeting-server-jitsi")
        expect(card).to_contain_text("https://meet.acme.example")
        expect(card.get_by_role("link", name="Manage Jitsi")).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        visitor.check()
    assert MeetingServer.objects.get().secret == "s" * 40


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
        window.get_by_role("link", name="Manage Jitsi").click()
        window.get_by_role("button", name="Remove server").click()
        expect(window.get_by_text("Jitsi removed.")).to_be_visible()
        assert not MeetingServer.objects.exists()
