"""The pages in a real browser: a person's way to a key, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from integrations.sandbox import ALL, Fault, Sandbox
from integrations.sandbox.calendars.weeks import fill

AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"

pytestmark = [pytest.mark.browser, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture(params=["desktop", "phone"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A wide, light window and a narrow, dark one."""
    phone = request.param == "phone"
    page = chromium.new_page(
        viewport={"width": 390 if phone else 1280, "height": 800}, color_scheme="dark" if phone else "light"
    )
    yield page
    page.close()


def check(page: Page) -> None:
    """No violation, and nothing wider than the window."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_key_is_made_and_copied(sandbox: Sandbox, page: Page) -> None:
    page.goto(f"{sandbox.url}/keys")
    check(page)
    page.get_by_label("Description").fill("Scheduler")
    for permission in ALL:
        page.get_by_label(permission, exact=True).check()
    page.get_by_role("button", name="Save").click()
    key = page.get_by_label("Your new API key").input_value()
    assert sandbox.key_id(key)
    check(page)
    page.get_by_role("button", name="Revoke the key").click()
    assert page.get_by_text("Revoked").is_visible()


def test_an_interview_is_finished_by_keyboard(sandbox: Sandbox, page: Page) -> None:
    made = sandbox.add_interview(candidate_name="Ada Lovelace")
    page.goto(made.short_url)
    assert page.url == made.url
    page.get_by_role("button", name="Start").press("Enter")
    page.get_by_label("Notes").fill("Kept calm")
    page.get_by_label("Evaluation").select_option("Strong yes")
    page.get_by_role("button", name="Leave feedback").press("Enter")
    check(page)
    page.get_by_role("button", name="Finish interview").press("Enter")
    assert page.get_by_text("This interview is over.").is_visible()
    assert sandbox.interviews(live_only=False)[0].feedback_count == 1


def test_every_page_is_accessible_in_every_state(sandbox: Sandbox, page: Page) -> None:
    waiting = sandbox.add_interview(candidate_name="A name that goes on and on without an end in sight " * 3)
    over, deleted = sandbox.add_interview(hours=1), sandbox.add_interview(candidate_email="x@example.com")
    sandbox.delete(deleted.id)
    sandbox.advance(3601)
    sandbox.fault(Fault.DROP_AFTER, probability=0.5, operation="createLiveInterview")
    sandbox.calendars.add_person("ivy@example.com", "Ivy Lang", "Europe/Berlin")
    fill(sandbox.calendars, "ivy@example.com")
    calendars = ("/calendars", "/calendars/ivy@example.com")
    for path in (
        "",
        "/webhooks",
        "/controls",
        *calendars,
        *(f"/live/{each.id}" for each in (waiting, over, deleted)),
        "/nowhere",
    ):
        page.goto(sandbox.url + path)
        check(page)
