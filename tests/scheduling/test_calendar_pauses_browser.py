"""Pages while a calendar connection is paused: what they say is still to come, and who looks after it."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import expect

from integrations.models import CalendarConnection
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for
from tests.scheduling.test_calendar_events import HOUR, calendar, move, scheduled, work

__all__ = ["calendar"]
pytestmark = IN_BROWSER


def pause() -> None:
    CalendarConnection.objects.update(
        state="paused", problem_code="consent_expired", problem_since=timezone.now(), check_tried_at=timezone.now()
    )


def test_messages_are_prepared_that_the_paused_calendar_can_not_tell(
    visitor: Visitor, team: Team, calendar: Vendor
) -> None:
    page = visitor.page
    schedule = scheduled(team, team.interviewer)
    work()
    move(schedule.interviews.get(), team, 2 * HOUR)
    pause()
    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text("1 person")
    visitor.check()
    messages.get_by_role("button", name="Prepare 1 message").click()
    mine = messages.get_by_role("listitem").filter(has_text="Interviewer Acme").first
    expect(mine).to_contain_text("Draft")
    mine.get_by_role("button", name="Preview").click()
    dialog(page).get_by_role("tab", name="Calendar").click()
    expect(dialog(page)).to_contain_text("No calendar event: the connected calendar is updated once it works again.")
    visitor.check()


def test_a_cancellation_says_that_the_paused_calendar_follows_later(
    visitor: Visitor, team: Team, calendar: Vendor
) -> None:
    page = visitor.page
    schedule = scheduled(team, team.interviewer)
    work()
    pause()
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="More actions").first.click()
    page.get_by_role("button", name="Cancel schedule").click()
    expect(dialog(page)).to_contain_text("updated once their connection works again")
    visitor.check()
    dialog(page).get_by_label("Reason").select_option(index=1)
    dialog(page).get_by_role("button", name="Cancel schedule").click()
    page.get_by_role("link", name="Communications").first.click()
    mine = page.get_by_role("region", name="Messages").get_by_role("listitem").filter(has_text="Interviewer Acme").first
    mine.get_by_role("button", name="Preview").click()
    dialog(page).get_by_role("tab", name="Plain text").click()
    expect(dialog(page)).to_contain_text("Your calendar still shows this time as taken.")
    visitor.check()


def test_a_member_sees_that_everybodys_connection_is_paused(
    visitor: Visitor, team: Team, calendar_vendor: Vendor
) -> None:
    page = visitor.page
    row = calendar_for(team.recruiter)
    row.name, row.read_at, row.is_written = "Recruiter's calendar", timezone.now(), True
    row.save()
    page.goto(team.url("settings/profile/calendars/"))
    theirs = page.get_by_role("region", name="Connected by your organization")
    expect(theirs).to_contain_text("Read")
    pause()
    page.reload()
    expect(theirs).to_contain_text("Memory Calendar is paused: your busy times are unknown.")
    expect(theirs).to_contain_text("Ask Admin Acme to fix it.")
    visitor.check()
