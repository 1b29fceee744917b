"""Somebody is ill, an interview moves: three clicks each, counted in a real browser, from "Details" and from Home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from organizations.models import DayOff
from scheduling.models import Interview, Schedule
from tests.browser.steps import Clicks, dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
from tests.scheduling.message_steps import colleague, send, staffed_loop

pytestmark = IN_BROWSER


@pytest.fixture
def loop(team: Team) -> Schedule:
    """A loop that everybody was told of, on a working day at ten in Berlin."""
    schedule = staffed_loop(team, "Coding", "Design")
    first = schedule.interviews.get(name="Coding").starts_at
    days = (7 - first.weekday()) if first.weekday() > 3 else 0
    for interview in schedule.interviews.all():
        interview.starts_at += timedelta(days=days)
        interview.ends_at += timedelta(days=days)
        interview.save()
    send(schedule, team)
    return schedule


@pytest.fixture
def page(visitor: Visitor, team: Team, loop: Schedule) -> Page:
    """Details of the loop."""
    visitor.page.goto(team.url(f"schedules/{loop.pk}/"))
    return visitor.page


def people(loop: Schedule, name: str) -> list[str]:
    assignments = loop.interviews.get(name=name).assignments.order_by("membership__user__name")
    return [str(assignment.membership.user) for assignment in assignments]


def test_somebody_is_ill(visitor: Visitor, team: Team, loop: Schedule) -> None:
    colleague(team, "Kiri Moana")
    page, clicks = visitor.page, Clicks()
    page.goto(team.url(f"schedules/{loop.pk}/"))
    visitor.check()
    clicks.on(page.get_by_role("link", name="Replace Interviewer Acme in Coding"))
    free = dialog(page).get_by_role("radio")
    expect(free).to_have_count(3)
    expect(free.first).to_have_accessible_name("Kiri Moana Free · 0 this week")
    visitor.check()
    clicks.on(dialog(page).get_by_text("Kiri Moana"))
    clicks.on(dialog(page).get_by_role("button", name="Replace and prepare 3 messages"))
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Interviewer Acme replaced by Kiri Moana.")
    expect(toast.get_by_role("link", name="Send 3 messages")).to_be_visible()
    visitor.check()
    assert len(clicks.made) == 3, clicks.made
    assert people(loop, "Coding") == ["Kiri Moana"]

    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Undone.")
    expect(page.get_by_role("link", name="Replace Interviewer Acme in Coding")).to_be_visible()
    assert people(loop, "Coding") == ["Interviewer Acme"]
    assert not loop.messages.filter(state="draft").exists()


def test_somebody_who_is_busy_takes_part_anyway(visitor: Visitor, team: Team, loop: Schedule, page: Page) -> None:
    """By keyboard. What speaks against the person is said beside the name, and before it is saved."""
    DayOff.objects.create(membership=team.admin, day=loop.interviews.get(name="Coding").starts_at.date(), note="ill")
    page.get_by_role("link", name="Replace Interviewer Acme in Coding").focus()
    page.keyboard.press("Enter")
    admin = dialog(page).get_by_role("radio", name="Admin Acme")
    admin.focus()
    page.keyboard.press("Space")
    tick = dialog(page).get_by_label("Schedule anyway")
    expect(tick).to_be_visible()
    dialog(page).get_by_role("button", name="Replace and prepare").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("Not saved yet: fix 1 problem")).to_be_visible()
    expect(tick).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    assert people(loop, "Coding") == ["Admin Acme"]


def test_an_interview_moves(visitor: Visitor, loop: Schedule, page: Page) -> None:
    before, clicks = loop.interviews.get(name="Design"), Clicks()
    clicks.on(page.locator(f"#time-{before.pk}"))
    expect(dialog(page).get_by_label("Time", exact=True)).to_be_focused()
    page.keyboard.type("14:00")
    visitor.check()
    clicks.on(dialog(page).get_by_text("An interviewer is ill"))
    clicks.on(dialog(page).get_by_role("button", name="Move and prepare 2 messages"))
    expect(page.locator(".toast")).to_contain_text("“Design” moved.")
    expect(page.locator(".toast").get_by_role("link", name="Send 2 messages")).to_be_visible()
    assert len(clicks.made) == 3, clicks.made
    after = Interview.objects.get(pk=before.pk)
    assert f"{after.starts_at:%H:%M}" in {"12:00", "13:00"} and after.starts_at.date() == before.starts_at.date()

    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("Undone.")
    assert Interview.objects.get(pk=before.pk).starts_at == before.starts_at


def test_quick_buttons_and_all_that_is_wrong_at_once(visitor: Visitor, team: Team, loop: Schedule, page: Page) -> None:
    """A missing reason and an unconfirmed conflict are said together."""
    design, coding = loop.interviews.get(name="Design"), loop.interviews.get(name="Coding")
    page.locator(f"#time-{coding.pk}").click()
    box = dialog(page)
    box.get_by_role("button", name="+30 min").click()
    expect(box.get_by_text("Overlaps with the candidate's")).to_be_visible()
    expect(box.get_by_role("button", name="+30 min")).to_be_focused()
    box.get_by_role("button", name="Move and prepare 2 messages").click()
    expect(box.get_by_text("Not saved yet: fix 2 problems")).to_be_visible()
    expect(box.get_by_text("Choose a reason. It appears in the history.").first).to_be_visible()
    visitor.check()
    box.get_by_role("button", name="Next free for all").click()
    expect(box.get_by_text("Overlaps with the candidate's")).to_have_count(0)
    box.get_by_role("button", name="+1 week").click()
    box.get_by_text("The candidate asked for it").click()
    visitor.quiet()
    box.get_by_role("button", name="Move and prepare 2 messages").click()
    expect(box).to_be_hidden()
    assert Interview.objects.get(pk=coding.pk).starts_at >= design.ends_at + timedelta(days=6)


def test_replacing_from_home(visitor: Visitor, team: Team, loop: Schedule) -> None:
    colleague(team, "Kiri Moana")
    page, clicks = visitor.page, Clicks()
    DayOff.objects.create(membership=team.interviewer, day=loop.interviews.get(name="Coding").starts_at.date())
    page.goto(team.url("home/"))
    attention = page.get_by_role("region", name="needs attention")
    clicks.on(attention.get_by_role("link", name="Replace interviewer"))
    clicks.on(dialog(page).get_by_text("Kiri Moana"))
    clicks.on(dialog(page).get_by_role("button", name="Replace and prepare 3 messages"))
    expect(attention).not_to_contain_text("is off on")
    assert len(clicks.made) == 3, clicks.made
    assert people(loop, "Coding") == ["Kiri Moana"]
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(attention).to_contain_text("is off on")


def test_a_schedule_is_printed_on_one_page(visitor: Visitor, team: Team) -> None:
    """Candidate, times with their zones, people and places; nothing to press, and no join links."""
    schedule = staffed_loop(team, *(f"Interview {number}" for number in range(6)))
    page = visitor.page
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    words = page.locator("body").inner_text()
    for part in ("Ada Osei", "UTC", "Interview 5", "Interviewer Acme", "Recruiter Acme", "https://meet.example/acme"):
        assert part in words, part
    for part in ("Add interview", "Move all", "Edit", "Your join link", "Communications", "No link", "New schedule"):
        assert part not in words, part
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(pages) == 1


def test_a_preview_that_home_opened_closes_to_the_list(visitor: Visitor, team: Team) -> None:
    staffed_loop(team, "Coding")
    page = visitor.page
    page.goto(team.url("home/"))
    page.get_by_role("region", name="attention").get_by_role("button", name="Send 2 messages").click()
    previews = dialog(page).get_by_role("button", name="Preview")
    expect(previews).to_have_count(2)
    for way in ("button", "key"):
        previews.first.click()
        expect(dialog(page).get_by_role("heading", name="Preview for")).to_be_visible()
        visitor.check()
        if way == "button":
            dialog(page).get_by_role("button", name="Back to messages").click()
        else:
            page.keyboard.press("Escape")
        expect(previews).to_have_count(2)
    dialog(page).get_by_role("button", name="Edit").first.click()
    dialog(page).get_by_label("Subject").fill("See you soon")
    dialog(page).get_by_role("button", name="Save draft").click()
    expect(dialog(page).get_by_text("edited")).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(dialog(page)).to_be_hidden()


@pytest.fixture
def without_scripts(chromium: object, live_server: object, team: Team) -> Iterator[Page]:
    with at_window(chromium, live_server, team, team.recruiter, java_script_enabled=False) as one:  # type: ignore[arg-type]
        yield one.page


def test_both_work_as_pages_without_scripts(without_scripts: Page, team: Team, loop: Schedule) -> None:
    colleague(team, "Kiri Moana")
    page, design = without_scripts, loop.interviews.get(name="Design")
    page.goto(team.url(f"schedules/{loop.pk}/"))
    page.get_by_role("link", name="Replace Interviewer Acme in Coding").click()
    page.get_by_label("Kiri Moana").check()
    page.get_by_role("button", name="Replace and prepare 3 messages").click()
    expect(page.get_by_role("main")).to_contain_text("replaced by")
    assert people(loop, "Coding") == ["Kiri Moana"]
    page.locator(f"#time-{design.pk}").click()
    page.get_by_role("button", name="+1 week").click()
    page.get_by_label("The candidate asked for it").check()
    page.get_by_role("button", name="Move and prepare 2 messages").click()
    expect(page.get_by_role("main")).to_contain_text("moved.")
    assert Interview.objects.get(pk=design.pk).starts_at == design.starts_at + timedelta(weeks=1)
