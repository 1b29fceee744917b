"""Home says what people did to their events in their calendars, and settles it in one click."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from django.utils import timezone
from playwright.sync_api import expect

from integrations.base import Refused
from integrations.calendars import Answer
from scheduling.models import CalendarEvent, CalendarTime, MemberCalendar
from scheduling.schedules import services
from scheduling.schedules.trail_rows import GivenReason
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.calendars import Vendor
from tests.scheduling.test_calendar_events import HOUR, calendar, read, scheduled, there, work, written

__all__ = ["calendar"]
pytestmark = IN_BROWSER


def test_a_moved_event_moves_its_interview_in_two_clicks(
    visitor: Visitor,
    team: Team,
    calendar: Vendor,
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    CalendarEvent.objects.update(moved_starts_at=interview.starts_at + HOUR, moved_ends_at=interview.ends_at + HOUR)
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("moved “Coding” to")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Move the interview").click()
    moving = dialog(page)
    expect(moving).to_contain_text("Move")
    moving.locator(".reason-choice").first.click()
    moving.get_by_role("button", name="Move and prepare").click()
    expect(page.locator(".toast")).to_contain_text("“Coding” moved.")
    expect(page.get_by_text("moved “Coding” to")).to_be_hidden()
    work()
    interview.refresh_from_db()
    assert there(calendar, team)[0].starts_at == interview.starts_at
    assert written(team).moved_starts_at is None


def test_a_moved_event_is_put_back_where_it_was(
    visitor: Visitor,
    team: Team,
    calendar: Vendor,
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    read(team)
    [event] = there(calendar, team)
    later = replace(event, starts_at=event.starts_at + HOUR, ends_at=event.ends_at + HOUR)
    calendar.book(f"cal-{team.interviewer.pk}").put(later)
    read(team)
    page = visitor.page
    page.goto(team.url("home/"))
    moved = page.get_by_role("listitem").filter(has_text="moved “Coding” to")
    expect(moved.first).to_be_visible()
    moved.get_by_role("button", name="Put it back").first.click()
    expect(page.locator(".toast")).to_contain_text("It will be back in the calendar in a moment.")
    expect(page.get_by_text("moved “Coding” to")).to_be_hidden()
    work()
    read(team)
    assert there(calendar, team)[0].starts_at == interview.starts_at
    page.reload()
    expect(page.get_by_text("moved “Coding” to")).to_be_hidden()
    interview.refresh_from_db()
    assert interview.starts_at == event.starts_at


def test_a_deleted_event_is_put_back_from_home(
    visitor: Visitor,
    team: Team,
    calendar: Vendor,
) -> None:
    scheduled(team, team.interviewer)
    work()
    calendar.book(f"cal-{team.interviewer.pk}").occurrences.clear()
    CalendarEvent.objects.update(deleted_at=timezone.now())
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("deleted “Coding” from their calendar")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator(".toast")).to_contain_text("It will be back in the calendar in a moment.")
    expect(page.get_by_text("deleted “Coding” from their calendar")).to_be_hidden()
    work()
    assert len(there(calendar, team)) == 1


def test_an_event_that_stayed_is_removed_or_dismissed(visitor: Visitor, team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer, names=("Coding", "Design"))
    work()
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=GivenReason())
    calendar.faults = [Refused("read_only"), Refused("read_only")]
    work()
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("is still in the calendar of")).to_have_count(2)
    visitor.check()
    page.get_by_role("button", name="Try again").first.click()
    expect(page.locator(".toast")).to_contain_text("It will be removed in a moment.")
    expect(page.get_by_text("is still in the calendar of")).to_have_count(1)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("is still in the calendar of")).to_have_count(0)
    work()
    assert len(there(calendar, team)) == 1


def test_a_decline_leads_to_a_replacement(
    visitor: Visitor,
    team: Team,
    calendar: Vendor,
) -> None:
    scheduled(team, team.interviewer)
    work()
    CalendarEvent.objects.update(answer=Answer.DECLINED, answered_at=timezone.now() - timedelta(minutes=3))
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("declined “Coding”")).to_be_visible()
    page.get_by_role("link", name="Find a replacement").click()
    expect(dialog(page)).to_contain_text("Replace")


def test_another_time_is_proposed_and_the_interview_keeps_its_own(
    visitor: Visitor,
    team: Team,
    calendar: Vendor,
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    CalendarEvent.objects.update(
        answer=Answer.TENTATIVE,
        proposed_starts_at=interview.starts_at + HOUR,
        proposed_ends_at=interview.ends_at + HOUR,
    )
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("Interviewer Acme proposes")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Keep the time").click()
    expect(page.get_by_text("proposes")).to_have_count(0)
    work()
    interview.refresh_from_db()
    assert there(calendar, team)[0].starts_at == interview.starts_at
    assert written(team).proposed_starts_at is None


def test_a_whole_day_of_another_zone_ends_with_each_day_of_the_calendar(
    visitor: Visitor, team: Team, calendar: Vendor
) -> None:
    day = scheduled(team, team.interviewer, team.recruiter).interviews.get().starts_at.date()
    tuesday = day + timedelta(days=1 - day.weekday())
    starts = datetime.combine(tuesday, time(6), UTC)
    row = MemberCalendar.objects.get(membership=team.interviewer)
    MemberCalendar.objects.update(read_at=timezone.now(), window_ends_at=starts + timedelta(weeks=9))
    CalendarTime.objects.create(
        organization=team.organization,
        calendar=row,
        membership=team.interviewer,
        key="away",
        starts_at=starts,
        ends_at=starts + timedelta(days=1),
        title="Out of office",
    )
    visitor.page.goto(team.url(f"calendar/?scope=week&day={day}"))
    away = visitor.page.locator(".calendar-chip").filter(has_text="Out of office")
    expect(away).to_have_text([re.compile("06:00–24:00 Busy"), re.compile("00:00–06:00 Busy")])


def test_a_day_in_the_week_of_many_is_in_order_of_time(visitor: Visitor, team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer, team.recruiter).interviews.get()
    row = MemberCalendar.objects.get(membership=team.interviewer)
    MemberCalendar.objects.update(read_at=timezone.now(), window_ends_at=interview.starts_at + timedelta(weeks=9))
    CalendarTime.objects.bulk_create(
        CalendarTime(
            organization=team.organization,
            calendar=row,
            membership=team.interviewer,
            key=title,
            starts_at=interview.starts_at + hours * HOUR,
            ends_at=interview.starts_at + (hours + 1) * HOUR,
            title=title,
        )
        for title, hours in (("Roadmap", 3), ("Standup", -2))
    )
    visitor.page.goto(team.url(f"calendar/?scope=week&day={interview.starts_at.date()}"))
    week = visitor.page.get_by_role("group", name="Interviewer Acme", exact=True)
    expect(week.locator(".calendar-chip")).to_contain_text(["Standup", "Coding", "Roadmap"])


def test_a_day_opens_on_its_interviews_whatever_is_in_the_night(visitor: Visitor, team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    row = MemberCalendar.objects.get(membership=team.interviewer)
    MemberCalendar.objects.update(read_at=timezone.now(), window_ends_at=interview.starts_at + timedelta(weeks=9))
    CalendarTime.objects.create(
        organization=team.organization,
        calendar=row,
        membership=team.interviewer,
        key="night",
        starts_at=interview.starts_at - 7 * HOUR,
        ends_at=interview.starts_at - 6 * HOUR,
        title="Release",
    )
    visitor.page.goto(team.url(f"calendar/?scope=day&day={interview.starts_at.date()}"))
    blocks = visitor.page.locator(".tg-block")
    expect(blocks.filter(has_text="Ada Osei")).to_be_in_viewport()
    expect(blocks.filter(has_text="Release")).not_to_be_in_viewport()
