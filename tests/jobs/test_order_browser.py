"""Stages and interviews are dragged by their handle in a real browser: with the mouse, a finger, or the arrow keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs import services
from jobs.models import PlanInterview, Stage
from tests.browser.visitor import PHONE, Visitor
from tests.chromium import IN_BROWSER, at_window
from tests.conftest import Team
from tests.jobs.rows import make_job, make_stage, order_of

pytestmark = IN_BROWSER

SAVES = "**/order/"


@pytest.fixture
def stage(team: Team) -> Stage:
    job = make_job(team)
    made = make_stage(job, "Phone", interviews=["Talk", "Coding", "Design"])
    make_stage(job, "On site", interviews=["Lunch"])
    return made


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Drag “{name}”")


def names(page: Page) -> Locator:
    return page.get_by_role("region", name="Phone").locator("[data-reorder-row] bdi[data-name]")


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, one: Locator, onto: Locator, *, past: int) -> None:
    """Press the mouse on `one`, and move it as many pixels past `onto`, without letting it go."""
    page.mouse.move(*middle(one))
    page.mouse.down()
    x, y = middle(onto)
    page.mouse.move(x, y + past, steps=6)


def test_an_interview_is_dragged_to_another_place(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    drag(page, handle(page, "Talk"), handle(page, "Design"), past=15)
    expect(names(page)).to_have_text(["Coding", "Design", "Talk"])
    with page.expect_response(SAVES) as answer:
        page.mouse.up()
    assert answer.value.status == 200
    expect(page.locator("#reorder-said")).to_have_text("“Talk” is now number 3 of 3.")
    expect(names(page)).to_have_text(["Coding", "Design", "Talk"])
    assert order_of(stage) == ["Coding", "Design", "Talk"]
    # Given up: nothing is sent, and everything is where it was.
    drag(page, handle(page, "Talk"), handle(page, "Coding"), past=-15)
    expect(names(page)).to_have_text(["Talk", "Coding", "Design"])
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(names(page)).to_have_text(["Coding", "Design", "Talk"])
    visitor.check()
    assert order_of(stage) == ["Coding", "Design", "Talk"]


def test_a_stage_is_dragged_with_its_plan(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    drag(page, page.get_by_role("button", name="Drag the stage “On site”"), page.locator("#stages"), past=-5000)
    with page.expect_response(SAVES):
        page.mouse.up()
    expect(page.locator("#stages h2")).to_have_text(["On site", "Phone"])
    assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == ["On site", "Phone"]
    assert order_of(stage) == ["Talk", "Coding", "Design"]


def test_the_arrow_keys_move_and_keep_the_keyboard(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    for name, key, words, order in (
        ("Design", "ArrowUp", "“Design” is now number 2 of 3.", ["Talk", "Design", "Coding"]),
        ("Design", "ArrowUp", "“Design” is now number 1 of 3.", ["Design", "Talk", "Coding"]),
        ("Talk", "ArrowDown", "“Talk” is now number 3 of 3.", ["Design", "Coding", "Talk"]),
    ):
        handle(page, name).focus()
        with page.expect_response(SAVES):
            page.keyboard.press(key)
        visitor.quiet()
        expect(page.locator("#reorder-said")).to_have_text(words)
        expect(handle(page, name)).to_be_focused()
        assert order_of(stage) == order
    page.keyboard.press("ArrowDown")  # the last one stays
    expect(names(page)).to_have_text(["Design", "Coding", "Talk"])


def test_a_finger_drags_on_a_phone(chromium: Browser, live_server: LiveServer, team: Team, stage: Stage) -> None:
    with at_window(chromium, live_server, team, team.recruiter, viewport=PHONE, has_touch=True) as visitor:
        page = visitor.page
        page.goto(team.url(f"jobs/{stage.job_id}/"))
        touch = visitor.context.new_cdp_session(page)
        handle(page, "Talk").scroll_into_view_if_needed()
        (x, y), (_x, end) = middle(handle(page, "Talk")), middle(handle(page, "Coding"))
        places = [("touchStart", y), ("touchMove", y + 10), ("touchMove", end), ("touchMove", end + 20)]
        for kind, at in places:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at}]})
        with page.expect_response(SAVES):
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(names(page)).to_have_text(["Coding", "Talk", "Design"])
    assert order_of(stage) == ["Coding", "Talk", "Design"]


def test_what_changed_meanwhile_is_shown_and_nothing_is_moved(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    gone = PlanInterview.objects.get(name="Coding")
    services.remove_plan_interview(interview=gone, actor=team.admin.user)
    drag(page, handle(page, "Design"), handle(page, "Talk"), past=-15)
    page.mouse.up()
    expect(
        page.get_by_role("status").get_by_text("This changed since you opened it. Nothing was moved.")
    ).to_be_visible()
    expect(names(page)).to_have_text(["Talk", "Design"])


def test_an_order_that_could_not_be_saved_is_taken_back(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    page.route(SAVES, lambda route: route.abort())
    handle(page, "Talk").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("No connection. Check your network and try again.")).to_be_visible()
    expect(names(page)).to_have_text(["Talk", "Coding", "Design"])
    visitor.complaints.clear()  # the request that was stopped
