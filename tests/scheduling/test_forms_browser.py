"""Candidates and schedules in a real browser: what is typed into each dialog and form is sent and kept."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import Candidate, Interview, Schedule
from tests.browser.steps import (
    a_day_soon,
    add_interviewer,
    dialog,
    fill_interview,
    more_actions,
    opened,
    remove_interview,
)
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.message_steps import staffed_loop

pytestmark = IN_BROWSER


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast").last).to_contain_text(words)


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").first).to_contain_text(words)


def press(page: Page, button: str) -> None:
    dialog(page).get_by_role("button", name=button, exact=True).click()
    expect(dialog(page)).to_be_hidden()


def test_a_candidate_is_added_changed_and_removed(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("candidates/"))
    page.get_by_role("button", name="Add candidate").first.click()
    dialog(page).get_by_label("Name").fill("Ada Osei")
    dialog(page).get_by_label("E-mail").fill("ada at example")
    dialog(page).get_by_role("button", name="Add candidate").click()
    expect(dialog(page).locator(".invalid-feedback")).to_be_visible()
    dialog(page).get_by_label("E-mail").fill("ada@example.com")
    press(page, "Add candidate")
    says(page, "Ada Osei added.")
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog(page).get_by_label("Phone").fill("+49 170 1")
    press(page, "Save candidate")
    says(page, "Candidate saved.")
    assert list(Candidate.objects.values_list("name", "email", "phone")) == [
        ("Ada Osei", "ada@example.com", "+49 170 1")
    ]
    page.get_by_role("button", name="Delete", exact=True).click()
    visitor.check()
    press(page, "Delete candidate")
    says(page, "Ada Osei deleted.")
    assert not Candidate.objects.exists()


def test_interviews_are_added_changed_and_cancelled(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, staffed_loop(team, "Coding")
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="Add interview").click()
    dialog(page).get_by_label("Name", exact=True).fill("Talk")
    choose_a_time_that_there_is(visitor)
    add_interviewer(dialog(page), "Interviewer Acme")
    visitor.quiet()
    press(page, "Add interview")
    toast(page, "“Talk” added.")
    talk = Interview.objects.get(name="Talk")
    assert [assignment.membership for assignment in talk.assignments.all()] == [team.interviewer]

    page.get_by_role("button", name="Edit Talk").click()
    add_interviewer(dialog(page), "Admin Acme")
    dialog(page).get_by_label("Meeting link or location").fill("Room 7")
    visitor.quiet()
    visitor.check()
    press(page, "Save interview")
    toast(page, "“Talk” saved.")
    talk.refresh_from_db()
    assert (talk.place, {assignment.membership for assignment in talk.assignments.all()}) == (
        "Room 7",
        {team.interviewer, team.admin},
    )

    page.get_by_role("button", name="Actions for Talk").click()
    page.get_by_role("button", name="Cancel Talk").click()
    dialog(page).get_by_label("Reason").select_option("An interviewer is ill")
    visitor.check()
    press(page, "Cancel interview")
    toast(page, "“Talk” cancelled.")
    talk.refresh_from_db()
    assert talk.is_cancelled


def choose_a_time_that_there_is(visitor: Visitor) -> None:
    """Choose a time that clocks leave out in Berlin, when summer begins; the dialog proposes the next one."""
    box = dialog(visitor.page)
    box.get_by_label("Date").fill(summer_begins().isoformat())
    box.get_by_label("Time", exact=True).fill("02:30")
    box.get_by_label("Time", exact=True).blur()
    box.get_by_role("button", name="Use 03:00").click()
    expect(box.get_by_label("Time", exact=True)).to_have_value("03:00")
    box.get_by_label("Date").fill(a_day_soon().isoformat())
    box.get_by_label("Time", exact=True).fill("14:00")


def summer_begins() -> date:
    """The last Sunday of the next March."""
    today = timezone.now().date()
    end = date(today.year + (today.month > 2), 3, 31)
    return end - timedelta(days=end.isoweekday() % 7)


def test_a_schedule_is_cancelled_and_deleted(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, staffed_loop(team, "Coding", "Design")
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    more_actions(page, "Cancel schedule")
    dialog(page).get_by_label("Reason").select_option("An interviewer is ill")
    press(page, "Cancel schedule")
    says(page, "Schedule cancelled.")
    schedule.refresh_from_db()
    assert schedule.state == "cancelled"
    more_actions(page, "Delete")
    visitor.check()
    press(page, "Delete schedule")
    says(page, "Schedule deleted.")
    assert not Schedule.objects.exists()


def test_a_schedule_is_built_row_by_row(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding")
    Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com")
    page.goto(team.url(f"schedules/new/?job={job.pk}&stage={stage.pk}"))
    page.get_by_label("Ada Osei").click(force=True)
    for _time in range(2):
        before = page.get_by_role("group", name=re.compile(r"^Interview \d")).count()
        page.get_by_role("button", name="Add interview", exact=True).click()
        expect(page.get_by_role("group", name=re.compile(r"^Interview \d"))).to_have_count(before + 1)
    remove_interview(page, 3)
    expect(row(page, 3)).to_have_count(0)
    fill_interview(page, 1, a_day_soon(), "10:00", "Interviewer Acme")
    fill_interview(page, 2, a_day_soon(), "11:00", "Interviewer Acme")
    opened(page, 2).get_by_label("Name", exact=True).fill("Talk")
    add_interviewer(row(page, 2), "Recruiter Acme")
    visitor.check()
    page.get_by_role("button", name="Schedule 2 interviews").click()
    says(page, "2 interviews scheduled.")
    schedule = Schedule.objects.get()
    assert [
        (one.name, sorted(str(assignment.membership.user) for assignment in one.assignments.all()))
        for one in schedule.interviews.order_by("starts_at")
    ] == [("Coding", ["Interviewer Acme"]), ("Talk", ["Interviewer Acme", "Recruiter Acme"])]


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)
