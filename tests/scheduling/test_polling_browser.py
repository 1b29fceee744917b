"""One way to poll: less and less often, never in a hidden tab, not behind a dialog."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from scheduling.join_links import services as join_links
from scheduling.models import CodingLink, Schedule
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import propose, queue, staffed_loop

pytestmark = IN_BROWSER
MINUTE = 60_000
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def schedule(team: Team) -> Schedule:
    made = make_loop(team, "Coding")
    make_link(made.interviews.get(), connect(team), "pending")
    return made


def watch(page: Page, words: str) -> list[str]:
    """The addresses with these words in them that the page will have asked for, on a clock that stands still."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if words in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.clock.install()
    return asked


def pass_until_asked(page: Page, words: str, most: int) -> None:
    with page.expect_response(lambda response: words in response.url):
        page.clock.run_for(most)
    expect(page.locator(".htmx-request")).to_have_count(0)


def test_a_schedule_asks_until_its_link_is_there(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    page, part = visitor.page, "part=details"
    asked = watch(page, part)
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    expect(page.locator("#details")).to_contain_text("Generating")
    assert asked == []
    pass_until_asked(page, part, 3_000)
    page.evaluate("document.getElementById('details').dataset.same = ''")
    for _ in range(2):
        pass_until_asked(page, part, 4_000)
    # There was no news, so nothing was exchanged: the keyboard may have been in it.
    expect(page.locator("#details[data-same]")).to_have_count(1)
    page.evaluate(HIDE, True)
    so_far = len(asked)
    page.clock.run_for(10 * MINUTE)
    assert len(asked) == so_far
    CodingLink.objects.update(state="ready", url="https://cs.example/a", external_id="a")
    page.evaluate(HIDE, False)
    pass_until_asked(page, part, 200)
    expect(page.locator("#details")).to_contain_text("Ready")
    so_far = len(asked)
    page.clock.run_for(10 * MINUTE)
    assert len(asked) == so_far


def test_nothing_is_asked_behind_a_dialog(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    page, part = visitor.page, "part=details"
    asked = watch(page, part)
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="Edit Coding").click()
    expect(dialog(page)).to_be_visible()
    page.clock.run_for(MINUTE)
    assert asked == []
    page.clock.resume()
    with page.expect_response(lambda response: part in response.url):
        dialog(page).get_by_role("button", name="Close").last.click()


def test_a_message_row_says_when_it_was_sent(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    section = page.get_by_role("region", name="Messages")
    expect(section.get_by_text("Queued").first).to_be_visible()
    schedule.messages.update(state="sent", sent_at=timezone.now())
    expect(section.get_by_text("Queued")).to_have_count(0)
    expect(section.get_by_text("Sent").first).to_be_visible()


def test_a_join_page_looks_once_a_minute_until_it_opens(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    page, interview = visitor.page, schedule.interviews.get()
    address = join_links.address(join_links.join_link(interview=interview)).partition("//")[2].partition("/")[2]
    asked = watch(page, f"/{address}")
    page.goto(f"/{address}")
    assert len(asked) == 1
    page.clock.run_for(MINUTE - 1_000)
    assert len(asked) == 1
    pass_until_asked(page, address, 2_000)
    interview.starts_at, interview.ends_at = timezone.now(), timezone.now() + timedelta(hours=1)
    interview.save()
    pass_until_asked(page, address, MINUTE)
    expect(page.locator("#join-state")).to_contain_text("being prepared")


def test_a_join_page_counts_down_and_goes_into_a_calendar(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    page, interview = visitor.page, schedule.interviews.get()
    interview.starts_at = timezone.now() + timedelta(hours=5, minutes=30)
    interview.ends_at = interview.starts_at + timedelta(hours=1)
    interview.save()
    address = join_links.address(join_links.join_link(interview=interview)).partition("//")[2].partition("/")[2]
    page.goto(f"/{address}")
    expect(page.locator("#join-state")).to_contain_text("in 6 hours")
    with page.expect_download() as started:
        page.get_by_role("link", name="Add to calendar").click()
    assert started.value.suggested_filename == "interview.ics"
    visitor.check()
