"""Another time that somebody proposes in their calendar: by a click there, and taken by two on Home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from organizations.models import User
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.stand_ins import StandIn, read_all, stand_in
from tests.scheduling.test_calendar_events import HOUR, scheduled, work

pytestmark = IN_BROWSER

BERLIN = ZoneInfo("Europe/Berlin")
TITLE = "Coding with Ada Osei"


@pytest.fixture
def outlook(team: Team, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Microsoft's stand-in with the interviewer's calendar: the vendor that tells of proposed times."""
    User.objects.update(time_zone="Europe/Berlin")
    with stand_in("microsoft_365", settings, team.interviewer) as running:
        yield running


def entry(page: Page) -> Locator:
    return page.get_by_role("listitem").filter(has_text=TITLE)


def propose(visitor: Visitor, team: Team, outlook: StandIn, starts: datetime) -> Page:
    """Write the interview into the calendar, and propose another time for it there: a week's page, by hand."""
    work()
    page = visitor.context.new_page()
    page.goto(outlook.sandbox.url)
    page.get_by_role("link", name="Calendars", exact=True).click()
    page.get_by_role("row").filter(has_text=team.interviewer.user.email).get_by_role("link").click()
    if starts.date() - timedelta(days=starts.weekday()) > timezone.localdate():
        page.get_by_role("link", name="Week after").click()
    entry(page).get_by_text(TITLE).click()
    entry(page).get_by_label("Start").fill(f"{starts:%Y-%m-%dT%H:%M}")
    entry(page).get_by_label("End").fill(f"{starts + HOUR:%Y-%m-%dT%H:%M}")
    entry(page).get_by_role("button", name="Propose this time").click()
    expect(entry(page).locator("summary")).to_contain_text(f"Proposes {starts:%a %d %b, %H:%M}")
    visitor.check(page)
    read_all()
    return page


def test_a_time_that_is_proposed_in_a_calendar_is_taken_from_home(
    visitor: Visitor, team: Team, outlook: StandIn
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    starts = interview.starts_at.astimezone(BERLIN) + 2 * HOUR
    theirs = propose(visitor, team, outlook, starts)
    page = visitor.page
    page.goto(team.url("home/"))
    attention = page.get_by_role("region", name="attention")
    expect(attention).to_contain_text(re.compile(f"proposes {starts:%H:%M} for “.?Coding"))
    attention.get_by_role("link", name="Move the interview").click()
    expect(dialog(page).get_by_label("Time")).to_have_value(f"{starts:%H:%M}")
    dialog(page).locator(".reason-choice").first.click()
    dialog(page).get_by_role("button", name=re.compile("^Move and prepare")).click()
    expect(page.locator(".toast")).to_contain_text("“Coding” moved.")
    expect(attention).not_to_contain_text("proposes")

    work()
    read_all()
    interview.refresh_from_db()
    assert interview.starts_at == starts
    [event] = outlook.ours(team.interviewer)
    assert (event.starts_at, event.proposed_starts_at) == (starts, None)
    page.reload()
    expect(attention).not_to_contain_text("proposes")
    theirs.reload()
    expect(entry(theirs)).to_contain_text(f"{starts:%H:%M}–{starts + HOUR:%H:%M}")
    expect(entry(theirs)).not_to_contain_text("Proposes")


def test_the_time_is_kept_and_the_same_proposal_does_not_come_back(
    visitor: Visitor, team: Team, outlook: StandIn
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    propose(visitor, team, outlook, interview.starts_at.astimezone(BERLIN) + 2 * HOUR)
    page = visitor.page
    page.goto(team.url("home/"))
    attention = page.get_by_role("region", name="attention")
    attention.get_by_role("button", name="Keep the time").click()
    expect(attention).not_to_contain_text("proposes")
    work()
    read_all()
    page.reload()
    expect(page.get_by_role("heading", name="Needs attention").or_(attention).first).to_be_visible()
    expect(page.get_by_text("proposes")).to_have_count(0)
    [event] = outlook.ours(team.interviewer)
    assert event.starts_at == interview.starts_at
