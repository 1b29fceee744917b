""" "Edit plan" in a real browser: from Details, several changes at once, and back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from organizations.models import Membership, User
from scheduling.models import Schedule
from tests.browser.steps import add_interviewer
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.message_steps import colleague, staffed_loop

pytestmark = IN_BROWSER


@pytest.fixture
def loop(team: Team) -> Schedule:
    """Coding, Design and Talk from ten in Berlin on a working day; everybody works every day."""
    schedule = staffed_loop(team, "Coding", "Design", "Talk")
    first = schedule.interviews.get(name="Coding").starts_at
    days = (7 - first.weekday()) if first.weekday() > 3 else 0
    for interview in schedule.interviews.all():
        interview.starts_at += timedelta(days=days)
        interview.ends_at += timedelta(days=days)
        interview.save()
    colleague(team, "Kiri Moana")
    Membership.objects.update(work_days="1234567")
    User.objects.update(time_zone="Europe/Berlin")
    schedule.candidate.time_zone = "Europe/Berlin"
    schedule.candidate.save()
    return schedule


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)


def remove(page: Page, number: int) -> None:
    page.get_by_role("button", name=f"Actions for interview {number}").click()
    page.get_by_role("button", name=f"Remove interview {number}").click()


def test_a_loop_is_changed_on_one_page(visitor: Visitor, team: Team, loop: Schedule) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(team.url(f"schedules/{loop.pk}/"))
    page.get_by_role("link", name="Edit plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit plan: Ada Osei")
    expect(page.locator(".day-view-row").first).to_be_visible()
    expect(page.get_by_text("Nothing changed yet")).to_be_visible()
    expect(page.get_by_label("Reason")).to_be_hidden()
    visitor.check()

    row(page, 1).get_by_label("Time").fill("15:00")
    row(page, 1).get_by_label("Time").press("Enter")
    expect(page.get_by_role("button", name="Save 1 change")).to_be_visible()
    row(page, 2).get_by_role("button", name="Remove Recruiter Acme").click()
    add_interviewer(row(page, 2), "Kiri Moana")
    expect(page.get_by_role("button", name="Save 2 changes")).to_be_visible()
    # A removal can be taken back, in the notice and beside it.
    remove(page, 3)
    expect(page.get_by_text("Will be cancelled when you save")).to_be_visible()
    expect(page.get_by_role("button", name="Save 3 changes")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Keep Talk").click()
    expect(page.get_by_role("button", name="Save 2 changes")).to_be_visible()
    page.get_by_role("button", name="Add interview", exact=True).click()
    # Rows are in order of time, and the new one comes last.
    expect(page.locator("[data-row-name]")).to_have_text(["Design", "Talk", "Coding", "Interview without a name"])
    row(page, 4).get_by_label("Name", exact=True).fill("Lunch")
    expect(page.get_by_role("button", name="Save 3 changes")).to_be_visible()
    visitor.quiet()

    page.get_by_role("button", name="Save 3 changes").click()
    expect(page.get_by_text("Not saved yet: fix 1 problem")).to_be_visible()
    page.get_by_label("Reason").select_option("An interviewer is ill")
    visitor.check()
    page.get_by_role("button", name="Save 3 changes").click()
    expect(page.get_by_text("3 changes saved.")).to_be_visible()
    expect(page.get_by_text("Lunch").first).to_be_visible()
    expect(page.get_by_text(re.compile("15:00–16:00")).first).to_be_visible()
    assert loop.interviews.get(name="Design").assignments.get().membership.user.name == "Kiri Moana"
    assert loop.interviews.filter(state="scheduled").count() == 4


def test_leaving_loses_nothing_until_it_is_discarded(visitor: Visitor, team: Team, loop: Schedule) -> None:
    page, address = visitor.page, team.url(f"schedules/{loop.pk}/plan/")
    page.goto(address)
    row(page, 1).get_by_label("Time").fill("15:00")
    row(page, 1).get_by_label("Time").press("Enter")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    visitor.quiet()
    page.goto(team.url("home/"))
    page.goto(address)
    expect(row(page, 1).get_by_label("Time")).to_have_value("15:00")
    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_text("Nothing changed yet")).to_be_visible()
    expect(row(page, 1).get_by_label("Time")).not_to_have_value("15:00")
