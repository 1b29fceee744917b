"""An admin sets holidays and buffers, a recruiter an interview's hours; conflicts say so, and free times avoid them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations import public_holidays
from organizations.models import Organization, User
from scheduling.models import Interview, Schedule
from tests.browser.steps import add_interviewer, dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.message_steps import staffed_loop

pytestmark = IN_BROWSER
BERLIN = ZoneInfo("Europe/Berlin")


def a_holiday() -> datetime:
    """Ten o'clock in Berlin on the next public holiday of Bavaria from Tuesday to Thursday, half a week from now on."""
    day = timezone.now().date() + timedelta(days=4)
    found = public_holidays.holidays_in("DE-BY", day, day + timedelta(days=1000))
    first = next(one for one in sorted(found) if one.isoweekday() in {2, 3, 4})
    return datetime.combine(first, time(10), BERLIN).astimezone(UTC)


def on_a_holiday(team: Team) -> Schedule:
    """A loop of Coding, at ten on a public holiday, and Design an hour later, in a plan with Coding."""
    loop, at = staffed_loop(team, "Coding", "Design"), a_holiday()
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    coding = PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding", minutes=60)
    for number, interview in enumerate(loop.interviews.order_by("starts_at")):
        interview.starts_at = at + number * timedelta(hours=1)
        interview.ends_at = interview.starts_at + timedelta(hours=1)
        interview.plan_interview = coding if interview.name == "Coding" else None
        interview.save()
        interview.assignments.update(membership=team.interviewer)
    Schedule.objects.filter(pk=loop.pk).update(job=job, stage=stage, time_zone="Europe/Berlin")
    return loop


def set_by_an_admin(page: Page, team: Team) -> None:
    page.goto(team.url("settings/"))
    field = page.get_by_role("combobox", name="Public holidays")
    expect(field).to_have_value("None")
    field.press("ArrowDown")
    offered = page.get_by_role("listbox", name="Public holidays").get_by_role("option")
    expect(offered.first).to_have_text("None")
    field.fill("germ")
    expect(offered.and_(page.get_by_role("option", selected=True))).to_have_text("Germany")
    field.press("Enter")
    expect(field).to_have_value("Germany")
    page.get_by_label("Region").select_option(label="Bayern")
    page.get_by_label("Minutes before an interview").fill("10")
    page.get_by_label("Minutes after an interview").fill("20")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".toast, .alert-success").filter(has_text="Settings saved.").first).to_be_visible()
    expect(page.get_by_label("Region")).to_have_value("BY")


def at(page: Page, clock: str) -> None:
    field = page.get_by_label("Time", exact=True).first
    field.fill(clock)
    field.blur()


def test_holidays_hours_and_buffers_are_set_seen_and_avoided(
    admin_visitor: Visitor, visitor: Visitor, team: Team
) -> None:
    loop = on_a_holiday(team)
    set_by_an_admin(admin_visitor.page, team)
    admin_visitor.check()
    assert Organization.objects.get().holidays_of == "DE-BY"

    page = visitor.page
    page.goto(team.url(f"jobs/{loop.job_id or Job.objects.get().pk}/"))
    page.get_by_role("button", name="Coding").last.click()
    page.get_by_role("link", name="Edit").last.click()
    editing = dialog(page)
    editing.get_by_text("Hours and buffers").click()
    visitor.check()
    for day in ("Monday", "Friday", "Saturday", "Sunday"):
        editing.get_by_label(day).uncheck()
    editing.get_by_label("Not before").fill("10:00")
    editing.get_by_label("Not after").fill("13:00")
    editing.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Interview saved.")

    coding = Interview.objects.get(name="Coding")
    page.goto(team.url(f"interviews/{coding.pk}/time/"))
    at(page, "13:00")
    expect(page.get_by_text("Public holiday for Interviewer Acme").first).to_be_visible()
    outside = "Outside the hours of this interview: Tue–Thu, 10:00–13:00 in Berlin."
    expect(page.get_by_text(outside).first).to_be_visible()
    expect(page.get_by_text("of 30 minutes between this")).to_have_count(0)
    visitor.check()
    at(page, "12:15")
    expect(page.get_by_text("Only 15 of 30 minutes between this").first).to_be_visible()
    page.get_by_role("button", name="Next free for all").click()
    expect(page.get_by_text("Public holiday for")).to_have_count(0)
    expect(page.get_by_text("Outside the hours of this interview")).to_have_count(0)
    expect(page.get_by_text("minutes between this")).to_have_count(0)


def test_a_holiday_that_is_switched_on_is_seen_while_one_schedules(
    admin_visitor: Visitor, visitor: Visitor, team: Team
) -> None:
    day = a_holiday()
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding", minutes=60)
    User.objects.update(time_zone="Europe/Berlin")

    page = visitor.page
    page.goto(team.url(f"schedules/new/?job={job.pk}&stage={stage.pk}"))
    row = page.get_by_role("group", name="Interview 1", exact=True)
    row.get_by_label("Date").fill(day.astimezone(BERLIN).date().isoformat())
    row.get_by_label("Time", exact=True).fill("10:00")
    add_interviewer(row, "Interviewer Acme")
    visitor.quiet()
    expect(row).not_to_contain_text("Public holiday")

    set_by_an_admin(admin_visitor.page, team)
    admin_visitor.check()
    page.reload()
    row = page.get_by_role("group", name="Interview 1", exact=True)
    expect(row).to_contain_text("Public holiday for Interviewer Acme")
    expect(row.get_by_label("Schedule anyway")).to_be_visible()
    expect(page.get_by_role("region", name="Day view")).to_contain_text("Public holiday")
    visitor.check()
