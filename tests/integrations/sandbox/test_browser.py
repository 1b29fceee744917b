"""The pages in a real browser: a person's way to a key, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from integrations.sandbox import ALL, Fault, Sandbox
from integrations.sandbox.calendars.weeks import fill
from integrations.sandbox.google.accounts import EVENTS, FREE_BUSY

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


def test_an_entry_is_moved_declined_and_deleted_by_hand(sandbox: Sandbox, page: Page) -> None:
    world = sandbox.calendars
    world.add_person("ivy@example.com", "Ivy Lang")
    noon = world.now().replace(hour=12, minute=0, second=0, microsecond=0)
    entry = world.add("ivy@example.com", "Interview", noon, noon + timedelta(hours=1), made_by="app")
    page.goto(f"{sandbox.url}/calendars")
    page.get_by_role("link", name="Ivy Lang").click()
    row = page.get_by_role("listitem").filter(has_text="Interview")
    assert row.get_by_text("Written by an application").is_visible()
    row.get_by_text("Interview").first.click()
    row.get_by_label("Start").fill(f"{noon:%Y-%m-%d}T14:00")
    row.get_by_label("End").fill(f"{noon:%Y-%m-%d}T15:00")
    row.get_by_label("Answer").select_option("Declined")
    row.get_by_label("Comment").fill("On leave")
    row.get_by_role("button", name="Save").click()
    row.get_by_text("Interview").first.click()
    assert row.get_by_label("Comment").input_value() == "On leave"
    check(page)
    now = world.entry("ivy@example.com", entry.id)
    assert (now.answer.value, now.starts_at) == ("declined", noon + timedelta(hours=2))
    row.get_by_role("button", name="Delete").click()
    assert page.get_by_text("Nothing in this week.").is_visible()
    assert world.live("ivy@example.com") == []


def test_a_person_agrees_and_comes_back_with_a_code(sandbox: Sandbox, page: Page) -> None:
    sandbox.calendars.add_person("ivy@example.com", "Ivy Lang")
    back = sandbox.url.replace("127.0.0.1", "localhost") + "/controls"
    asked = {
        "client_id": "client",
        "redirect_uri": back,
        "response_type": "code",
        "scope": f"{EVENTS} {FREE_BUSY}",
        "state": "state-1",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    page.goto(f"{sandbox.google.url}/o/oauth2/v2/auth?{urlencode(asked)}")
    check(page)
    page.get_by_label("View your availability in your calendars").uncheck()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{back}?*")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["state"], query["scope"]) == (["state-1"], [EVENTS])
    assert query["code"][0].startswith("4/")
