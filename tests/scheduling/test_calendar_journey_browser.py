"""One interview's whole life with calendars, by a person's clicks: in Panelist, and in the vendor's own pages.

Google's stand-in answers. Its pages are where people change their calendars by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config.celery import app
from integrations.sandbox import Sandbox
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import User
from scheduling import tasks
from scheduling.models import Candidate, MemberCalendar
from tests.browser.steps import add_interviewer, dialog, more_actions
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.integrations.google.conftest import sandbox
from tests.scheduling.message_steps import colleague

__all__ = ["sandbox"]
# One long test: the whole journey.
pytestmark = [*IN_BROWSER, pytest.mark.timeout(600)]

FIRST, SECOND = "Interviewer Acme", "Kiri Moana"
EVENT = "Coding with Yuki Watanabe"


@pytest.fixture(autouse=True)
def working(settings: Settings, live_server: LiveServer) -> Iterator[None]:
    """Run tasks at once, where they are enqueued."""
    settings.BASE_URL = live_server.url
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def people(team: Team, sandbox: Sandbox) -> Sandbox:
    """A candidate of a stage with one interview, and two interviewers with calendars at the vendor."""
    colleague(team, SECOND)
    User.objects.update(time_zone="Europe/Berlin")
    job = Job.objects.create(organization=team.organization, title="Platform Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    PlanInterview.objects.create(organization=team.organization, plan=plan, position=0, name="Coding", kind="phone")
    Candidate.objects.create(
        organization=team.organization,
        name="Yuki Watanabe",
        email="yuki@example.org",
        time_zone="Europe/Berlin",
        job=job,
        stage=stage,
    )
    for user in User.objects.filter(name__in=[FIRST, SECOND]).order_by("pk"):
        sandbox.calendars.add_person(user.email, user.name, "Europe/Berlin")
    return sandbox


def a_working_day() -> date:
    """The second working day from today."""
    day = timezone.localdate() + timedelta(days=2)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


class Vendor:
    """The vendor's own pages, in a window beside Panelist's."""

    def __init__(self, visitor: Visitor, sandbox: Sandbox, day: date) -> None:
        self.visitor, self.day, self.url = visitor, day, sandbox.url
        self.page = visitor.context.new_page()

    def open(self, person: str) -> None:
        """Open the week of the day in somebody's calendar."""
        self.page.goto(self.url)
        self.page.get_by_role("link", name="Calendars", exact=True).click()
        self.page.get_by_role("link", name=person, exact=True).click()
        today = timezone.localdate()
        if self.day - timedelta(days=self.day.weekday()) > today:
            self.page.get_by_role("link", name="Week after").click()
        expect(self.page.get_by_role("heading", name=person)).to_be_visible()

    def entry(self, title: str) -> Locator:
        """The line of an entry, in the calendar that is open."""
        return self.page.get_by_role("listitem").filter(has_text=title)

    def add(self, title: str, starts: str, ends: str) -> None:
        form = self.page.get_by_role("region", name="Add an entry")
        form.get_by_label("Title").fill(title)
        form.get_by_label("Start").fill(f"{self.day}T{starts}")
        form.get_by_label("End").fill(f"{self.day}T{ends}")
        form.get_by_role("button", name="Add entry").click()
        expect(self.entry(title)).to_be_visible()

    def decline(self, title: str) -> None:
        self.entry(title).get_by_text(title).click()
        self.entry(title).get_by_label("Answer").select_option("declined")
        self.entry(title).get_by_label("Comment").fill("On leave that week")
        self.entry(title).get_by_role("button", name=re.compile("^Save")).click()
        expect(self.entry(title).locator("summary")).to_contain_text("Declined")

    def move(self, title: str, starts: str, ends: str) -> None:
        self.entry(title).get_by_text(title).click()
        self.entry(title).get_by_label("Start").fill(f"{self.day}T{starts}")
        self.entry(title).get_by_label("End").fill(f"{self.day}T{ends}")
        self.entry(title).get_by_role("button", name=re.compile("^Save")).click()
        expect(self.entry(title)).to_contain_text(f"{starts}–{ends}")


def minutes_later() -> None:
    """Let the time pass after which calendars are read again, as beat does."""
    MemberCalendar.objects.update(due_at=timezone.now())
    tasks.sweep_calendars()


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()


def attention(page: Page) -> Locator:
    return page.get_by_role("region", name="attention")


def test_from_a_connection_to_a_cancelled_interview(admin_visitor: Visitor, team: Team, people: Sandbox) -> None:
    visitor = admin_visitor
    vendor = Vendor(visitor, people, a_working_day())
    vendor.open(FIRST)
    vendor.add("Dentist", "10:00", "11:00")

    connect(visitor, team)
    schedule(visitor, vendor)
    vendor.open(FIRST)
    expect(vendor.entry(EVENT)).to_contain_text("Written by an application")
    expect(vendor.entry(EVENT)).to_contain_text("14:00–15:00")

    vendor.decline(EVENT)
    replace(visitor)
    vendor.open(FIRST)
    expect(vendor.entry("Dentist")).to_be_visible()
    expect(vendor.entry(EVENT)).to_have_count(0)
    vendor.open(SECOND)
    expect(vendor.entry(EVENT)).to_contain_text("14:00–15:00")

    vendor.move(EVENT, "15:00", "16:00")
    move(visitor)
    vendor.open(SECOND)
    expect(vendor.entry(EVENT)).to_contain_text("15:00–16:00")

    send_what_is_left(visitor)
    cancel(visitor)
    vendor.open(SECOND)
    expect(vendor.entry(EVENT)).to_have_count(0)
    vendor.open(FIRST)
    expect(vendor.entry("Dentist")).to_be_visible()
    visitor.check(vendor.page)


def connect(visitor: Visitor, team: Team) -> None:
    visitor.page.goto(team.url("home/"))
    visitor.go("Organization Settings", "Integrations")
    visitor.page.locator("#calendar-google_workspace").get_by_role("button", name="Connect the stand-in").click()
    says(visitor.page, "Google Workspace is connected.")


def schedule(visitor: Visitor, vendor: Vendor) -> None:
    """Schedule the interview: at ten the interviewer is at the dentist, so it is at two."""
    page = visitor.page
    visitor.go("Schedules")
    page.get_by_role("link", name="New schedule").first.click()
    page.get_by_label("Search name or e-mail").fill("Yuki")
    page.get_by_role("radio", name="Yuki Watanabe").click(force=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("New schedule: Yuki Watanabe")
    row = page.get_by_role("group", name="Interview 1", exact=True)
    row.get_by_label("Date").fill(vendor.day.isoformat())
    row.get_by_label("Time").fill("10:00")
    add_interviewer(row, FIRST)
    expect(row).to_contain_text("“Dentist”")
    expect(page.get_by_role("region", name="Day view")).to_contain_text("Dentist")
    visitor.check()
    row.get_by_label("Time").fill("14:00")
    row.get_by_label("Time").blur()
    expect(row).not_to_contain_text("Dentist")
    visitor.quiet()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_role("main")).to_contain_text("1 interview scheduled.")
    page.get_by_role("link", name="Communications", exact=True).click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("In the calendar")


def replace(visitor: Visitor) -> None:
    """Find on Home that the interviewer declined, and replace them."""
    page = visitor.page
    minutes_later()
    visitor.go("Home")
    expect(attention(page)).to_contain_text(re.compile(f"{FIRST}.? declined “Coding”: “On leave that week”"))
    visitor.check()
    attention(page).get_by_role("link", name="Find a replacement").click()
    dialog(page).get_by_text(SECOND).click()
    dialog(page).get_by_role("button", name=re.compile("^Replace and prepare")).click()
    expect(page.locator(".toast")).to_contain_text("replaced by")
    expect(attention(page)).not_to_contain_text("declined")


def move(visitor: Visitor) -> None:
    """Find on Home that the event was moved, and move the interview there."""
    page = visitor.page
    minutes_later()
    visitor.go("Home")
    expect(attention(page)).to_contain_text(re.compile(f"{SECOND}.? moved “Coding” to 15:00"))
    attention(page).get_by_role("link", name="Move the interview").click()
    dialog(page).locator(".reason-choice").first.click()
    visitor.check()
    dialog(page).get_by_role("button", name=re.compile("^Move and prepare")).click()
    expect(page.locator(".toast")).to_contain_text("“Coding” moved.")
    expect(attention(page)).not_to_contain_text("moved “Coding”")


def send_what_is_left(visitor: Visitor) -> None:
    """Send the messages from Home. Interviewers have their calendars: only the candidate gets one."""
    page = visitor.page
    mail.outbox.clear()
    attention(page).get_by_role("button", name=re.compile("^Send 1 message")).click()
    visitor.check()
    warned = dialog(page).get_by_label("Send anyway: I have read the warnings")
    if warned.count():
        warned.check()
    dialog(page).get_by_role("button", name="Send 1 message").click()
    expect(page.get_by_role("status").filter(has_text="Sending to 1 person.")).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(attention(page)).to_contain_text("Nothing needs your attention.")
    assert {one.to[0] for one in mail.outbox} == {"Yuki Watanabe <yuki@example.org>"}
    assert "15:00" in mail.outbox[0].body


def cancel(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Schedules", "Yuki Watanabe")
    more_actions(page, "Cancel schedule")
    dialog(page).get_by_label("Reason").select_option("The candidate withdrew")
    visitor.check()
    dialog(page).get_by_role("button", name="Cancel schedule").click()
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("main")).to_contain_text("Cancelled")
