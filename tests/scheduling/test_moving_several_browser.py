"""Several schedules of the list moved at once, in a real browser, with what it meets and what came of each."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from organizations.models import DayOff
from scheduling.models import Schedule
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.test_selected import loop

pytestmark = IN_BROWSER


def on_a_working_day(team: Team, name: str, hours: int) -> Schedule:
    """A schedule of one interview, on the Tuesday after next, `hours` after nine in Berlin."""
    schedule = loop(team, name, tool="")
    for member in (team.interviewer, team.recruiter):
        member.user.time_zone = "Europe/Berlin"
        member.user.save()
    schedule.candidate.time_zone = "Europe/Berlin"
    schedule.candidate.save()
    interview = schedule.interviews.get()
    day = interview.starts_at + timedelta(days=8 - interview.starts_at.weekday())
    interview.starts_at = day.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    interview.ends_at = interview.starts_at + timedelta(hours=1)
    interview.save()
    Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=interview.starts_at, last_ends_at=interview.ends_at)
    return schedule


def test_two_schedules_move_by_a_day(visitor: Visitor, team: Team) -> None:
    ada, ben = on_a_working_day(team, "Ada", 0), on_a_working_day(team, "Ben", 2)
    before = {one.pk: one.interviews.get().starts_at for one in (ada, ben)}
    ben.interviews.get().assignments.update(membership=team.admin)
    DayOff.objects.create(membership=team.admin, day=before[ben.pk].date() + timedelta(days=1), note="ill")
    page = visitor.page
    page.goto(team.url("schedules/"))
    page.get_by_label("Select Ada").check()
    page.get_by_label("Select Ben").check()
    page.locator("#list-selected-bar").get_by_role("button", name="Move", exact=True).click()
    expect(dialog(page).get_by_role("heading", name="Move 2 schedules")).to_be_visible()
    visitor.check()
    dialog(page).get_by_role("button", name="+1 day").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("Admin Acme is off")).to_be_visible()
    expect(dialog(page).get_by_label("Move by")).to_have_value("1")
    visitor.check()
    dialog(page).get_by_label("Move by").fill("2")
    dialog(page).get_by_label("Move by").press("Tab")
    expect(dialog(page).get_by_label("Move by")).to_have_value("2")
    expect(dialog(page).get_by_text("Admin Acme is off")).to_have_count(0)
    dialog(page).get_by_role("button", name="+1 day").click()
    expect(dialog(page).get_by_text("Admin Acme is off")).to_be_visible()
    expect(dialog(page).get_by_label("Move by")).to_have_value("1")
    dialog(page).get_by_role("button", name="Move 2 schedules").click()
    expect(dialog(page).get_by_text("Not saved yet: fix 1 problem")).to_be_visible()
    dialog(page).get_by_label("The candidate asked for it").check()
    visitor.check()
    dialog(page).get_by_role("button", name="Move 2 schedules").click()
    expect(dialog(page).get_by_role("heading", name="1 schedule moved.")).to_be_visible()
    expect(dialog(page)).to_contain_text("Ada: 1 interview moved")
    expect(dialog(page)).to_contain_text("Ben: Admin Acme is off")
    visitor.check()
    assert ada.interviews.get().starts_at == before[ada.pk] + timedelta(days=1)
    assert ben.interviews.get().starts_at == before[ben.pk]
    dialog(page).get_by_role("button", name="Review the messages").click()
    expect(dialog(page).get_by_role("heading", name="Send 2 messages to 2 people")).to_be_visible()
    page.keyboard.press("Escape")

    # The amount typed first, and sent by Enter: the new times are shown before anything moves.
    page.reload()
    page.get_by_label("Select Ben").check()
    page.locator("#list-selected-bar").get_by_role("button", name="Move", exact=True).click()
    dialog(page).get_by_role("button", name="Show new times").click()
    expect(dialog(page).get_by_role("heading", name="Move 1 schedule")).to_be_visible()
    dialog(page).get_by_label("Move by").fill("2")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("button", name="Move 1 schedule")).to_be_visible()
    assert ben.interviews.get().starts_at == before[ben.pk]
