"""Moving a whole loop in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from organizations.models import DayOff
from scheduling.models import Interview
from tests.browser.steps import Clicks
from tests.browser.visitor import Visitor
from tests.conftest import Team
from tests.scheduling.message_steps import staffed_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


def test_a_loop_goes_to_another_day_in_one_step(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, staffed_loop(team, "Coding", "Design")
    first = schedule.interviews.get(name="Coding").starts_at
    day = (timezone.now() + timedelta(days=14)).date()
    monday = day - timedelta(days=day.weekday())
    DayOff.objects.create(membership=team.recruiter, day=monday)
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="Move all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Date of the first interview").fill(monday.isoformat())
    dialog.get_by_label("Time of the first interview").fill("12:00")  # within everybody's hours, in summer too
    dialog.get_by_role("radio").first.focus()
    moves = dialog.get_by_role("list", name="Interviews").get_by_role("listitem")
    expect(moves.last).to_contain_text(f"{monday:%a} {monday.day} {monday:%b %Y}, 13:00–14:00")
    expect(moves.last).to_contain_text("Recruiter Acme is off on")
    visitor.check()
    dialog.get_by_text("An interviewer is ill").click()
    dialog.get_by_role("button", name="Move all").click()
    expect(dialog.get_by_text("Not saved yet")).to_be_visible()
    tick = dialog.get_by_label("Schedule anyway")
    tick.check()
    visitor.quiet()
    expect(tick).to_be_checked()
    dialog.get_by_role("button", name="Move all").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("2 interviews moved.")).to_be_visible()
    assert Interview.objects.get(name="Design").starts_at != first
    assert Interview.objects.order_by("starts_at")[0].starts_at.date() == monday


def test_a_week_later_in_four_clicks(visitor: Visitor, team: Team) -> None:
    page, schedule, clicks = visitor.page, staffed_loop(team, "Coding", "Design"), Clicks()
    before = [interview.starts_at for interview in schedule.interviews.order_by("starts_at")]
    # A weekend would be one more conflict to decide.
    weekday = max(before[0].weekday() - 4, 0)
    for interview in schedule.interviews.all():
        interview.starts_at -= timedelta(days=weekday - 3 if weekday else 0)
        interview.ends_at -= timedelta(days=weekday - 3 if weekday else 0)
        interview.save()
    before = [interview.starts_at for interview in schedule.interviews.order_by("starts_at")]
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    dialog = page.get_by_role("dialog")
    clicks.on(page.get_by_role("button", name="Move all"))
    clicks.on(dialog.get_by_role("button", name="+1 week"))
    expect(dialog.get_by_text("New time:").first).to_be_attached()
    clicks.on(dialog.get_by_text("An interviewer is ill"))
    visitor.check()
    clicks.on(dialog.get_by_role("button", name="Move all"))
    expect(page.get_by_text("2 interviews moved.")).to_be_visible()
    assert len(clicks.made) == 4, clicks.made
    after = [interview.starts_at for interview in schedule.interviews.order_by("starts_at")]
    assert [at - one for at, one in zip(after, before, strict=True)] == [timedelta(weeks=1)] * 2
