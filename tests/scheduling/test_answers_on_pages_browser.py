"""A decline with a comment, a room that declined or nobody reserves, and a call taken out, in a real browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from integrations.calendars import Answer, CalendarRef
from scheduling import tasks
from scheduling.models import CalendarEvent, Interview, MemberCalendar, Room
from tests.browser.steps import add_interviewer, dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.calendars import Vendor
from tests.scheduling.test_answers_on_pages import LEAVE, answers, removed_call
from tests.scheduling.test_calendar_events import calendar, read, scheduled, work

__all__ = ["calendar"]
pytestmark = IN_BROWSER

AURORA, BOREALIS = "aurora@rooms.example", "borealis@rooms.example"


@pytest.fixture
def rooms(team: Team, calendar: Vendor) -> list[Room]:
    """Two free rooms, of the vendor that has the interviewer's calendar."""
    calendar.rooms = [CalendarRef(AURORA, "Aurora", capacity=6), CalendarRef(BOREALIS, "Borealis", capacity=12)]
    connection = MemberCalendar.objects.get(membership=team.interviewer).connection
    tasks.find_calendars(connection.pk)
    Room.objects.update(is_on=True)
    tasks.find_calendars(connection.pk)
    MemberCalendar.objects.update(due_at=timezone.now())
    tasks.read_calendars(connection.pk)
    return list(Room.objects.order_by("name"))


def test_a_decline_says_why_on_home_and_details(visitor: Visitor, team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    read(team)
    answers(team, calendar, Answer.DECLINED, LEAVE)
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text(f"declined “Coding”: “{LEAVE}”")).to_be_visible()
    visitor.check()
    page.goto(team.url(f"schedules/{interview.schedule_id}/"))
    expect(page.get_by_text(f"Declined: “{LEAVE}”")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Communications", exact=True).click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text(LEAVE)
    visitor.check()


def test_the_room_that_declined_is_offered_last_and_says_so(
    visitor: Visitor, team: Team, calendar: Vendor, rooms: list[Room]
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    Interview.objects.update(room=rooms[0])
    tasks.follow_calendars(team.organization.pk)
    work()
    CalendarEvent.objects.update(room_answer=Answer.DECLINED)
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("Aurora declined “Coding”")).to_be_visible()
    page.get_by_role("link", name="Find another room").click()
    form = dialog(page)
    expect(form).to_contain_text("Aurora declined this interview at this time. Choose another room.")
    visitor.check()
    form.get_by_role("button", name="Remove Aurora").click()
    form.get_by_role("combobox", name="Find a room").click()
    options = form.get_by_role("listbox", name="Rooms to choose").get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("Borealis")
    expect(options.last).to_contain_text("declined this time")
    expect(options.last).not_to_contain_text("free")
    visitor.check()
    options.first.click()
    form.get_by_role("button", name="Save interview").click()
    expect(page.get_by_text("Aurora declined “Coding”")).to_be_hidden()
    interview.refresh_from_db()
    assert interview.room == rooms[1]


def test_a_room_that_no_calendar_reserves_is_said_and_settled(
    visitor: Visitor, team: Team, calendar: Vendor, rooms: list[Room]
) -> None:
    """Only the recruiter interviews, whose calendar is not connected. The interviewer's can reserve it."""
    interview = scheduled(team, team.recruiter).interviews.get()
    Interview.objects.update(room=rooms[0])
    page = visitor.page
    page.goto(team.url(f"schedules/{interview.schedule_id}/"))
    expect(page.get_by_text("Not reserved in the room's calendar")).to_be_visible()
    visitor.check()
    visitor.go("Home")
    item = page.get_by_role("listitem").filter(has_text="Aurora isn't reserved for “Coding”").last
    expect(item).to_contain_text("No interviewer's calendar can reserve it.")
    visitor.check()
    item.get_by_role("link", name="Edit interview").click()
    form = dialog(page)
    add_interviewer(form, str(team.interviewer.user))
    form.get_by_role("button", name="Save interview").click()
    expect(page.get_by_text("Aurora isn't reserved for “Coding”")).to_be_hidden()
    work()
    assert [one.title for one in calendar.book(AURORA).occurrences.values()] == ["Coding with Ada Osei"]


def test_a_call_that_was_taken_out_is_put_back_from_home_and_details(
    visitor: Visitor, team: Team, calendar: Vendor
) -> None:
    interview = removed_call(team, calendar)
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("Google Meet was removed in the calendar.")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator(".toast")).to_contain_text("The video call will be back in a moment.")
    expect(page.get_by_text("Google Meet was removed in the calendar.")).to_be_hidden()
    work()
    interview.refresh_from_db()
    assert interview.meeting_url

    Interview.objects.update(meeting_url="", meeting_problem="removed")
    page.goto(team.url(f"schedules/{interview.schedule_id}/"))
    visitor.check()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_text("Being created")).to_be_visible()
    work()
    expect(page.get_by_role("link", name="Google Meet")).to_be_visible(timeout=20_000)
